// How does a dialog ask for something so that nothing typed is lost? It closes only when the record has it.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {newKey} from "./closures.js"
import {changed, restored, unsent} from "./unsent.js"

const LOST_MS = 8000

// One dialog at a time. What was typed stays: on a fault in the open dialog, after a close, a reload or a lost line
// in `unsent` until it is sent or thrown away.
// `aside`: a dialog of the desk stands over the inspector, so that the map stays to be read while it is filled in.
export function asker(model, say, host, {aside = false} = {}) {
  let open = null

  function end() {
    open?.dialog.close()
    open?.dialog.remove()
    clearTimeout(open?.timer)
    open = null
  }

  function fault(text) {
    if (!open) return
    clearTimeout(open.timer)
    open.busy = false
    renew(open.faults, h("div", {class: "fault"}, icon("warning", 14), h("span", {}, text)))
    open.dialog.querySelectorAll(".dialog-foot .btn").forEach((one) => { one.disabled = false })
  }

  function send(ask) {
    if (!open || open.busy) return
    let message
    try {
      message = ask.message(open.values)
    } catch (problem) {
      return fault(problem.message)
    }
    open.busy = true
    // The same key over retries of the same words: an answer that was lost on the way makes no second entry.
    const said = JSON.stringify(message)
    if (open.said !== said) { open.key = newKey(); open.said = said }
    renew(open.faults)
    open.dialog.querySelectorAll(".dialog-foot .btn").forEach((one) => { one.disabled = true })
    open.timer = setTimeout(() => fault(say("ask.lost")), LOST_MS)
    model.send_msg({...message, key: open.key})
  }

  // ask: {name, title, icon, lead, dock, wide, danger, submit, body(values, redraw, once), message(values)}
  // `once(name, make)` gives a control that is made with the dialog and keeps its focus when the body is drawn anew.
  function show(ask, start = {}) {
    end()
    const left = unsent(ask.name, model.scene?.incident?.id ?? ""), found = ask.submit ? left.read() : null
    const values = {...start, ...(found?.value ?? {})}, made = new Map()
    const once = (name, make) => { if (!made.has(name)) made.set(name, make()); return made.get(name) }
    const note = h("div", {class: "ask-note"}, restored(say, found, () => { left.drop(); show(ask, start) }))
    const faults = h("div", {class: "faults", role: "alert"}), body = h("div", {class: "ask-body"})
    const form = h("form", {onsubmit: (event) => { event.preventDefault(); send(ask) }},
      h("div", {class: "dialog-head"}, icon(ask.icon ?? "flag", 20), h("div", {class: "sp"}, h("b", {class: "s16"}, ask.title), ask.lead ? h("div", {class: "t3 s12"}, ask.lead) : null),
        h("span", {class: `badge mode-${model.scene?.incident?.mode ?? "drill"}`}, say(`mode.${model.scene?.incident?.mode ?? "drill"}`)),
        button({class: "ib", "aria-label": say("common.close"), onclick: end}, icon("cross", 18))),
      note, body, faults,
      h("div", {class: "dialog-foot"}, h("span", {class: "t3 s12 sp"}, ask.foot ?? ""),
        button({class: "btn", onclick: end}, say(ask.submit ? "ask.later" : "common.close")),
        ask.submit ? h("button", {type: "submit", class: `btn ${ask.danger ? "d" : "p"}`}, icon("check", 16), ask.submit) : null))
    const dialog = h("dialog", {class: `ask${ask.dock ? " dock" : ask.wide ? " wide" : aside ? " aside" : ""}${aside ? " clear" : ""}`, "aria-label": ask.title}, form)
    open = {dialog, faults, values, left, key: "", said: "", busy: false}
    // What was wrong is said until something is changed.
    const heed = () => { if (!open?.busy) renew(faults) }
    const keep = () => left.keep(changed(values, start))
    const redraw = () => { heed(); keep(); draw() }
    const draw = () => renew(body, ask.body(values, redraw, once))
    draw()
    // What the dialog itself filled in while it was drawn was typed by nobody.
    for (const [name, value] of Object.entries(values)) if (!(name in start) && !(name in (found?.value ?? {}))) start = {...start, [name]: value}
    // Keys of the page rest while a dialog is open; Escape closes it and what was typed waits for the next time.
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) send(ask)
      event.stopPropagation()
    })
    dialog.addEventListener("input", heed)
    for (const kind of ["input", "change"]) dialog.addEventListener(kind, keep)
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); end() })
    host().append(dialog)
    dialog.showModal()
    ;(dialog.querySelector("[autofocus]") ?? dialog.querySelector("textarea, input, select"))?.focus()
  }

  return {
    show,
    end,
    get open() { return open !== null },
    take(message) {
      if (message.kind !== "said" || !open || message.key !== open.key) return
      if (message.fault) return fault(message.fault)
      open.left.drop()
      end()
    },
  }
}

// Fields: each writes into `values` as it is typed.
export const field = (label, control, hint) => h("label", {class: "ask-field"}, h("span", {class: "t2 s12"}, label), control, hint ? h("span", {class: "t3 s12"}, hint) : null)

// Several controls below one word: a label would pass a click on it to the first of them.
export const group = (label, ...controls) => h("div", {class: "ask-field", role: "group", "aria-label": label}, h("span", {class: "t2 s12"}, label), controls)

export function line(values, name, more = {}) {
  const input = h("input", {class: "field", maxlength: 200, ...more})
  input.value = values[name] ?? ""
  input.addEventListener("input", () => { values[name] = input.value })
  return input
}

export function area(values, name, more = {}) {
  const input = h("textarea", {class: "field tall", maxlength: 500, rows: 3, ...more})
  input.value = values[name] ?? ""
  input.addEventListener("input", () => { values[name] = input.value })
  return input
}

export function choice(values, name, options, more = {}) {
  const input = h("select", {class: "field", ...more}, options.map(([value, text]) => h("option", {value}, text)))
  input.value = values[name] ?? options[0]?.[0] ?? ""
  values[name] = input.value
  input.addEventListener("change", () => { values[name] = input.value; more.then?.() })
  return input
}

export function chips(values, name, options, redraw) {
  return h("div", {class: "row g8 wrap", role: "radiogroup"}, options.map(([value, text]) => button({class: `chip${values[name] === value ? " on" : ""}`, role: "radio", "aria-checked": String(values[name] === value),
    onclick: () => { values[name] = value; redraw() }}, text)))
}
