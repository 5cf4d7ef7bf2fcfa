// Who was told what, has it gone out, and what came back? The part 通信 of the tab 日志.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {span, stamp, time} from "./format.js"
import {newKey} from "./closures.js"
import {caller} from "./datacalls.js"
import {messageDialogs} from "./messagedialogs.js"
import {unveil, veiled} from "./unveil.js"

const LOOK_MS = 5000
const TONE = {queued: "b-warn", by_hand: "b-warn", sent: "b-info", delivered: "b-info", answered: "b-live", failed: "b-danger"}

export function messagePanel(model, say, ask, redraw, life) {
  const calls = caller(model), dialogs = messageDialogs(model, say, ask, calls)
  const numbers = new Map(), veils = new Map()
  let late = {}, asked = false, shown = false
  const room = () => model.scene?.messages
  const list = () => room()?.list ?? []

  // Why something still waits stands in no entry of the record: it is asked for while somebody looks.
  async function look() {
    const incident = model.scene?.incident?.id
    if (asked || !shown || !incident || !list().some((one) => one.state === "queued" || one.state === "by_hand")) return
    asked = true
    try {
      const found = await calls.ask(`/api/v1/incidents/${incident}/messages`)
      const now = Object.fromEntries(found.map((one) => [one.message_id, {fault: one.fault, next_at: one.next_at}]))
      const moved = JSON.stringify(now) !== JSON.stringify(late)
      late = now
      if (moved && shown) redraw()
    } catch { /* the record itself goes on; the next look tells why it waits */ } finally { asked = false }
  }
  life.every(LOOK_MS, look)

  // Masked for everybody until they say why. Made once a message: a reason half typed outlives what is drawn anew.
  function number(one) {
    const known = `${model.scene.incident.id} ${one.message_id} ${model.language}`
    if (!numbers.has(known)) {
      const own = veils.get(one.message_id) ?? veils.set(one.message_id, new Map()).get(one.message_id)
      const cell = h("span", {class: "t3 s12 nowrap"}), problem = h("span", {class: "wn s12", role: "alert"})
      const reveal = async (reason) => {
        problem.textContent = ""
        try {
          unveil((await calls.json(`/api/v1/incidents/${model.scene.incident.id}/messages/${one.message_id}/unmask`, {reason})).values, own)
        } catch (fault) { problem.textContent = fault.message === "offline" ? say("data.offline") : fault.message }
      }
      cell.append(veiled({personal: one.phone.includes("*") ? "phone" : "", title: say("message.phone.of", {name: one.to}), mono: true}, one.phone, say, room().may_unmask, reveal, own), problem)
      numbers.set(known, cell)
    }
    return numbers.get(known)
  }

  const stateName = (one) => one.kind === "call" && ["answered", "failed", "sent"].includes(one.state) ? say(`message.call.${one.state}`) : say(`message.state.${one.state}`)

  function step(one, it) {
    const parts = [it.text, it.duration_s ? say("message.lasted", {time: span(it.duration_s, say)}) : "", it.reason, it.to === "failed" && !it.final ? say("message.retry") : ""].filter(Boolean)
    return [h("b", {}, one.kind === "call" && ["answered", "failed", "sent"].includes(it.to) ? say(`message.call.${it.to}`) : say(`message.state.${it.to}`)), h("span", {}, parts.join("·")), h("span", {class: "t3"}, stamp(it.recorded_at))]
  }

  function card(one) {
    const waits = late[one.message_id], may = room().may
    return h("div", {class: `order message st-${one.state}${one.state === "failed" ? " late" : ""}`, "data-message": one.name},
      h("div", {class: "row g8"}, h("b", {class: "mono"}, one.name), icon(one.kind === "call" ? "phone" : "send", 13), h("b", {class: "cut"}, one.to), number(one), h("div", {class: "sp"}), h("span", {class: `badge s ${TONE[one.state]}`}, stateName(one))),
      h("div", {class: "say"}, one.text),
      h("div", {class: "row g8 wrap s12 t3"}, one.way === "exercise" ? h("span", {class: "badge s b-line"}, say("message.way.exercise")) : one.way === "by_hand" ? h("span", {class: "badge s b-line"}, say("message.way.by_hand")) : null,
        one.order ? h("span", {}, say("message.about", {name: one.order})) : null, one.occasion !== "typed" ? h("span", {}, say(`message.occasion.${one.occasion}`)) : null,
        one.round > 1 ? h("span", {}, say("message.round", {round: one.round})) : null, h("span", {}, `${one.actor}·${stamp(one.put_at)}`)),
      one.state === "queued" && waits?.fault ? h("div", {class: "row g8 s12 wn", role: "status"}, icon("warning", 14), h("span", {}, say("message.waits", {fault: waits.fault, time: waits.next_at ? time(waits.next_at) : "—"}))) : null,
      one.steps.length ? h("div", {class: "steps"}, one.steps.map((it) => step(one, it))) : null,
      may ? h("div", {class: "acts"},
        one.state === "failed" && one.way !== "by_hand" ? button({class: "btn s", onclick: () => again(one)}, icon("redo", 13), say("message.again")) : null,
        one.state === "queued" && waits?.fault ? button({class: "btn s", onclick: () => again(one)}, say("message.now")) : null,
        one.state !== "answered" ? button({class: "btn s", onclick: () => dialogs.heard(one)}, say(one.kind === "call" ? "message.heard.call" : "message.heard")) : null) : null)
  }

  const again = (one) => model.send_msg({kind: "message_again", id: one.message_id, key: newKey()})

  return {
    dialogs,
    count: () => list().length,
    hide() { shown = false },
    draw() {
      shown = true
      look()
      return h("div", {class: "orders"},
        room()?.may ? h("div", {class: "bar2"}, button({class: "btn p", onclick: () => dialogs.send("text")}, icon("send", 15), say("message.text")), button({class: "btn", onclick: () => dialogs.send("call")}, icon("phone", 15), say("message.call"))) : null,
        list().length ? [...list()].reverse().map(card) : h("div", {class: "empty low"}, icon("phone", 26), h("b", {}, say("message.none")), h("span", {}, say("message.none.hint"))))
    },
  }
}
