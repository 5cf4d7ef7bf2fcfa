// What stands in a row of the alarm queue, and what can be pressed there? Seen, made an incident, shown on the map.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {figure, stamp} from "./format.js"
import {incidentChoice} from "./alarmjoin.js"

export const unseen = (one) => one.state === "open" || one.state === "cleared"

export function tone(one) {
  if (one.offline && unseen(one)) return "grey"
  if (one.state === "open") return one.severity >= 2 ? "danger" : "warn"
  return "calm"
}

const SIGNS = {danger: "warning", warn: "bell", grey: "unplugged", calm: "check"}

export function badges(one, say) {
  return [
    one.escalated ? h("span", {class: "badge s b-danger"}, say("alarm.escalated")) : null,
    one.state === "cleared" ? h("span", {class: "badge s b-line"}, say("alarm.cleared")) : null,
    one.offline && one.kind !== "silence" ? h("span", {class: "badge s state-offline"}, say("state.offline")) : null,
  ]
}

// What the point says now, where that is not what the alarm says anyway.
export function reading(one, say) {
  if (one.now === null || one.now === undefined) return null
  return say("alarm.now", {value: `${figure(one.now)} ${one.unit}`.trim()})
}

// `joining`: which alarm is being added to an incident; `join(id)` opens that choice, and `join("")` closes it.
export function alarmRow(one, {say, send, may, incidents, selected, joining, join}) {
  const look = tone(one)
  const now = reading(one, say)
  const fly = () => tell("fly", {longitude: one.longitude, latitude: one.latitude})
  const row = h("div", {class: `notice alarm ${look}`, "data-alarm": one.id},
    h("span", {class: "sign"}, icon(SIGNS[look], 18)),
    h("div", {class: "sp what press", role: "button", tabindex: 0, title: say("notice.show"), onclick: fly,
      onkeydown: (event) => { if (event.key === "Enter") fly() }},
      h("b", {}, one.title), h("div", {class: "t3 s12"}, one.place ?? ""),
      h("div", {class: "row g4 wrap s12 t2"}, badges(one, say), now)),
    h("div", {class: "r"}, h("div", {class: "t2 s12"}, stamp(one.at)),
      h("div", {class: "row g4 acts"},
        unseen(one) && may
          ? button({class: "btn s", onclick: () => send({kind: "alarm_acknowledge", id: one.id, severity: one.severity})}, say("alarm.seen"))
          : h("span", {class: "t3 s12", title: one.reason || null}, say(`alarm.${one.state}`)),
        one.incident
          ? button({class: "ib small", title: say("alarm.incident.open"), "aria-label": say("alarm.incident.open"),
            onclick: () => send({kind: "open", id: one.incident})}, icon("link", 15))
          : may ? [button({class: "ib small", title: say("alarm.link"), "aria-label": say("alarm.link"), "aria-expanded": String(joining === one.id),
            onclick: () => join(joining === one.id ? "" : one.id)}, icon("plus", 15)),
          button({class: "ib small", title: say("alarm.incident"), "aria-label": say("alarm.incident"),
            onclick: () => send({kind: "alarm_incident", id: one.id})}, icon("flag", 15))] : null)))
  return may && joining === one.id && !one.incident ? [row, incidentChoice(one, incidents, {say, send, done: () => join(""), first: selected})] : row
}
