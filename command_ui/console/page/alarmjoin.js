// To which open incident does this alarm belong? One press on its name; the incident looked at stands first.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {newKey} from "./closures.js"

export function incidentChoice(one, incidents, {say, send, done, first = ""}) {
  const rank = (it) => (it.id === first ? 0 : 1)
  return h("div", {class: "alarm-join", role: "group", "aria-label": say("alarm.link.which"), onkeydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); done() } }},
    h("div", {class: "row"}, h("span", {class: "t2 s12 sp"}, say("alarm.link.which")), button({class: "ib small", "aria-label": say("common.close"), onclick: done}, icon("cross", 14))),
    incidents.length ? [...incidents].sort((a, b) => rank(a) - rank(b)).map((it) => button({class: "btn alarm-into", "data-incident": it.id, title: it.title,
      onclick: () => { send({kind: "alarm_link", id: one.id, incident: it.id, key: newKey()}); done() }}, icon("plus", 14), h("span", {class: "cut sp"}, it.title), h("span", {class: "t3 s12"}, it.number)))
      : h("div", {class: "t3 s12"}, say("alarm.link.none")))
}
