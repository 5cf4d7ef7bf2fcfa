// How do the marks look on the map? Framed signs with their words, lines and areas with the ornaments of the standard.
import Feature from "ol/Feature.js"
import MultiLineString from "ol/geom/MultiLineString.js"
import MultiPolygon from "ol/geom/MultiPolygon.js"
import Point from "ol/geom/Point.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {Circle, Fill, Stroke, Style, Text} from "ol/style.js"
import {framedIcon} from "./glyphs.js"
import {colour, FONT} from "./palette.js"
import {ornamentsOn} from "./plotornaments.js"
import {readGeometry} from "./closuremap.js"

export const POINT_PX = 34
const MARKS_Z = 54

const fade = (hex, opacity) => `rgba(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(",")},${opacity})`

export const titleOf = (mark, table, lang) => {
  const sign = table.get(mark.symbol)
  const name = sign ? (lang === "en" ? sign.en : sign.zh) : mark.symbol
  return mark.label || (mark.subtype ? `${name}·${mark.subtype}` : name)
}

// What stands on the map beside a sign: its own words, else the short label the standard gives it.
export const labelOf = (mark, table, lang) => mark.label || mark.subtype || (lang === "en" ? table.get(mark.symbol)?.en : table.get(mark.symbol)?.label) || mark.symbol

function words(text, {offsetY = 0, dim}) {
  return new Text({text, font: `700 13px ${FONT}`, offsetY, overflow: true, fill: new Fill({color: colour(dim ? "text2" : "text")}), stroke: new Stroke({color: colour("halo"), width: 4})})
}

// A mark that is not (or not yet) part of the map is told by a dotted ring and a word, never by paleness alone.
function standing(mark, geometry, say) {
  if (mark.standing === "kept" && mark.state === "on") return []
  const token = mark.standing === "own" ? "sim" : mark.standing === "shown" ? "warn" : "stale"
  const word = mark.standing === "own" ? say("mark.own") : mark.state === "expired" ? say("mark.expired") : mark.standing === "shown" ? say("mark.shown") : ""
  const at = geometry.getType() === "Point" ? geometry : new Point(middle(geometry))
  return [new Style({geometry: at, zIndex: 5, image: geometry.getType() === "Point" ? new Circle({radius: POINT_PX * 0.78, stroke: new Stroke({color: colour(token), width: 2, lineDash: [3, 4]})}) : undefined,
    text: word ? new Text({text: word, font: `700 12px ${FONT}`, offsetY: geometry.getType() === "Point" ? -34 : -16, fill: new Fill({color: colour(token)}), stroke: new Stroke({color: colour("halo"), width: 4})}) : undefined})]
}

function middle(geometry) {
  if (geometry.getType() === "Polygon") return geometry.getInteriorPoint().getCoordinates().slice(0, 2)
  return geometry.getCoordinateAt(0.5)
}

function wayStyles(mark, geometry, table, resolution, {lit, say, lang}) {
  const sign = table.lines[mark.symbol], ink = table.classes[mark.symbol[0]].ink, area = geometry.getType() === "Polygon"
  if (!sign) return []
  const opacity = (mark.opacity ?? 1) * (mark.state === "expired" ? 0.5 : 1), way = area ? geometry.getCoordinates()[0] : geometry.getCoordinates()
  const width = Math.max(2, sign.width_px) + (lit ? 1.5 : 0), styles = []
  if (sign.width_px || area) {
    styles.push(new Style({zIndex: 1, stroke: new Stroke({color: fade(colour("halo"), 0.75 * opacity), width: width + 3})}))
    styles.push(new Style({zIndex: 2, stroke: new Stroke({color: fade(ink, opacity), width, lineDash: sign.dash.length ? sign.dash : undefined, lineCap: "butt"}), fill: area ? new Fill({color: fade(ink, sign.fill_opacity * opacity)}) : undefined}))
  } else if (lit) styles.push(new Style({zIndex: 1, stroke: new Stroke({color: fade(colour("primary"), 0.5), width: 6})}))
  for (const {ornament, strokes} of ornamentsOn(way, sign, resolution)) {
    if (ornament.closed) styles.push(new Style({zIndex: 3, geometry: new MultiPolygon(strokes.map((one) => [[...one, one[0]]])), stroke: new Stroke({color: fade(ink, opacity), width: ornament.width_px}), fill: new Fill({color: ornament.solid ? fade(ink, opacity) : fade("#FFFFFF", opacity)})}))
    else {
      const lines = new MultiLineString(strokes)
      styles.push(new Style({zIndex: 3, geometry: lines, stroke: new Stroke({color: fade(colour("halo"), 0.7 * opacity), width: ornament.width_px + 2.5})}))
      styles.push(new Style({zIndex: 4, geometry: lines, stroke: new Stroke({color: fade(ink, opacity), width: ornament.width_px})}))
    }
  }
  styles.push(new Style({zIndex: 6, geometry: new Point(middle(geometry)), text: words(labelOf(mark, table, lang), {offsetY: area ? 0 : 22})}))
  return [...styles, ...standing(mark, geometry, say)]
}

