// What do the labels on the map say, and how are they drawn? Plates with a coloured spine and a leader line, in one SVG.
import {fromLonLat} from "ol/proj.js"
import {s} from "./dom.js"
import {leaderEnd, placeLabels} from "./placement.js"
import {fireToken} from "./hatches.js"
import {colour, FONT} from "./palette.js"
import {along} from "./incident.js"
import {figure, minutes, stamp, time, unit, whole, distance, zoneText} from "./format.js"

const PLATE = 42
const pen = document.createElement("canvas").getContext("2d")
function width(text, bold) {
  pen.font = `${bold ? 700 : 400} 12px ${FONT}`
  return pen.measureText(text).width
}

// The labels of a scene: where they point, what they say, how much they matter.
export function labelsOf(scene, say, sayOr) {
  if (!scene?.incident) return []
  const labels = [], one = scene.incident, bands = Object.fromEntries((scene.exposure?.bands ?? []).map((band) => [band.level, band]))
  const inUse = scene.exposure?.day === false ? "night" : "day"
  labels.push({id: "incident", at: [one.longitude, one.latitude], lines: [one.place || one.title], bare: true, beside: true, gap: 26, priority: 100, token: "danger"})
  for (const zone of scene.zones ?? []) {
    const people = bands[zone.level]
    labels.push({id: `zone-${zone.level}`, at: zone.label_at, priority: 90 + zone.level, token: fireToken(zone.kind) ?? `z${zone.level}l`, away: zone.away, farthest: 240,
      lines: [zone.averaging_s && !fireToken(zone.kind) ? zoneText(zone).replace("·", `·${averaged(zone.averaging_s)}·`) : zoneText(zone),
        [distance(zone.reach_m), people ? say("label.people", {people: whole(people[inUse])}) : null].filter(Boolean).join("·")]})
  }
  for (const place of scene.doubts ? [] : (scene.envelope ?? [])) {
    if (place.label_at) labels.push({id: "envelope", at: place.label_at, lines: [say("label.envelope", {value: place.confidence ? `P${Math.round(place.confidence * 100)}` : ""})], bare: true, beside: true, priority: 79, token: "env", gap: 8})
  }
  for (const [index, one] of (scene.doubts ?? []).entries()) {
    labels.push({id: `doubt-${index}`, at: one.at, lines: [one.text], bare: true, beside: true, priority: 79 - index, token: "env", gap: 8})
  }
  for (const place of scene.domino?.reached ?? []) {
    const soon = place.escalates ? (place.kind === "blast" ? say("label.domino.blast") : say("label.domino.heat", {minutes: minutes(place.after_s)})) : say("label.domino.below")
    labels.push({id: `domino-${place.id}`, at: [place.longitude, place.latitude], beside: true, gap: 20, priority: place.escalates ? 88 : 62, token: place.kind === "blast" ? "over" : "thermal",
      lines: [place.name, `${figure(place.value)} ${unit(place.unit)}·${soon}`]})
  }
  for (const old of (scene.history ?? []).filter((zone) => zone.label_at)) {
    labels.push({id: `history-${old.run}`, at: old.label_at, lines: [say("history.label", {run: old.run, time: stamp(old.at)})], bare: true, beside: true, priority: 84, token: "history", gap: 6})
  }
  for (const place of (scene.exposure?.facilities ?? []).slice(0, 14)) {
    labels.push({id: `facility-${place.id}`, at: [place.longitude, place.latitude], bare: true, beside: true, nearby: true, gap: 19, priority: (place.level >= 2 ? 80 : 69) + place.level - (place.arrival_s ?? 0) / 1e5, token: "text",
      lines: [`${place.name} ${say("label.people", {people: whole(place.people)})}`, place.arrival_at ? say("label.arrival", {time: time(place.arrival_at, false)}) : ""]})
  }
  for (const place of (scene.evacuation?.shelters ?? []).filter((shelter) => shelter.shown)) {
    const share = Math.round((100 * (place.assigned + (place.occupancy ?? 0))) / Math.max(1, place.capacity))
    labels.push({id: `shelter-${place.id}`, at: [place.longitude, place.latitude], beside: true, gap: 22, priority: place.excluded ? 50 : 66 + Math.min(8, place.assigned / 1000), token: place.excluded ? "danger" : share >= 100 ? "warn" : "ok",
      lines: place.excluded ? [say("label.shelter_out", {name: place.name}), sayOr(`shelter.reason.${place.reason}`, say("shelter.excluded"))]
        : [`${place.name} ${share}%`, say("label.places", {assigned: whole(place.assigned), capacity: whole(place.capacity)})]})
  }
  for (const route of (scene.routes ?? []).filter((item) => item.drawn && item.status === "ok")) {
    labels.push({id: `route-${route.id}`, at: [route.longitude, route.latitude], beside: true, gap: 22, priority: 74 - route.rank * 3, token: route.review ? "warn" : "rescue",
      lines: [say("label.rescue", {rank: circled(route.rank), name: route.name}), `${minutes(route.travel_time_s)} ${say("unit.minutes")}·${distance(route.length_m)}`]})
  }
  for (const flow of scene.evacuation?.flows ?? []) {
    labels.push({id: `flow-${flow.shelter_id}`, at: flow.label_at, priority: flow.rank <= 2 ? 73 - flow.rank : 58 - flow.rank * 3, token: flow.review ? "warn" : "evac",
      lines: [say("label.evacuation", {rank: circled(flow.rank), name: flow.name}), `${say("label.people", {people: whole(flow.people)})}·${minutes(flow.travel_time_s)} ${say("unit.minutes")}`]})
  }
  if (scene.closed?.label_at) {
    labels.push({id: "closed", at: scene.closed.label_at, priority: 45, token: "closed", lines: [scene.closed.name ? say("label.closed.named", {name: scene.closed.name, count: scene.closed.count}) : say("label.closed", {count: scene.closed.count}), say(scene.domino ? "label.closed.fire" : "label.closed.reason")]})
  }
  return labels
}

