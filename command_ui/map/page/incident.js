// How is the assessed incident drawn? Zones in bands, envelope, closed roads, routes with arrows, targets, shelters, the event.
import GeoJSON from "ol/format/GeoJSON.js"
import Feature from "ol/Feature.js"
import Point from "ol/geom/Point.js"
import LineString from "ol/geom/LineString.js"
import MultiPoint from "ol/geom/MultiPoint.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {fromLonLat} from "ol/proj.js"
import {Fill, Stroke, Style, RegularShape} from "ol/style.js"
import {hatch, outline, zoneStyleOf} from "./hatches.js"
import {colour, faded} from "./palette.js"
import {arrowIcon, framedIcon} from "./glyphs.js"

const format = new GeoJSON({dataProjection: "EPSG:4326", featureProjection: "EPSG:3857"})
const read = (geometry) => (geometry ? format.readGeometry(geometry) : null)

// Points every `gap` pixels along a line with the direction there.
export function along(line, gap, resolution, first = gap * 0.6) {
  const points = []
  let wanted = first * resolution, gone = 0
  const coordinates = line.getCoordinates()
  for (let i = 1; i < coordinates.length; i += 1) {
    const [x0, y0] = coordinates[i - 1], [x1, y1] = coordinates[i]
    const length = Math.hypot(x1 - x0, y1 - y0)
    while (length > 0 && gone + length >= wanted) {
      const share = (wanted - gone) / length
      points.push({at: [x0 + share * (x1 - x0), y0 + share * (y1 - y0)], angle: Math.atan2(y0 - y1, x1 - x0)})
      wanted += gap * resolution
    }
    gone += length
  }
  return points
}

const linesOf = (geometry) => (geometry.getType() === "MultiLineString" ? geometry.getLineStrings() : [geometry])

function arrows(geometry, token, resolution, gap) {
  return linesOf(geometry).flatMap((line) => {
    const points = along(line, gap, resolution)
    if (!points.length && line.getLength() / resolution > 16) points.push(...along(line, 1e9, resolution, line.getLength() / resolution / 2))
    return points
  }).map(({at, angle}) => {
    const image = arrowIcon(token, 17, angle)
    return new Style({geometry: new Point(at), image, zIndex: 3})
  })
}

const arrowsEnd = (line, token) => {
  const [from, to] = [line.getFirstCoordinate(), line.getLastCoordinate()]
  return [new Style({geometry: new Point([(from[0] + 2 * to[0]) / 3, (from[1] + 2 * to[1]) / 3]), image: arrowIcon(token, 17, Math.atan2(from[1] - to[1], to[0] - from[0])), zIndex: 3})]
}

