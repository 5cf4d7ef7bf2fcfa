// How are the business layers drawn? As vector tiles: framed symbols near, small marks and counted clusters far.
import MVT from "ol/format/MVT.js"
import VectorTileLayer from "ol/layer/VectorTile.js"
import VectorTileSource from "ol/source/VectorTile.js"
import {createXYZ} from "ol/tilegrid.js"
import {Fill, Stroke, Style, Text} from "ol/style.js"
import {clusterIcon, framedIcon, riskIcon, smallIcon} from "./glyphs.js"
import {colour, FONT} from "./palette.js"
import {areaStyle} from "./areas.js"

const MAX_ZOOM = 15
// What must be seen first lies on top: alarms, then hazard sources, then other framed symbols, then bare marks.
// A unit's risk stands upon the sign of the same unit, or it could be neither seen nor clicked.
const rank = (symbol, key) => ({risk_unit: 43}[key] ?? {alarm: 44, hazard_source: 42}[symbol.key] ?? (symbol.frame === "none" ? 34 : 38))
const NEAR_ZOOM = 14
const CLUSTER_PX = 16384
const CLICKED = new Set(["risk_grid", "risk_township", "risk_contour", "chemical_flow"])
// Surfaces some of which the reader may not see: hatched.
const HATCHED = new Set(["risk_grid", "risk_township"])
// The server keeps one point in each 1/256 of a tile and counts the rest. A tile drawn 16 384 px wide therefore gives counted
// clusters 64 px apart; from NEAR_ZOOM on ordinary tiles show every point.

