// How are surfaces and lines of the business layers drawn? Each by what it says: people, risk, flow; else a quiet outline.
import Point from "ol/geom/Point.js"
import {Fill, Stroke, Style, Text} from "ol/style.js"
import {h} from "./dom.js"
import {arrowIcon, riskPicture} from "./glyphs.js"
import {hatch} from "./hatches.js"
import {colour, faded, FONT} from "./palette.js"

// 3×10⁻⁵, as a risk is written.
export function power(value, digits = 0) {
  const [mantissa, exponent] = Number(value).toExponential(digits).split("e")
  return `${mantissa}×10${[...String(Number(exponent))].map((one) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(one)]).join("")}`
}

const outline = () => new Style({stroke: new Stroke({color: colour("borderStrong"), width: 1.4, lineDash: [8, 5]}), fill: new Fill({color: faded("mPark", 0.18)})})

function people({people_shades: shades}) {
  const kept = shades.map(([, opacity]) => new Style({fill: new Fill({color: faded("over", opacity)})}))
  return (feature) => kept[shades.findIndex(([limit]) => Number(feature.get("day") ?? 0) <= limit)]
}

// Four colours at 20 %, and the word stands in the card that a click opens.
function colours(styles) {
  const kept = Object.fromEntries(Object.entries(styles.risk).map(([level, token]) => [level, new Style({stroke: new Stroke({color: faded(token, styles.risk_edge_opacity), width: 1.2}), fill: new Fill({color: faded(token, styles.risk_area_opacity)})})]))
  const {nothing, unseen} = styles.risk_blanks
  const edge = (one) => new Stroke({color: faded(one.line, one.line_opacity), width: one.line_width_px})
  const none = new Style({stroke: edge(nothing), fill: new Fill({color: faded(nothing.fill, nothing.fill_opacity)})})
  // Upon everything else: what is seen of a neighbour's township is not the whole of it.
  const closed = new Style({zIndex: 3, stroke: edge(unseen), fill: new Fill({color: hatch(unseen)})})
  return (feature) => feature.get("unseen") ? closed : kept[String(feature.get("risk_level"))] ?? none
}

function contours({risk_contours: steps}) {
  const kept = new Map(steps.map(([least, token, opacity]) => [least, new Style({zIndex: -Math.log10(least) < 6 ? 2 : 1, stroke: new Stroke({color: colour(token), width: 1.8}), fill: new Fill({color: faded(token, opacity)})})]))
  return (feature) => kept.get(steps.find(([least]) => Number(feature.get("frequency_per_year")) >= least * 0.999)?.[0])
}

// A consignment is an arrow from the sender to the taker, as wide as it is heavy.
function flow() {
  return (feature, resolution) => {
    const mass = Number(feature.get("quantity_t") ?? 0), width = 1.2 + Math.min(3, Math.log10(1 + mass))
    const ends = feature.getFlatCoordinates?.() ?? []
    const styles = [new Style({stroke: new Stroke({color: faded("primary", 0.85), width})})]
    if (ends.length >= 4) {
      const [x0, y0, x1, y1] = [ends[0], ends[1], ends[ends.length - 2], ends[ends.length - 1]]
      const image = arrowIcon("primary", 13, -Math.atan2(y1 - y0, x1 - x0))
      styles.push(new Style({geometry: new Point([x0 + (x1 - x0) * 0.6, y0 + (y1 - y0) * 0.6]), image,
        text: resolution < 12 ? new Text({text: `${feature.get("substance")} ${mass} t`, font: `400 12px ${FONT}`, offsetY: -12, fill: new Fill({color: colour("text")}), stroke: new Stroke({color: colour("halo"), width: 3.5})}) : undefined}))
    }
    return styles
  }
}

export function areaStyle(spec, styles) {
  if (spec.key === "population_cell") return people(styles)
  if (spec.key === "risk_contour") return contours(styles)
  if (spec.key.startsWith("risk_")) return colours(styles)
  if (spec.key === "chemical_flow") return flow()
  const style = outline()
  return () => style
}

export function blankSwatch(style) {
  const strokes = style.hatch === "none" ? "" : `repeating-linear-gradient(45deg, ${faded(style.fill, Math.min(1, style.hatch_opacity * 1.6))} 0 ${style.hatch_width_px}px, transparent ${style.hatch_width_px}px 5px), `
  return h("i", {class: "area-swatch", style: {display: "inline-block", width: "28px", height: "14px", "border-radius": "2px", border: `1px solid ${faded(style.line, style.line_opacity)}`, background: `${strokes}${faded(style.fill, style.fill_opacity)}`}})
}

const swatch = (token, opacity) => h("i", {class: "area-swatch", style: {display: "inline-block", width: "28px", height: "14px", "border-radius": "2px", border: `1.5px solid ${colour(token)}`, background: faded(token, opacity)}})

// What the legend says of these layers: the same colours and steps as on the map.
export function areaLegend(layer, styles, say) {
  if (layer.key === "risk_contour") return styles.risk_contours.map(([least, token, opacity]) => [swatch(token, opacity), say("risk.contour", {value: power(least)})])
  if (layer.key === "risk_unit") return Object.keys(styles.risk).map((level) => [h("span", {class: "legend-symbol"}, riskPicture(styles, level)), say("risk.unit.level", {level: say(`risk.level.${level}`)})])
  if (layer.key === "four_colour") return Object.entries(styles.risk).map(([level, token]) => [swatch(token, 1), say("risk.firm.level", {level: say(`risk.word.${level}`)})])
  if (layer.key.startsWith("risk_")) {
    const {nothing, unseen} = styles.risk_blanks
    return [...Object.entries(styles.risk).map(([level, token]) => [swatch(token, styles.risk_area_opacity), `${say(`risk.level.${level}`)}`]),
      [blankSwatch(layer.key === "risk_grid" ? {...nothing, fill_opacity: 0} : nothing), say(`risk.legend.nothing.${layer.key}`)],
      ...(layer.unseen ? [[blankSwatch(unseen), say("risk.legend.unseen")]] : [])]
  }
  if (layer.key === "chemical_flow") return [[swatch("primary", 0.9), say("risk.flow")]]
  return []
}
