// What is asked when an account is made or gets rights? Dialogs that keep what was typed until the server has it.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {keepFields, unsent} from "./unsent.js"

const LABELS = ["public", "internal", "restricted"]
const WORLDS = ["live", "drill", "sim"]

function dialogOf(host, say, {left, title, lead, picture, fields, submit, send}) {
  const faults = h("div", {class: "faults", role: "alert"})
  const go = h("button", {type: "submit", class: "btn p office-send"}, icon("check", 16), submit)
  const dialog = h("dialog", {class: "ask", "aria-label": title})
  const close = () => dialog.remove()
  const form = h("form", {onsubmit: async (event) => {
    event.preventDefault()
    go.disabled = true
    renew(faults)
    try {
      await send()
      typed.drop()
      close()
    } catch (error) {
      renew(faults, h("div", {class: "fault"}, icon("warning", 14), h("span", {}, error.message === "offline" ? say("data.offline") : error.message)))
    }
    go.disabled = false
  }}, h("div", {class: "dialog-head"}, icon(picture, 20), h("div", {class: "sp"}, h("b", {class: "s16"}, title), lead ? h("div", {class: "t3 s12"}, lead) : null), button({class: "ib", "aria-label": say("common.close"), onclick: close}, icon("cross", 18))),
  h("div", {class: "ask-body"}, fields), faults, h("div", {class: "dialog-foot"}, h("span", {class: "sp"}), button({class: "btn", onclick: close}, say("common.close")), go))
  renew(dialog, form)
  const typed = keepFields(form, left, say)
  typed.note.className = "ask-note"
  form.firstChild.after(typed.note)
  dialog.addEventListener("keydown", (event) => event.stopPropagation())
  dialog.addEventListener("cancel", close)
  host.append(dialog)
  dialog.showModal()
  dialog.querySelector("input, select")?.focus()
}

const row = (label, control, hint) => h("label", {class: "ask-field"}, h("span", {class: "t2 s12"}, label), control, hint ? h("span", {class: "t3 s12"}, hint) : null)

export function newForm(host, say, send) {
  const input = (name) => h("input", {class: "field", name, maxlength: 64, required: true, autocomplete: "off"})
  const name = input("name"), display = input("display_name"), person = input("person")
  dialogOf(host, say, {left: unsent("account-new"), title: say("accounts.new"), lead: say("accounts.new.lead"), picture: "person", submit: say("accounts.new.do"),
    fields: [row(say("accounts.name"), name), row(say("accounts.display"), display), row(say("accounts.person"), person, say("accounts.person.hint"))],
    send: () => send({name: name.value, display_name: display.value, person: person.value})})
}

export function grantForm(host, say, model, one, send) {
  const pick = (name, options, value, words) => {
    const select = h("select", {class: "field", name}, options.map((option) => h("option", {value: option}, words(option))))
    select.value = options.includes(value) ? value : options[0]
    return select
  }
  const code = (name, value) => h("input", {class: "field mono", name, value, pattern: "[0-9]{6}", maxlength: 6, required: true})
  const role = pick("role", model.roles, one.role, (name) => say(`role.${name}`))
  const label = pick("clearance", LABELS, one.clearance, (name) => say(`accounts.label.${name}`))
  const world = pick("mode", WORLDS, one.mode, (name) => say(`mode.${name}`))
  const from = code("division_from", one.division_from), to = code("division_to", one.division_to)
  const unit = h("input", {class: "field", name: "unit_id", maxlength: 64, value: one.unit_id})
  dialogOf(host, say, {left: unsent(`account-rights-${one.name}`), title: say("accounts.grant.title", {name: one.name}), lead: say("accounts.grant.lead"), picture: "pencil", submit: say("accounts.grant"),
    fields: [row(say("accounts.role"), role), h("div", {class: "row g12"}, row(say("accounts.from"), from), row(say("accounts.to"), to)), h("div", {class: "t3 s12"}, say("accounts.divisions.hint")),
      h("div", {class: "row g12"}, row(say("accounts.label"), label), row(say("accounts.world"), world)), row(say("accounts.unit"), unit, say("accounts.unit.hint"))],
    send: () => send({role: role.value, division_from: from.value, division_to: to.value, clearance: label.value, mode: world.value, unit_id: unit.value})})
}

// A password that is shown this once, to be handed over.
export function shownOnce(host, say, made) {
  const dialog = h("dialog", {class: "ask", "aria-label": say("accounts.once")}, h("div", {class: "dialog-head"}, icon("person", 20), h("div", {class: "sp"}, h("b", {class: "s16"}, say("accounts.once")), h("div", {class: "t3 s12"}, say("accounts.once.lead")))),
    h("div", {class: "ask-body"}, h("div", {class: "facts-list"}, h("span", {class: "t3"}, say("accounts.name")), h("b", {}, made.name), h("span", {class: "t3"}, say("accounts.password")), h("b", {class: "office-once"}, made.password))),
    h("div", {class: "dialog-foot"}, h("span", {class: "sp"}), button({class: "btn p", onclick: () => dialog.remove()}, icon("check", 16), say("accounts.handed"))))
  host.append(dialog)
  dialog.showModal()
}
