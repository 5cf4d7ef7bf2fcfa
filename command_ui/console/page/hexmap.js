// Where do the counts lie? Hexagons, their clusters, or heat, on the offline base map; a hexagon tells its number.
import OlMap from "ol/Map.js"
import View from "ol/View.js"
import Feature from "ol/Feature.js"
import Point from "ol/geom/Point.js"
import Polygon from "ol/geom/Polygon.js"
import Heatmap from "ol/layer/Heatmap.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {fromLonLat} from "ol/proj.js"
import {Fill, Stroke, Style, Text} from "ol/style.js"
import {h} from "./dom.js"
import {whole} from "./format.js"
import {baseMap} from "./basemap.js"
import {creditCorner} from "./credit.js"
import {colour, faded, FONT, setTheme} from "./palette.js"

const HEAT = ["fillB", "primary", "fillY", "fillO", "fillR"]
export const heatColours = () => HEAT.map((token) => colour(token))

const CLASSES = {2: ["fillR", 0.55], 1: ["fillO", 0.4], 0: ["stale", 0.14], "-1": ["fillB", 0.3], "-2": ["fillB", 0.5]}

export function hexMap(model, say) {
  const target = h("div", {class: "ol-target"}), told = h("div", {class: "float hex-told", hidden: true})
  const credit = creditCorner(model, say)
  const node = h("div", {class: "hex-map"}, target, told, credit.node)
  const view = new View({center: fromLonLat(model.home.centre), zoom: model.home.zoom, minZoom: 7, maxZoom: 15, enableRotation: false})
  const map = new OlMap({target, controls: [], view})
  const base = baseMap(model.symbology)
  const hexes = new VectorSource(), points = new VectorSource()
  const cells = new VectorLayer({source: hexes, zIndex: 10, declutter: "map"}) // one turn with the names below, which give way
  const heat = new Heatmap({source: points, zIndex: 10, blur: 30, radius: 22, opacity: 0.85, weight: (feature) => feature.get("weight")})
  ;[base.ground, base.names, cells, heat].forEach((layer) => map.addLayer(layer))
  const watch = new ResizeObserver(() => map.updateSize())
  watch.observe(node)

  map.on("pointermove", (event) => {
    const feature = map.forEachFeatureAtPixel(event.pixel, (found) => found, {layerFilter: (layer) => layer === cells})
    told.hidden = !feature
    if (feature) told.textContent = say("analysis.cell", {count: whole(feature.get("count")), score: feature.get("score")})
  })

  function show(result, shown) {
    setTheme(model.theme)
    base.dress(map)
    credit.draw()
    hexes.clear()
    points.clear()
    cells.setVisible(shown !== "heat")
    heat.setVisible(shown === "heat")
    if (shown === "heat") heat.setGradient(heatColours())
    if (!result) return
    const most = Math.max(1, ...result.cells.map((cell) => cell.count))
    hexes.addFeatures(result.cells.map((cell) => {
      const feature = new Feature({geometry: new Polygon([cell.ring.map((pair) => fromLonLat(pair))]), count: cell.count, score: cell.score})
      const [token, opacity] = shown === "cluster" ? CLASSES[cell.class] : ["primary", 0.12 + 0.55 * Math.sqrt(cell.count / most)]
      feature.setStyle(new Style({fill: new Fill({color: faded(token, opacity)}), stroke: new Stroke({color: faded(token, 0.75), width: 1}),
        text: new Text({text: whole(cell.count), overflow: true, font: `700 12px ${FONT}`, fill: new Fill({color: colour("text")}), stroke: new Stroke({color: colour("halo"), width: 3})})}))
      return feature
    }))
    points.addFeatures(result.cells.map((cell) => {
      const middle = cell.ring.reduce(([x, y], [px, py]) => [x + px / cell.ring.length, y + py / cell.ring.length], [0, 0])
      const feature = new Feature(new Point(fromLonLat(middle)))
      feature.set("weight", Math.sqrt(cell.count / most))
      return feature
    }))
  }

  // Larger cells reach farther out; where the reader has moved the map, it stays unless the size of the cells changes.
  let fitted = null
  function fit(result) {
    const resolution = result?.resolution
    if (fitted === resolution || hexes.isEmpty() || !map.getSize()?.[0]) return
    fitted = resolution
    view.fit(hexes.getExtent(), {padding: [24, 24, 24, 24], maxZoom: 13})
  }

  return {node, show: (result, shown) => { map.updateSize(); show(result, shown); fit(result) }, home: () => { view.setCenter(fromLonLat(model.home.centre)); view.setZoom(model.home.zoom) }, end: () => { watch.disconnect(); map.setTarget(null) }}
}
