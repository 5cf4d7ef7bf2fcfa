// How does the concentration at a place run, outdoors and indoors, against the levels? A small chart that needs no library.
import {s} from "./dom.js"
import {figure, whole} from "./format.js"

const W = 308, H = 132, LEFT = 34, RIGHT = 8, TOP = 16, LOW = 20
const STEPS_MIN = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480]
const DASH = {3: null, 2: "6 3", 1: "3 3"}

const text = (at, up, words, fill, anchor = "start", bold = false) => s("text", {x: at, y: up, fill, "font-size": 12, "text-anchor": anchor, stroke: "var(--om-surface)", "stroke-width": 3, "paint-order": "stroke", "font-weight": bold ? 700 : 400}, words)

// Axes with round minutes (or seconds) below and the top value at the left.
function frame(say, {x, y, first, last, top, unit, per = 60, below = "min", title}) {
  const span = (last - first) / per, step = STEPS_MIN.find((one) => span / one <= 5) ?? 960, ticks = []
  for (let at = Math.ceil(first / per / step) * step; at * per <= last; at += step) ticks.push(at)
  return [s("title", {}, title), s("path", {d: `M${LEFT} ${TOP - 6}V${H - LOW}H${W - RIGHT}`, fill: "none", stroke: "var(--om-borderStrong)"}),
    figure(top, 2).length <= 4 ? text(LEFT - 4, TOP, figure(top, 2), "var(--om-text3)", "end") : null, text(LEFT - 4, H - LOW, "0", "var(--om-text3)", "end"), unit ? text(LEFT - 4, TOP + 14, unit, "var(--om-text3)", "end") : null,
    ticks.map((at) => [s("path", {d: `M${x(at * per)} ${H - LOW}v4`, stroke: "var(--om-borderStrong)"}), text(x(at * per), H - 4, at, "var(--om-text3)", "middle")]),
    text(LEFT - 10, H - 4, below, "var(--om-text3)", "end")]
}

const across = (first, last) => (t) => LEFT + ((t - first) / (last - first || 1)) * (W - LEFT - RIGHT)
const upTo = (top) => (value) => H - LOW - (value / top) * (H - LOW - TOP)
const pathOf = (times, values, x, y) => values.map((value, index) => `${index ? "L" : "M"}${x(times[index]).toFixed(1)} ${y(value).toFixed(1)}`).join("")
const chart = (label, ...parts) => s("svg", {class: "course", viewBox: `0 0 ${W} ${H}`, width: W, height: H, role: "img", "aria-label": label}, parts)

const amount = (value) => (value >= 1000 ? whole(Number(value.toPrecision(2))) : figure(value, 2))

// What a person has taken up until each moment, outdoors and indoors.
function doseChart(found, say) {
  const {time_s: times, dose_outdoor: outdoor, dose_indoor: indoor, dose_unit: unit} = found.course
  const last = Math.max(outdoor.at(-1), indoor.at(-1)), top = last * 1.12 || 1, x = across(times[0], times.at(-1)), y = upTo(top), label = say(`threat.dose.${unit}`)
  const inside = Math.min(y(indoor.at(-1)) - 5, H - LOW - 4), outside = y(outdoor.at(-1)) - 5
  return chart(label, frame(say, {x, y, first: times[0], last: times.at(-1), top: last, title: label}),
    s("path", {class: "outdoor", d: pathOf(times, outdoor, x, y), fill: "none", stroke: "var(--om-danger)", "stroke-width": 2}),
    s("path", {class: "indoor", d: pathOf(times, indoor, x, y), fill: "none", stroke: "var(--om-primary)", "stroke-width": 2, "stroke-dasharray": "7 3"}),
    text(W - RIGHT, Math.max(12, outside), `${say("threat.outdoor_line")} ${amount(outdoor.at(-1))}`, "var(--om-danger)", "end", true),
    text(W - RIGHT, inside < outside + 14 && inside > outside - 14 ? outside + 28 : inside, `${say("threat.indoor_line")} ${amount(indoor.at(-1))}`, "var(--om-primary)", "end", true),
    text(LEFT + 6, TOP, label, "var(--om-text3)"))
}

// Beside a fire: how many die of the heat by the seconds they stand in it.
export function heatChart(found, say) {
  const {exposed_s: times, fatality} = found.course, label = say("threat.heat.chart"), top = Math.max(0.01, fatality.at(-1)) * 1.12
  const x = across(0, times.at(-1)), y = upTo(top)
  return chart(label, frame(say, {x, y, first: 0, last: times.at(-1), top: 100 * (top / 1.12), unit: "%", per: 1, below: "s", title: label}),
    s("path", {class: "outdoor", d: pathOf(times, fatality, x, y), fill: "none", stroke: "var(--om-thermal)", "stroke-width": 2}), text(LEFT + 6, TOP, label, "var(--om-text3)"))
}

export function courseChart(found, say, shown = "ppm") {
  if (shown === "dose" && found.course.dose_outdoor?.length) return doseChart(found, say)
  const {time_s: times, outdoor_ppm: outdoor, indoor_ppm: indoor} = found.course
  const peak = Math.max(...outdoor), lines = found.levels.filter((one) => one.threshold_ppm !== null && one.threshold_ppm <= peak * 2.2)
  const top = Math.max(peak, ...lines.map((one) => one.threshold_ppm)) * 1.12
  const first = times[0], last = times.at(-1)
  const x = across(first, last), y = upTo(top), path = (values) => pathOf(times, values, x, y)
  // The curve is labelled where it stands highest: there it is farthest from the other.
  const crest = times[indoor.indexOf(Math.max(...indoor))]
  // Labels of levels that lie close together are set apart, the higher one first.
  let above = -Infinity
  const plates = [...lines].sort((a, b) => b.threshold_ppm - a.threshold_ppm).map((one) => {
    const up = Math.max(y(one.threshold_ppm) - 3, above + 12)
    above = up
    return [one, up]
  })
  return chart(say("threat.chart"), frame(say, {x, y, first, last, top: top / 1.12, unit: "ppm", title: `${say("threat.chart")}, ${say("threat.axis")}`}),
    plates.map(([one, up]) => [s("path", {d: `M${LEFT} ${y(one.threshold_ppm)}H${W - RIGHT}`, stroke: `var(--om-z${one.level}l)`, "stroke-width": 1.4, "stroke-dasharray": DASH[one.level]}),
      text(W - RIGHT, up, one.name, `var(--om-z${one.level}t)`, "end")]),
    s("path", {class: "outdoor", d: path(outdoor), fill: "none", stroke: "var(--om-danger)", "stroke-width": 2}),
    s("path", {class: "indoor", d: path(indoor), fill: "none", stroke: "var(--om-primary)", "stroke-width": 2, "stroke-dasharray": "7 3"}),
    text(x(times[outdoor.indexOf(peak)]) + 4, Math.max(12, y(peak) - 4), say("threat.outdoor_line"), "var(--om-danger)", "start", true),
    text(Math.min(x(crest) + 4, W - 60), y(Math.max(...indoor)) - 5, say("threat.indoor_line"), "var(--om-primary)", "start", true))
}
