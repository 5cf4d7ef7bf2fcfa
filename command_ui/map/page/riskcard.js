// Why has this its risk colour? The whole rule with the step that holds, the working, what went in and how far it was checked.
import {h, button, renew} from "./dom.js"
import {blankSwatch} from "./areas.js"
import {icon} from "./icons.js"

const FEW = 6 // enterprises shown at once; the others wait behind a button, the units never do

export function riskWhy(risk, styles, say, open) {
  const token = (colour) => styles?.risk?.[String(colour)]
  const mark = (colour) => h("i", {class: `risk-mark${colour ? "" : " none"}`, style: colour ? {background: `var(--om-${token(colour)})`} : null})

  function steps() {
    return h("table", {class: "risk-steps"}, h("tbody", {}, risk.steps.map((step) => h("tr", {class: step.applies ? "on" : "", "aria-current": step.applies ? "true" : null},
      h("td", {}, mark(step.colour)), h("td", {class: "nowrap"}, step.bound), h("td", {}, step.word),
      h("td", {class: "r nowrap"}, step.applies ? [icon("check", 13), say("risk.step.applies")] : "")))))
  }

  function lines() {
    return h("ol", {class: "risk-lines"}, risk.lines.map((line) => h("li", {}, line.text,
      line.table ? h("span", {class: "t3 s12"}, ` ${say("work.table", {table: line.table})} · ${say(`trust.${line.trust}`)}`) : null)))
  }

  const part = (one) => button({class: "risk-part", "aria-label": say("risk.part.open", {name: one.name}), onclick: () => open(one)}, mark(one.colour),
    h("span", {class: "sp"}, one.name, h("span", {class: "t3 s12"}, ` ${one.note}`)),
    one.differs ? h("span", {class: "badge s b-warn"}, say("risk.parts.differs")) : null,
    h("span", {class: "nowrap"}, one.counted ? `+${one.adds}` : say("risk.parts.uncounted")))

  function parts(title, all, few) {
    if (!all.length) return null
    const list = h("div", {class: "risk-parts"}, all.slice(0, few).map(part))
    if (all.length > few) list.append(button({class: "btn s", onclick: () => renew(list, all.map(part))}, say("risk.parts.all", {count: all.length})))
    return [h("b", {class: "risk-title"}, title), list]
  }

  return h("section", {class: "risk-why", "data-kind": risk.kind},
    h("div", {class: "risk-head"}, risk.seen === "none" ? blankSwatch(styles.risk_blanks.unseen) : mark(risk.colour), h("b", {class: "s16"}, risk.word), h("span", {class: "sp"}), h("b", {}, risk.score)),
    risk.seen === "whole" ? null : h("div", {class: "fault"}, icon("warning", 15), h("span", {class: "sp"}, risk.notes[0].text)),
    h("b", {class: "risk-title"}, risk.rule), h("p", {class: "s12 t2"}, risk.formula), steps(),
    risk.lines.length ? [h("b", {class: "risk-title"}, say("risk.work")), lines()] : null,
    parts(say("risk.parts.units", {count: risk.units.length}), risk.units, Infinity),
    parts(say("risk.parts.firms", {count: risk.firms.length}), risk.firms, FEW),
    h("b", {class: "risk-title"}, say("risk.checked")),
    h("ul", {class: "risk-notes"}, risk.notes.slice(risk.seen === "whole" ? 0 : 1).map((note) => h("li", {class: note.warn ? "wn" : "t2"}, note.text))))
}
