// What must be said about a closure? Reason, remark, who said it, until when; what was typed stays until it is recorded.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {distance} from "./format.js"
import {changed, restored, unsent} from "./unsent.js"

const REASONS = ["hazard", "accident", "flooding", "works", "damage", "obstacle", "crowd", "control", "other"]
const UNTIL_S = [["", "closure.until.open"], [1800, "closure.until.minutes", 30], [3600, "closure.until.hours", 1], [7200, "closure.until.hours", 2], [21600, "closure.until.hours", 6], [86400, "closure.until.hours", 24]]
const POINTS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"]

export const headingCode = (degrees) => `heading.${POINTS[Math.round(degrees / 45) % 8]}`

export function closureForm(say, act) {
  const node = h("form", {class: "closure-form", hidden: true, onsubmit: (event) => { event.preventDefault(); act.save(said()) }})
  const fresh = () => ({reason: "control", text: "", by: "", until: "", whole: false, direction: "both"})
  let typed = fresh(), pending = null, busy = false, found = null
  const left = () => unsent("closure", act.incident())
  const keepAll = () => left().keep(changed(typed, fresh()))

  const said = () => ({...typed, until_s: typed.until === "" ? null : Number(typed.until)})
  const keep = (name) => (event) => { typed[name] = event.target.value; keepAll() }

  function field(code, input) {
    return h("label", {class: "closure-field"}, h("span", {class: "t3 s12"}, say(code)), input)
  }

  function choice(name, options, then) {
    return h("span", {class: "row g4 wrap", role: "radiogroup"}, options.map(([value, text]) => button({class: `chip${typed[name] === value ? " on" : ""}`, role: "radio", "aria-checked": String(typed[name] === value),
      onclick: () => { typed[name] = value; keepAll(); then?.(); draw() }}, text)))
  }

  function draw() {
    node.hidden = !pending
    if (!pending) return
    const select = (name, options) => {
      const made = h("select", {class: "field", onchange: keep(name)}, options.map(([value, text]) => h("option", {value}, text)))
      made.value = typed[name]
      return made
    }
    const input = (name, hint) => {
      const made = h("input", {class: "field", maxlength: 200, placeholder: say(hint), oninput: keep(name)})
      made.value = typed[name]
      return made
    }
    const road = pending.road
    const back = road ? say(headingCode((road.heading_deg + 180) % 360)) : "", ahead = road ? say(headingCode(road.heading_deg)) : ""
    renew(node,
      h("div", {class: "row g8"}, h("b", {class: "cut"}, road ? road.name || say("closure.unnamed_road") : say(`closure.${pending.shape}`)), road ? h("span", {class: "t3 s12"}, say("closure.length", {length: distance(road.length_m)})) : null),
      restored(say, found, () => { left().drop(); found = null; typed = fresh(); draw() }),
      road ? field("closure.extent", choice("whole", [[false, say("closure.extent.stretch")], [true, say("closure.extent.whole")]], () => act.again({whole: typed.whole}))) : null,
      road && !road.one_way ? field("closure.direction", choice("direction", [["both", say("closure.direction.both")], ["forward", say("closure.direction.to", {heading: ahead})], ["backward", say("closure.direction.to", {heading: back})]])) : null,
      field("closure.reason", select("reason", REASONS.map((one) => [one, say(`closure.reason.${one}`)]))),
      field("closure.text", input("text", "closure.text.hint")),
      field("closure.by", input("by", "closure.by.hint")),
      field("closure.until", select("until", UNTIL_S.map(([value, code, amount]) => [String(value), say(code, {value: amount})]))),
      h("div", {class: "row g8"}, h("button", {type: "submit", class: "btn d sp closure-save", disabled: busy || null}, icon("barrier", 14), say("closure.save")), button({class: "btn", onclick: () => { left().drop(); typed = fresh(); act.cancel() }}, say("closure.cancel"))))
  }

  return {
    node,
    open(what, {keep: kept = false} = {}) {
      const first = !pending
      pending = what
      if (first) { found = left().read(); Object.assign(typed, found?.value) }
      if (!kept) { typed.whole = false; typed.direction = "both" }
      draw()
      if (first) node.querySelector("select")?.focus()
    },
    close() { pending = null; draw() },
    clear() { left().drop(); found = null; typed = {...fresh(), reason: typed.reason, by: typed.by} },
    busy(now) { busy = now; draw() },
    speak: draw,
  }
}
