// Where do the defects lie? A map with the layers chosen in the tree and one mark for each defect.
import OlMap from "ol/Map.js"
import View from "ol/View.js"
import Feature from "ol/Feature.js"
import Point from "ol/geom/Point.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {defaults} from "ol/interaction/defaults.js"
import {fromLonLat, transformExtent} from "ol/proj.js"
import {Fill, RegularShape, Stroke, Style} from "ol/style.js"
import {h} from "./dom.js"
import {baseMap} from "./basemap.js"
import {businessLayers} from "./business.js"
import {creditCorner} from "./credit.js"
import {colour, setTheme} from "./palette.js"

export function dataMap(model, say, pick) {
  const target = h("div", {class: "ol-target"})
  const credit = creditCorner(model, say)
  const node = h("div", {class: "data-map"}, target, credit.node)
  const map = new OlMap({target, controls: [], interactions: defaults({altShiftDragRotate: false, pinchRotate: false}), view: new View({center: fromLonLat(model.home?.centre ?? [118.71, 31.41]), zoom: 11, minZoom: 5, maxZoom: 18, enableRotation: false})})
  const base = baseMap(model.symbology)
  const business = businessLayers(map, model.symbology, () => false)
  const source = new VectorSource()
  const marks = new VectorLayer({source, zIndex: 80, style: (feature) => mark(feature)})
  map.addLayer(base.ground)
  map.addLayer(base.names)
  map.addLayer(marks)
  new ResizeObserver(() => map.updateSize()).observe(node)
  let chosen = ""

  function mark(feature) {
    const on = feature.get("key") === chosen
    const aside = feature.get("state") === "aside"
    return new Style({zIndex: on ? 9 : 1, image: new RegularShape({points: 4, angle: 0, radius: on ? 11 : 7, fill: new Fill({color: colour(aside ? "danger" : "warn")}), stroke: new Stroke({color: colour("halo"), width: on ? 3 : 1.5})})})
  }

  map.on("click", (event) => {
    const found = map.forEachFeatureAtPixel(event.pixel, (feature) => feature.get("key"), {layerFilter: (layer) => layer === marks, hitTolerance: 5})
    if (found) pick(found)
  })
  map.on("pointermove", (event) => { target.style.cursor = map.hasFeatureAtPixel(event.pixel, {layerFilter: (layer) => layer === marks, hitTolerance: 5}) ? "pointer" : "" })

  function paint() {
    setTheme(model.theme)
    base.dress(map)
    credit.draw()
    business.restyle()
    marks.changed()
  }

  function show(defects) {
    source.clear()
    source.addFeatures(defects.filter((one) => Number.isFinite(one.longitude) && Number.isFinite(one.latitude)).map((one) => {
      const feature = new Feature(new Point(fromLonLat([one.longitude, one.latitude])))
      feature.setProperties({key: one.id, state: one.state})
      return feature
    }))
    marks.changed()
  }

  function go(one) {
    chosen = one?.id ?? ""
    marks.changed()
    if (one && Number.isFinite(one.longitude) && Number.isFinite(one.latitude)) map.getView().animate({center: fromLonLat([one.longitude, one.latitude]), zoom: Math.max(map.getView().getZoom(), 13), duration: 300})
  }

  function layers(list, shown, opacity, only) {
    list.forEach((spec, order) => { if (spec.connected && spec.geometry !== "none") business.show(spec, shown.has(spec.key), (opacity.get(spec.key) ?? 100) / 100, order, only(spec.key)) })
  }

  function home() {
    const {centre, extent} = model.home ?? {centre: [118.71, 31.41]}
    map.updateSize()
    if (extent) map.getView().fit(transformExtent(extent, "EPSG:4326", "EPSG:3857"), {padding: [48, 48, 48, 48], maxZoom: 13})
    else map.getView().setCenter(fromLonLat(centre))
  }

  return {node, show, go, layers, paint, home, resize: () => map.updateSize(), end: () => map.setTarget(null)}
}
