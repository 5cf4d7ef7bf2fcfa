// What threatens this place? A click with the tool on asks; the answer stands in a card beside the point, with its course.
import Feature from "ol/Feature.js"
import Point from "ol/geom/Point.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {fromLonLat} from "ol/proj.js"
import {Circle, Fill, Stroke, Style} from "ol/style.js"
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {colour} from "./palette.js"
import {courseChart, heatChart} from "./course.js"
import {distance, figure, place as written, stamp, time, unit, whole, zoneText} from "./format.js"

const GAP = 18, EDGE = 64

export function threatTool(map, model, say) {
  const source = new VectorSource()
  const ring = (radius, token, width) => new Style({image: new Circle({radius, stroke: new Stroke({color: colour(token), width}), fill: new Fill({color: "rgba(0,0,0,0)"})})})
  map.addLayer(new VectorLayer({source, zIndex: 61, style: () => [ring(8, "halo", 6), ring(8, "primary", 2.5), ring(1.5, "primary", 2.5)]}))
  const node = h("div", {class: "float threat", role: "dialog", "aria-live": "polite", hidden: true})
  const hint = h("div", {class: "float pick-hint", hidden: true})
  let on = false, at = null, seq = 0, answer = null, run = null, chart = "ppm"

  function close() {
    at = answer = null
    node.hidden = true
    source.clear()
  }

  function end() {
    on = false
    close()
    draw()
  }

  function ask(lonlat) {
    if (!model.scene?.run) return
    at = lonlat
    answer = null
    run = model.scene.run.id
    source.clear()
    source.addFeature(new Feature(new Point(fromLonLat(at))))
    seq += 1
    model.send_msg({kind: "threat", seq, longitude: at[0], latitude: at[1]})
    draw()
    makeRoom()
  }

  function take(message) {
    if (message.seq !== seq || !at) return
    answer = message
    draw()
  }

  const percent = (share) => (share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`)
  const load = (value) => (value >= 1000 ? whole(Number(value.toPrecision(2))) : figure(value, 2))
  const clock = (found, seconds) => new Date(new Date(found.occurred_at).getTime() + seconds * 1000)
  const when = (found, seconds) => (seconds === null || seconds === undefined ? "—" : `${time(clock(found, seconds))} · T+${Math.round(seconds / 60)} min`)

  function sentence(found, level) {
    const fire = !("peak_outdoor_ppm" in found.numbers)
    if (fire) return level ? [say("threat.say.fire_in", {level: unit(level.name)}), "dg"] : [say("threat.say.fire_out"), "okc"]
    if (found.negligible) return [say("threat.say.none"), "okc"]
    if (found.departure_s !== null && found.warned_at_s >= found.departure_s) return [say("threat.say.passed"), "wn"]
    if (!level) return [say("threat.say.below"), "okc"]
    const choice = found.advice?.choice ?? "alike"
    return [say(`threat.say.${choice}`), choice === "leave" ? "dg" : "wn"]
  }

  function facts(found, level) {
    const one = found.numbers, rows = [], fact = (code, value) => rows.push(h("span", {class: "t3"}, say(code)), h("span", {}, value))
    fact("threat.distance", distance(found.distance_m))
    if (found.negligible) return rows
    if (one.peak_outdoor_ppm > 0) {
      fact("threat.arrival", when(found, found.arrival_s))
      fact("threat.departure", when(found, found.departure_s))
    }
    if (level || one.peak_outdoor_ppm > 0) {
      rows.push(h("span", {class: "t3"}, say("threat.level")), level ? h("b", {style: {color: `var(--om-${{"kW/m2": "thermal", kPa: "over"}[level.unit] ?? `z${level.level}t`})`}}, zoneText({name: level.name, threshold: level.value, unit: level.unit})) : h("span", {}, say("threat.level.none")))
    }
    if (one.peak_outdoor_ppm > 0) fact("threat.peak", h("b", {}, `${figure(one.peak_outdoor_ppm)} ppm`))
    if (one.peak_indoor_ppm !== undefined) fact("threat.indoor", h("b", {}, `${figure(one.peak_indoor_ppm)} ppm`))
    if (one.load_outdoor !== undefined) fact("threat.load", say("threat.load.value", {outdoor: load(one.load_outdoor), indoor: load(one.load_indoor)}))
    if (one.fatality_outdoor !== undefined) fact("threat.fatality", say("threat.fatality.value", {outdoor: percent(one.fatality_outdoor), indoor: percent(one.fatality_indoor)}))
    if (found.advice?.ventilate_at_s) fact("threat.air", say("threat.after", {time: time(clock(found, found.advice.ventilate_at_s))}))
    if (one.heat_flux_kw_m2 !== undefined) fact("threat.heat", `${figure(one.heat_flux_kw_m2)} kW/m²`)
    if (one.overpressure_kpa !== undefined) fact("threat.pressure", `${figure(one.overpressure_kpa)} kPa`)
    if (one.fatality !== undefined) fact("threat.fatality", one.exposed_s ? say("threat.fatality.exposed", {value: percent(one.fatality), seconds: Math.round(one.exposed_s)}) : percent(one.fatality))
    return rows
  }

  function body() {
    if (!answer) return h("div", {class: "sentence s12"}, say("threat.busy"))
    if (answer.reason) return h("div", {class: "sentence danger"}, say("threat.failed", {reason: answer.reason}))
    const found = answer.threat
    if (!found) return h("div", {class: "sentence"}, say("threat.no_run"))
    const level = found.levels.find((one) => one.level === found.reached) ?? null
    const [words, tone] = sentence(found, level), house = found.numbers.air_changes_per_h
    return [h("div", {class: `threat-say ${tone}`}, words),
      h("div", {class: "facts-list"}, facts(found, level)),
      found.course.time_s.length && !found.negligible ? [h("div", {class: "segments"}, ["ppm", "dose"].map((name) =>
        button({class: `segment${chart === name ? " on" : ""}`, "aria-pressed": String(chart === name), onclick: () => { chart = name; draw() }}, say(`threat.chart.${name}`)))), courseChart(found, say, chart)] : null,
      found.course.fatality?.length ? heatChart(found, say) : null,
      h("div", {class: "t3 s12 threat-foot"}, [say("threat.model"), `${model.scene?.run?.short ?? ""} ${stamp(model.scene?.run?.at)}`, house ? say("threat.house", {value: figure(house, 2)}) : null,
        found.notes.includes("unverified_probit") ? say("threat.probit") : null].filter(Boolean).join(" · "))]
  }

  function draw() {
    hint.hidden = !on || at !== null
    renew(hint, icon("toxic", 16), say(model.scene?.run ? "threat.pick" : "threat.no_run"))
    node.hidden = !at
    if (!at) return
    renew(node, h("div", {class: "h"}, icon("toxic"), say("threat.title"), h("span", {class: "t3 s12 plain cut"}, written(...at)), h("span", {class: "sp"}),
      button({class: "ib small", "aria-label": say("common.close"), onclick: end}, icon("cross", 16))), h("div", {class: "threat-body"}, body()))
    follow()
  }

  // Where the card fits on neither side of the point, the map moves by what is missing: the point stays in sight.
  function makeRoom() {
    const pixel = map.getPixelFromCoordinate(fromLonLat(at)), size = map.getSize(), view = map.getView()
    if (!pixel || !size) return
    const missing_east = pixel[0] + GAP + node.offsetWidth - (size[0] - EDGE), missing_west = 8 - (pixel[0] - GAP - node.offsetWidth)
    if (missing_east <= 0 || missing_west <= 0) return
    const [x, y] = view.getCenter(), shift = missing_east < missing_west ? missing_east + 1 : -missing_west - 1
    view.animate({center: [x + shift * view.getResolution(), y], duration: 250})
  }

  // Beside the point, on the side with room, and never outside the map.
  function follow() {
    if (node.hidden || !at) return
    const pixel = map.getPixelFromCoordinate(fromLonLat(at)), size = map.getSize()
    if (!pixel || !size) return
    const width = node.offsetWidth, height = node.offsetHeight
    // Where both sides have room, the side the cloud does not drift to.
    const east = pixel[0] + GAP + width <= size[0] - EDGE, west = pixel[0] - GAP - width >= 8
    const drifts_east = Math.sin(((model.scene?.incident?.weather?.wind_from_deg ?? 0) + 180) * Math.PI / 180) > 0
    const left = east && !(west && drifts_east) ? pixel[0] + GAP : Math.max(8, pixel[0] - GAP - width)
    node.style.left = `${Math.min(left, Math.max(8, size[0] - width - 8))}px`
    node.style.top = `${Math.max(8, Math.min(pixel[1] - height / 3, size[1] - height - 48))}px`
  }

  map.on("postrender", follow)
  return {
    node, hint, ask, take, end, draw,
    isOn: () => on,
    toggle() { if (on) end(); else { on = true; draw() } },
    // Another run, or another moment of it: what was said of the point no longer holds.
    scene() {
      if (!model.scene?.run) end()
      else if (at && model.scene.run.id !== run) ask(at)
      else draw()
    },
    restyle() { source.changed(); draw() },
  }
}
