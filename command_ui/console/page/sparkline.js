// How did a value run in the last half hour? A line with the thresholds it is measured against, drawn at two sizes.
import {s} from "./dom.js"

const SPAN_MS = 30 * 60 * 1000

export function sparkline(track, {now, threshold, high, width = 132, height = 30, label = ""}) {
  const begin = now - SPAN_MS
  const points = (track ?? []).filter(([at]) => at >= begin)
  const marks = [threshold, high].filter((mark) => mark !== null && mark !== undefined)
  const values = points.map(([, value]) => value)
  const top = Math.max(...values, ...marks, 1e-9) * 1.08
  const bottom = Math.min(0, ...values)
  const x = (at) => ((at - begin) / SPAN_MS) * (width - 6) + 2
  const y = (value) => height - 3 - ((value - bottom) / Math.max(1e-9, top - bottom)) * (height - 6)
  const drawn = [s("rect", {x: 0, y: 0, width, height, rx: 3, fill: "var(--om-sunken)"})]
  marks.forEach((mark, index) => drawn.push(s("path", {d: `M2 ${y(mark)}H${width - 2}`, "stroke-width": 1,
    stroke: index ? "var(--om-danger)" : "var(--om-warn)", "stroke-dasharray": index ? "5 3" : "2 3"})))
  if (points.length > 1) {
    // A pause of more than five minutes is a gap, not a line.
    const line = points.map(([at, value], index) =>
      `${index && at - points[index - 1][0] < 300000 ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("")
    drawn.push(s("path", {d: line, fill: "none", stroke: "var(--om-primary)", "stroke-width": 1.6, "stroke-linejoin": "round"}))
  }
  if (points.length) {
    const [at, value] = points[points.length - 1]
    drawn.push(s("circle", {cx: x(at), cy: y(value), r: 2.4, fill: "var(--om-primary)"}))
  }
  return s("svg", {width, height, class: "spark", role: "img", "aria-label": label}, drawn)
}
