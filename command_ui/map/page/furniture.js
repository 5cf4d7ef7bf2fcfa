// What stands around the edge of the map? State chips, legend of what is visible, scale, position, sources, north.
import {toLonLat} from "ol/proj.js"
import {following, written} from "./readout.js"
import {getDistance} from "ol/sphere.js"
import {h, s, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {lineSwatch, zoneSwatch} from "./swatch.js"
import {picture} from "./glyphs.js"
import {areaLegend} from "./areas.js"
import {signPicture} from "./plotpicture.js"
import {nameIn} from "./plotsigns.js"
import {stamp, whole as wholeNumber, zoneText} from "./format.js"
import {textsOf} from "./speak.js"

const SIGNS = 4 // kinds of marks that stand in the legend by name

export function chips(model, say, maps) {
  const node = h("div", {class: "float chips-row"})
  let lost = false
  function draw() {
    const scene = model.scene, shown = []
    const chip = (state, text, dot) => shown.push(h("span", {class: "row g4 s12"}, h("span", {class: `badge s state-${state}`}, dot ? h("span", {class: "dot"}) : null, say(`state.${state}`)), text))
    if (lost) chip("offline", say("chip.line"))
    if (scene?.run) chip(scene.run.state, say(scene.exposure?.at_once || scene.domino ? "chip.zones.fire" : "chip.zones", {time: stamp(scene.run.at)}), scene.run.state === "live")
    const weather = model.weather
    if (weather?.as_of) chip(weather.state ?? "live", say("chip.weather"), (weather.state ?? "live") === "live")
    for (const layer of (model.layers ?? []).filter((one) => one.visible && ["stale", "offline"].includes(one.state)).slice(0, 2)) chip(layer.state, layer.title)
    if (maps) shown.push(maps.chip())
    renew(node, shown)
  }
  draw()
  return {node, draw, line: ({lost: now}) => { lost = now; draw() }}
}

export function north(model, say) {
  const node = h("div", {class: "float north"})
  function draw() {
    const from = model.weather?.wind_from_deg
    renew(node, s("svg", {width: 28, height: 44, viewBox: "0 0 28 44", role: "img", "aria-label": say("map.north")},
      s("path", {d: "M14 14L20 34L14 30L8 34z", fill: "var(--om-text2)"}),
      s("text", {x: 14, y: 11, "font-size": 13, "font-weight": 700, fill: "var(--om-text)", "text-anchor": "middle"}, say("map.north"))),
    from === undefined || from === null ? null : s("svg", {width: 28, height: 28, viewBox: "-14 -14 28 28", role: "img", "aria-label": say("map.wind", {value: Math.round(from)})},
      s("title", {}, say("map.wind", {value: Math.round(from)})),
      s("g", {transform: `rotate(${from + 180})`}, s("path", {d: "M0 11V-9M-5 -4L0 -10L5 -4", fill: "none", stroke: "var(--om-primary)", "stroke-width": 2.4, "stroke-linecap": "round"}))))
  }
  draw()
  return {node, draw}
}

const WAY = "onemap.coordinates"
const NICE = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000]

export function footer(map, model, say, ground) {
  const node = h("div", {class: "map-foot"})
  const bar = s("svg", {height: 16}), length = h("span", {class: "s12"}), where = button({class: "where-press", onclick: () => { way = following(way); window.localStorage.setItem(WAY, way); scale() }})
  let way = window.localStorage.getItem(WAY) ?? "degrees"

  function scale() {
    const centre = map.getView().getCenter(), size = map.getSize(), middle = size && map.getCoordinateFromPixel([size[0] / 2, size[1] / 2])
    if (!centre || !middle) return
    // Measured along the middle of the map, whatever grid it lies on.
    const metres = getDistance(toLonLat(middle), toLonLat(map.getCoordinateFromPixel([size[0] / 2 + 100, size[1] / 2]))) / 100
    const most = (map.getSize()?.[0] ?? 1200) < 1000 ? 80 : 140
    const nice = NICE.filter((step) => step / metres <= most).pop() ?? NICE[0], px = nice / metres
    bar.setAttribute("width", Math.ceil(px) + 3)
    bar.replaceChildren(s("path", {d: `M1 4v8h${px}v-8M${px / 2 + 1} 8v4`, fill: "none", stroke: "var(--om-text)", "stroke-width": 1.6}))
    length.textContent = nice >= 1000 ? `${nice / 1000} km` : `${nice} m`
    position(toLonLat(centre))
  }

  function position([lon, lat]) {
    where.textContent = `${written(way, lon, lat)}·CGCS2000`
    where.title = say("map.where")
  }

  function draw() {
    const credit = ground.credit()
    renew(node,
      h("div", {class: "float strip-box"}, bar, length, h("span", {class: "vsep low"}), where),
      h("div", {class: "float strip-box"}, h("span", {class: "s12 t2"}, credit.approval)),
      h("div", {class: "float strip-box"}, h("span", {class: "s12 t2"}, credit.source)))
    scale()
  }

  map.on("pointermove", (event) => { if (!event.dragging) position(toLonLat(event.coordinate)) })
  map.on("postrender", scale)
  draw()
  return {node, draw}
}

