// What stands beside the map in a consultation? Roll-call by level with the state of each line, minutes, and the way to speak.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr} from "./speak.js"
import {tell} from "./bus.js"
import {now, place, span, time} from "./format.js"
import {keepFields, keepLine, unsent} from "./unsent.js"

const LEVELS = ["nation", "province", "city", "county", "enterprise", "department", "expert"]
const CALL_S = 60 // as long as a call rings; after that it counts as not answered
const WEAK_MS = 400
const KINDS = {decision_recorded: "decision", order_drafted: "order", mark_placed: "mark", mark_changed: "mark", report_sent: "report", consultation_frozen: "view", consultation_spoken: "said"}
const TONES = {decision: "b-info", order: "b-warn", mark: "b-sim"}

export function consultRoom(state, life) {
  const {me, model, say} = state
  const text = h("input", {class: "field sp", maxlength: 2000})
  const form = h("form", {class: "consult-say", onsubmit: speak})
  const typed = keepLine(text, say)
  let anchor = null, kind = "all", ending = null, pending = null, seen = 0
  const list = h("div", {class: "consult-minutes", tabindex: "0"})

  function speak(event) {
    event.preventDefault()
    const words = text.value.trim()
    if (!words || pending) return
    let view = ""
    tell("view.asked", {take: (link) => { view = link }})
    pending = state.send("consult_say", {text: words, view, moment: model.moment || null, longitude: anchor?.[0] ?? null, latitude: anchor?.[1] ?? null})
    setTimeout(() => { pending = null }, 8000)
  }

  function pin() {
    if (anchor) { anchor = null; state.redraw(); return }
    tell("toast", {code: "consult.anchor.hint"})
    tell("consult.pick", {take: (at) => { anchor = at; state.redraw(); text.focus() }})
  }

  const left = (what) => unsent(`consult-${what}-${me.id}`, model.incident?.id ?? "")

  const seconds = (since) => Math.max(0, (now() - new Date(since)) / 1000)

  // The record says who came; the line says who is there now. Both together are the state a roll-call shows.
  function standing(seat) {
    const lines = (me.people?.people ?? []).filter((one) => seat.account && one.account === seat.account)
    const nearest = lines.map((one) => one.delay_ms).filter((one) => one !== null && one !== undefined).sort((a, b) => a - b)[0] ?? null
    if (lines.length) {
      if (seat.account === me.people.presenter) return {code: "presents", tone: "pr", delay: nearest}
      if (nearest !== null && nearest > WEAK_MS) return {code: "weak", tone: "wn", delay: nearest}
      return lines.some((one) => one.following) ? {code: "follow", tone: "okc", delay: nearest} : {code: "free", tone: "wn", delay: nearest}
    }
    if (seat.state === "present") return seat.way === "phone" ? {code: "phone", tone: "okc"} : {code: "lost", tone: "st"}
    if (seat.state === "called") return seconds(seat.called_at) < CALL_S ? {code: "called", tone: "pr"} : {code: "unanswered", tone: "wn"}
    return {code: seat.state, tone: "st"}
  }

  function seatRow(seat, beats, lead) {
    const own = standing(seat), mine = seat.account === model.me.account, here = ["presents", "follow", "free", "weak"].includes(own.code)
    const word = h("span", {class: `consult-state ${own.tone}`})
    const write = () => { word.textContent = say(`consult.state.${standing(seat).code}`, {seconds: Math.floor(seat.called_at ? seconds(seat.called_at) : 0)}) }
    write()
    if (own.code === "called") beats.push(write)
    return h("div", {class: `consult-seat lv-${seat.level}`, "data-seat": seat.id, "data-state": own.code},
      h("span", {class: `dot ${own.tone}`}), h("b", {class: "cut", title: seat.name}, seat.name),
      h("span", {class: "t3 s12 cut sp"}, `${seat.person && seat.person !== seat.name ? seat.person : say(`consult.level.${seat.level}`)}${mine ? say("consult.me") : ""}`),
      own.code === "presents" ? h("span", {class: "badge s b-info"}, say("consult.presenter")) : own.code === "free" && !(lead && here) ? h("span", {class: "badge s b-warn"}, say("consult.free")) : null,
      lead && here && own.code !== "presents" ? button({class: "btn s", "aria-label": say("consult.hand.name", {name: seat.name}), onclick: () => state.send("consult_present", {account: seat.account})}, say("consult.hand")) : null,
      h("span", {class: "t3 s12 consult-delay"}, own.delay === null || own.delay === undefined ? "—" : say("consult.delay", {value: own.delay})), word)
  }

  function rollCall(room, beats) {
    const lead = state.leads(), order = (one) => LEVELS.indexOf(one.level)
    const seats = [...(room.seats ?? [])].sort((a, b) => order(a) - order(b))
    const here = seats.filter((one) => ["presents", "follow", "free", "weak", "phone"].includes(standing(one).code)).length
    const away = seats.filter((one) => !["present", "declined"].includes(one.state) && !(one.state === "called" && seconds(one.called_at) < CALL_S))
    const calling = seats.filter((one) => one.state === "called").sort((a, b) => new Date(b.called_at) - new Date(a.called_at))
    const strip = (one) => {
      const words = h("span", {class: "t2 s12 sp cut"})
      const beat = () => {
        const left = CALL_S - seconds(one.called_at)
        words.textContent = left > 0 ? say("consult.call.left", {name: one.name, calls: one.calls, time: span(left, say)}) : say("consult.call.over", {name: one.name, calls: one.calls})
      }
      beat()
      beats.push(beat)
      return h("div", {class: "row g8 consult-strip"}, words,
        model.may.write ? button({class: "btn s", onclick: () => state.send("consult_answer", {seat: one.id, answer: "present"})}, icon("phone", 14), say("consult.call.phone")) : null)
    }
    return [
      h("div", {class: "h consult-h"}, icon("people", 18), h("b", {}, say("consult.rollcall")), h("span", {class: "badge s b-live"}, say("consult.counted", {all: seats.length, here})), h("span", {class: "sp"}),
        model.may.write && away.length ? button({class: "btn s", onclick: () => state.send("consult_call", {seats: away.map((one) => one.id), way: "line"})}, icon("bell", 14), say("consult.call.all", {count: away.length})) : h("span", {class: "t3 s12"}, say("consult.updated", {time: time(now())})),
        button({class: "ib small", title: say("consult.close"), "aria-label": say("consult.close"), onclick: state.fold}, icon("right", 16))),
      h("div", {class: "consult-seats"}, seats.map((one) => seatRow(one, beats, lead))),
      calling.slice(0, 2).map(strip),
    ]
  }

  // Who is not in the record for me (another county): the people on the line are all there is to show.
  function peopleOnly() {
    return [h("div", {class: "h consult-h"}, icon("people", 18), h("b", {}, say("consult.rollcall")), h("span", {class: "sp"})),
      h("div", {class: "consult-seats"}, (me.people?.people ?? []).map((one) => h("div", {class: `consult-seat lv-${one.level}`}, h("span", {class: `dot ${one.following ? "okc" : "wn"}`}), h("b", {class: "cut"}, one.unit), h("span", {class: "t3 s12 sp cut"}, one.name),
        h("span", {class: "t3 s12 consult-delay"}, one.delay_ms === null ? "—" : say("consult.delay", {value: one.delay_ms})),
        h("span", {class: `consult-state ${one.following ? "okc" : "wn"}`}, say(one.account === me.people.presenter ? "consult.state.presents" : one.following ? "consult.state.follow" : "consult.state.free"))))),
      h("div", {class: "empty"}, icon("eye", 28), h("b", {}, me.people?.topic ?? ""), h("span", {}, say("consult.outside")))]
  }

  function minute(row) {
    const what = KINDS[row.kind] ?? "people", raised = row.code === "entry.consultation_spoken.raised", tied = row.longitude !== null && row.longitude !== undefined
    return h("div", {class: `consult-minute k-${what}`, "data-seq": row.seq},
      h("div", {class: "row g8"}, h("span", {class: "t3 s12"}, time(row.at)), h("span", {class: `badge s ${raised ? "b-warn" : TONES[what] ?? "b-line"}`}, say(`consult.kind.${raised ? "hand" : what}`)), h("span", {class: "sp"}), h("span", {class: "t3 s12 cut"}, row.who)),
      h("div", {class: "consult-words"}, sayOr(model, row.code, row.text ?? "", row.values),
        tied ? button({class: "consult-pin", onclick: () => { tell("consult.left"); tell("fly", {longitude: row.longitude, latitude: row.latitude}) }, title: say("consult.at_place")}, icon("pin", 14), place(row.longitude, row.latitude)) : null))
  }

  function minutes(room) {
    const rows = (room.minutes ?? []).filter((row) => kind === "all" || (KINDS[row.kind] ?? "people") === kind)
    const kinds = ["all", ...new Set((room.minutes ?? []).map((row) => KINDS[row.kind] ?? "people"))]
    const low = list.scrollHeight - list.scrollTop - list.clientHeight < 40
    renew(list, rows.length ? rows.map(minute) : h("div", {class: "empty low"}, say("consult.minutes.none")))
    const newest = room.minutes?.at(-1)?.seq ?? 0
    if (low || newest !== seen) requestAnimationFrame(() => { list.scrollTop = list.scrollHeight })
    seen = newest
    return [
      h("div", {class: "h consult-h"}, icon("document", 18), h("b", {}, say("consult.minutes")), h("span", {class: "badge s b-info"}, say("consult.minutes.auto")), h("span", {class: "sp"}),
        h("select", {class: "field consult-kind", "aria-label": say("consult.minutes"), onchange: (event) => { kind = event.target.value; state.redraw() }}, kinds.map((one) => h("option", {value: one, selected: one === kind}, say(`consult.kind.${one}`)))),
        h("a", {class: "btn s", href: `/report?incident=${model.incident.id}&form=minutes`}, say("consult.minutes.open"))),
      list]
  }

  function agenda(room, lead) {
    if (!room.agenda?.length) return null
    const at = Math.min(room.item, room.agenda.length - 1)
    return h("div", {class: "row g8 consult-strip"}, icon("table", 16), h("span", {class: "sp cut", title: room.agenda.join(" / ")}, say("consult.agenda.at", {number: at + 1, count: room.agenda.length, text: room.agenda[at]})),
      lead && at < room.agenda.length - 1 ? button({class: "btn s", onclick: () => state.send("consult_item", {item: at + 1})}, say("consult.agenda.next")) : null)
  }

  function own(room, lead) {
    const shown = room.shown ?? []
    return h("div", {class: "consult-own"}, h("div", {class: "row g8"}, icon("eye", 16), h("b", {class: "sp"}, say("consult.own")),
      shown.length ? h("span", {class: "badge s b-sim"}, say("consult.shown", {count: shown.length})) : null,
      shown.length && model.may.write ? button({class: "btn s", onclick: () => shown.forEach((one) => state.send("consult_keep", {id: one.id, seen: one.seq}))}, say("consult.keep")) : null),
    h("div", {class: "consult-acts"},
      button({class: "btn", onclick: () => tell("plot", {own: true})}, icon("pencil", 16), say("consult.sketch")),
      lead ? button({class: "btn", "aria-pressed": String(Boolean(room.frozen)), onclick: () => state.send("consult_lock", {frozen: !room.frozen})}, icon("lock", 16), say(room.frozen ? "consult.unlock" : "consult.lock"))
        : button({class: "btn", onclick: () => state.send("consult_say", {text: say("consult.ask.text"), raised: true})}, icon("flag", 16), say("consult.ask")),
      lead && model.may.write ? button({class: "btn", onclick: () => { ending = ending ? null : {text: "", next: ""}; state.redraw() }}, icon("leave", 16), say("consult.end"))
        : button({class: "btn", onclick: state.toggle}, icon(me.following ? "hand" : "undo", 16), say(me.following ? "consult.unfollow" : "consult.follow"))),
    ending ? (ending.node ??= closing()) : null)
  }

  function closing() {
    const node = h("form", {class: "consult-end", onsubmit: (event) => { event.preventDefault(); state.send("consult_end", {text: ending.text, next: ending.next}) }},
      h("textarea", {class: "field tall", name: "text", rows: 2, maxlength: 2000, placeholder: say("consult.end.text"), "aria-label": say("consult.end.text"), oninput: (event) => { ending.text = event.target.value }}),
      h("div", {class: "row g8"}, h("input", {class: "field sp", name: "next", maxlength: 200, placeholder: say("consult.end.next"), "aria-label": say("consult.end.next"), oninput: (event) => { ending.next = event.target.value }}),
        h("button", {class: "btn d", type: "submit"}, say("consult.end.sure"))))
    node.prepend(keepFields(node, left("end"), say).note)
    return node
  }

  function speaking() {
    text.placeholder = say("consult.say")
    text.setAttribute("aria-label", say("consult.say"))
    const parts = [anchor ? h("span", {class: "badge s b-info consult-anchor"}, icon("pin", 12), place(anchor[0], anchor[1])) : null, text,
      button({class: `ib${anchor ? " on" : ""}`, "aria-pressed": String(Boolean(anchor)), title: say("consult.anchor"), "aria-label": say("consult.anchor"), onclick: pin}, icon("pin", 18)),
      h("button", {class: "btn p", type: "submit"}, say("consult.send"))].filter(Boolean)
    // The field stays where it is: taken out and put back, Chinese half typed in it would be lost.
    if (!text.isConnected || parts.length !== form.childNodes.length || form.lang !== (model.texts?.lang ?? "")) renew(form, parts)
    form.lang = model.texts?.lang ?? ""
    return form
  }

  const panel = h("div", {class: "panel consult-panel"})
  const above = h("div", {}), middle = h("div", {class: "consult-middle"}), below = h("div", {})
  panel.append(above, middle, below, typed.note, form)

  return {
    draw(beats) {
      const room = state.record()
      form.hidden = !state.inside()
      if (me.id) typed.turn(left("say"))
      if (!state.inside() || !room.id) { renew(above, peopleOnly()); renew(middle); renew(below); return panel }
      const lead = state.leads()
      renew(above, rollCall(room, beats), agenda(room, lead))
      const heads = minutes(room)
      if (middle.childNodes.length !== 2 || middle.lastChild !== list) renew(middle, heads)
      else if (!middle.firstChild.contains(panel.getRootNode().activeElement)) middle.firstChild.replaceWith(heads[0])
      const active = panel.getRootNode().activeElement, typing = ending && ["INPUT", "TEXTAREA"].includes(active?.tagName) && below.contains(active)
      if (!typing) renew(below, own(room, lead))
      speaking()
      return panel
    },
    fault(message) {
      if (message.key === pending) pending = null
      return false
    },
    done(message) {
      if (message.key === pending) { pending = null; typed.drop(); anchor = null }
      if (message.act === "consult_end") { ending = null; left("end").drop() }
      state.redraw()
    },
  }
}
