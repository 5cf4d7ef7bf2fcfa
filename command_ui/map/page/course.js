// How does the concentration at a place run, outdoors and indoors, against the levels? A small chart that needs no library.
import {s} from "./dom.js"
import {figure} from "./format.js"

const W = 308, H = 132, LEFT = 34, RIGHT = 8, TOP = 16, LOW = 20
const STEPS_MIN = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480]
const DASH = {3: null, 2: "6 3", 1: "3 3"}

export function courseChart(found, say) {
  const {time_s: times, outdoor_ppm: outdoor, indoor_ppm: indoor} = found.course
  const peak = Math.max(...outdoor), lines = found.levels.filter((one) => one.threshold_ppm !== null && one.threshold_ppm <= peak * 2.2)
  const top = Math.max(peak, ...lines.map((one) => one.threshold_ppm)) * 1.12
  const first = times[0], last = times.at(-1)
  const x = (t) => LEFT + ((t - first) / (last - first)) * (W - LEFT - RIGHT), y = (c) => H - LOW - (c / top) * (H - LOW - TOP)
  const path = (values) => values.map((value, index) => `${index ? "L" : "M"}${x(times[index]).toFixed(1)} ${y(value).toFixed(1)}`).join("")
  const text = (at, up, words, fill, anchor = "start", bold = false) => s("text", {x: at, y: up, fill, "font-size": 12, "text-anchor": anchor, stroke: "var(--om-surface)", "stroke-width": 3, "paint-order": "stroke", "font-weight": bold ? 700 : 400}, words)
  const span_min = (last - first) / 60, step = STEPS_MIN.find((one) => span_min / one <= 5) ?? 960
  const ticks = []
  for (let minute = Math.ceil(first / 60 / step) * step; minute * 60 <= last; minute += step) ticks.push(minute)
  // The curve is labelled where it stands highest: there it is farthest from the other.
  const crest = times[indoor.indexOf(Math.max(...indoor))]
  // Labels of levels that lie close together are set apart, the higher one first.
  let above = -Infinity
  const plates = [...lines].sort((a, b) => b.threshold_ppm - a.threshold_ppm).map((one) => {
    const up = Math.max(y(one.threshold_ppm) - 3, above + 12)
    above = up
    return [one, up]
  })
  return s("svg", {class: "course", viewBox: `0 0 ${W} ${H}`, width: W, height: H, role: "img", "aria-label": say("threat.chart")},
    s("title", {}, `${say("threat.chart")}, ${say("threat.axis")}`),
    s("path", {d: `M${LEFT} ${TOP - 6}V${H - LOW}H${W - RIGHT}`, fill: "none", stroke: "var(--om-borderStrong)"}),
    text(LEFT - 4, TOP, figure(top / 1.12, 2), "var(--om-text3)", "end"), text(LEFT - 4, H - LOW, "0", "var(--om-text3)", "end"), text(LEFT - 4, TOP + 14, "ppm", "var(--om-text3)", "end"),
    ticks.map((minute) => [s("path", {d: `M${x(minute * 60)} ${H - LOW}v4`, stroke: "var(--om-borderStrong)"}), text(x(minute * 60), H - 4, minute, "var(--om-text3)", "middle")]),
    text(LEFT - 10, H - 4, "min", "var(--om-text3)", "end"),
    plates.map(([one, up]) => [s("path", {d: `M${LEFT} ${y(one.threshold_ppm)}H${W - RIGHT}`, stroke: `var(--om-z${one.level}l)`, "stroke-width": 1.4, "stroke-dasharray": DASH[one.level]}),
      text(W - RIGHT, up, one.name, `var(--om-z${one.level}t)`, "end")]),
    s("path", {class: "outdoor", d: path(outdoor), fill: "none", stroke: "var(--om-danger)", "stroke-width": 2}),
    s("path", {class: "indoor", d: path(indoor), fill: "none", stroke: "var(--om-primary)", "stroke-width": 2, "stroke-dasharray": "7 3"}),
    text(x(times[outdoor.indexOf(peak)]) + 4, Math.max(12, y(peak) - 4), say("threat.outdoor_line"), "var(--om-danger)", "start", true),
    text(Math.min(x(crest) + 4, W - 60), y(Math.max(...indoor)) - 5, say("threat.indoor_line"), "var(--om-primary)", "start", true))
}
