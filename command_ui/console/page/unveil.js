// How is a masked name or number shown? The eye asks why; the answer takes the place of the stars.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"

const REASONS = ["incident", "roll_call", "register", "other"]

// One value and, where it is masked and may be seen, its eye. `ask` sends the reason; `veils` keeps value by column.
export function veiled(field, shown, say, may, ask, veils) {
  const value = h("span", {class: field.mono ? "mono" : ""}, shown)
  if (!field.personal || !may) return value
  veils.set(field.personal, value)
  const title = say("unmask.show.of", {title: field.title})
  const cell = h("span", {class: "veil"}, value)
  const eye = button({class: "ib small veil-eye", title, "aria-label": title, onclick: () => open()}, icon("eye", 14))
  cell.append(eye)

  function open() {
    const reason = h("select", {class: "field s", "aria-label": say("unmask.why"), onchange: () => { other.hidden = reason.value !== "other"; if (!other.hidden) other.focus() }}, REASONS.map((one) => h("option", {value: one}, say(`unmask.why.${one}`))))
    const other = h("input", {class: "field s", maxlength: 200, hidden: true, placeholder: say("unmask.why.hint"), "aria-label": say("unmask.why.hint")})
    const said = () => (reason.value === "other" ? other.value.trim() : say(`unmask.why.${reason.value}`))
    const form = h("form", {class: "veil-form", onkeydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); close() } }, onsubmit: (event) => {
      event.preventDefault()
      if (said().length < 2) { other.focus(); return }
      close()
      ask(said())
    }}, reason, other, h("button", {type: "submit", class: "btn s p"}, say("unmask.show")), button({class: "btn s", onclick: () => close()}, say("unmask.cancel")))
    const close = () => { form.remove(); eye.hidden = false; eye.focus() }
    eye.hidden = true
    cell.append(form)
    reason.focus()
  }
  return cell
}

// The values came: they take the place of the stars, and the eyes go.
export function unveil(values, veils) {
  for (const [column, value] of Object.entries(values)) {
    const node = veils.get(column)
    if (!node || value === null || value === undefined) continue
    node.textContent = Array.isArray(value) ? value.join(" ") : String(value)
    node.classList.add("veil-lifted")
    node.parentNode?.querySelectorAll(".veil-eye, .veil-form").forEach((one) => one.remove())
  }
}