export function legend(model, say, styles, earlierShown, sureness, plotted = () => null) {
  const node = h("div", {class: "float legend"})
  let open = true, strip = false, whole = null // null = the layers stand in the legend only where the map is wide enough

  // Where a filter leaves rows out the legend says so, and how many are left.
  const named = (layer) => layer.only?.length ? say("filter.legend", {name: layer.title, count: layer.met?.count === null ? "…" : wholeNumber(layer.met?.count ?? 0)}) : layer.title

  // Only what can be seen now stands in the legend.
  function rows() {
    const scene = model.scene, left = [], right = [], layers = []
    if (scene?.zones) for (const zone of [...scene.zones].sort((a, b) => b.level - a.level)) left.push([zoneSwatch(zone.level, 32, 16, zone.kind), zoneText(zone)])
    left.push(...sureness.rows())
    if (scene?.domino?.reached.length) right.push([lineSwatch("domino"), say("legend.domino")])
    if (scene?.history?.length && earlierShown()) left.push([lineSwatch("history"), say("legend.history")])
    if (scene?.routes?.some((one) => one.drawn && one.status === "ok")) right.push([lineSwatch(scene.run?.review ? "review" : "rescue"), say(scene.run?.review ? "legend.review" : "legend.rescue")])
    if (scene?.evacuation?.moves?.length) right.push([lineSwatch("evacuation"), say("legend.evacuation")])
    if (scene?.closed?.count) right.push([lineSwatch("closed"), say("legend.closed")])
    for (const layer of (model.layers ?? []).filter((one) => one.shown && one.connected && one.count !== 0 && one.geometry === "point" && one.key !== "risk_unit")) {
      const symbol = styles.symbols[layer.symbol]
      const parts = Object.values(layer.symbol_of ?? {})
      if (parts.length) layers.push(...parts.map((key) => [h("span", {class: "legend-symbol"}, picture(styles, styles.symbols[key])), say("legend.of", {name: named(layer), what: say(`symbol.${key}`)})]))
      else if (symbol) layers.push([h("span", {class: "legend-symbol"}, picture(styles, symbol)), named(layer)])
    }
    // Layers that speak the same colours are explained once, and none that is empty.
    const told = new Set()
    for (const layer of (model.layers ?? []).filter((one) => one.shown && one.connected && one.count !== 0)) layers.push(...areaLegend(layer, styles, say).filter(([, text]) => !told.has(text) && told.add(text)))
    const plot = plotted(), marks = [...(plot?.names() ?? [])]
    for (const [code] of marks.slice(0, SIGNS)) right.push([h("span", {class: "legend-symbol"}, signPicture(plot.table, code, 20)), nameIn(plot.table.get(code), textsOf(model).lang)])
    if (marks.length > SIGNS) right.push([h("span", {class: "legend-symbol"}), say("mark.legend.more", {count: marks.length - SIGNS})])
    return [left, right, layers]
  }

  function draw() {
    const [left, right, layers] = rows(), count = left.length + right.length + layers.length
    node.classList.toggle("slim", strip)
    const wide = whole ?? (!strip && (!model.scene?.run || (node.parentElement?.clientWidth ?? 1200) >= 1000))
    // In one run down the left column and on in the right, so that steps stand in their order.
    const first = Math.max(0, Math.min(layers.length, Math.ceil(count / 2) - left.length))
    if (wide) { left.push(...layers.slice(0, first)); right.push(...layers.slice(first)) }
    node.hidden = count === 0
    const column = (items) => h("div", {}, items.map(([swatch, text]) => h("div", {class: "legend-row"}, swatch, h("span", {class: "s12 t2"}, text))))
    renew(node, button({class: "legend-head", "aria-expanded": String(open), onclick: () => { open = !open; draw() }}, h("b", {}, say("legend.title")), h("span", {class: "sp"}),
      h("span", {class: "t3 s12"}, say("legend.count", {count})), icon(open ? "down" : "right", 16)),
    open ? h("div", {class: "legend-body"}, column(left), column(right)) : null,
    open && layers.length ? button({class: "legend-more s12 pr", onclick: () => { whole = !wide; draw() }}, say(wide ? "legend.less" : "legend.more", {count: layers.length})) : null,
    open && (!strip || whole) ? sureness.control(!wide && layers.length > 0) : null)
  }

  draw()
  // Where people look at one map together it gets the room: a line of what is drawn, the rest at a press.
  return {node, draw, rows, strip(on) { if (strip === on) return; strip = on; whole = null; draw() }}
}
