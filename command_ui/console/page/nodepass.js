// How does an incident, or a warning about it, go to another level because a person says so?
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {newKey} from "./closures.js"
import {keepLine, unsent} from "./unsent.js"

export function passing(model, say, calls, done) {
  const node = h("section", {class: "card"})
  const which = h("select", {class: "field"}), what = h("select", {class: "field"}, ["incident", "warning"].map((code) => h("option", {value: code})))
  const instruction = h("input", {class: "field", maxlength: 2000}), boxes = h("div", {class: "row g12 wrap"})
  const chosen = new Set(), typed = keepLine(instruction, say)
  let incidents = null, lines = [], said = "", fault = "", busy = false, key = newKey()

  async function pull() {
    try {
      const [open, nodes] = await Promise.all([calls.ask("/api/v1/incidents"), calls.ask("/api/v1/nodes")])
      incidents = (open.incidents ?? open).filter((one) => one.status === "open")
      lines = nodes.lines
      fault = ""
    } catch (error) {
      fault = error.message === "offline" ? say("data.offline") : error.message
    }
    fill()
  }

  async function send() {
    if (!chosen.size) { fault = say("nodes.pass.choose"); said = ""; return fill() }
    busy = true
    fill()
    try {
      // The same key until it is in the outbox: a retry sends one warning, not two.
      const answer = await calls.ask(`/api/v1/incidents/${which.value}/passing`, {method: "POST", headers: {"content-type": "application/json", "idempotency-key": key},
        body: JSON.stringify({to: [...chosen], what: what.value, instruction: what.value === "warning" ? instruction.value.trim() : ""})})
      key = newKey()
      typed.drop()
      fault = ""
      said = answer.to.length ? say("nodes.pass.done", {names: answer.to.map((name) => lines.find((one) => one.name === name)?.title ?? name).join(say("list.of"))}) : say("nodes.pass.again")
      await done()
    } catch (error) {
      fault = error.message === "offline" ? say("data.offline") : error.message
    }
    busy = false
    return fill()
  }

  function fill() {
    const before = which.value
    renew(which, (incidents ?? []).map((one) => h("option", {value: one.incident_id}, `${one.code} ${one.title}`)))
    if ((incidents ?? []).some((one) => one.incident_id === before)) which.value = before
    what.options[0].textContent = say("nodes.pass.copy")
    what.options[1].textContent = say("nodes.pass.warning")
    instruction.placeholder = say("nodes.pass.instruction")
    for (const [field, code] of [[which, "nodes.pass.incident"], [what, "nodes.pass.what"], [instruction, "nodes.pass.instruction"]]) field.setAttribute("aria-label", say(code))
    instruction.hidden = typed.note.hidden = what.value !== "warning"
    if (which.value) typed.turn(unsent("node-pass", which.value))
    renew(boxes, lines.map((one) => {
      const box = h("input", {type: "checkbox", onchange: () => (box.checked ? chosen.add(one.name) : chosen.delete(one.name))})
      box.checked = chosen.has(one.name)
      return h("label", {}, box, one.title)
    }))
    const ready = incidents?.length && lines.length
    renew(node, h("div", {class: "h"}, icon("send", 17), say("nodes.pass")), h("div", {class: "card-body"},
      fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : null,
      incidents === null ? h("div", {class: "skeleton"}) : !ready ? h("span", {class: "t3 s12"}, say(lines.length ? "nodes.pass.none" : "nodes.lines.none"))
        : h("div", {class: "node-pass"}, which, what, instruction, typed.note, h("span", {class: "t3"}, say("nodes.pass.to")), boxes, button({class: "btn p node-send", disabled: busy, onclick: send}, icon("send", 15), say("nodes.pass.send"))),
      said ? h("div", {class: "ok s12", role: "status"}, said) : null))
  }

  what.addEventListener("change", fill)
  which.addEventListener("change", fill)
  return {node, draw: () => { fill(); pull() }}
}
