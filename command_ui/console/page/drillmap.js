// Where do the injects lie? Numbered on the map with what they say, over the cloud the players computed.
import OlMap from "ol/Map.js"
import View from "ol/View.js"
import Feature from "ol/Feature.js"
import Point from "ol/geom/Point.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {boundingExtent, buffer as bufferExtent, extend, getHeight, getWidth} from "ol/extent.js"
import {fromLonLat, toLonLat} from "ol/proj.js"
import {Circle, Fill, Stroke, Style, Text} from "ol/style.js"
import {h, renew} from "./dom.js"
import {sayOr} from "./speak.js"
import {colour, FONT, setTheme} from "./palette.js"
import {baseMap} from "./basemap.js"
import {incidentLayers} from "./incident.js"
import {callouts, labelsOf} from "./callouts.js"
import {footer} from "./furniture.js"
import {ownGround} from "./credit.js"
import {elapsed} from "./drillclock.js"

const TOKEN = {done: "ok", open: "drill", waiting: "text3", if: "primary", manual: "text3", held: "warn", skipped: "text3", failed: "danger"}
const DASHED = new Set(["waiting", "if", "manual"])
const PLATES = {incident: 1, zone: 3, envelope: 1, route: 2, shelter: 2, flow: 1}
const RING_PX = 36, NEAR_PX = 44

