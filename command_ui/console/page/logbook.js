// What has been written, in order, and can I add a line? Nothing here edits: a correction is a new entry.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr} from "./speak.js"
import {time, stamp} from "./format.js"

export function logbook(model, say) {
  let typed = ""
  const input = h("input", {class: "field", maxlength: 500})
  const form = h("form", {class: "note-form", onsubmit: (event) => {
    event.preventDefault()
    const text = input.value.trim()
    if (!text) return
    model.send_msg({kind: "note", text})
    input.value = typed = ""
  }})
  input.addEventListener("input", () => { typed = input.value })

  function line(one) {
    return h("div", {class: `entry lane-${one.lane}${one.struck ? " struck" : ""}`},
      h("span", {class: "mono seq"}, `#${one.seq}`),
      h("div", {class: "sp what"}, h("b", {}, sayOr(model, `event.${one.kind}`, one.kind)), h("div", {class: "t2"}, sayOr(model, one.code, one.text ?? "", one.values)),
        h("div", {class: "t3 s12"}, `${one.actor}·${say("log.recorded", {time: time(one.recorded_at)})}`, h("span", {class: "mono"}, ` ${one.hash.slice(0, 8)}`))),
      h("span", {class: "t2 s12 nowrap"}, stamp(one.occurred_at ?? one.recorded_at)))
  }

  return {
    focus: () => input.focus(),
    draw() {
      const entries = [...(model.entries ?? [])].reverse()
      if (!model.scene?.incident) return h("div", {class: "empty"}, icon("document", 28), h("b", {}, say("log.none")))
      input.placeholder = say("log.placeholder")
      input.setAttribute("aria-label", say("log.placeholder"))
      input.value = typed
      form.replaceChildren(input, button({class: "btn", type: "submit"}, say("log.add")))
      return [model.scene.can_note ? form : null, h("div", {class: "entries"}, entries.length ? entries.map(line) : h("div", {class: "empty"}, say("log.none")))]
    },
  }
}
