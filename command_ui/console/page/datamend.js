// Who mends what by when? Tasks given from a defect or a hidden danger, with their terms running, and the form that gives one.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {stamp} from "./format.js"
import {keepFields, keepLine, unsent} from "./unsent.js"

const DAY = 86_400_000
const TERMS = [1, 3, 7, 15, 30]
const TONE = {assigned: "b-warn", received: "b-info", done: "b-info", closed: "state-ok", withdrawn: "b-line"}
const SHOWN = ["open", "overdue", "all"]

// The form stands below the row it is about; what was typed stays when the server refuses.
export function mendForm(say, calls, about, done) {
  const node = h("form", {class: "mend-form", onsubmit: (event) => { event.preventDefault(); give() }})
  const what = h("textarea", {class: "field", name: "what", rows: 2, maxlength: 500, required: true, "aria-label": say("mend.what")}, about.what ?? "")
  const owner = h("input", {class: "field", name: "owner", maxlength: 100, required: true, value: about.owner ?? "", "aria-label": say("mend.owner")})
  const term = h("select", {class: "field", name: "term", "aria-label": say("mend.term")}, TERMS.map((days) => h("option", {value: days, selected: days === 7}, say("mend.days", {count: days}))))
  const fault = h("div", {class: "fault data-fault", role: "alert", hidden: true})
  const send = h("button", {class: "btn p s", type: "submit"}, icon("send", 15), say("mend.give"))

  async function give() {
    send.disabled = true
    fault.hidden = true
    try {
      const due = new Date(Date.now() + Number(term.value) * DAY).toISOString()
      const made = await calls.json("/api/v1/rectifications", {layer: about.layer, id: about.id, what: what.value, owner: owner.value, due_at: due})
      typed.drop()
      done(made)
    } catch (error) {
      fault.textContent = say("data.failed", {reason: error.message})
      fault.hidden = false
      send.disabled = false
    }
  }

  renew(node,
    h("label", {}, h("span", {class: "s12 t3"}, say("mend.what")), what),
    h("div", {class: "row g8"},
      h("label", {class: "sp"}, h("span", {class: "s12 t3"}, say("mend.owner")), owner),
      h("label", {}, h("span", {class: "s12 t3"}, say("mend.term")), term)),
    fault,
    h("div", {class: "row g8"}, h("span", {class: "sp"}), button({class: "btn s", type: "button", onclick: () => { typed.drop(); done(null) }}, say("mend.cancel")), send))
  const typed = keepFields(node, unsent(`mend-${about.layer}-${about.id}`), say)
  node.prepend(typed.note)
  queueMicrotask(() => what.focus())
  return node
}

