// What lies within this area? A box, a polygon or all that is near a point or a line; people and the rows of the layers.
import Draw, {createBox} from "ol/interaction/Draw.js"
import Feature from "ol/Feature.js"
import GeoJSON from "ol/format/GeoJSON.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {Circle, Fill, Stroke, Style} from "ol/style.js"
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {colour} from "./palette.js"
import {figure, whole} from "./format.js"
import {cell} from "./csvcell.js"

const SHAPES = {box: "Circle", polygon: "Polygon", point: "Point", line: "LineString"}
const format = new GeoJSON({dataProjection: "EPSG:4326", featureProjection: "EPSG:3857"})

export function withinTool(map, model, say, moved) {
  const source = new VectorSource()
  const style = () => new Style({fill: new Fill({color: `${colour("primary")}22`}), stroke: new Stroke({color: colour("primary"), width: 2, lineDash: [8, 4]}), image: new Circle({radius: 5, fill: new Fill({color: colour("primary")})})})
  const layer = new VectorLayer({source, zIndex: 59, style})
  map.addLayer(layer)
  const node = h("div", {class: "float within", role: "dialog", hidden: true})
  let on = false, mode = "box", metres = 500, draw = null, drawn = null, seq = 0, answer = null, open = new Set()

  function arm() {
    if (draw) map.removeInteraction(draw)
    draw = null
    if (!on || drawn) return
    draw = new Draw({type: SHAPES[mode], geometryFunction: mode === "box" ? createBox() : undefined, freehand: mode === "box", style})
    draw.on("drawend", ({feature}) => { drawn = feature.getGeometry(); source.clear(); source.addFeature(new Feature(drawn)); setTimeout(() => { arm(); ask() }) })
    map.addInteraction(draw)
  }

  function ask() {
    if (!drawn) return
    answer = null
    seq += 1
    model.send_msg({kind: "within", seq, geometry: format.writeGeometryObject(drawn), buffer_m: ["point", "line"].includes(mode) ? metres : 0})
    paint()
  }

  function again() {
    drawn = answer = null
    open = new Set()
    seq += 1
    source.clear()
    arm()
    paint()
  }

  function take(message) {
    if (message.seq !== seq || !drawn) return
    answer = message
    if (message.found) {
      source.clear()
      source.addFeature(new Feature(format.readGeometry(message.found.geometry)))
    }
    paint()
  }

  const titleOf = (key) => (model.layers ?? []).find((one) => one.key === key)?.title ?? key

  function save() {
    const head = ["within.layer", "within.id", "within.name", "within.longitude", "within.latitude"].map((code) => say(code))
    const rows = answer.found.layers.flatMap((one) => one.rows.map((row) => [titleOf(one.layer), row.id, row.name ?? "", row.longitude, row.latitude]))
    const text = `\ufeff${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`
    const link = h("a", {href: URL.createObjectURL(new Blob([text], {type: "text/csv"})), download: `${say("within.title")}.csv`})
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 5000)
  }

  function body() {
    if (!drawn) return h("div", {class: "t2 s12 within-say"}, say(`within.pick.${mode}`))
    if (!answer) return h("div", {class: "t2 s12 within-say", role: "status"}, say("within.busy"))
    if (answer.reason) return h("div", {class: "sentence danger", role: "alert"}, say("within.failed", {reason: answer.reason}))
    const found = answer.found, there = found.layers.filter((one) => one.count)
    return [h("div", {class: "facts-list"}, h("span", {class: "t3"}, say("within.area")), h("b", {}, `${figure(found.area_m2 / 1e6, 3)} km²`), h("span", {class: "t3"}, say("within.people")), h("b", {}, `${whole(found.people_day)}／${whole(found.people_night)}`)),
      h("div", {class: "scroll within-list"}, there.length ? there.map((one) => [
        button({class: "within-layer", "aria-expanded": String(open.has(one.layer)), onclick: () => { open.has(one.layer) ? open.delete(one.layer) : open.add(one.layer); paint() }}, icon(open.has(one.layer) ? "down" : "right", 13), h("span", {class: "sp cut"}, titleOf(one.layer)), h("b", {}, whole(one.count))),
        open.has(one.layer) ? [one.rows.map((row) => button({class: "within-row cut", title: row.name ?? row.id, onclick: () => model.send_msg({kind: "dossier", layer: one.layer, id: row.id})}, row.name ?? row.id)),
          one.count > one.rows.length ? h("div", {class: "t3 s12 within-row"}, say("within.more", {count: whole(one.count - one.rows.length)})) : null] : null]) : h("div", {class: "empty low"}, say("within.none"))),
      h("div", {class: "row g8 within-foot"}, button({class: "btn s", onclick: again}, icon("redo", 14), say("within.again")), h("span", {class: "sp"}), there.length ? button({class: "btn s", onclick: save}, icon("save", 14), say("within.csv")) : null)]
  }

  function paint() {
    node.hidden = !on
    if (!on) return
    const radius = h("input", {class: "field within-metres", type: "number", min: 10, max: 50000, step: 10, "aria-label": say("within.metres"), onchange: () => { metres = Math.min(50000, Math.max(10, Number(radius.value) || 500)); ask() }})
    radius.value = metres
    renew(node, h("div", {class: "h"}, icon("area"), say("within.title"), h("span", {class: "sp"}), button({class: "ib small", "aria-label": say("common.close"), onclick: () => { end(); moved() }}, icon("cross", 16))),
      h("div", {class: "within-body"}, h("div", {class: "row g8 wrap"}, h("div", {class: "segments"}, Object.keys(SHAPES).map((name) => button({class: `segment${mode === name ? " on" : ""}`, "aria-pressed": String(mode === name), onclick: () => { mode = name; again() }}, say(`within.${name}`)))),
        ["point", "line"].includes(mode) ? h("label", {class: "row g8 s12 t2"}, say("within.metres"), radius) : null), body()))
  }

  function end() {
    if (!on) return
    on = false
    drawn = answer = null
    source.clear()
    arm()
    paint()
  }

  return {
    node, end, take, draw: paint, isOn: () => on, isDrawing: () => on && !drawn, restyle: () => layer.changed(),
    toggle() {
      if (on) return end()
      on = true
      again()
    },
  }
}
