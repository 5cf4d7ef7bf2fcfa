// How does one come into a consultation? By a call that waits, by the one that goes on here, or by opening one.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {stamp} from "./format.js"
import {newKey} from "./closures.js"
import {changed, restored, unsent} from "./unsent.js"

const LEVELS = ["province", "city", "county", "enterprise", "department", "expert"]

export function consultDoor({model, say, join, close, redraw}) {
  const panel = h("div", {class: "panel consult-panel"})
  const faults = h("div", {class: "faults", role: "alert"})
  let typed = null, wanted = null, added = [], key = null, said = "", found = null

  function fresh() {
    if (typed && typed.incident !== model.incident.id) typed = null
    if (typed) return typed
    found = left().read()
    typed = {...proposed(), ...found?.value.typed}
    added = found?.value.added ?? []
    wanted = new Set(found?.value.wanted ?? [])
    return typed
  }

  const proposed = () => ({incident: model.incident.id, topic: say("consult.topic.value", {title: model.incident.title ?? ""}), agenda: say("consult.agenda.value")})
  const left = () => unsent("consult-open", model.incident.id)
  const keep = () => left().keep({typed: changed(typed, proposed()), added, wanted: [...wanted]})
  const forget = () => { left().drop(); typed = null; found = null }

  const units = () => [...model.seats, ...added]
  const chosen = () => units().filter((one) => !wanted.has(one.seat_id))

  function send(event) {
    event.preventDefault()
    renew(faults)
    const own = chosen().map((one) => ({seat_id: one.seat_id, name: one.name, level: one.level, division_code: one.division_code ?? "", account: one.account ?? ""}))
    const room = {topic: typed.topic.trim(), agenda: typed.agenda.split("\n").map((one) => one.trim()).filter(Boolean), seats: own, presenter_name: model.me.name}
    const words = JSON.stringify(room)
    if (words !== said) { key = newKey(); said = words }
    model.send_msg({kind: "consult_open", key, room})
  }

  function add(event) {
    event.preventDefault()
    const own = new FormData(event.target), name = String(own.get("name") ?? "").trim()
    if (!name) return
    added.push({seat_id: `u${Date.now().toString(36)}`, name, level: String(own.get("level")), division_code: "", account: String(own.get("account") ?? "").trim().toLowerCase()})
    keep()
    redraw()
  }

  function seatBox(one) {
    return h("label", {class: "consult-pick"}, h("input", {type: "checkbox", checked: !wanted.has(one.seat_id), onchange: (event) => { event.target.checked ? wanted.delete(one.seat_id) : wanted.add(one.seat_id) }}),
      h("span", {class: "sp cut"}, one.name), h("span", {class: "t3 s12"}, say(`consult.level.${one.level}`)))
  }

  function opening() {
    fresh()
    return h("div", {class: "consult-form", oninput: keep, onchange: keep},
      restored(say, found, () => { forget(); redraw() }),
      h("form", {id: "consult-open", onsubmit: send, class: "consult-fields"},
        h("label", {class: "ask-field"}, h("span", {class: "t2 s12"}, say("consult.topic")), h("input", {class: "field", name: "topic", maxlength: 80, required: true, value: typed.topic, oninput: (event) => { typed.topic = event.target.value }})),
        h("label", {class: "ask-field"}, h("span", {class: "t2 s12"}, `${say("consult.agenda")} · ${say("consult.agenda.hint")}`), h("textarea", {class: "field tall", rows: 4, maxlength: 2000, oninput: (event) => { typed.agenda = event.target.value }}, typed.agenda)),
        h("div", {class: "t2 s12"}, say("consult.seats")), h("div", {class: "consult-picks"}, units().map(seatBox))),
      h("form", {onsubmit: add, class: "consult-add"}, h("input", {class: "field", name: "name", maxlength: 60, placeholder: say("consult.seat.name"), "aria-label": say("consult.seat.name")}),
        h("select", {class: "field", name: "level", "aria-label": say("consult.seat.level")}, LEVELS.map((one) => h("option", {value: one, selected: one === "department"}, say(`consult.level.${one}`)))),
        h("input", {class: "field", name: "account", maxlength: 64, placeholder: say("consult.seat.account"), "aria-label": say("consult.seat.account")}),
        h("button", {class: "btn", type: "submit"}, icon("plus", 14), say("consult.seat.add"))),
      faults)
  }

  return {
    draw() {
      const typing = panel.contains(panel.getRootNode().activeElement) && ["INPUT", "TEXTAREA"].includes(panel.getRootNode().activeElement.tagName)
      if (typing) return panel
      const going = model.rooms, here = going.some((one) => one.incident === model.incident.id)
      const may = model.may.open && model.incident.id && !here
      renew(panel,
        h("div", {class: "h consult-h"}, icon("people", 18), h("b", {}, say("consult.title")), h("span", {class: "sp"}), button({class: "ib small", "aria-label": say("common.close"), onclick: close}, icon("cross", 16))),
        h("div", {class: "scroll consult-scroll"},
          going.map((one) => h("div", {class: "consult-call", "data-room": one.id}, icon("bell", 18), h("div", {class: "sp kv"}, h("b", {}, one.topic), h("span", {}, say("consult.invited", {name: one.by}))), button({class: "btn p", onclick: () => join(one.id)}, say("consult.join")))),
          may ? [h("div", {class: "consult-lead"}, h("b", {}, say("consult.open")), h("span", {class: "t2 s12"}, say("consult.open.hint"))), opening()]
            : going.length ? null : h("div", {class: "empty"}, icon("people", 28), h("b", {}, say("consult.none")), h("span", {}, say("consult.open.hint"))),
          model.past.length ? [h("div", {class: "t2 s12 consult-lead"}, say("consult.past")), model.past.map((one) => h("div", {class: "consult-past"}, h("b", {}, `${one.name} ${one.topic}`), h("span", {class: "t3 s12"}, stamp(one.at)), one.conclusion ? h("span", {class: "t2 s12"}, one.conclusion) : null))] : null),
        may ? h("div", {class: "consult-foot"}, h("button", {class: "btn p", onclick: () => panel.querySelector("#consult-open").requestSubmit()}, icon("screen", 16), say("consult.start"))) : null)
      return panel
    },
    fault(message) {
      if (message.act !== "consult_open") return false
      renew(faults, h("div", {class: "fault"}, icon("warning", 14), h("span", {}, message.fault)))
      return true
    },
    done: () => { forget(); renew(faults) },
  }
}