export function drillMap(model, say, choose) {
  const target = h("div", {class: "ol-target"})
  const key = h("div", {class: "float drill-key"}), node = h("section", {class: "drill-map map"}, target)
  const view = new View({center: fromLonLat(model.home.centre), zoom: model.home.zoom, minZoom: 8, maxZoom: 17, enableRotation: false})
  const map = new OlMap({target, controls: [], view})
  const styles = model.symbology, base = baseMap(styles)
  map.addLayer(base.ground)
  map.addLayer(base.names)
  const incident = incidentLayers(map, styles)
  const source = new VectorSource(), own = new VectorLayer({source, zIndex: 80, declutter: false})
  map.addLayer(own)
  const labels = callouts(map, incident), foot = footer(map, model, say, ownGround(model, say))
  node.append(labels.overlay, key, foot.node)
  const pinned = new VectorSource()
  map.addLayer(new VectorLayer({source: pinned, zIndex: 90}))
  let spots = [], shown = null, picked = null
  const boxes = (nodes) => nodes.map((one) => {
    const frame = node.getBoundingClientRect(), box = one.getBoundingClientRect()
    return {x: box.left - frame.left - 6, y: box.top - frame.top - 6, w: box.width + 12, h: box.height + 12}
  })
  labels.avoid(() => boxes([key, foot.node]).concat(spots.map((one) => {
    const [x, y] = map.getPixelFromCoordinate(one.at) ?? [-99, -99]
    return {x: x + one.dx - 17, y: y + one.dy - 17, w: 34, h: 34}
  })))

  // Those that would lie on each other at this zoom stand in a ring, so that every number can be read and clicked.
  function place(injects) {
    const scale = map.getView().getResolution() ?? 1, near = NEAR_PX * scale, groups = []
    for (const one of injects) {
      const at = fromLonLat([one.longitude, one.latitude]), found = groups.find((group) => Math.hypot(group[0].at[0] - at[0], group[0].at[1] - at[1]) < near)
      if (found) found.push({...one, at})
      else groups.push([{...one, at}])
    }
    const rings = groups.filter((group) => group.length > 1 || group[0].at_scene)
    const radiusOf = (group) => Math.max(RING_PX, (group.length * 33) / (2 * Math.PI))
    // One that stands by itself where a ring passes is put just outside of it, on its own side.
    const aside = (one) => {
      for (const ring of rings) {
        const x = (one.at[0] - ring[0].at[0]) / scale, y = (ring[0].at[1] - one.at[1]) / scale, far = Math.hypot(x, y), wanted = radiusOf(ring) + RING_PX
        if (far > radiusOf(ring) - RING_PX && far < wanted) return {dx: Math.round(x * (wanted / far - 1)), dy: Math.round(y * (wanted / far - 1))}
      }
      return {dx: 0, dy: 0}
    }
    return groups.flatMap((group) => group.map((one, index) => {
      if (!rings.includes(group)) return {...one, ...aside(one)}
      const radius = radiusOf(group), angle = -Math.PI / 2 + (2 * Math.PI * index) / group.length
      const [x, y] = [group[0].at[0] - one.at[0], group[0].at[1] - one.at[1]].map((metres) => metres / scale)
      return {...one, dx: Math.round(radius * Math.cos(angle) + x), dy: Math.round(radius * Math.sin(angle) - y)}
    }))
  }

  function spot(one, chosen) {
    const token = TOKEN[one.phase], lit = one.id === chosen, feature = new Feature(new Point(one.at))
    feature.set("inject", one.id)
    const disc = (radius, fill, stroke) => new Circle({radius, fill: new Fill({color: fill}), stroke, displacement: [one.dx, -one.dy]})
    feature.setStyle([new Style({image: disc(17, colour("halo")), zIndex: lit ? 8 : 2}),
      new Style({zIndex: lit ? 9 : 3, image: disc(14, colour(one.phase === "open" ? "drillSoft" : "surface"), new Stroke({color: colour(lit && one.phase !== "open" ? "primary" : token), width: lit ? 3.5 : 2.5, lineDash: DASHED.has(one.phase) ? [3, 3.5] : undefined})),
        text: new Text({text: one.number, font: `700 12px ${FONT}`, offsetX: one.dx, offsetY: one.dy + 1, fill: new Fill({color: colour("text")})})})])
    return feature
  }

  function plates(look, chosen) {
    const left = {...PLATES}
    const scene = look.scene ? labelsOf({...look.scene, history: []}, say, (code, fallback, values) => sayOr(model, code, fallback, values)).sort((a, b) => b.priority - a.priority)
      .filter((label) => { const kind = label.id.split("-")[0]; left[kind] = (left[kind] ?? 0) - 1; return left[kind] >= 0 }) : []
    const weight = {open: 130, done: 104, waiting: 100, if: 101, held: 102, failed: 120, manual: 92, skipped: 60}
    return scene.concat(spots.filter((one) => one.phase !== "skipped").map((one) => ({
      id: `inject-${one.id}`, at: stands(one), beside: true, gap: 18, farthest: 220, priority: one.id === chosen ? 150 : weight[one.phase], token: TOKEN[one.phase],
      lines: [`${one.number} ${one.title}`, [say(`drill.phase.${one.phase}`), one.sent_s !== null ? elapsed(one.sent_s) : one.due_s !== null ? elapsed(one.due_s) : "", one.rating ? say("drill.rating.short", {rating: one.rating}) : ""].filter(Boolean).join("·")]})))
  }

  // The plate points at the number, which may stand aside of its place.
  function stands(one) {
    const resolution = map.getView().getResolution() ?? 1
    return toLonLat([one.at[0] + one.dx * resolution, one.at[1] - one.dy * resolution])
  }

  let framed = ""
  function frame(look) {
    const extent = spots.length ? boundingExtent(spots.map((one) => one.at)) : boundingExtent([fromLonLat([look.place.longitude, look.place.latitude])])
    const zones = incident.extent(["zones"])
    if (zones) extend(extent, zones)
    const wide = Math.max(getWidth(extent), getHeight(extent), 2500)
    view.fit(bufferExtent(extent, wide * 0.12), {padding: [60, 60, 120, 60], maxZoom: 15})
  }

  function draw(look, chosen) {
    setTheme(model.theme)
    node.style.background = target.style.background = colour("mLand")
    base.dress(map)
    incident.restyle()
    map.updateSize()
    incident.draw(look.scene)
    shown = [look, chosen]
    scatter()
    renew(key, h("span", {class: "badge s b-drill"}, say("mode.drill")), h("span", {}, say("drill.map.count", {count: look.injects.length, shown: spots.length})))
    const state = `${look.id}:${look.scene?.run?.id ?? ""}`
    if (state !== framed && map.getSize()?.[0]) { framed = state; frame(look); scatter() }
    foot.draw()
  }

  // Where each stands depends on the zoom, and so does where its plate points to.
  function scatter() {
    if (!shown) return
    const [look, chosen] = shown
    spots = place(look.injects.filter((one) => one.longitude !== null))
    source.clear()
    source.addFeatures(spots.map((one) => spot(one, chosen)))
    labels.set(plates(look, chosen))
  }

  map.getView().on("change:resolution", () => { source.clear() })
  map.on("moveend", scatter)
  // While the form asks for a place, the next click gives it and chooses nothing.
  function pick(told) {
    picked = told
    target.style.cursor = told ? "crosshair" : ""
  }

  function pin(at) {
    pinned.clear()
    if (!at) return
    const feature = new Feature(new Point(fromLonLat(at)))
    feature.setStyle([new Style({image: new Circle({radius: 11, fill: new Fill({color: colour("halo")})})}), new Style({image: new Circle({radius: 8, fill: new Fill({color: colour("drillSoft")}), stroke: new Stroke({color: colour("drill"), width: 3})})})])
    pinned.addFeature(feature)
  }

  map.on("click", (event) => {
    if (picked) { picked(toLonLat(event.coordinate).map((degrees) => Math.round(degrees * 1e6) / 1e6)); return }
    const near = spots.map((one) => { const [x, y] = map.getPixelFromCoordinate(one.at); return {one, far: Math.hypot(event.pixel[0] - x - one.dx, event.pixel[1] - y - one.dy)} }).sort((a, b) => a.far - b.far)[0]
    if (near && near.far <= 18) choose(near.one.id)
  })
  const watcher = new ResizeObserver(() => { map.updateSize(); labels.arrange() })
  watcher.observe(target)
  window.onemapDrillMap = map // for the browser tests
  return {node, draw, pick, pin, end: () => { watcher.disconnect(); map.setTarget(null) }}
}
