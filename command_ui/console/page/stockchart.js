// How much was in stock, day by day? An own small chart: line, area, and the design maximum as a dashed line.
import {s} from "./dom.js"

const WIDTH = 330, HEIGHT = 186, LEFT = 36, RIGHT = 14, TOP = 26, FOOT = 26

// A round step that gives three to six lines.
export function steps(most) {
  const rough = Math.max(most, 1e-9) / 4, power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((m) => m * power).find((one) => one >= rough)
  return Array.from({length: Math.floor(most / step + 1e-9) + 1}, (_, at) => at * step)
}

const short = (value) => String(Number(value.toPrecision(4)))

export function stockChart(ledger, say) {
  const days = ledger.days, stocks = days.map((day) => day.stock_t)
  const most = Math.max(ledger.design_max_t, ...stocks) * 1.08
  const x = (at) => LEFT + (days.length < 2 ? 0.5 : at / (days.length - 1)) * (WIDTH - LEFT - RIGHT)
  const y = (value) => HEIGHT - FOOT - (value / most) * (HEIGHT - FOOT - TOP)
  const line = stocks.map((value, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("")
  const last = stocks.length - 1, foot = HEIGHT - FOOT
  const over = ledger.over_design
  const ink = over ? "var(--om-danger)" : "var(--om-primary)"
  const said = `${say("file.stock", {substance: ledger.substance, days: days.length})}: ${short(stocks[last])} t, ${say("file.stock.design", {value: short(ledger.design_max_t)})}`
  return s("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img", "aria-label": said},
    steps(most).map((value) => [s("path", {d: `M${LEFT} ${y(value)}H${WIDTH - RIGHT}`, stroke: "var(--om-border)"}),
      s("text", {x: LEFT - 8, y: y(value) + 4, "text-anchor": "end", fill: "var(--om-text3)"}, short(value))]),
    s("path", {d: `${line}L${x(last)} ${foot}L${x(0)} ${foot}Z`, fill: ink, "fill-opacity": 0.12}),
    s("path", {d: `M${LEFT} ${y(ledger.design_max_t)}H${WIDTH - RIGHT}`, stroke: "var(--om-danger)", "stroke-width": 1.5, "stroke-dasharray": "6 4"}),
    s("text", {x: WIDTH - RIGHT, y: y(ledger.design_max_t) - 6, "text-anchor": "end", fill: "var(--om-danger)"}, say("file.stock.design", {value: short(ledger.design_max_t)})),
    s("path", {d: line, fill: "none", stroke: ink, "stroke-width": 2, "stroke-linejoin": "round"}),
    days.map((day, at) => s("circle", {cx: x(at), cy: y(day.stock_t), r: at === last ? 4.5 : day.over_design || Math.abs(day.imbalance_t ?? 0) >= 0.001 ? 4 : 7,
      fill: at === last ? ink : day.over_design || Math.abs(day.imbalance_t ?? 0) >= 0.001 ? "var(--om-danger)" : "transparent"}, s("title", {}, `${day.day}  ${short(day.stock_t)} t`))),
    s("text", {x: x(last) - 8, y: y(stocks[last]) + (stocks[last] > most * 0.2 ? 20 : -10), "text-anchor": "end", "font-weight": 700, fill: "var(--om-text)"}, `${short(stocks[last])} t`),
    s("text", {x: LEFT, y: HEIGHT - 8, fill: "var(--om-text3)"}, days[0].day.slice(5)),
    s("text", {x: WIDTH - RIGHT, y: HEIGHT - 8, "text-anchor": "end", fill: "var(--om-text3)"}, days[last].day.slice(5)))
}
