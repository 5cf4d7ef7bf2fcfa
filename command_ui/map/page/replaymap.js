// What did the map show then? One of the replay's maps: the incident and the layers as known at its moment.
import OlMap from "ol/Map.js"
import Draw from "ol/interaction/Draw.js"
import Feature from "ol/Feature.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {defaults as interactions} from "ol/interaction/defaults.js"
import {buffer as bufferExtent, getHeight, getWidth} from "ol/extent.js"
import {fromLonLat} from "ol/proj.js"
import {h} from "./dom.js"
import {sayOr, textsOf} from "./speak.js"
import {colour, setTheme} from "./palette.js"
import {baseMap} from "./basemap.js"
import {businessLayers} from "./business.js"
import {creditCorner} from "./credit.js"
import {incidentLayers} from "./incident.js"
import {callouts, labelsOf} from "./callouts.js"
import {closureLabels, closureLayers, closureStyle, readGeometry, writeGeometry} from "./closuremap.js"
import {legend} from "./furniture.js"
import {markLayer} from "./plotmap.js"
import {signTable} from "./plotsigns.js"

// Both maps of the page share one view, so that they show the same ground.
export function replayMap(model, say, view) {
  const target = h("div", {class: "ol-target"}), mark = h("div", {class: "replay-mark"})
  const node = h("div", {class: "panel map replay-map"}, target)
  const map = new OlMap({target, controls: [], interactions: interactions({altShiftDragRotate: false, pinchRotate: false}), view})
  const styles = model.symbology, base = baseMap(styles)
  map.addLayer(base.ground)
  map.addLayer(base.names)
  let scene = null, known_at = "", inScene = new Set(), imagined = []
  const business = businessLayers(map, styles, (layer, id) => inScene.has(`${layer}:${id}`), () => known_at)
  const incident = incidentLayers(map, styles), closures = closureLayers(map), labels = callouts(map, incident)
  const marks = markLayer(map, signTable(model.signs), say, () => textsOf(model).lang ?? "zh")
  const areas = new VectorLayer({source: new VectorSource(), zIndex: 60, style: (feature, resolution) => closureStyle(feature.getGeometry(), resolution, {strong: true})})
  map.addLayer(areas)
  const credit = creditCorner(model, say)
  const shown = {get scene() { return scene }, get texts() { return model.texts }, layers: []}
  const keys = legend(shown, say, styles, () => false, {rows: () => [], control: () => null})
  node.append(labels.overlay, h("div", {class: "map-bottom"}, keys.node, credit.node), mark)
  labels.avoid(() => [keys.node, mark].map((one) => {
    const frame = node.getBoundingClientRect(), box = one.getBoundingClientRect()
    return {x: box.left - frame.left - 6, y: box.top - frame.top - 6, w: box.width + 12, h: box.height + 12}
  }).filter((box) => box.w > 14).concat(marks.boxes()))

  function layers() {
    for (const [order, spec] of (model.layers ?? []).entries()) business.show(spec, Boolean(known_at) && spec.connected, 1, order)
  }

  function draw(side) {
    scene = side?.scene ?? null
    inScene = new Set([...(scene?.exposure?.facilities ?? []).map((one) => `protection_target:${one.id}`),
      ...(scene?.evacuation?.shelters ?? []).filter((one) => one.shown).map((one) => `shelter:${one.id}`),
      ...(scene?.routes ?? []).filter((one) => one.drawn).map((one) => `rescue_team:${one.id}`)])
    incident.draw(scene)
    closures.draw(scene ?? {closures: []})
    marks.draw((scene?.marks ?? []).filter((one) => one.state !== "expired"))
    business.recede(Boolean(scene?.run))
    if (side && side.layers_at !== known_at) {
      const first = !known_at
      known_at = side.layers_at
      first ? layers() : business.rewind()
    }
    keys.draw()
    credit.draw()
    name()
  }

  function name() {
    const told = {...(scene ?? {}), history: []}
    labels.set(scene?.incident ? [...closureLabels(told, say), ...labelsOf(told, say, (code, fallback, values) => sayOr(model, code, fallback, values))] : [])
  }

  // With `other` what that map shows is in sight too: a what-if may lie elsewhere.
  function frame(other = null) {
    const [own, there] = [incident.extent(["zones"]), other?.zones() ?? null]
    const zones = own && there ? [Math.min(own[0], there[0]), Math.min(own[1], there[1]), Math.max(own[2], there[2]), Math.max(own[3], there[3])] : own ?? there, extent = zones ? bufferExtent(zones, Math.max(getWidth(zones), getHeight(zones)) * 0.16) : incident.extent(["symbols"])
    if (scene?.incident && extent) view.fit(extent, {size: map.getSize(), padding: [48, 60, 72, 60], maxZoom: 15})
    else { view.setCenter(fromLonLat(model.home.centre)); view.setZoom(model.home.zoom) }
  }

  // Areas whose roads are closed in a what-if, drawn by hand on the map of the moment.
  let pen = null
  function pick(done) {
    map.removeInteraction(pen)
    pen = null
    if (!done) return
    pen = new Draw({type: "Polygon"})
    pen.on("drawend", ({feature}) => { const geometry = writeGeometry(feature.getGeometry()); setTimeout(() => { pick(null); done(geometry) }) })
    map.addInteraction(pen)
  }

  function imagine(list) {
    imagined = list
    const source = areas.getSource()
    source.clear()
    imagined.forEach((geometry) => source.addFeature(new Feature(readGeometry(geometry))))
  }

  function restyle() {
    setTheme(model.theme)
    node.style.background = target.style.background = colour("mLand")
    base.dress(map)
    business.restyle()
    incident.restyle()
    closures.closures.changed()
    marks.restyle()
    labels.arrange()
    keys.draw()
  }

  const watcher = new ResizeObserver(() => { map.updateSize(); labels.arrange() })
  watcher.observe(target)
  restyle()
  return {
    node, map, draw, layers, zones: () => incident.extent(["zones"]), frame, restyle, pick, imagine, light: incident.light,
    say: (text, kind) => { mark.textContent = text; mark.className = `replay-mark ${kind}` },
    words: () => { keys.draw(); name() },
    end: () => { watcher.disconnect(); map.setTarget(null) },
  }
}