export function dataMend(model, say, calls, room) {
  const node = h("div", {class: "data-mend"})
  const list = h("div", {class: "scroll", role: "list"})
  const head = h("div", {class: "row g8 mend-head"})
  const asked = new URLSearchParams(window.location.search)
  let found = null, fault = "", shown = "open", noting = "", busy = ""
  // Come here from a hidden danger in a dossier: the form stands open with what the ticket says.
  let giving = asked.get("mend") ? {layer: asked.get("layer") ?? "hidden_danger", id: asked.get("mend"), what: asked.get("what") ?? "", owner: asked.get("owner") ?? ""} : null
  const form = h("div", {class: "mend-new"})

  async function pull() {
    try {
      found = await calls.ask("/api/v1/rectifications")
      fault = ""
    } catch (error) {
      fault = error.message
    }
    draw()
  }

  const isOpen = (one) => ["assigned", "received", "done"].includes(one.state)
  const wanted = (one) => shown === "all" || (shown === "overdue" ? one.overdue : isOpen(one))
  const title = (key) => (model.layers ?? []).find((one) => one.key === key)?.title ?? key

  function left(one) {
    if (!isOpen(one)) return h("span", {class: "t3"}, stamp(one.due_at))
    const away = new Date(one.due_at) - Date.now()
    const days = Math.floor(Math.abs(away) / DAY), hours = Math.floor((Math.abs(away) % DAY) / 3_600_000)
    const text = say(away < 0 ? "mend.over" : "mend.left", {days, hours})
    return h("span", {class: away < 0 && one.state !== "done" ? "bad" : away < DAY ? "wn" : ""}, h("b", {class: "num"}, text), h("span", {class: "t3 s12"}, ` ${stamp(one.due_at)}`))
  }

  const begun = (one, state) => unsent(`mend-step-${one.id}-${state}`)

  async function step(one, state, note = "") {
    busy = one.id
    draw()
    try {
      const again = state === "assigned" ? {due_at: new Date(Date.now() + 3 * DAY).toISOString()} : {}
      await calls.json(`/api/v1/rectifications/${one.id}/steps`, {state, note, ...again})
      begun(one, state).drop()
      noting = ""
    } catch (error) {
      fault = error.message
    }
    busy = ""
    await pull()
  }

  function acts(one) {
    if (!model.can_import) return null
    return one.next.map((state) => {
      const name = state === "assigned" ? "mend.step.back" : `mend.step.${state}`
      const needs = state === "withdrawn" || state === "assigned"
      return button({class: `btn s${state === "done" || state === "closed" ? " p" : ""}`, disabled: busy === one.id, onclick: () => { if (needs) { noting = `${one.id}:${state}`; draw() } else step(one, state) }}, say(name))
    })
  }

  function reason(one) {
    const [id, state] = noting.split(":")
    if (id !== one.id) return null
    const box = h("input", {class: "field", maxlength: 500, required: true, placeholder: say("mend.reason"), "aria-label": say("mend.reason")}), line = keepLine(box, say)
    line.turn(begun(one, state))
    queueMicrotask(() => box.focus())
    return h("form", {class: "row g8 mend-reason", onsubmit: (event) => { event.preventDefault(); step(one, state, box.value) }}, box, h("button", {class: "btn s p", type: "submit"}, say("mend.sure")), button({class: "btn s", type: "button", onclick: () => { line.drop(); noting = ""; draw() }}, say("mend.cancel")), line.note)
  }

  function card(one) {
    return h("div", {class: `mend${one.overdue ? " late" : ""}`, role: "listitem"},
      h("div", {class: "row g8"}, h("b", {class: "sp cut"}, one.subject_name), h("span", {class: "badge s b-line"}, say(`mend.origin.${one.origin}`)), h("span", {class: `badge s ${TONE[one.state]}`}, say(`mend.state.${one.state}`))),
      h("div", {}, one.what),
      h("div", {class: "mend-facts s12"},
        h("span", {class: "t3"}, say("mend.owner")), h("span", {class: "cut"}, one.owner),
        h("span", {class: "t3"}, say("mend.due")), left(one),
        h("span", {class: "t3"}, say("mend.number")), h("span", {class: "num lf"}, one.id),
        h("span", {class: "t3"}, say("mend.last")), h("span", {class: "cut"}, `${say(`mend.state.${one.state}`)} ${stamp(one.since)} ${one.actor}${one.note ? ` · ${one.note}` : ""}`)),
      h("div", {class: "row g8"}, h("span", {class: "sp t3 s12"}, title(one.layer)), acts(one)),
      reason(one))
  }

  function drawForm() {
    renew(form, giving && model.can_import ? mendForm(say, calls, giving, (made) => { giving = null; drawForm(); if (made) pull() }) : null)
  }

  function draw() {
    const all = found ?? []
    const numbers = {open: all.filter(isOpen).length, overdue: all.filter((one) => one.overdue).length, all: all.length}
    renew(head,
      SHOWN.map((name) => button({class: `chip${shown === name ? " on" : ""}`, "aria-pressed": String(shown === name), onclick: () => { shown = name; draw() }}, say(`mend.show.${name}`), " ", h("b", {class: "num"}, numbers[name]))),
      h("span", {class: "sp"}), button({class: "ib", title: say("data.again"), "aria-label": say("data.again"), onclick: pull}, icon("redo", 17)))
    const rows = all.filter(wanted)
    renew(list,
      fault ? h("div", {class: "fault data-fault", role: "alert"}, icon("warning", 15), h("span", {class: "sp"}, say("data.failed", {reason: fault})), button({class: "btn s", onclick: pull}, say("data.retry"))) : null,
      found === null && !fault ? [h("div", {class: "skeleton"}), h("div", {class: "skeleton"})]
        : rows.length ? rows.map(card)
          : h("div", {class: "empty"}, icon("check", 28), h("b", {}, say("mend.none")), h("span", {}, say("mend.none.hint"))))
  }

  // Terms run on the screen too.
  const ticking = setInterval(() => { if (node.isConnected && !noting) draw() }, 60_000)
  renew(node, form, head, list)
  drawForm()
  return {node, draw, pull, end: () => clearInterval(ticking), taken: () => new Set((found ?? []).filter(isOpen).map((one) => `${one.layer} ${one.subject_id}`))}
}
