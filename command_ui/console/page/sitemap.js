// Where is this plant and what lies around it? A small map with the works, the ring of 500 m and the targets near.
import OlMap from "ol/Map.js"
import View from "ol/View.js"
import Feature from "ol/Feature.js"
import Point from "ol/geom/Point.js"
import {circular} from "ol/geom/Polygon.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {defaults} from "ol/interaction/defaults.js"
import {fromLonLat} from "ol/proj.js"
import {Fill, Stroke, Style, Text} from "ol/style.js"
import {h} from "./dom.js"
import {baseMap} from "./basemap.js"
import {businessLayers} from "./business.js"
import {framedIcon} from "./glyphs.js"
import {colour, faded, FONT, setTheme} from "./palette.js"

const RING_M = 500

// A geodesic circle on the web map.
const around = (place, metres) => circular(place, metres, 96).transform("EPSG:4326", "EPSG:3857")

export function siteMap(model) {
  const target = h("div", {class: "ol-target"})
  const node = h("div", {class: "site-map"}, target)
  const map = new OlMap({target, controls: [], interactions: defaults({mouseWheelZoom: false, altShiftDragRotate: false, pinchRotate: false}), view: new View({center: [0, 0], zoom: 15, minZoom: 9, maxZoom: 17, enableRotation: false})})
  const styles = model.symbology
  const base = baseMap(styles)
  const business = businessLayers(map, styles, () => false)
  const source = new VectorSource()
  const own = new VectorLayer({source, zIndex: 60, declutter: false})
  map.addLayer(base.ground)
  map.addLayer(base.names)
  map.addLayer(own)
  new ResizeObserver(() => map.updateSize()).observe(node)

  function label(text, dy) {
    return new Text({text, font: `700 12px ${FONT}`, offsetY: dy, fill: new Fill({color: colour("text")}), stroke: new Stroke({color: colour("halo"), width: 4})})
  }

  function show(file, specs) {
    setTheme(model.theme)
    base.dress(map)
    source.clear()
    business.restyle()
    const place = [file.longitude, file.latitude], assumed = file.workings[0]?.assumed_m ?? 300
    const works = new Feature(around(place, assumed)), ring = new Feature(around(place, assumed + RING_M)), spot = new Feature(new Point(fromLonLat(place)))
    works.setStyle(new Style({stroke: new Stroke({color: colour("primary"), width: 2.5}), fill: new Fill({color: faded("primary", 0.08)})}))
    const south = ring.getGeometry().getExtent()
    ring.setStyle([new Style({stroke: new Stroke({color: colour("text2"), width: 1.6, lineDash: [6, 5]})}),
      new Style({geometry: new Point([(south[0] + south[2]) / 2, south[1]]), text: label(`${RING_M} m`, -10)})])
    const symbol = styles.symbols[file.units.length ? "hazard_source" : "enterprise_hazmat"]
    spot.setStyle(new Style({image: framedIcon(styles, symbol), text: label(file.name, 30), zIndex: 9}))
    source.addFeatures([works, ring, spot])
    specs.forEach((spec, order) => business.show(spec, true, 1, order))
    map.getView().fit(around(place, (assumed + RING_M) * 1.12), {size: map.getSize()})
  }

  return {node, show: (file, specs) => { map.updateSize(); show(file, specs) }, end: () => map.setTarget(null)}
}
