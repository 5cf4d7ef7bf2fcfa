// What differs? Facts of one moment, of two side by side, or of what happened and what if; what differs stands out.
import {h} from "./dom.js"
import {inWords, sayOr, textsOf} from "./speak.js"
import {distance, figure, span, whole} from "./format.js"

const SECONDS = 90

// A value as people write it, with its unit; what nobody knows is a dash and never 0.
export function valueOf(model, say, unit, value) {
  if (value === null || value === undefined) return "—"
  if (unit === "people") return say("label.people", {people: whole(value)})
  if (unit === "count") return whole(value)
  if (unit === "m") return distance(value)
  if (unit === "s") return value < SECONDS ? say("clear.seconds", {value: Math.round(value)}) : say("replay.minutes", {value: figure(value / 60)})
  if (unit === "deg") return `${Math.round(value)}°`
  if (unit === "m/s") return `${figure(value)} m/s`
  if (unit.startsWith("code:")) return sayOr(model, `${unit.slice(5)}.${value}`, String(value))
  return String(value)
}

// Codes of a release have words of their own elsewhere; its substance is called as the incident calls it.
function said(model, say, line, value, names) {
  if (line.code === "release" && line.subject === "kind") return sayOr(model, `release.${value}`, String(value))
  if (line.code === "release" && line.subject === "substance") return inWords(names ?? value, textsOf(model).lang) ?? String(value)
  return valueOf(model, say, line.unit, value)
}

export function nameOf(model, say, line) {
  const subject = line.code === "release" ? sayOr(model, `replay.release.${line.subject}`, line.subject) : line.subject
  return sayOr(model, `compare.of.${line.code}`, line.code, {subject})
}

// How much a figure grew or fell against the first column; only where both are numbers.
function change(line, at, say) {
  const [from, to] = [line.values[0], line.values[at]]
  if (at === 0 || typeof from !== "number" || typeof to !== "number" || from === to) return null
  const by = to - from, sign = by > 0 ? "+" : "−"
  const amount = line.unit === "s" ? span(Math.abs(by), say) : line.unit === "m" ? distance(Math.abs(by)) : ["people", "count"].includes(line.unit) ? whole(Math.abs(by)) : figure(Math.abs(by))
  return h("span", {class: "t3 s12 replay-change"}, `${sign}${amount}`)
}

export function factTable(model, say, heads, lines, {only = false, names = null} = {}) {
  const several = heads.length > 1, shown = only ? lines.filter((line) => line.differs) : lines
  if (!shown.length) return h("div", {class: "empty low"}, say(only ? "compare.same" : "compare.nothing"))
  return h("table", {class: `replay-facts columns-${heads.length}`}, h("thead", {}, h("tr", {}, h("th", {scope: "col"}, say("compare.fact")), heads.map((head) => h("th", {scope: "col", class: "r"}, head)))),
    h("tbody", {}, shown.map((line) => h("tr", {class: several && line.differs && !only ? "differs" : ""},
      h("th", {scope: "row"}, nameOf(model, say, line)),
      line.values.map((value, at) => h("td", {class: "r"}, at && value !== line.values[0] ? h("b", {}, said(model, say, line, value, names)) : said(model, say, line, value, names), change(line, at, say)))))))
}
