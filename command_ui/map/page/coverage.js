// Where does no camera look? The sectors of the cameras that answer, and hatched what lies between them and the ring.
import GeoJSON from "ol/format/GeoJSON.js"
import Feature from "ol/Feature.js"
import Point from "ol/geom/Point.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {fromLonLat} from "ol/proj.js"
import {Fill, Stroke, Style, Text} from "ol/style.js"
import {colour, FONT} from "./palette.js"

function hatch(token) {
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = 12
  const pen = canvas.getContext("2d")
  pen.strokeStyle = colour(token)
  pen.lineWidth = 1.2
  pen.globalAlpha = 0.6
  for (const shift of [-12, 0, 12]) { pen.moveTo(shift, 12); pen.lineTo(shift + 12, 0) }
  pen.stroke()
  return pen.createPattern(canvas, "repeat")
}

export function cameraCoverage(map, say) {
  const source = new VectorSource()
  const styles = {
    seen: () => new Style({fill: new Fill({color: `${colour("ok")}33`}), stroke: new Stroke({color: colour("ok"), width: 1.5})}),
    gap: () => new Style({fill: new Fill({color: hatch("stale")}), stroke: new Stroke({color: colour("stale"), width: 1.5, lineDash: [6, 4]})}),
    label: (feature) => new Style({text: new Text({text: feature.get("text"), font: `700 13px ${FONT}`, fill: new Fill({color: colour("text")}),
      stroke: new Stroke({color: colour("halo"), width: 4}), overflow: true})}),
  }
  const layer = new VectorLayer({source, zIndex: 18, style: (feature) => styles[feature.get("kind")](feature)})
  map.addLayer(layer)
  let on = false

  function end() {
    on = false
    source.clear()
  }

  return {
    end, isOn: () => on,
    repaint: () => layer.changed(),
    take({areas, share, within_m, longitude, latitude}) {
      if (on) return end()
      on = true
      source.addFeatures(new GeoJSON({dataProjection: "EPSG:4326", featureProjection: "EPSG:3857"}).readFeatures(areas))
      const top = new Feature({geometry: new Point(fromLonLat([longitude, latitude + within_m / 111320 * 0.93])), kind: "label",
        text: say("camera.coverage.label", {share: Math.round(share * 100), metres: Math.round(within_m)})})
      source.addFeature(top)
      map.getView().fit(source.getExtent(), {padding: [150, 100, 120, 100], maxZoom: 16, duration: 300})
    },
  }
}