const averaged = (seconds) => (seconds < 60 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`)

const circled = (rank) => (rank >= 1 && rank <= 20 ? String.fromCodePoint(0x245f + rank) : `${rank}`)

export function callouts(map, incident) {
  const overlay = s("svg", {class: "callouts", "aria-hidden": "true"})
  let labels = [], placed = new Map(), barriers = () => [], centre = null

  const pixel = (lonlat) => {
    const at = map.getPixelFromCoordinate(fromLonLat(lonlat))
    return at ? {x: at[0], y: at[1]} : null
  }

  function measured() {
    const [w, h] = map.getSize() ?? [0, 0]
    return labels.map((label) => {
      const at = label.at ? pixel(label.at) : null
      if (!at || at.x < -20 || at.y < -20 || at.x > w + 20 || at.y > h + 20) return null
      const lines = label.lines.filter(Boolean)
      const widest = Math.max(...lines.map((line, index) => width(line, index === 0)))
      const h2 = label.bare ? 16 * lines.length + 2 : lines.length > 1 ? PLATE : 26
      return {...label, lines, x: at.x, y: at.y, w: Math.ceil(widest) + (label.bare ? 2 : 20), h: h2}
    }).filter(Boolean)
  }

  function routePoints() {
    const resolution = map.getView().getResolution(), points = []
    for (const feature of incident.layers.routes.getSource().getFeatures()) {
      const geometry = feature.getGeometry()
      const lines = geometry.getType() === "MultiLineString" ? geometry.getLineStrings() : [geometry]
      for (const line of lines) for (const {at} of along(line, 16, resolution, 4)) {
        const [x, y] = map.getPixelFromCoordinate(at) ?? [-1, -1]
        points.push({x, y, weight: 5})
      }
    }
    return points.slice(0, 3000)
  }

  function symbolBoxes() {
    return incident.layers.symbols.getSource().getFeatures().map((feature) => {
      const [x, y] = map.getPixelFromCoordinate(feature.getGeometry().getCoordinates()) ?? [-99, -99]
      const side = (feature.get("size") ?? 32) + 4
      return {x: x - side / 2, y: y - side / 2, w: side, h: side}
    })
  }

  function arrange() {
    const size = map.getSize()
    if (!size || !map.getView().getResolution()) return
    // A map full of plates is read by nobody: about one plate for each patch of 200 by 220 px, the weightiest first.
    const room = Math.max(8, Math.round((size[0] * size[1]) / 44000))
    const wanted = measured().sort((a, b) => b.priority - a.priority).slice(0, room)
    placed = placeLabels(wanted, {x: 0, y: 0, w: size[0], h: size[1]}, [...barriers(), ...symbolBoxes()], routePoints())
    centre = map.getView().getCenter()
    overlay.setAttribute("width", size[0])
    overlay.setAttribute("height", size[1])
    overlay.style.transform = ""
    const shown = wanted.filter((label) => placed.has(label.id)).map((label) => draw(label, placed.get(label.id)))
    // every leader lies below every plate, so that no line crosses a text
    overlay.replaceChildren(...shown.flatMap(([leader]) => (leader ? [leader] : [])), ...shown.flatMap(([, ...plate]) => plate))
  }

  function draw(label, place) {
    const end = leaderEnd(place, label), far = Math.hypot(end.x - label.x, end.y - label.y) > (label.gap ?? 0) + 8
    const ink = colour(label.token)
    const leader = far ? s("path", {d: `M${label.x} ${label.y}L${end.x} ${end.y}`, stroke: ink, "stroke-width": 1.2}) : null
    const text = (line, index, x, y, anchor) => s("text", {x, y, "font-size": 12, "font-family": FONT, "font-weight": index === 0 ? 700 : 400, "text-anchor": anchor,
      fill: colour(label.bare && label.token === "env" ? "env" : index === 0 ? "text" : "text2"),
      ...(label.bare ? {stroke: colour("halo"), "stroke-width": 4, "paint-order": "stroke", "stroke-linejoin": "round"} : {})}, line)
    if (label.bare) {
      const left = place.x + place.w <= label.x
      // Names of the map may lie below: a breath of ground keeps the two apart.
      const ground = s("path", {d: `M${place.x - 3} ${place.y - 1}h${place.w + 6}v${place.h + 2}h${-place.w - 6}z`, fill: colour("halo"), "fill-opacity": 0.78})
      return [leader, ground, ...label.lines.map((line, index) => text(line, index, left ? place.x + place.w : place.x, place.y + 13 + 16 * index, left ? "end" : "start"))]
    }
    return [leader,
      s("rect", {x: place.x, y: place.y, width: place.w, height: place.h, rx: 4, fill: colour("surface"), "fill-opacity": 0.95, stroke: ink, "stroke-width": 1}),
      s("rect", {x: place.x, y: place.y, width: 4, height: place.h, rx: 2, fill: ink}),
      ...label.lines.map((line, index) => text(line, index, place.x + 10, place.y + (label.lines.length > 1 ? 16.5 + 18 * index : 17.5), "start"))]
  }

  // While the map is dragged the labels go with it; they are arranged anew when it rests.
  function follow() {
    if (!centre) return
    const a = map.getPixelFromCoordinate(centre), size = map.getSize()
    if (a && size) overlay.style.transform = `translate(${a[0] - size[0] / 2}px, ${a[1] - size[1] / 2}px)`
  }

  map.on("moveend", arrange)
  map.on("postrender", follow)
  const zooming = () => map.getView().on("change:resolution", () => { overlay.style.opacity = 0 })
  map.on("change:view", zooming)
  zooming()
  map.on("moveend", () => { overlay.style.opacity = 1 })
  return {
    overlay, arrange,
    set(next) { labels = next; arrange() },
    avoid(boxes) { barriers = boxes },
  }
}
