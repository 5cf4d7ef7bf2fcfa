// What does the wall's map show? The incident and the ground, with larger marks, and nothing to press.
import OlMap from "ol/Map.js"
import View from "ol/View.js"
import {buffer as bufferExtent, getHeight, getWidth} from "ol/extent.js"
import {fromLonLat} from "ol/proj.js"
import {h, renew} from "./dom.js"
import {sayOr, textsOf} from "./speak.js"
import {colour, setTheme} from "./palette.js"
import {baseMap} from "./basemap.js"
import {businessLayers} from "./business.js"
import {incidentLayers} from "./incident.js"
import {callouts, labelsOf} from "./callouts.js"
import {footer} from "./furniture.js"
import {ownGround} from "./credit.js"
import {markLayer} from "./plotmap.js"
import {signTable} from "./plotsigns.js"

const PLATES = {incident: 1, zone: 3, envelope: 1, route: 3, flow: 3, shelter: 4, facility: 4}
const LARGER = 1.25 // the wall is read from afar: the map's own 12 px become 15

export function wallMap(model, say) {
  const target = h("div", {class: "ol-target"})
  const node = h("div", {class: "panel map wall-map"}, target)
  const view = new View({center: fromLonLat(model.home.centre), zoom: model.home.zoom, minZoom: 7, maxZoom: 17, enableRotation: false})
  const map = new OlMap({target, controls: [], interactions: [], view, pixelRatio: window.devicePixelRatio * LARGER * (Number(document.documentElement.dataset.wallZoom) || 1)})
  const styles = model.symbology
  const base = baseMap(styles)
  map.addLayer(base.ground)
  map.addLayer(base.names)
  let inScene = new Set()
  const business = businessLayers(map, styles, (layer, id) => inScene.has(`${layer}:${id}`))
  const incident = incidentLayers(map, styles)
  const labels = callouts(map, incident)
  const table = signTable(model.signs), marks = markLayer(map, table, say, () => textsOf(model).lang ?? "zh")
  const foot = footer(map, model, say, ownGround(model, say))
  const strip = h("div", {class: "float wall-legend"})
  node.append(labels.overlay, h("div", {class: "wall-strip"}, strip, foot.node))
  labels.avoid(() => [strip, foot.node].map((one) => {
    const frame = node.getBoundingClientRect(), box = one.getBoundingClientRect(), scale = frame.width / node.offsetWidth || 1
    return {x: (box.left - frame.left) / scale - 6, y: (box.top - frame.top) / scale - 6, w: box.width / scale + 12, h: box.height / scale + 12}
  }).concat(marks.boxes()))

  // A wall holds few plates, the weightiest of each kind; the full lists stand on the desk.
  function plates(scene) {
    const left = {...PLATES}
    return labelsOf({...scene, history: []}, say, (code, fallback, values) => sayOr(model, code, fallback, values))
      .sort((a, b) => b.priority - a.priority)
      .filter((label) => { const kind = label.id.split("-")[0]; left[kind] = (left[kind] ?? 0) - 1; return left[kind] >= 0 })
  }

  function frame() {
    const zones = incident.extent(["zones"])
    const extent = zones ? bufferExtent(zones, Math.max(getWidth(zones), getHeight(zones)) * 0.18) : incident.extent(["symbols"])
    if (model.scene?.incident && extent) view.fit(extent, {padding: [24, 36, 84, 36], maxZoom: 14.5})
    else { view.setCenter(fromLonLat(model.home.centre)); view.setZoom(model.home.zoom) }
  }

  let framed = null
  function scene() {
    const shown = model.scene
    inScene = new Set([...(shown?.exposure?.facilities ?? []).map((one) => `protection_target:${one.id}`),
      ...(shown?.evacuation?.shelters ?? []).filter((one) => one.shown).map((one) => `shelter:${one.id}`),
      ...(shown?.routes ?? []).filter((one) => one.drawn).map((one) => `rescue_team:${one.id}`)])
    incident.draw(shown)
    marks.draw((shown?.marks ?? []).filter((one) => one.state !== "expired"))
    business.recede(Boolean(shown?.run))
    const key = shown?.incident ? `${shown.incident.id}:${shown.run?.id ?? ""}` : "none"
    if (key !== framed) frame()
    framed = key
    labels.set(plates(shown))
  }

  function layers() {
    const quiet = Boolean(model.scene?.run)
    // with an assessed incident the wall shows what bears on it; on a quiet day the hazards and the means of rescue
    const wanted = quiet ? [] : ["hazard_source", "rescue_team", "shelter", "protection_target"]
    ;(model.layers ?? []).forEach((spec, order) => business.show(spec, wanted.includes(spec.key) && spec.connected, 1, order))
  }

  function restyle() {
    setTheme(model.theme)
    node.style.background = target.style.background = colour("mLand")
    base.dress(map)
    business.restyle()
    incident.restyle()
    marks.restyle()
    labels.arrange()
  }

  const watcher = new ResizeObserver(() => { map.updateSize(); frame(); labels.arrange() })
  watcher.observe(target)
  window.onemapMap = map // for the browser tests and the console of an administrator
  restyle()
  return {
    node, map, scene, layers, restyle, table,
    legend: (rows) => renew(strip, rows),
    words: () => { foot.draw(); scene() },
    end: () => { watcher.disconnect(); map.setTarget(null) },
  }
}