function pointStyles(mark, geometry, table, {lit, say, lang}) {
  const letter = mark.symbol[0]
  const image = framedIcon({glyphs: table.glyphs}, {key: `mark-${mark.symbol}`, frame: letter, glyph: mark.symbol}, {size: POINT_PX}).clone()
  image.setRotation(((mark.rotation_deg ?? 0) * Math.PI) / 180)
  image.setOpacity((mark.opacity ?? 1) * (mark.state === "expired" ? 0.5 : 1))
  return [
    ...(lit ? [new Style({zIndex: 1, image: new Circle({radius: POINT_PX * 0.8, fill: new Fill({color: fade(colour("primary"), 0.28)}), stroke: new Stroke({color: colour("primary"), width: 2.5})})})] : []),
    new Style({zIndex: 2, image, text: words(labelOf(mark, table, lang), {offsetY: POINT_PX / 2 + 14, dim: mark.state === "expired"})}),
    ...standing(mark, geometry, say),
  ]
}

export function markLayer(map, table, say, lang = () => "zh") {
  const layer = new VectorLayer({source: new VectorSource(), zIndex: MARKS_Z, updateWhileInteracting: true, updateWhileAnimating: true})
  let lit = null
  layer.setStyle((feature, resolution) => {
    const mark = feature.get("mark"), geometry = feature.getGeometry(), how = {lit: mark.id === lit, say, lang: lang()}
    return geometry.getType() === "Point" ? pointStyles(mark, geometry, table, how) : wayStyles(mark, geometry, table, resolution, how)
  })
  map.addLayer(layer)
  return {
    layer,
    // Features stay the same objects while their mark is there, so that a drag is not torn off by news from elsewhere.
    draw(marks, override = {}, busy = null) {
      const source = layer.getSource(), wanted = new Map(marks.filter((one) => one.state !== "later").map((one) => [one.id, one]))
      for (const feature of source.getFeatures()) if (!wanted.has(feature.getId())) source.removeFeature(feature)
      for (const [id, mark] of wanted) {
        const known = source.getFeatureById(id)
        const feature = known ?? new Feature()
        feature.set("mark", mark)
        if (id !== busy) feature.setGeometry(override[id] ?? readGeometry(mark.geometry))
        if (!known) { feature.setId(id); source.addFeature(feature) }
      }
      layer.changed()
    },
    feature: (id) => layer.getSource().getFeatureById(id),
    at: (pixel) => map.forEachFeatureAtPixel(pixel, (feature) => feature.getId(), {hitTolerance: 5, layerFilter: (one) => one === layer}) ?? null,
    light(id) { if (lit !== id) { lit = id; layer.changed() } },
    lit: () => lit,
    // Boxes of signs and their words, which plates of the incident keep clear of.
    boxes() {
      return layer.getSource().getFeatures().filter((one) => one.getGeometry().getType() === "Point").map((one) => {
        const [x, y] = map.getPixelFromCoordinate(one.getGeometry().getCoordinates()) ?? [-99, -99]
        return {x: x - 40, y: y - POINT_PX / 2 - 4, w: 80, h: POINT_PX + 28}
      })
    },
    restyle: () => layer.changed(),
  }
}