// `known` gives the moment whose layers are drawn, an ISO time; nothing draws what stands now.
export function businessLayers(map, styles, isInScene, known = () => "") {
  const made = new Map()
  const filters = new Map()
  function address(key) {
    const asked = new URLSearchParams((filters.get(key) ?? []).map((one) => ["only", one]))
    if (known()) asked.set("known_at", known())
    return `/tiles/${key}/{z}/{x}/{y}.mvt${asked.size ? `?${asked}` : ""}`
  }
  let quiet = false
  const strength = (state, layer) => state.opacity * (quiet ? (layer === state.clusters ? 0.5 : 0.7) : 1)
  const zoomOf = (resolution) => map.getView().getZoomForResolution(resolution) ?? 12

  function symbolOf(spec, feature) {
    const kind = spec.symbol_column ? feature.get(spec.symbol_column) : null
    return styles.symbols[spec.symbol_of?.[kind] ?? kind] ?? styles.symbols[spec.symbol] ?? styles.symbols.enterprise
  }

  function fillOf(spec, feature, symbol) {
    const risk = feature.get("risk_level")
    if (spec.key === "four_colour" && risk) return styles.risk[String(risk)] ?? symbol.fill
    const status = feature.get("status")
    return styles.status[status] && symbol.frame === "none" ? styles.status[status] : symbol.fill
  }

  function pointStyle(spec, kept) {
    return (feature, resolution) => {
      const count = Number(feature.get("count") ?? 1), zoom = zoomOf(resolution), symbol = symbolOf(spec, feature)
      if (count <= 1 && isInScene(spec.key, String(feature.get("id")))) return null
      const near = zoom >= symbol.frame_zoom && symbol.frame !== "none", fill = fillOf(spec, feature, symbol)
      const level = spec.key === "risk_unit" && count <= 1 ? Number(feature.get("risk_level") ?? 0) : 0
      const key = `${symbol.key}:${count > 1 ? count : ""}:${near}:${fill}:${level}`
      if (!kept.has(key)) {
        kept.set(key, new Style({zIndex: count > 1 ? 1 : 2, image: count > 1 ? clusterIcon(symbol, count) : level ? riskIcon(styles, level) : near ? framedIcon(styles, symbol) : smallIcon(styles, symbol, fill)}))
      }
      return kept.get(key)
    }
  }

  function nameStyle(spec, kept) {
    return (feature, resolution) => {
      const name = feature.get("name"), count = Number(feature.get("count") ?? 1)
      // over an assessed incident the names of its own places come first; the others wait for a nearer look
      if (!name || count > 1 || zoomOf(resolution) < spec.label_zoom + (quiet ? 1.2 : 0) || isInScene(spec.key, String(feature.get("id")))) return null
      if (!kept.has(name)) {
        kept.set(name, new Style({text: new Text({text: name, font: `400 12px ${FONT}`, offsetX: 22, textAlign: "left",
          fill: new Fill({color: colour("text")}), stroke: new Stroke({color: colour("halo"), width: 3.5})})}))
      }
      return kept.get(name)
    }
  }

  function create(spec, order) {
    const url = address(spec.key), point = spec.geometry === "point", format = () => new MVT({idProperty: "id"})
    const source = new VectorTileSource({format: format(), url, maxZoom: MAX_ZOOM})
    const common = {zIndex: point ? rank(styles.symbols[spec.symbol] ?? styles.symbols.enterprise, spec.key) - order * 0.01 : 4, renderBuffer: 64, properties: {spec: spec.key}, updateWhileInteracting: false, declutter: point ? "map" : false}
    // Drawn anew at every scale where there is a hatch: a picture of it would be stretched.
    const symbols = new VectorTileLayer({...common, ...(HATCHED.has(spec.key) ? {renderMode: "vector"} : {}), source, minZoom: point ? NEAR_ZOOM - 0.001 : Math.max(0, (spec.min_zoom ?? 0) - 0.01)})
    const names = point ? new VectorTileLayer({source, zIndex: 30, declutter: "map", minZoom: Math.max(NEAR_ZOOM, spec.label_zoom) - 0.001, updateWhileInteracting: false}) : null
    const clusters = point ? new VectorTileLayer({...common, renderMode: "vector", minZoom: (spec.min_zoom ?? 0) - 0.01, maxZoom: NEAR_ZOOM - 0.001,
      source: new VectorTileSource({format: format(), url, tileGrid: createXYZ({maxZoom: NEAR_ZOOM - 6, tileSize: CLUSTER_PX})})}) : null
    const state = {spec, symbols, names, clusters, layers: [clusters, symbols, names].filter(Boolean), opacity: 1, failed: false}
    for (const layer of state.layers) {
      map.addLayer(layer)
      layer.getSource().on("tileloaderror", () => { state.failed = true })
    }
    dress(state)
    return state
  }

  function dress(state) {
    const {spec} = state
    const style = spec.geometry === "point" ? pointStyle(spec, new Map()) : areaStyle(spec, styles)
    state.symbols.setStyle(style)
    state.clusters?.setStyle(style)
    state.names?.setStyle(nameStyle(spec, new Map()))
  }

  return {
    show(spec, visible, opacity, order, only = []) {
      let state = made.get(spec.key)
      const before = address(spec.key)
      filters.set(spec.key, only)
      if (state && address(spec.key) !== before) state.layers.forEach((layer) => layer.getSource().setUrl(address(spec.key)))
      if (!state && !visible) return
      if (!state) made.set(spec.key, state = create(spec, order))
      state.opacity = opacity
      for (const layer of state.layers) {
        layer.setVisible(visible)
        layer.setOpacity(strength(state, layer))
      }
    },
    restyle: () => made.forEach(dress),
    // While an assessed incident is shown, what is far from it steps back.
    recede(now) {
      quiet = now
      made.forEach((state) => state.layers.forEach((layer) => { layer.setOpacity(strength(state, layer)); layer.changed() }))
    },
    refresh: (key) => made.get(key)?.layers.slice(0, 2).forEach((layer) => layer.getSource().refresh()),
    // Another moment is looked at: its tiles take the place of those drawn.
    rewind: () => made.forEach((state, key) => state.layers.forEach((layer) => layer.getSource().setUrl(address(key)))),
    failed: (key) => made.get(key)?.failed ?? false,
    specOf: (layer) => [...made.values()].find((state) => state.symbols === layer || state.clusters === layer)?.spec ?? null,
    // What opens a card when it is clicked: points, and surfaces that stand for a value.
    isPoints: (layer) => [...made.values()].some((state) => CLICKED.has(state.spec.key) && state.symbols === layer) || [...made.values()].some((state) => state.spec.geometry === "point" && (state.symbols === layer || state.clusters === layer)),
  }
}
