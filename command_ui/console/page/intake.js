// How is an incident reported? Place by a click or by name, the fields as stock widgets, then the steps of the run.
import {h, button, focused, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime, tell} from "./bus.js"
import {dress} from "./dress.js"
import {figure, place as written, stamp} from "./format.js"
import {restored, unsent} from "./unsent.js"

const STEPS = ["hazard", "exposure", "routes", "evacuation"]
const SETTLED_MS = 400

export function render({model, view}) {
  dress(view)
  const say = speaker(model)
  const life = lifetime(model)
  const head = h("div", {class: "dialog-head"}), where = h("div", {class: "where-row"}), note = h("div", {class: "ask-note"}), foot = h("div", {class: "dialog-foot"}), faults = h("div", {class: "faults", role: "alert"})
  const fields = h("div", {class: "dialog-form"}, model.get_child("form"))
  const dialog = h("div", {class: "dialog float", role: "dialog", hidden: true}, head, note, where, fields, faults, foot)

  // The fields are the server's widgets: it says what was typed into them, and puts back what the browser kept.
  // What it has not heard of yet, on a line that is down say, is kept by the names it gave to the labels.
  let left = null, found = null, waiting = null, touched = {}, asked = {}
  const about = () => (model.revising ? unsent("revise", model.revising.incident ?? "") : unsent(model.alarm ? `intake-${model.alarm.id}` : "intake"))
  function takeUp() {
    if (!model.opened) { left = null; touched = {}; return }
    const next = about()
    if (left?.key === next.key) return
    left = next
    found = left.read()
    if (found) model.send_msg({kind: "form_restore", values: found.value})
    tellLeft()
  }
  function discard() {
    left?.drop()
    found = null
    touched = {}
    model.send_msg({kind: "form_restore"})
    tellLeft()
  }
  const tellLeft = () => renew(note, restored(say, found, discard))
  function keep() {
    clearTimeout(waiting)
    waiting = setTimeout(() => { if (model.opened) { asked = {...touched}; model.send_msg({kind: "form_kept"}) } }, SETTLED_MS)
  }
  function touch(event) {
    const field = event.composedPath()[0], label = field.labels?.[0]?.textContent ?? field.getAttribute?.("aria-label") ?? ""
    const name = model.labels?.[label.replace(/\s*\*$/, "")]
    if (!name) return
    touched[name] = field.value
    ;(left ?? about()).keep({...model.typed, ...touched})
  }
  // What stands there is the server's own word again.
  function told() {
    const typed = model.typed ?? {}
    for (const [name, value] of Object.entries(asked)) if (touched[name] === value) delete touched[name]
    ;(left ?? about()).keep({...typed, ...touched})
  }
  // Who is quick has sent the form before the server ever said what was typed: then its word does not change.
  function sent() {
    clearTimeout(waiting)
    touched = {}
    ;(left ?? about()).drop()
  }
  for (const kind of ["input", "click", "focusout"]) fields.addEventListener(kind, keep)
  model.on("place", keep)
  fields.addEventListener("input", touch)
  model.on("typed", told)
  model.on("sent", sent)
  // An alarm comes with the form or right behind it: what is taken up is what was left of that alarm.
  model.on(["opened", "alarm", "revising"], () => setTimeout(takeUp, SETTLED_MS))

  const close = () => model.send_msg(model.revising ? {kind: "revise_close"} : {kind: "close"})
  const submit = () => model.send_msg(model.revising ? {kind: "revise_submit"} : {kind: "submit"})

  function draw() {
    dialog.hidden = !model.opened
    tell("form", {open: model.opened})
    if (!model.opened) return
    const busy = model.busy ?? {}
    const again = model.revising, title = say(again ? "revise.title" : "intake.title")
    dialog.setAttribute("aria-label", title)
    renew(head, icon(again ? "pencil" : "flag", 20), h("div", {}, h("b", {class: "s16"}, title), h("div", {class: "t3 s12"}, say(again ? "revise.hint" : "intake.hint"))), h("div", {class: "sp"}),
      button({class: "ib", "aria-label": say("common.close"), onclick: close}, icon("cross", 18)))
    const at = again ? again.place : model.place
    const alarm = again ? null : model.alarm
    renew(where, alarm ? h("span", {class: "badge s b-danger", title: `${alarm.id}·${alarm.place}`}, icon("warning", 13), say("intake.alarm", {title: alarm.title, time: stamp(alarm.at)})) : null, icon("pin", 16), at ? h("b", {}, at.name || say("intake.point")) : h("b", {class: "wn"}, say("intake.no_place")),
      h("span", {class: "t2 s12"}, at ? written(at.longitude, at.latitude) : say("intake.no_place.hint")), h("div", {class: "sp"}),
      again ? null : button({class: "btn s", onclick: () => tell("search")}, icon("search", 13), say("intake.by_name")))
    renew(faults, (model.faults ?? []).map((fault) => h("div", {class: "fault"}, icon("warning", 14), h("span", {}, fault))))
    renew(foot, busy.active ? h("div", {class: "row g12 steps", role: "status"}, STEPS.map((step) => h("span", {class: `step-chip ${busy.steps?.[step] ?? "waiting"}`},
      busy.steps?.[step] === "done" ? icon("check", 13) : null, say(`step.${step}`), busy.seconds?.[step] !== undefined ? ` ${figure(busy.seconds[step], 2)} s` : "")))
      : h("span", {class: "t3 s12"}, say(again ? "revise.promise" : "intake.promise")),
    h("div", {class: "sp"}),
    button({class: "btn", disabled: Boolean(busy.active), onclick: close}, say(again ? "revise.leave" : "intake.later")),
    button({class: "btn d", disabled: Boolean(busy.active), onclick: submit}, icon("check", 16), say(again ? "revise.submit" : "intake.submit")))
  }

  // The first field through all shadow roots: stock widgets keep theirs inside.
  function fieldIn(root, wanted) {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches(wanted)) return node
      const inside = node.shadowRoot ? fieldIn(node.shadowRoot, wanted) : null
      if (inside) return inside
    }
    return null
  }
  const typed = "input:not([type=hidden]):not([disabled])"
  // The first form of a page waits for the scripts of its widgets: until then there is nothing to go to.
  const goTo = (wanted, patience = 20) => requestAnimationFrame(() => {
    const found = fieldIn(fields, wanted), stood = focused()
    if (found) return found.focus()
    if (patience > 0) setTimeout(() => { if (model.opened && focused() === stood) goTo(wanted, patience - 1) }, 200)
  })

  // Without a mouse: first the place by name, then the first field, after a refusal the first field to correct.
  // Who has begun to type meanwhile is left alone.
  const begin = () => { if (model.opened) setTimeout(() => { if (!(focused() instanceof HTMLInputElement)) model.place || model.revising ? goTo(typed) : where.querySelector("button")?.focus() }, 80) }
  model.on("opened", begin)
  model.on("place", () => { if (model.opened && model.place && !dialog.contains(focused()) && !fields.contains(focused())) goTo(typed) })
  life.hear("escape", () => { if (model.opened && !model.busy?.active) close() })
  life.on(dialog, "keydown", (event) => {
    // The stock choice fields open by mouse alone; these keys open them too.
    const aim = event.composedPath()[0]
    if (aim.tagName === "DIV" && aim.getAttribute("role") === "combobox" && aim.getAttribute("aria-expanded") !== "true" && ["Enter", " ", "ArrowDown"].includes(event.key) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      for (const kind of ["mousedown", "mouseup", "click"]) aim.dispatchEvent(new MouseEvent(kind, {bubbles: true, composed: true, cancelable: true, button: 0}))
      return
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) submit()
  })
  model.on(["texts", "opened", "place", "alarm", "revising", "faults", "busy"], draw)
  model.on("faults", () => {
    if (!model.opened || !model.faults?.length) return
    const stood = focused()
    setTimeout(() => {
      // An officer who has moved on meanwhile, to the search box say, is not called back.
      if (focused() !== stood) return
      const wrong = model.place || model.revising ? fieldIn(fields, "[aria-invalid=true]") : where.querySelector("button")
      wrong?.focus()
      wrong?.scrollIntoView?.({block: "nearest"})
    }, 120)
  })
  draw()
  setTimeout(takeUp, SETTLED_MS)
  begin() // the fields come with the first opening, and the whole part is made anew for them
  return dialog
}
