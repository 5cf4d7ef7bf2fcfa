// What is open when the duty changes hands, and who signed for it? Gathered from the record, signed by both officers.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr} from "./speak.js"
import {stamp} from "./format.js"
import {newKey} from "./closures.js"
import {keepLine, unsent} from "./unsent.js"

const PARTS = [["incidents", "flag"], ["clocks", "clock"], ["orders", "send"], ["doubts", "redo"], ["messages", "send"], ["held", "truck"], ["alarms", "bell"], ["silent", "unplugged"]]

export function shiftRoom(model, say, calls) {
  const node = h("div", {class: "sp scroll plan-main"})
  const notes = h("textarea", {class: "field", maxlength: 8000}), remark = h("input", {class: "field", maxlength: 4000, style: {"max-width": "360px"}})
  const typed = keepLine(notes, say), remarked = keepLine(remark, say)
  typed.turn(unsent("handover"))
  let items = null, past = [], fault = "", busy = false, key = newKey()

  async function doing(work) {
    fault = ""
    busy = true
    try { await work() } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    busy = false
    draw()
  }

  async function load() {
    items = await calls.ask("/api/v1/handovers/open-items")
    past = await calls.ask("/api/v1/handovers")
  }
  const pull = () => doing(load)

  const give = () => doing(async () => {
    // The same key until it is in the book: a retry signs nothing twice, and what was typed stays on a fault.
    await calls.ask("/api/v1/handovers", {method: "POST", headers: {"content-type": "application/json", "idempotency-key": key}, body: JSON.stringify({notes: notes.value})})
    key = newKey()
    typed.drop()
    await load()
  })

  const take = (one) => doing(async () => {
    await calls.json(`/api/v1/handovers/${one.handover_id}/takeover`, {hash: one.hash, remark: remark.value})
    remarked.drop()
    await load()
  })

  const lines = {
    incidents: (one) => [h("a", {class: "pr", href: `/?incident=${one.incident_id}`}, one.title), h("span", {class: "t3 s12"}, ` ${one.incident}${one.known_at ? ` · ${stamp(one.known_at)}` : ""}`)],
    clocks: (one) => [sayOr(model, `deadline.${one.code}`, sayOr(model, `clock.${one.code}`, one.code, one), one), h("span", {class: "t3 s12"}, ` ${one.incident} · ${stamp(one.due_at)}`), one.overdue ? h("span", {class: "badge s b-danger"}, say("shift.overdue")) : null],
    orders: (one) => [h("b", {class: "mono"}, one.order), ` ${one.unit} `, h("span", {class: "badge s b-line"}, say(`order.state.${one.state}`)), h("div", {class: "t3 s12 cut"}, one.text)],
    doubts: (one) => [h("b", {}, one.thing && one.thing !== "run" ? `${say(`doubt.${one.thing}`)} ${one.name} ` : ""), h("span", {class: "mono"}, one.run_id), one.told ? h("span", {class: "badge s b-danger"}, say("shift.told")) : null, h("span", {class: "t3 s12"}, ` ${one.incident}`)],
    messages: (one) => [h("b", {class: "mono"}, one.name), ` ${one.to} `, h("span", {class: `badge s ${one.state === "failed" ? "b-danger" : "b-warn"}`}, say(`message.state.${one.state}`)), h("span", {class: "t3 s12"}, ` ${one.incident}`), h("div", {class: "t3 s12 cut"}, one.text)],
    held: (one) => [one.name, h("b", {}, ` ${one.kind === "team" ? "" : one.quantity}`), h("span", {class: "t3 s12"}, ` ${one.incident}`)],
    alarms: (one) => [one.title, h("span", {class: "t3 s12"}, ` ${one.place} · ${stamp(one.since)}`)],
    silent: (one) => [one.title, h("span", {class: "t3 s12"}, ` ${one.place} · ${stamp(one.since)}`)],
  }

  function block(from, [name, picture]) {
    const list = from[name] ?? []
    return h("section", {class: "card"}, h("div", {class: "h"}, icon(picture, 17), say(`shift.${name}`), h("span", {class: "sp"}), h("span", {class: `badge s ${list.length ? "b-warn" : "b-live"}`}, list.length)),
      h("div", {class: "card-body"}, list.length ? list.slice(0, 12).map((one) => h("div", {class: "plan-line"}, lines[name](one))) : h("span", {class: "t3 s12"}, say("shift.nothing")), list.length > 12 ? h("div", {class: "t3 s12"}, `+${list.length - 12}`) : null))
  }

  const waits = () => past.find((one) => !one.taken_by)

  function signing() {
    const waiting = waits()
    if (waiting) {
      const own = waiting.given_by === model.person
      remarked.turn(unsent(`takeover-${waiting.handover_id}`))
      return h("section", {class: "card"}, h("div", {class: "h"}, icon("people", 17), say("shift.waiting"), h("span", {class: "sp"}), h("span", {class: "mono t3"}, say("shift.hash", {hash: waiting.hash.slice(0, 12)}))),
        h("div", {class: "card-body"}, h("div", {class: "plan-line"}, say("shift.given", {who: waiting.given_by, time: stamp(waiting.given_at)})), waiting.notes ? h("p", {}, waiting.notes) : null,
          h("div", {class: "shift-sign"}, own || !model.can_import ? h("span", {class: "t3 s12"}, say("shift.own")) : [remark, button({class: "btn p shift-take", disabled: busy, onclick: () => take(waiting)}, icon("check", 15), say("shift.take"))]), own ? null : remarked.note))
    }
    if (!model.can_import) return null
    return h("section", {class: "card"}, h("div", {class: "h"}, icon("pencil", 17), say("shift.notes")), h("div", {class: "card-body"}, typed.note, notes, h("div", {class: "row g8"}, h("a", {class: "btn", href: "/alarms"}, icon("phone", 15), say("shift.roll_call")), h("div", {class: "sp"}), button({class: "btn p shift-give", disabled: busy, onclick: give}, icon("check", 15), say("shift.give")))))
  }

  function draw() {
    notes.placeholder = say("shift.notes.hint")
    notes.setAttribute("aria-label", say("shift.notes"))
    remark.placeholder = say("shift.remark")
    remark.setAttribute("aria-label", say("shift.remark"))
    const waiting = waits()
    renew(node, fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : null, items === null ? h("div", {class: "skeleton tall"}) : [signing(),
      h("div", {class: "row g8"}, h("b", {class: "s16"}, say(waiting ? "shift.open.then" : "shift.open")), h("span", {class: "t3 s12"}, say("shift.updated", {time: stamp((waiting?.items ?? items).at)}))),
      h("div", {class: "shift-cols"}, PARTS.map((one) => block(waiting?.items ?? items, one))),
      h("section", {class: "card"}, h("div", {class: "h"}, icon("clock", 17), say("shift.history")), h("div", {class: "card-body"}, past.length ? past.map((one) => h("div", {class: "row g12 wrap plan-line"}, h("span", {class: `badge s ${one.taken_by ? "b-live" : "b-warn"}`}, say(one.taken_by ? "shift.done" : "shift.waiting")), h("span", {}, say("shift.given", {who: one.given_by, time: stamp(one.given_at)})), one.taken_by ? h("span", {}, say("shift.taken", {who: one.taken_by, time: stamp(one.taken_at)})) : null, h("span", {class: "mono t3"}, one.hash.slice(0, 12)))) : h("span", {class: "t3 s12"}, say("shift.none"))))])
  }

  return {node, draw, pull}
}
