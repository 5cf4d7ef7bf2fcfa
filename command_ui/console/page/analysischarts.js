// How do the charts of the analysis page look? Own small SVG parts in the colours of the tokens; axes even without data.
import {h, s} from "./dom.js"
import {whole} from "./format.js"
import {steps} from "./stockchart.js"

export const INKS = ["primary", "fillO", "ok", "fillR", "sim", "fillY", "stale"]
const ink = (at) => `var(--om-${INKS[at % INKS.length]})`

// Bars, the longest first; every number stands beside its bar.
export function bars(groups) {
  const most = Math.max(1, ...groups.map((one) => one.count))
  return h("div", {class: "bars"}, groups.map((one) => h("div", {class: "bar-row"}, h("span", {class: "cut", title: one.name}, one.name), h("span", {class: "bar-track"}, h("span", {class: "bar-fill", style: {width: `${(100 * one.count) / most}%`}})), h("b", {class: "r"}, whole(one.count)))))
}

// Rows by month, stacked by kind.
export function months(rows, kinds, say) {
  const width = 420, height = 190, left = 34, foot = 24, top = 8
  const codes = Object.keys(kinds), sums = rows.map((row) => Object.values(row.kinds).reduce((sum, one) => sum + one, 0))
  const most = Math.max(1, ...sums) * 1.05, y = (value) => height - foot - (value / most) * (height - foot - top)
  const step = (width - left - 6) / Math.max(1, rows.length), wide = Math.min(26, step * 0.72)
  const parts = steps(most).filter((value) => Number.isInteger(value)).map((value) => [s("path", {d: `M${left} ${y(value)}H${width - 6}`, stroke: "var(--om-border)"}), s("text", {x: left - 6, y: y(value) + 4, "text-anchor": "end", fill: "var(--om-text3)"}, value)])
  rows.forEach((row, at) => {
    let base = 0
    codes.forEach((code, number) => {
      const value = row.kinds[code] ?? 0
      if (!value) return
      parts.push(s("rect", {x: left + at * step + (step - wide) / 2, y: y(base + value), width: wide, height: y(base) - y(base + value), fill: ink(number)}, s("title", {}, `${row.month} ${kinds[code]} ${value}`)))
      base += value
    })
    if (at % Math.ceil(rows.length / 6) === 0) parts.push(s("text", {x: left + at * step + step / 2, y: height - 7, "text-anchor": "middle", fill: "var(--om-text3)"}, row.month.slice(2)))
  })
  if (!rows.length) parts.push(s("text", {x: width / 2, y: height / 2, "text-anchor": "middle", fill: "var(--om-text3)"}, say("analysis.none")))
  return [s("svg", {viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": say("analysis.months")}, parts),
    h("div", {class: "row g12 wrap s12 chart-key"}, codes.map((code, at) => h("span", {class: "row g4"}, h("i", {class: "key-dot", style: {background: ink(at)}}), kinds[code])))]
}

// Weekday by hour; the number stands in the cell, so that colour says nothing alone.
export function matrix(rows, say) {
  const cell = 17, high = 20, left = 36, top = 18, most = Math.max(1, ...rows.flat())
  const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  const parts = []
  for (let hour = 0; hour < 24; hour += 3) parts.push(s("text", {x: left + hour * cell + cell / 2, y: 12, "text-anchor": "middle", fill: "var(--om-text3)"}, hour))
  rows.forEach((row, day) => {
    parts.push(s("text", {x: left - 8, y: top + day * high + 14, "text-anchor": "end", fill: "var(--om-text2)"}, say(`weekday.${days[day]}`)))
    row.forEach((value, hour) => {
      const share = value / most
      parts.push(s("rect", {x: left + hour * cell, y: top + day * high, width: cell - 1, height: high - 1, rx: 2, fill: value ? "var(--om-primary)" : "var(--om-sunken)", "fill-opacity": value ? 0.16 + 0.5 * share : 1}, s("title", {}, `${say(`weekday.${days[day]}`)} ${hour}:00  ${value}`)))
      if (value) parts.push(s("text", {x: left + hour * cell + (cell - 1) / 2, y: top + day * high + 14, "text-anchor": "middle", fill: "var(--om-text)"}, value))
    })
  })
  return s("svg", {viewBox: `0 0 ${left + 24 * cell + 4} ${top + 7 * high + 4}`, class: "chart", role: "img", "aria-label": say("analysis.matrix")}, parts)
}
