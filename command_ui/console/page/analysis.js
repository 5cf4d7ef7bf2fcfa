// What does the analysis page show? Choices above, a map beside charts; every total is the one of the choice.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {whole} from "./format.js"
import {bars, matrix, months} from "./analysischarts.js"
import {heatColours, hexMap} from "./hexmap.js"

const VIEWS = ["hex", "heat", "cluster"]
const LEGEND = [["fillR", "hot"], ["fillO", "warm"], ["stale", "plain"], ["fillB", "cold"]]

export function render({model, view}) {
  dress(view)
  const say = speaker(model), life = lifetime(model)
  const node = h("div", {class: "panel analysis"}), head = h("div", {class: "analysis-head"}), side = h("div", {class: "scroll analysis-side"}), foot = h("div", {class: "analysis-foot s12"})
  const map = hexMap(model, say)
  let shown = "hex", stacked = "kind"
  node.append(head, h("div", {class: "analysis-main"}, h("section", {class: "card analysis-map"}, map.node, foot), side))

  // the kind of event chosen travels as `about`: `kind` says what the message itself is
  const choose = (change) => { const cut = {...model.cut, ...change}; model.send_msg({...cut, about: cut.kind, kind: "cut"}) }

  function picker(name) {
    const options = [["", say("analysis.all")], ...(model.choices[name] ?? [])]
    return h("label", {class: "row g8 s12 t2"}, say(`analysis.${name === "size_class" ? "size" : name}`), h("select", {class: "field pick", onchange: (event) => choose({[name]: event.target.value})}, options.map(([code, text]) => h("option", {value: code, selected: (model.cut[name] ?? "") === code}, text))))
  }

  function chips(options, now, pick, label) {
    return h("div", {class: "row g4", role: "group", "aria-label": label}, options.map(([code, text]) => button({class: `chip${code === now ? " on" : ""}`, "aria-pressed": String(code === now), onclick: () => pick(code)}, text)))
  }

  function top() {
    const cut = model.cut, subjects = ["enterprise", "event"].map((code) => [code, say(`analysis.subject.${code}`)])
    const result = model.result
    renew(head, h("div", {class: "row g16 wrap"}, h("h1", {}, say("analysis.title")), chips(subjects, cut.subject, (subject) => choose({subject, sector: "", size_class: "", kind: ""}), say("analysis.subject")),
      cut.subject === "event" ? picker("kind") : [picker("sector"), picker("size_class")], picker("county"), h("span", {class: "sp"}),
      model.busy ? h("span", {class: "t3", role: "status"}, say("analysis.loading")) : result ? h("b", {class: "s16 analysis-total"}, say("analysis.total", {count: whole(result.total)})) : null),
    h("div", {class: "row g16 wrap"}, chips(VIEWS.map((code) => [code, say(`analysis.view.${code}`)]), shown, (code) => { shown = code; draw() }, say("analysis.view")),
      h("span", {class: "row g8 s12 t2"}, say("analysis.resolution"), chips((model.choices.resolution ?? []).map((one) => [one, say(`analysis.resolution.${one}`)]), cut.resolution, (resolution) => choose({resolution}), say("analysis.resolution"))),
      result?.few ? h("span", {class: "badge b-warn small-n"}, icon("warning", 14), say("analysis.few", {least: result.least.rows})) : null,
      shown === "cluster" && result?.few_cells ? h("span", {class: "badge b-warn"}, icon("warning", 14), say("analysis.few_cells", {least: result.least.cells})) : null,
      model.fault ? h("span", {class: "badge b-danger"}, say("analysis.failed", {reason: model.fault}), button({class: "btn s", onclick: () => model.send_msg({kind: "refresh"})}, say("file.retry"))) : null))
  }

  function card(title, ...content) {
    return h("section", {class: "card"}, h("div", {class: "h"}, title), h("div", {class: "card-body"}, content))
  }

  // Months stacked by what happened, or by the sector of the enterprise it happened at.
  function trend(result) {
    const bySector = stacked === "sector"
    return [chips(["kind", "sector"].map((code) => [code, say(`analysis.${code}`)]), stacked, (code) => { stacked = code; charts() }, say("analysis.months")),
      bySector ? months(result.sector_months, result.sectors, say) : months(result.months, result.kinds, say), bySector ? h("div", {class: "t3 s12 note"}, say("analysis.sector.note")) : null,
      result.undated ? h("div", {class: "t3 s12 note"}, say("analysis.undated", {count: whole(result.undated)})) : null]
  }

  function charts() {
    const result = model.result
    if (!result) { renew(side, h("div", {class: "skeleton"}), h("div", {class: "skeleton"})); return }
    const events = model.cut.subject === "event"
    renew(side, card(say("analysis.groups"), bars(result.groups), events ? null : h("div", {class: "t3 s12 note"}, say("analysis.groups.note"))),
      events ? card(say("analysis.months"), trend(result)) : null,
      events ? card(say("analysis.matrix"), matrix(result.matrix, say), result.untimed ? h("div", {class: "t3 s12 note"}, say("analysis.untimed", {count: whole(result.untimed)})) : null) : null)
  }

  function below() {
    const result = model.result
    if (!result) { renew(foot); return }
    const sum = result.cells.reduce((all, cell) => all + cell.count, 0)
    renew(foot, h("span", {class: "hex-sum"}, say("analysis.total.cells", {count: whole(result.cells.length), sum: whole(sum)})), result.unplaced ? h("span", {class: "wn"}, say("analysis.unplaced", {count: whole(result.unplaced)})) : null, h("span", {class: "sp"}),
      shown === "heat" ? [h("span", {}, say("analysis.heat.few")), h("i", {class: "heat-key", style: {background: `linear-gradient(90deg, ${heatColours().join(", ")})`}}), h("span", {}, say("analysis.heat.many", {count: whole(Math.max(...result.cells.map((cell) => cell.count), 0))}))] : null,
      shown === "cluster" ? [LEGEND.map(([token, code]) => h("span", {class: "row g4"}, h("i", {class: "key-dot", style: {background: `var(--om-${token})`}}), say(`analysis.legend.${code}`))), h("span", {class: "t3"}, say("analysis.method"))] : null)
  }

  function draw() {
    top()
    charts()
    below()
    requestAnimationFrame(() => map.show(model.result, shown))
  }

  model.on(["texts", "theme", "choices", "cut", "result", "fault", "busy"], draw)
  model.on("home", () => map.home())
  life.then(() => map.end())
  draw()
  return node
}
