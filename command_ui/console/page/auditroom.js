// What did everybody do, and is the record of it whole? Newest first, by time, person, kind and outcome; a line unfolds.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr, speaker} from "./speak.js"
import {stamp} from "./format.js"
import {dress} from "./dress.js"
import {caller} from "./datacalls.js"
import {lifetime} from "./bus.js"
import {auditChart, dutyParts} from "./auditchart.js"

const PAGE = 200
const TONES = {ok: "b-live", refused: "b-warn", failed: "b-danger"}

export function render({model, view}) {
  dress(view)
  const say = speaker(model), calls = caller(model)
  const main = h("div", {class: "scroll office-main"}), node = h("div", {class: "panel office"}, main)
  const actor = h("input", {class: "field", type: "search", maxlength: 64}), words = h("input", {class: "field", type: "search", maxlength: 200})
  const event = h("select", {class: "field"}), outcome = h("select", {class: "field"})
  const since = h("input", {class: "field", type: "date"}), until = h("input", {class: "field", type: "date"})
  const body = h("tbody", {}), foot = h("div", {class: "row g12"}), verdict = h("div", {})
  const chart = auditChart(model, {onSlot, onName}), file = h("a", {class: "btn", download: "audit.csv"}), copied = h("span", {})
  const hour = {since: "", until: ""}
  const life = lifetime(model), watched = h("div", {})
  let lines = null, more = false, fault = "", busy = false, open = new Set(), copy = null, shown = null, alarms = []

  function query(extra = {}) {
    const asked = {actor: actor.value.trim(), event: event.value, outcome: outcome.value, words: words.value.trim(), ...extra}
    if (since.value) asked.since = hour.since || `${since.value}T00:00:00+08:00`
    if (until.value) asked.until = hour.until || `${until.value}T23:59:59.999+08:00`
    return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== "")).toString()
  }

  // A bar narrows the list to its hour or day; typing a date takes the hour away again.
  function onSlot(slot, unit) {
    const {day, hour: at} = dutyParts(slot.at)
    since.value = until.value = day
    hour.since = unit === "hour" ? `${day}T${at}:00:00+08:00` : ""
    hour.until = unit === "hour" ? `${day}T${at}:59:59.999+08:00` : ""
    outcome.value = slot.refused ? "refused" : "failed"
    pull()
  }

  function onName(field, name) {
    const box = field === "actor" ? actor : words
    box.value = name
    outcome.value = "refused"
    pull()
  }

  async function tally() {
    const asked = new URLSearchParams(query())
    for (const name of hour.since ? ["since", "until"] : []) asked.delete(name)
    asked.delete("outcome")
    try { shown = await calls.ask(`/api/v1/audit/counts?${asked}`); chart.draw(shown) } catch { chart.draw(shown ?? {unit: "day", slots: [], accounts: [], addresses: [], objects: []}) }
    try { copy = await calls.ask("/api/v1/audit/copy") } catch { copy = null }
    drawCopy()
  }

  // What looked like an attack within the last day; asked for by itself, for nobody presses a button before an alarm.
  async function watch() {
    const since = new Date(Date.now() - 86_400_000).toISOString()
    try { alarms = await calls.ask(`/api/v1/audit?${new URLSearchParams({event: "suspicion", since, limit: 20})}`) } catch { return }
    drawWatch()
  }

  function drawWatch() {
    renew(watched, alarms.map((one) => {
      const [code, ...rest] = one.object.split(" ")
      return h("div", {class: "fault audit-watch", role: "alert"}, icon("warning", 15), h("b", {}, say(`watch.${code}`)),
        h("span", {}, say("watch.one", {name: rest.join(" "), count: one.detail.count, minutes: one.detail.minutes, time: stamp(one.at)})),
        button({class: "btn s", onclick: () => { onName(["spraying", "scanning"].includes(code) ? "address" : "actor", rest.join(" ")) }}, say("audit.find")))
    }))
  }

  function drawCopy() {
    if (!copy) { renew(copied); return }
    const told = {lines: copy.lines, behind: copy.behind, when: copy.copied_at ? stamp(copy.copied_at) : "—"}
    const tone = copy.fault ? "b-danger" : copy.behind > 500 ? "b-warn" : "b-line"
    renew(copied, h("span", {class: `badge ${tone} audit-copy`, title: copy.fault || copy.target, role: "status"}, icon(copy.fault ? "warning" : "link", 14), say(copy.fault ? "audit.copy.cut" : "audit.copy.good", told)))
  }

  async function pull(on = false) {
    if (!on) { file.setAttribute("href", `/api/v1/audit/file?${query()}`); tally() }
    busy = true
    fault = ""
    try {
      const last = on && lines?.length ? {before_day: lines.at(-1).day, before_seq: lines.at(-1).seq} : {}
      const found = await calls.ask(`/api/v1/audit?${query({limit: PAGE, ...last})}`)
      lines = on ? [...lines, ...found] : found
      more = found.length === PAGE
    } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    busy = false
    draw()
  }

  async function verify() {
    renew(verdict, h("span", {class: "t3 s12"}, say("audit.checking")))
    try {
      const found = await calls.ask("/api/v1/audit/verification")
      renew(verdict, h("span", {class: `badge ${found.ok ? "b-live" : "b-danger"}`, role: "status"}, icon(found.ok ? "check" : "warning", 14), say(found.ok ? "audit.whole" : "audit.altered", {days: found.days, lines: found.lines, faults: found.faults.length})), found.faults.slice(0, 5).map((one) => h("div", {class: "dg s12"}, one)))
    } catch (error) { renew(verdict, h("span", {class: "dg s12"}, error.message)) }
  }

  const name = (code) => sayOr(model, `audit.event.${code}`, code)

  function row(one) {
    const key = `${one.day}/${one.seq}`, unfolded = open.has(key)
    const turn = () => { if (unfolded) open.delete(key); else open.add(key); drawRows() }
    return [h("tr", {class: "hover press", tabindex: 0, "aria-expanded": String(unfolded), onclick: turn, onkeydown: (press) => { if (press.key === "Enter") turn() }},
      h("td", {class: "mono"}, stamp(one.at)), h("td", {}, h("b", {}, one.actor || "—")), h("td", {}, one.role ? sayOr(model, `role.${one.role}`, one.role) : "—"), h("td", {}, name(one.event)),
      h("td", {}, h("span", {class: `badge s ${TONES[one.outcome] ?? "b-line"}`}, say(`audit.outcome.${one.outcome}`)), one.detail.times ? h("span", {class: "mono s12 office-gap", title: say("audit.times")}, `×${one.detail.times}`) : null), h("td", {class: "cut office-object", title: one.object}, one.object || "—"), h("td", {class: "mono"}, one.address || "—")),
    unfolded ? h("tr", {class: "office-open"}, h("td", {colspan: 7}, h("div", {class: "facts-list"}, h("span", {class: "t3"}, say("audit.number")), h("span", {class: "mono"}, key), h("span", {class: "t3"}, say("audit.detail")), h("span", {class: "mono"}, JSON.stringify(one.detail)), h("span", {class: "t3"}, say("audit.request")), h("span", {class: "mono"}, one.request_id || "—"), h("span", {class: "t3"}, say("audit.hash")), h("span", {class: "mono"}, one.hash)))) : null]
  }

  function drawRows() {
    renew(body, (lines ?? []).length ? lines.map(row) : h("tr", {}, h("td", {colspan: 7, class: "t3"}, say(busy ? "audit.checking" : "audit.none"))))
    renew(foot, more ? button({class: "btn", disabled: busy, onclick: () => pull(true)}, say("audit.more")) : null)
  }

  function options(select, entries) {
    const value = select.value
    renew(select, entries.map(([code, text]) => h("option", {value: code}, text)))
    select.value = value
  }

  function clear() {
    for (const box of [since, until, actor, event, outcome, words]) box.value = ""
    hour.since = hour.until = ""
    pull()
  }

  for (const box of [since, until]) box.addEventListener("change", () => { hour.since = hour.until = "" })

  const labelled = (code, control) => h("label", {class: control === words ? "office-filter office-words" : "office-filter"}, h("span", {class: "t3 s12"}, say(code)), control)

  function draw() {
    options(event, [["", say("audit.any")], ...model.events.map((code) => [code, name(code)])])
    options(outcome, [["", say("audit.any")], ...Object.keys(TONES).map((code) => [code, say(`audit.outcome.${code}`)])])
    words.placeholder = say("audit.words.hint")
    file.setAttribute("href", `/api/v1/audit/file?${query()}`)
    renew(file, icon("save", 15), say("audit.file"))
    if (shown) chart.draw(shown)
    drawCopy()
    renew(main, h("div", {class: "row g12 wrap office-head"}, h("b", {class: "s16"}, say("page.audit")), h("span", {class: "t3 s12 sp"}, say("audit.kept")), copied, verdict, button({class: "btn audit-verify", onclick: verify}, icon("check", 15), say("audit.verify")), file),
    watched, chart.node,
    h("form", {class: "office-filters", onsubmit: (submit) => { submit.preventDefault(); pull() }}, labelled("audit.since", since), labelled("audit.until", until), labelled("audit.actor", actor), labelled("audit.event", event), labelled("audit.outcome", outcome), labelled("audit.words", words), h("button", {type: "submit", class: "btn p", disabled: busy}, icon("search", 15), say("audit.find")), button({class: "btn audit-clear", onclick: clear}, say("audit.clear"))),
    fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : null,
    lines === null && !fault ? h("div", {class: "skeleton tall"}) : h("div", {class: "office-table"}, h("table", {}, h("thead", {}, h("tr", {}, ["audit.at", "audit.actor", "accounts.role", "audit.event", "audit.outcome", "audit.object", "accounts.address"].map((code) => h("th", {}, say(code))))), body)), foot)
    drawRows()
  }

  model.on("texts", () => { draw(); drawWatch() })
  draw()
  pull()
  watch()
  life.every(20_000, watch)
  return node
}