// Where nobody chooses how sure the zones are shown, the envelope of the wind stands with them.
export function incidentLayers(map, styles, {envelope = true} = {}) {
  const layer = (zIndex, declutter = false) => new VectorLayer({source: new VectorSource(), zIndex, declutter, updateWhileInteracting: true, updateWhileAnimating: true})
  const layers = {history: layer(10), zones: layer(12), domino: layer(16), closed: layer(20), routes: layer(22), symbols: layer(50, "map")}
  Object.values(layers).forEach((one) => map.addLayer(one))
  let lit = {}

  // While something else is hatched on them (a moment of the cloud, bands of probability) zones stand as outlines only.
  const hushed = new Set()
  layers.zones.setStyle((feature) => {
    const kind = feature.get("kind"), style = zoneStyleOf(styles, feature.get("level"), feature.get("hazard"))
    if (kind === "envelope") return new Style({stroke: new Stroke({color: colour("env"), width: styles.lines.confidence.width_px, lineDash: styles.lines.confidence.dash, lineCap: "round"}), zIndex: 1})
    if (kind === "band") return hushed.size ? null : new Style({fill: new Fill({color: hatch(style)}), zIndex: 2})
    const line = outline(style)
    if (lit.kind === "zone" && lit.id === style.level) line.width += 2
    const drawn = new Stroke(feature.get("review") ? {...line, color: colour("warn")} : line)
    if (!style.double) return new Style({stroke: drawn, zIndex: 3 + style.level})
    return [new Style({stroke: new Stroke({color: drawn.getColor(), width: 6}), zIndex: 3 + style.level}), new Style({stroke: new Stroke({color: colour("halo"), width: 2}), zIndex: 3 + style.level})]
  })
  layers.domino.setStyle((feature) => {
    const token = feature.get("hazard") === "blast" ? "over" : "thermal"
    return [new Style({stroke: new Stroke({color: colour("halo"), width: 5})}), new Style({stroke: new Stroke({color: colour(token), width: 2, lineDash: feature.get("escalates") ? undefined : [3, 5]})}),
      ...(feature.get("escalates") ? arrowsEnd(feature.getGeometry(), token) : [])]
  })
  layers.history.setStyle((feature) => new Style({stroke: new Stroke({color: colour("history"), width: 2, lineDash: {3: undefined, 2: [9, 5], 1: [3, 4]}[feature.get("level")]})}))

  const cross = () => new RegularShape({points: 4, radius: 6, radius2: 0, angle: Math.PI / 4, stroke: new Stroke({color: colour("closed"), width: 2.4})})
  layers.closed.setStyle((feature, resolution) => {
    const geometry = feature.getGeometry()
    // small streets inside the zones would bury its hatch under marks: they get theirs only where the map is near
    if (feature.get("small") && resolution > 3) return new Style({stroke: new Stroke({color: faded("closed", 0.28), width: 1.2})})
    const points = linesOf(geometry).flatMap((line) => along(line, 14, resolution, 7)).map((point) => point.at)
    // one mark at least, so that a short closed arc is still seen when the map is far
    if (!points.length) points.push(linesOf(geometry)[0].getCoordinateAt(0.5))
    return [new Style({stroke: new Stroke({color: faded("closed", 0.35), width: 2})}), new Style({geometry: new MultiPoint(points), image: cross()})]
  })

  layers.routes.setStyle((feature, resolution) => {
    const kind = feature.get("kind"), geometry = feature.getGeometry()
    const token = feature.get("review") ? "warn" : kind === "rescue" ? "rescue" : "evac"
    const mine = lit.kind === feature.get("lights") && lit.id === feature.get("of")
    const dim = lit.kind && !mine && ["route", "shelter"].includes(lit.kind)
    const width = (feature.get("width") ?? 4.5) + (mine ? 2 : 0)
    const stroke = dim ? faded(token, 0.3) : colour(token)
    return [
      new Style({stroke: new Stroke({color: dim ? faded("halo", 0.3) : colour("halo"), width: width + 3, lineCap: "round", lineJoin: "round"}), zIndex: 1}),
      new Style({stroke: new Stroke({color: stroke, width, lineCap: "round", lineJoin: "round", lineDash: feature.get("review") ? [10, 7] : undefined}), zIndex: 2}),
      ...(dim ? [] : arrows(geometry, token, resolution, 92)),
    ]
  })

  layers.symbols.setStyle((feature) => {
    const symbol = styles.symbols[feature.get("symbol")] ?? styles.symbols.school
    const size = feature.get("size")
    return new Style({image: framedIcon(styles, symbol, {size, share: feature.get("share") ?? null, barred: feature.get("barred") ?? false}), zIndex: size ?? 32})
  })

  function add(name, geometry, properties) {
    if (!geometry) return
    const feature = new Feature(geometry)
    feature.setProperties(properties)
    layers[name].getSource().addFeature(feature)
  }

  function draw(scene) {
    Object.values(layers).forEach((one) => one.getSource().clear())
    if (!scene?.incident) return
    const review = Boolean(scene.run?.review)
    for (const old of scene.history ?? []) add("history", read(old.geometry), {level: old.level})
    for (const zone of [...(scene.zones ?? [])].sort((a, b) => a.level - b.level)) {
      add("zones", read(zone.band), {kind: "band", level: zone.level, hazard: zone.kind})
      add("zones", read(zone.geometry), {kind: "outline", level: zone.level, hazard: zone.kind, review: review && scene.run.review !== "roads"})
    }
    if (scene.closed?.minor) add("closed", read(scene.closed.minor), {small: true})
    if (scene.closed?.major) add("closed", read(scene.closed.major), {})
    const most = Math.max(1, ...(scene.evacuation?.moves ?? []).map((move) => move.people))
    for (const move of scene.evacuation?.moves ?? []) {
      add("routes", read(move.geometry), {kind: "evacuation", lights: "shelter", of: move.shelter_id, width: 3.2 + 3.3 * Math.sqrt(move.people / most), review: move.review})
    }
    for (const route of (scene.routes ?? []).filter((one) => one.status === "ok" && one.drawn)) {
      add("routes", read(route.geometry), {kind: "rescue", lights: "route", of: route.id, review: route.review})
    }
    const point = (one) => new Point(fromLonLat([one.longitude, one.latitude]))
    for (const one of scene.exposure?.facilities ?? []) add("symbols", point(one), {symbol: one.kind, size: 28, layer: "protection_target", id: one.id})
    for (const one of scene.evacuation?.shelters ?? []) {
      if (one.shown) add("symbols", point(one), {symbol: "shelter", share: (one.assigned + (one.occupancy ?? 0)) / Math.max(1, one.capacity), barred: one.excluded, layer: "shelter", id: one.id})
    }
    for (const one of (scene.routes ?? []).filter((route) => route.drawn)) {
      if (one.longitude !== undefined) add("symbols", point(one), {symbol: one.kind, layer: "rescue_team", id: one.id})
    }
    if (envelope) for (const one of scene.envelope ?? []) add("zones", read(one.geometry), {kind: "envelope"})
    const source = fromLonLat([scene.incident.longitude, scene.incident.latitude])
    for (const one of scene.domino?.reached ?? []) {
      add("domino", new LineString([source, fromLonLat([one.longitude, one.latitude])]), {hazard: one.kind, escalates: one.escalates})
      add("symbols", point(one), {symbol: "hazard_source", size: one.escalates ? 34 : 28, layer: "hazard_source", id: one.id})
    }
    add("symbols", point(scene.incident), {symbol: "incident", size: 38, layer: "incident", id: scene.incident.id})
  }

  return {
    draw,
    layers,
    restyle: () => Object.values(layers).forEach((one) => one.changed()),
    hush: (why, on) => { hushed[on ? "add" : "delete"](why); layers.zones.changed() },
    light: (what) => { lit = what ?? {}; layers.zones.changed(); layers.routes.changed() },
    extent(kinds = ["zones", "symbols"]) {
      const extents = kinds.map((kind) => layers[kind].getSource().getExtent()).filter((extent) => extent && Number.isFinite(extent[0]))
      return extents.length ? extents.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]) : null
    },
    routeExtent: (id) => layers.routes.getSource().getFeatures().find((feature) => feature.get("of") === id)?.getGeometry().getExtent() ?? null,
  }
}
