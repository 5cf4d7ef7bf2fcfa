// What has been written, in order, and can I add a line? Nothing here edits: a correction is a new entry.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr} from "./speak.js"
import {time, stamp} from "./format.js"
import {outbox} from "./outbox.js"
import {longList} from "./longlist.js"
import {keepLine, unsent} from "./unsent.js"

const SEARCH_AFTER_MS = 250
const CORRECTED = ["note", "team_arrived"]

export function logbook(model, say, life, dialogs) {
  let incident = null, words = "", ask = 0, searching = null, struck = 0
  const kept = outbox(model, life, () => drawKept())
  const list = longList({row: line, ask: (first, count) => model.send_msg({kind: "rows", first, count, group: "all", words, ask})})
  const input = h("input", {class: "field", maxlength: 500})
  const form = h("form", {class: "note-form", onsubmit: (event) => {
    event.preventDefault()
    const text = input.value.trim()
    if (!text || !model.scene?.incident) return
    kept.add(model.scene.incident.id, text)
    typed.drop()
  }})
  const typed = keepLine(input, say)
  // One key in, one key out: N opens the field, Escape gives the keys back to the desk.
  input.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing) input.blur() })
  const record = button({class: "btn", type: "submit"})
  form.append(input, record)
  const search = h("input", {class: "field search", type: "search", maxlength: 100})
  search.addEventListener("input", () => { clearTimeout(searching); searching = setTimeout(look, SEARCH_AFTER_MS) })
  const hits = h("span", {class: "t3 s12 nowrap", role: "status"})
  const finder = h("div", {class: "row g8 note-search"}, search, hits)
  const waiting = h("div", {class: "kept", role: "status", "aria-live": "polite"})
  const none = h("div", {class: "empty", hidden: true})

  function line(one) {
    return h("div", {class: `entry lane-${one.lane}${one.struck ? " struck" : ""}`, "data-seq": one.seq},
      h("span", {class: "mono seq"}, `#${one.seq}`),
      h("div", {class: "sp what"}, h("b", {}, sayOr(model, `event.${one.kind}`, one.kind)), one.about ? h("b", {class: "mono"}, ` ${one.about}`) : null, h("div", {class: "t2"}, sayOr(model, one.code, one.text ?? "", one.values)),
        h("div", {class: "t3 s12"}, `${one.actor}·${say("log.recorded", {time: time(one.recorded_at)})}`, h("span", {class: "mono"}, ` ${one.hash.slice(0, 8)}`))),
      h("div", {class: "entry-side"}, h("span", {class: "t2 s12 nowrap"}, stamp(one.occurred_at ?? one.recorded_at)),
        CORRECTED.includes(one.kind) && !one.struck && model.scene?.can_note ? button({class: "ib small", title: say("correct.title", {seq: one.seq}), "aria-label": say("correct.title", {seq: one.seq}), onclick: () => dialogs.correct(one, one.text || sayOr(model, one.code, "", one.values))}, icon("pencil", 13)) : null))
  }

  // Amber until the receipt is here; only then does a line count as written.
  function keptLine(one) {
    return h("div", {class: `entry kept-line ${one.state}`, "data-key": one.key},
      h("span", {class: `badge s ${{waiting: "b-warn", written: "b-live", refused: "b-danger"}[one.state]}`}, say(`log.${one.state}`, {seq: one.seq})),
      h("div", {class: "sp what"}, h("div", {}, one.text), h("div", {class: "t3 s12"}, one.state === "refused" ? one.reason : say(`log.${one.state}.hint`)),
        one.state === "refused" ? h("div", {class: "row g8"},
          button({class: "btn s", onclick: () => { typed.put(one.text); kept.forget(one.key); input.focus() }}, say("log.again")),
          button({class: "btn s", onclick: () => kept.forget(one.key)}, say("log.discard"))) : null),
      h("span", {class: "t2 s12 nowrap"}, stamp(one.at)))
  }

  function drawKept() {
    renew(waiting, kept.of(incident, model.record?.incident === incident ? model.record?.total ?? 0 : 0).reverse().map(keptLine))
  }

  function look() {
    words = search.value.trim()
    ask += 1
    list.clear()
    hits.textContent = ""
    if (words) model.send_msg({kind: "rows", first: 0, count: 0, group: "all", words, ask})
    else follow()
  }

  // Without words the list is the record itself, whose newest pages came with it.
  function follow() {
    const found = model.record ?? {}
    if (found.struck !== struck) list.clear() // one of the rows drawn, however old, is struck through now
    struck = found.struck
    list.grow(found.total ?? 0, found.newest)
    none.hidden = Boolean(found.total)
  }

  return {
    focus: () => input.focus(),
    go: (seq) => list.go(seq),
    take(message) {
      if (message.kind !== "rows" || message.ask !== ask) return
      if (words) {
        hits.textContent = say("log.hits", {count: message.total})
        list.grow(message.total)
        none.hidden = message.total > 0
      }
      list.take(message.first, message.rows)
    },
    draw() {
      const here = model.scene?.incident?.id
      if (!here) return h("div", {class: "empty"}, icon("document", 28), h("b", {}, say("log.none")))
      if (here !== incident) {
        incident = here
        typed.turn(unsent("log", here))
        words = search.value = ""
        ask += 1
        list.clear()
        hits.textContent = ""
      }
      if (!words && model.record?.incident === incident) follow()
      else if (words) model.send_msg({kind: "rows", first: 0, count: 0, group: "all", words, ask})
      input.placeholder = say("log.placeholder")
      input.setAttribute("aria-label", say("log.placeholder"))
      search.placeholder = say("log.search")
      search.setAttribute("aria-label", say("log.search"))
      record.textContent = say("log.add")
      renew(none, say(words ? "log.hits" : "log.none", {count: 0}))
      drawKept()
      requestAnimationFrame(() => list.mount())
      return [model.scene.can_note ? [form, typed.note] : null, finder, waiting, none, list.root]
    },
  }
}
