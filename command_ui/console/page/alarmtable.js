// What does the alarm page show? Filters, every alarm with its trace, the chosen one with what can be done, health, calls.
import {h, button, isTyping, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr, speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {figure, now, span, stamp, time} from "./format.js"
import {badges, tone, unseen} from "./alarmrows.js"
import {sparkline} from "./sparkline.js"
import {gatewayList, callPanel} from "./dutyposts.js"
import {incidentChoice} from "./alarmjoin.js"
import {restored, unsent} from "./unsent.js"

const SIGNS = {danger: "warning", warn: "bell", grey: "unplugged", calm: "check"}
const FILTERS = {waiting: unseen, standing: (one) => !one.cleared_at, closed: (one) => one.state === "closed", all: () => true}

export function render({model, view}) {
  dress(view)
  const say = speaker(model)
  const life = lifetime(model)
  const send = (message) => model.send_msg(message)
  let filter = "waiting", kind = "", words = "", chosen = "", reason = "", joining = "", found = null
  const left = (id) => unsent(`alarm-${id}`)
  const search = h("input", {class: "field", type: "search", oninput: (event) => { words = event.target.value.trim().toLowerCase(); drawRows() }})
  const chips = h("div", {class: "row g8 wrap"}), kinds = h("select", {class: "field kinds", onchange: (event) => { kind = event.target.value; drawRows() }})
  const fresh = h("span", {class: "t3 s12 nowrap"})
  const rows = h("div", {class: "scroll alarm-rows"}), detail = h("div", {class: "alarm-detail"})
  const gateways = gatewayList(model, say), calls = callPanel(model, say, send)
  const page = h("div", {class: "panel alarm-page"},
    h("div", {class: "alarm-main"},
      h("div", {class: "row g8 alarm-tools"}, chips, h("div", {class: "sp"}), fresh, kinds, h("div", {class: "finder"}, icon("search", 15), search)),
      rows),
    h("div", {class: "alarm-side scroll"}, detail, gateways.node, calls.node))

  // Thirty posts that did not answer stand below one gas alarm that nobody has seen.
  const weight = (one) => (one.state === "open" && one.severity >= 2 ? 0 : one.state === "open" ? 1 : unseen(one) ? 2 : 3)
  const matching = () => (model.alarms ?? []).filter((one) => FILTERS[filter](one) && (!kind || one.kind === kind)
    && (!words || `${one.title} ${one.place} ${one.id} ${one.tag ?? ""}`.toLowerCase().includes(words))).sort((a, b) => weight(a) - weight(b))
  const current = () => (model.alarms ?? []).find((one) => one.id === chosen) ?? null
  const trace = (one, size) => one.point === null ? null : sparkline(model.tracks?.[one.point], {now: now().getTime(),
    threshold: one.threshold_high !== null && one.severity >= 3 && one.threshold === one.threshold_high ? null : one.threshold,
    high: one.threshold_high, label: say("alarm.trace"), ...size})

  function drawTools() {
    const count = (name) => (model.alarms ?? []).filter(FILTERS[name]).length
    renew(chips, Object.keys(FILTERS).map((name) => button({class: `chip${filter === name ? " on" : ""}`, "aria-pressed": String(filter === name),
      onclick: () => { filter = name; draw() }}, say(`alarm.filter.${name}`, {count: count(name)}))))
    const found = [...new Set((model.alarms ?? []).map((one) => one.kind))].sort()
    renew(kinds, h("option", {value: ""}, say("alarm.kind.all")), found.map((name) => h("option", {value: name, selected: name === kind}, sayOr(model, `alarm.kind.${name}`, name))))
    kinds.setAttribute("aria-label", say("alarm.kind.all"))
    search.placeholder = say("alarm.find")
    search.setAttribute("aria-label", say("alarm.find"))
    fresh.textContent = model.updated_at ? say("common.updated", {time: time(model.updated_at)}) : ""
  }

  function row(one) {
    const look = tone(one)
    return h("tr", {class: `hover press alarm-row ${look}${one.id === chosen ? " on" : ""}`, "data-alarm": one.id, tabindex: 0, "aria-selected": String(one.id === chosen),
      onclick: () => choose(one.id), onfocus: () => { if (chosen !== one.id) choose(one.id) }},
    h("td", {class: "sign"}, icon(SIGNS[look], 16)),
    h("td", {}, h("span", {class: `badge s ${one.state === "open" ? (one.severity >= 2 ? "b-danger" : "b-warn") : one.state === "cleared" ? "b-info" : "b-line"}`}, say(`alarm.${one.state}`))),
    h("td", {class: "nowrap"}, stamp(one.at)),
    h("td", {class: "what"}, h("b", {class: "cut"}, one.title), h("div", {class: "t3 s12 cut"}, one.place)),
    h("td", {class: "t2"}, one.kind_title),
    h("td", {class: "r"}, one.peak === null ? "—" : `${figure(one.peak)}`, one.threshold === null ? null : h("span", {class: "t3"}, ` / ${figure(one.threshold)} ${one.unit}`)),
    h("td", {class: `r${one.offline ? " t3" : ""}`}, one.now === null ? "—" : `${figure(one.now)} ${one.unit}`),
    h("td", {class: "trace"}, trace(one, {})),
    h("td", {class: "r"}, unseen(one) && model.may_act
      ? button({class: "btn s", onclick: (event) => { event.stopPropagation(); acknowledge(one) }}, say("alarm.acknowledge"))
      : h("span", {class: "t3 s12"}, one.acknowledged_by ?? "")))
  }

  function drawRows() {
    const found = matching(), at = rows.scrollTop
    const held = rows.querySelector(":focus")?.dataset.alarm
    const head = ["", "state", "at", "what", "kind", "peak", "now", "trace", ""]
    renew(rows, model.fault ? h("div", {class: "empty", role: "alert"}, icon("warning", 28), h("b", {}, say("alarm.fault")), h("span", {}, model.fault), button({class: "btn", onclick: () => send({kind: "refresh"})}, say("line.reload")))
      : model.loading ? [h("div", {class: "skeleton"}), h("div", {class: "skeleton"}), h("div", {class: "skeleton"})]
        : found.length ? h("table", {class: "alarm-table"},
          h("thead", {}, h("tr", {}, head.map((name) => h("th", {class: name === "peak" || name === "now" ? "r" : null}, name ? say(`alarm.col.${name}`) : "")))),
          h("tbody", {}, found.map(row)))
          : h("div", {class: "empty"}, icon("check", 28), h("b", {}, say("alarm.none.here")), h("span", {}, say("alarm.none.hint"))))
    rows.scrollTop = at
    if (held) rows.querySelector(`tr[data-alarm="${held}"]`)?.focus({preventScroll: true})
  }

  function drawDetail() {
    const one = current()
    const kept = detail.querySelector("input")
    const typing = kept?.matches(":focus")
    if (!one) return renew(detail, h("div", {class: "empty low"}, say("alarm.choose")))
    const input = h("input", {class: "field reason", maxlength: 500, value: reason, placeholder: say("alarm.reason"), "aria-label": say("alarm.reason"),
      oninput: (event) => { reason = event.target.value; left(one.id).keep({reason}) },
      onkeydown: (event) => { if (event.key === "Enter" && !event.isComposing) acknowledge(one) }})
    const fact = (name, value) => value ? [h("span", {class: "t3"}, say(`alarm.fact.${name}`)), h("span", {}, value)] : null
    renew(detail, h("div", {class: "sec"},
      h("div", {class: "row g8"}, h("b", {class: "s16 sp"}, one.title), badges(one, say)),
      h("div", {class: "t2"}, one.place),
      one.point === null ? null : h("div", {class: "trace-large"}, trace(one, {width: 372, height: 96}), h("div", {class: "row s12 t3"}, h("span", {class: "sp"}, say("alarm.trace.begin")), say("alarm.trace.end"))),
      h("div", {class: "facts-list"}, fact("first", stamp(one.at)), fact("known", stamp(one.known_at)), fact("cleared", one.cleared_at && stamp(one.cleared_at)),
        fact("lasted", span((new Date(one.cleared_at ?? now()) - new Date(one.at)) / 1000, say)),
        fact("threshold", one.threshold === null ? "" : `${figure(one.threshold_first ?? one.threshold)}${one.threshold_high === null ? "" : ` / ${figure(one.threshold_high)}`} ${one.unit}`),
        fact("seen", one.acknowledged_by && `${one.acknowledged_by} · ${stamp(one.acknowledged_at)}`), fact("reason", one.reason), fact("number", one.id)),
      model.may_act ? [unseen(one) ? h("div", {class: "row g8 act-row"}, input, button({class: "btn p", onclick: () => acknowledge(one)}, say("alarm.acknowledge"))) : null,
        unseen(one) ? restored(say, found, () => { left(one.id).drop(); reason = ""; found = null; drawDetail() }) : null,
        h("div", {class: "row g8 act-row"},
          one.incident ? h("a", {class: "btn", href: `/?incident=${one.incident}`}, icon("link", 15), say("alarm.incident.open"))
            : [h("a", {class: "btn d", href: `/?alarm=${encodeURIComponent(one.id)}`}, icon("flag", 15), say("alarm.incident")),
              button({class: "btn", "aria-expanded": String(joining === one.id), onclick: () => join(joining === one.id ? "" : one.id)}, icon("plus", 15), say("alarm.link"))],
          one.escalated ? null : button({class: "btn", onclick: () => send({kind: "alarm_escalate", id: one.id})}, icon("send", 15), say("alarm.escalate"))),
        joining === one.id && !one.incident ? incidentChoice(one, model.incidents ?? [], {say, send, done: () => join("")}) : null] : null))
    if (typing) { const field = detail.querySelector("input"); field?.focus(); field?.setSelectionRange(reason.length, reason.length) }
  }

  function join(id) { joining = id; drawDetail(); if (id) detail.querySelector(".alarm-join .btn")?.focus() }

  function acknowledge(one) {
    send({kind: "alarm_acknowledge", id: one.id, severity: one.severity, reason: one.id === chosen ? reason : ""})
    left(one.id).drop()
    reason = ""
    found = null
  }

  function choose(id) {
    if (chosen !== id) { found = left(id).read(); reason = found?.value.reason ?? ""; joining = "" }
    chosen = id
    for (const line of rows.querySelectorAll("tr.alarm-row")) {
      line.classList.toggle("on", line.dataset.alarm === id)
      line.setAttribute("aria-selected", String(line.dataset.alarm === id))
    }
    drawDetail()
  }

  function move(by) {
    const found = matching()
    if (!found.length) return
    const at = found.findIndex((one) => one.id === chosen)
    const next = found[Math.min(found.length - 1, Math.max(0, at + by))]
    choose(next.id)
    rows.querySelector(`tr[data-alarm="${next.id}"]`)?.focus()
  }

  const keys = {ArrowDown: () => move(1), ArrowUp: () => move(-1), j: () => move(1), k: () => move(-1), "/": () => search.focus(),
    a: () => { const one = current(); if (one && unseen(one) && model.may_act) detail.querySelector("input")?.focus() },
    e: () => { const one = current(); if (one && !one.escalated && model.may_act) send({kind: "alarm_escalate", id: one.id}) },
    i: () => { const one = current(); if (one && model.may_act && !one.incident) window.location.assign(`/?alarm=${encodeURIComponent(one.id)}`) }}

  life.on(document, "keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "Escape" && isTyping(event)) { event.composedPath()[0].blur(); return }
    if (isTyping(event)) return
    const act = keys[event.key]
    if (act) { event.preventDefault(); event.stopPropagation(); act() }
  }, true)

  function draw() {
    if (!current()) chosen = matching()[0]?.id ?? ""
    drawTools()
    drawRows()
    drawDetail()
  }

  life.every(10000, () => { if (!document.hidden) send({kind: "refresh"}) })
  model.on(["texts", "alarms", "tracks", "counts", "loading", "fault", "may_act", "updated_at"], draw)
  model.on(["texts", "gateways"], gateways.draw)
  model.on(["texts", "calls", "posts"], calls.draw)
  model.on("msg:custom", (message) => { if (message.kind === "unmasked") calls.unmasked(message) })
  life.every(1000, calls.beat)
  draw()
  gateways.draw()
  calls.draw()
  return page
}
