// What did somebody type here and never send? Kept over a reload or a lost line, for this account and this incident alone.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {stamp} from "./format.js"

const PREFIX = "onemap:unsent"
const LASTS_MS = 24 * 3600e3 // one shift and its handover; what nobody took up by then goes
// Never in the browser's storage: fields of these names, and whole numbers of people wherever they were typed.
const PRIVATE = /password|secret|token|phone|contact|one_?time|otp/i
const NUMBERS = /(?<![\dA-Za-z])(?:(\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{17}[\dXx])(?![\dA-Za-z])/g

const part = (name) => String(name).replaceAll(":", "_")
const memory = new Map() // until the page goes everything is there, private or not, as it stood in the field
const account = () => document.querySelector('meta[name="onemap-account"]')?.content ?? ""
const quietly = (work) => { try { return work() } catch { return null } } // a browser without a store still keeps it while the page is open

// The text without what must not lie on a shared computer; `hidden` says whether anything was taken out.
export function cleaned(value) {
  let hidden = false
  const text = JSON.stringify(value, (name, one) => {
    if (PRIVATE.test(name) && one !== "" && one !== null && one !== undefined) { hidden = true; return undefined }
    if (typeof one !== "string") return one
    return one.replace(NUMBERS, (found) => { hidden = true; return `${found.slice(0, 3)}****${found.slice(-4)}` })
  })
  return {text, hidden}
}

const empty = (value) => value === null || value === undefined || value === "" || value === false || (typeof value === "object" && Object.values(value).every(empty))

function stored(key) {
  const kept = quietly(() => JSON.parse(localStorage.getItem(key) ?? "null"))
  return kept && Date.now() - kept.at < LASTS_MS ? kept : null
}

// `form` names what is filled in, `incident` whom it is about ("" for none); `who` only where no account stands in the page.
export function unsent(form, incident = "", who = account()) {
  const key = [PREFIX, ...[who, incident, form].map(part)].join(":")
  return {
    key,
    // {value, at, hidden} or null
    read: () => memory.get(key) ?? stored(key),
    keep(value) {
      if (empty(value)) return this.drop()
      memory.set(key, {value: structuredClone(value), at: Date.now(), hidden: false})
      const {text, hidden} = cleaned(value)
      quietly(() => localStorage.setItem(key, `{"at":${Date.now()},"hidden":${hidden},"value":${text}}`))
    },
    drop() {
      memory.delete(key)
      quietly(() => localStorage.removeItem(key))
    },
  }
}

// Only what the person changed: what the form proposes by itself is proposed anew, as it is then.
export function changed(values, start) {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(start[name])))
}

const mine = (test) => quietly(() => Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}:`) && test(key)).forEach((key) => localStorage.removeItem(key)))

// Who signs out leaves nothing behind for the next one at this desk.
export function forgetAll() {
  memory.clear()
  mine((key) => key.startsWith(`${PREFIX}:${part(account())}:`))
}
mine((key) => stored(key) === null)

// The line that says so, with the way to be rid of it; nothing where nothing was taken up.
export function restored(say, found, discard) {
  if (!found) return null
  return h("div", {class: "restored", role: "status"}, icon("undo", 14),
    h("span", {class: "sp"}, say("unsent.restored", {time: stamp(new Date(found.at).toISOString())}), found.hidden ? h("b", {class: "wn"}, ` ${say("unsent.hidden")}`) : null),
    button({class: "btn s restored-drop", onclick: discard}, say("unsent.discard")))
}

const FIELDS = "input[name], textarea[name], select[name]"
const kept = (one) => !["password", "file", "hidden", "tel", "search"].includes(one.type) && one.inputMode !== "tel" && one.autocomplete !== "one-time-code" && !PRIVATE.test(one.name)
const valueOf = (one) => (one.type === "checkbox" ? one.checked : one.value)
function put(one, value) {
  if (one.type === "checkbox") one.checked = value
  else one.value = value
  for (const kind of ["input", "change"]) one.dispatchEvent(new Event(kind, {bubbles: true}))
}

// A form with named fields: they are filled with what was left, and what is typed is kept until `drop`.
// The fields stand already; the line that says so is `note`, to be put where it is seen.
export function keepFields(node, left, say) {
  const fields = () => [...node.querySelectorAll(FIELDS)].filter(kept)
  const start = Object.fromEntries(fields().map((one) => [one.name, valueOf(one)]))
  const note = h("div", {})
  const found = left.read()
  const write = () => left.keep(changed(Object.fromEntries(fields().map((one) => [one.name, valueOf(one)])), start))
  const fill = (values) => fields().forEach((one) => { if (one.name in values) put(one, values[one.name]) })
  if (found) fill(found.value)
  for (const kind of ["input", "change"]) node.addEventListener(kind, write)
  const drop = () => { left.drop(); renew(note) }
  renew(note, restored(say, found, () => { fill(start); drop() }))
  return {note, drop}
}

// One line that is typed into, wherever it is looked at: `turn` brings the text that was left of this matter.
export function keepLine(input, say) {
  const note = h("div", {})
  let left = null
  const drop = () => { left?.drop(); renew(note) }
  const put = (text) => { input.value = text; left?.keep({text}) }
  input.addEventListener("input", () => left?.keep({text: input.value}))
  return {
    note, put,
    turn(next) {
      if (left?.key === next.key) return
      left = next
      const found = left.read()
      input.value = found?.value.text ?? ""
      renew(note, restored(say, found, () => { input.value = ""; drop(); input.focus() }))
    },
    drop() { input.value = ""; drop() },
  }
}
