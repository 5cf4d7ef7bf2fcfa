// How is the ground drawn? From our own vector tiles, in the token colours of the theme; no other host is asked.
import MVT from "ol/format/MVT.js"
import VectorTileLayer from "ol/layer/VectorTile.js"
import VectorTileSource from "ol/source/VectorTile.js"
import {Fill, Stroke, Style, Text} from "ol/style.js"
import {colour, FONT} from "./palette.js"

const MAX_ZOOM = 15

function lineWidth(spec, zoom) {
  const widths = spec.widths
  if (zoom <= widths[0][0]) return widths[0][1]
  for (let i = 1; i < widths.length; i += 1) {
    if (zoom <= widths[i][0]) {
      const [z0, w0] = widths[i - 1], [z1, w1] = widths[i]
      return w0 + ((w1 - w0) * (zoom - z0)) / (z1 - z0)
    }
  }
  return widths[widths.length - 1][1]
}

const paint = (token) => (token === "none" ? null : colour(token))
const kindOf = (feature) => feature.get("kind") ?? feature.get("class")

function areas(styles) {
  const kinds = Object.fromEntries(styles.base_areas.map((spec) => [spec.kind, new Style({
    zIndex: spec.order,
    fill: paint(spec.fill) ? new Fill({color: paint(spec.fill)}) : undefined,
    stroke: paint(spec.line) ? new Stroke({color: paint(spec.line), width: 1, lineDash: spec.dash.length ? spec.dash : undefined}) : undefined,
  })]))
  return (feature) => kinds[kindOf(feature)]
}

function lines(styles) {
  const specs = Object.fromEntries(styles.base_lines.map((spec) => [spec.kind, spec]))
  const kept = new Map()
  return (feature, zoom) => {
    const spec = specs[kindOf(feature)]
    if (!spec || zoom < spec.widths[0][0] - 0.5) return null
    const step = Math.round(zoom * 4) / 4
    const key = `${spec.kind}:${step}`
    if (!kept.has(key)) {
      const width = lineWidth(spec, step), made = []
      if (paint(spec.casing) && spec.casing_px) {
        made.push(new Style({zIndex: 20 + spec.order, stroke: new Stroke({color: paint(spec.casing), width: width + 2 * spec.casing_px, lineCap: "butt"})}))
      } else if (paint(spec.casing)) {
        made.push(new Style({zIndex: 20 + spec.order, stroke: new Stroke({color: paint(spec.colour), width})}))
      }
      made.push(new Style({zIndex: 60 + spec.order, stroke: new Stroke({color: spec.dash.length && paint(spec.casing) ? paint(spec.casing) : paint(spec.colour),
        width: spec.dash.length && paint(spec.casing) ? Math.max(0.6, width - 1.4) : width, lineDash: spec.dash.length ? spec.dash : undefined, lineCap: spec.dash.length ? "butt" : "round"})}))
      kept.set(key, made)
    }
    return kept.get(key)
  }
}

// Names come as points with their own angle and the zooms between which they stand.
function labels(styles) {
  const kept = new Map()
  return (feature, zoom) => {
    const name = feature.get("text"), spec = styles.base_labels[feature.get("kind")]
    if (!name || !spec || zoom < (feature.get("min_zoom") ?? 0) - 0.3 || zoom > (feature.get("max_zoom") ?? 30) + 0.9) return null
    const turn = Math.round(Number(feature.get("angle_deg") ?? 0)), key = `${spec.kind}:${name}:${turn}`
    if (!kept.has(key)) {
      const text = spec.spacing_px >= 4 ? [...name].join(" ") : name
      kept.set(key, new Style({text: new Text({
        text: spec.kind === "peak" ? `▲ ${text}` : text, font: `${spec.bold ? 700 : 400} ${spec.size_px}px ${FONT}`,
        // degrees run counter-clockwise on the ground, radians clockwise on the screen
        rotation: (-turn * Math.PI) / 180,
        fill: new Fill({color: colour(spec.colour)}), stroke: new Stroke({color: colour("halo"), width: 3}), padding: [2, 4, 2, 4],
      })}))
    }
    return kept.get(key)
  }
}

export function baseMap(styles) {
  const source = new VectorTileSource({format: new MVT(), url: "/tiles/base/{z}/{x}/{y}.mvt", maxZoom: MAX_ZOOM, overlaps: false})
  const ground = new VectorTileLayer({source, zIndex: 0, renderMode: "hybrid", renderBuffer: 64, updateWhileInteracting: false})
  // Labels live in a layer of their own on the same source: declutter would otherwise hide lines together with names.
  const names = new VectorTileLayer({source, zIndex: 2, declutter: "map", renderMode: "hybrid", updateWhileInteracting: false})

  function dress(map) {
    const area = areas(styles), line = lines(styles), label = labels(styles)
    const zoomOf = (resolution) => map.getView().getZoomForResolution(resolution) ?? 12
    ground.setStyle((feature, resolution) => {
      const type = feature.getType()
      if (type.includes("Polygon")) return area(feature)
      return type.includes("Line") ? line(feature, zoomOf(resolution)) : null
    })
    names.setStyle((feature, resolution) => (feature.getType() === "Point" ? label(feature, zoomOf(resolution)) : null))
  }

  return {ground, names, source, dress}
}
