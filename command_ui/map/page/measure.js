// How far is it? A measured line on the ellipsoid, and rings round the incident.
import Draw from "ol/interaction/Draw.js"
import Feature from "ol/Feature.js"
import LineString from "ol/geom/LineString.js"
import Point from "ol/geom/Point.js"
import {circular} from "ol/geom/Polygon.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {getLength} from "ol/sphere.js"
import {toLonLat, fromLonLat} from "ol/proj.js"
import {Circle, Fill, Stroke, Style, Text} from "ol/style.js"
import {colour, FONT} from "./palette.js"
import {distance} from "./format.js"

const halo = (text, token) => new Text({text, font: `700 12px ${FONT}`, offsetY: -12, fill: new Fill({color: colour(token)}), stroke: new Stroke({color: colour("halo"), width: 4})})

export function measuring(map) {
  const source = new VectorSource()
  const style = (feature) => {
    const geometry = feature.getGeometry()
    const line = new Style({stroke: new Stroke({color: colour("primary"), width: 2.5, lineDash: [6, 4]}), image: new Circle({radius: 4, fill: new Fill({color: colour("primary")})})})
    if (!(geometry instanceof LineString)) return line
    return [line, new Style({geometry: new Point(geometry.getLastCoordinate()), image: new Circle({radius: 4, fill: new Fill({color: colour("primary")})}), text: halo(distance(getLength(geometry)), "text")})]
  }
  const layer = new VectorLayer({source, style, zIndex: 60})
  map.addLayer(layer)
  let draw = null

  function end() {
    if (!draw) return
    map.removeInteraction(draw)
    draw = null
    source.clear()
  }

  return {
    isOn: () => draw !== null, end,
    toggle() {
      if (draw) { end(); return }
      draw = new Draw({source, type: "LineString", style})
      draw.on("drawstart", () => source.clear())
      map.addInteraction(draw)
    },
  }
}

export function rings(map, say, incident) {
  const source = new VectorSource()
  map.addLayer(new VectorLayer({source, zIndex: 18}))
  let on = false
  const radii = [500, 1000, 2000, 5000]

  function draw() {
    source.clear()
    if (!on) return
    const one = incident(), centre = one ? [one.longitude, one.latitude] : toLonLat(map.getView().getCenter())
    for (const radius of radii) {
      const ring = new Feature(circular(centre, radius, 96).transform("EPSG:4326", "EPSG:3857"))
      ring.setStyle(new Style({stroke: new Stroke({color: colour("closed"), width: 1.6, lineDash: [8, 3, 1.5, 3]})}))
      const top = new Feature(new Point(fromLonLat([centre[0], centre[1] + radius / 111320])))
      top.setStyle(new Style({text: halo(distance(radius), "text")}))
      source.addFeatures([ring, top])
    }
  }

  return {draw, isOn: () => on, toggle() { on = !on; draw() }}
}
