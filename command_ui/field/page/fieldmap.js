// Where am I, where is the cloud, which way do I go? A small drawing that needs no tiles and no line.
import {h, s} from "./dom.js"

const EARTH_M_PER_DEG = 111320
const FILL = {3: "var(--om-danger)", 2: "var(--om-warn)", 1: "#b08900"}
const DASH = {3: "", 2: "10 4", 1: "4 3"}

const rings = (geometry) => (geometry?.type === "Polygon" ? [geometry.coordinates] : geometry?.type === "MultiPolygon" ? geometry.coordinates : [])
const lines = (geometry) => (geometry?.type === "LineString" ? [geometry.coordinates] : geometry?.type === "MultiLineString" ? geometry.coordinates : [])

function inRing([x, y], ring) {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i], [xj, yj] = ring[j]
    if ((yi > y) !== (yj > y) && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

// The worst zone a place lies in, or null.
export function zoneAt(incident, at) {
  if (!at) return null
  const place = [at.longitude, at.latitude]
  return [...(incident.zones ?? [])].sort((a, b) => b.level - a.level).find((zone) =>
    rings(zone.geometry).some(([outer, ...holes]) => inRing(place, outer) && !holes.some((hole) => inRing(place, hole)))) ?? null
}

// Metres from one place to another, and into which of eight directions; good to a percent over a city.
export function towards(from, to) {
  const east = (to.longitude - from.longitude) * EARTH_M_PER_DEG * Math.cos((from.latitude * Math.PI) / 180), north = (to.latitude - from.latitude) * EARTH_M_PER_DEG
  return {metres: Math.hypot(east, north), degrees: (Math.atan2(east, north) * 180 / Math.PI + 360) % 360}
}

export function drawing(incident, at, {height = 150, label}) {
  const width = 340
  const scene = [incident.longitude, incident.latitude]
  const way = lines(incident.route?.geometry)
  const shown = [scene, ...way.flat(), ...(at ? [[at.longitude, at.latitude]] : []), ...rings((incident.zones ?? []).find((one) => one.level === 2)?.geometry).flat(2).filter((one) => Array.isArray(one))]
  const xs = shown.map((one) => one[0]), ys = shown.map((one) => one[1])
  const across = Math.cos((scene[1] * Math.PI) / 180)
  const span = Math.max((Math.max(...xs) - Math.min(...xs)) * across / width, (Math.max(...ys) - Math.min(...ys)) / height, 0.004 / height) * 1.25
  const middle = [(Math.max(...xs) + Math.min(...xs)) / 2, (Math.max(...ys) + Math.min(...ys)) / 2]
  const xy = ([x, y]) => [width / 2 + ((x - middle[0]) * across) / span, height / 2 - (y - middle[1]) / span]
  const path = (ring) => `M${ring.map((one) => xy(one).map((value) => value.toFixed(1)).join(" ")).join("L")}`
  const [cx, cy] = xy(scene)
  const view = s("svg", {viewBox: `0 0 ${width} ${height}`, class: "drawing", role: "img", "aria-label": label, preserveAspectRatio: "xMidYMid slice"},
    (incident.zones ?? []).map((zone) => s("path", {d: rings(zone.geometry).map((polygon) => polygon.map((ring) => `${path(ring)}Z`).join("")).join(""), fill: FILL[zone.level], "fill-opacity": 0.12 + 0.06 * zone.level, stroke: FILL[zone.level], "stroke-width": 2, "stroke-dasharray": DASH[zone.level], "fill-rule": "evenodd"})),
    way.map((line) => [s("path", {d: path(line), fill: "none", stroke: "var(--om-surface)", "stroke-width": 8, "stroke-linejoin": "round"}), s("path", {d: path(line), fill: "none", stroke: "var(--om-rescue)", "stroke-width": 5, "stroke-linejoin": "round"})]),
    s("circle", {cx, cy, r: 13, fill: "var(--om-surface)", stroke: "var(--om-danger)", "stroke-width": 3}), s("path", {d: `M${cx - 6} ${cy - 6}l12 12M${cx + 6} ${cy - 6}l-12 12`, stroke: "var(--om-danger)", "stroke-width": 3}),
    at ? (([x, y]) => s("circle", {cx: x, cy: y, r: 8, fill: "var(--om-primaryFill)", stroke: "var(--om-surface)", "stroke-width": 3}))(xy([at.longitude, at.latitude])) : null)
  return h("div", {class: "map"}, view)
}
