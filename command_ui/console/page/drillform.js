// How does a controller put in what no list foresaw, or put otherwise what is to come? One form for all nine kinds.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {elapsed, elapsedOf} from "./drillclock.js"
import {PICTURE} from "./drillpictures.js"
import {changed, restored, unsent} from "./unsent.js"

const KINDS = Object.keys(PICTURE)
const TOLL = ["dead", "seriously_injured", "slightly_injured", "missing", "trapped"]
const REASONS = ["hazard", "accident", "flooding", "works", "damage", "obstacle", "crowd", "control", "other"]
const PLACED = new Set(["road", "hospital"])
const WORDS = ["title", "text", "source", "expected"]

// Exercise time as people write it (1:02:30, 12:30) in seconds; null where it is none.
export function secondsOf(text) {
  const parts = text.trim().split(/[:：]/)
  if (parts.length < 2 || parts.length > 3 || parts.some((part) => !/^\d{1,2}$/.test(part))) return null
  const [seconds, minutes, hours] = [...parts.map(Number).reverse(), 0]
  return seconds > 59 || minutes > 59 ? null : (hours ?? 0) * 3600 + minutes * 60 + seconds
}

export function drillForm(room, map, closed) {
  const {say} = room
  const node = h("section", {class: "drill-improvise", role: "dialog", "aria-label": say("inject.new")})
  let draft = null, means = [], fault = "", start = null, found = null

  const number = (value) => { const made = Number(String(value).trim()); return String(value ?? "").trim() !== "" && Number.isFinite(made) ? made : null }
  const field = (code, value, more = {}, keep = null) => {
    const made = h("input", {class: `field inject-${code}`, maxlength: 200, ...more, oninput: (event) => (keep ?? ((text) => { draft[code] = text }))(event.target.value)})
    made.value = value ?? ""
    return made
  }
  const label = (code, ...inside) => h("label", {}, say(`inject.${code}`), ...inside)
  const wide = (code, ...inside) => h("label", {class: "wide"}, say(`inject.${code}`), ...inside)
  const things = (kind) => means.filter((one) => one.kind === kind)

  function data(code, more = {}) { return label(code === "reason" ? (draft.kind === "road" ? "road_reason" : "cannot") : code, field(code, draft.data[code], more, (text) => { draft.data[code] = text })) }

  // What lies near is offered; its place is taken with it, so that the inject lies where the thing is.
  function chosen(kind, code, value) {
    const list = h("datalist", {id: `inject-list-${kind}`}, things(kind).map((one) => h("option", {value: value(one)}, one.name)))
    const made = field(code, draft.data[code], {list: list.id}, (text) => {
      draft.data[code] = text
      const found = things(kind).find((one) => value(one) === text)
      if (found) { draft.longitude = found.longitude; draft.latitude = found.latitude; map.pin([found.longitude, found.latitude]); drawPlace() }
    })
    return wide(code, made, list)
  }

  function table() {
    switch (draft.kind) {
      case "report": return TOLL.map((code) => data(code, {inputmode: "numeric"}))
      case "sensor": return [chosen("tag", "tag", (one) => one.name), data("value", {inputmode: "decimal"})]
      case "weather": return [data("wind_from_deg", {inputmode: "decimal"}), data("wind_speed_m_s", {inputmode: "decimal"}), label("stability", h("select", {class: "field inject-stability", onchange: (event) => { draft.data.stability = event.target.value }}, ["", "A", "B", "C", "D", "E", "F"].map((letter) => h("option", {value: letter, selected: (draft.data.stability ?? "") === letter}, letter || "—"))))]
      case "road": return [label("road_reason", h("select", {class: "field inject-reason", onchange: (event) => { draft.data.reason = event.target.value }}, REASONS.map((one) => h("option", {value: one, selected: (draft.data.reason ?? "hazard") === one}, say(`closure.reason.${one}`))))), h("label", {class: "row g8 inject-check"}, h("input", {type: "checkbox", checked: Boolean(draft.data.whole), onchange: (event) => { draft.data.whole = event.target.checked }}), say("inject.whole"))]
      case "hospital": return [chosen("hospital", "name", (one) => one.name), data("beds_free", {inputmode: "numeric"})]
      case "camera": return [chosen("camera", "camera", (one) => one.id)]
      case "team": return [data("unit"), data("reason")]
      default: return []
    }
  }

  // The table of the kind as the server takes it; what is left empty is left out.
  function tableOf() {
    const given = draft.data, some = (codes) => Object.fromEntries(codes.map((code) => [code, number(given[code])]).filter(([, value]) => value !== null))
    switch (draft.kind) {
      case "report": return {channel: given.channel ?? "phone", gives_case: Boolean(given.gives_case), ...some(TOLL)}
      case "sensor": return {tag: (given.tag ?? "").trim(), value: number(given.value)}
      case "weather": return {...some(["wind_from_deg", "wind_speed_m_s", "temperature_c"]), stability: given.stability ?? ""}
      case "road": return {reason: given.reason ?? "hazard", whole: Boolean(given.whole)}
      case "hospital": return {name: (given.name ?? "").trim(), name_en: given.name_en ?? "", beds_free: number(given.beds_free) ?? 0}
      case "camera": return {camera: (given.camera ?? "").trim()}
      case "team": return {unit: (given.unit ?? "").trim(), reason: (given.reason ?? "").trim()}
      default: return null
    }
  }

  function lacks() {
    const made = tableOf() ?? {}, missing = []
    if (!draft.title.trim()) missing.push(say("inject.title"))
    if (!draft.to.length) missing.push(say("inject.to"))
    for (const [code, word] of [["tag", "tag"], ["name", "name"], ["camera", "camera"], ["unit", "unit"]]) if (code in made && !made[code]) missing.push(say(`inject.${word}`))
    if (draft.kind === "sensor" && made.value === null) missing.push(say("inject.value"))
    if (draft.kind === "team" && !made.reason) missing.push(say("inject.cannot"))
    if (draft.kind === "weather" && !Object.entries(made).some(([code, value]) => (code === "stability" ? value : value !== null))) missing.push(say("inject.wind_from_deg"))
    if (missing.length) return say("inject.lacks", {list: missing.join(say("list.of"))})
    if (PLACED.has(draft.kind) && draft.longitude === null) return say("inject.place.need")
    if (draft.when === "at" && (secondsOf(draft.at) === null || secondsOf(draft.at) < Math.floor(elapsedOf(room.look)))) return say("inject.when.bad")
    return ""
  }

  async function put() {
    fault = lacks()
    if (fault) return draw()
    const when = draft.when === "keep" ? undefined : draft.when === "hand" ? {by_hand: true} : draft.when === "at" ? {at_s: secondsOf(draft.at)} : {at_s: draft.id ? Math.floor(elapsedOf(room.look)) : null}
    const made = tableOf(), words = Object.fromEntries(WORDS.map((code) => [code, draft[code].trim()]))
    const inject = {...words, to: draft.to, longitude: draft.longitude, latitude: draft.latitude, objective: draft.objective ?? "", ...(made ? {[draft.kind]: made} : {}), ...(when ? {when} : {}), ...(draft.id ? {} : {kind: draft.kind})}
    const kept = await room.send(draft.id ? `/api/v1/exercises/${room.run}/injects/${encodeURIComponent(draft.id)}` : "injects", {inject, reason: draft.reason.trim()}, draft.id ? "PATCH" : "POST")
    if (kept) away()
    else { fault = room.fault; draw() } // what was typed stays
  }

  const place = h("div", {class: "wide"})
  function drawPlace() {
    const has = draft.longitude !== null
    renew(place, h("span", {class: "t3 s12"}, say("inject.place")), h("div", {class: "row g8 wrap"},
      h("span", {class: "sp"}, has ? `${draft.longitude.toFixed(5)}, ${draft.latitude.toFixed(5)}` : say("inject.place.scene")),
      button({class: `btn s inject-pick${draft.picking ? " p" : ""}`, "aria-pressed": String(Boolean(draft.picking)), onclick: () => { draft.picking ? stopPicking() : startPicking() }}, icon("locate", 14), say(draft.picking ? "inject.place.picking" : "inject.place.pick")),
      has ? button({class: "btn s", onclick: () => { draft.longitude = draft.latitude = null; map.pin(null); drawPlace() }}, say("inject.place.clear")) : null))
  }
  function stopPicking() { draft.picking = false; map.pick(null); drawPlace() }
  function startPicking() {
    draft.picking = true
    map.pick((at) => { [draft.longitude, draft.latitude] = at; map.pin(at); stopPicking(); keep() })
    drawPlace()
  }

  function whenRow() {
    const choices = [...(draft.id ? ["keep"] : []), "now", "at", "hand"]
    const typed = field("at", draft.at, {class: "field inject-at", placeholder: elapsed(elapsedOf(room.look) + 300), "aria-label": say("inject.when.time"), style: {width: "104px"}}, (text) => { draft.at = text; draft.when = "at" })
    return h("div", {class: "wide"}, h("span", {class: "t3 s12"}, say("inject.when")), h("div", {class: "row g8 wrap"}, choices.map((one) => button({class: `chip${draft.when === one ? " on" : ""}`, "data-when": one, "aria-pressed": String(draft.when === one), onclick: () => { draft.when = one; draw() }}, say(`inject.when.${one}`))), draft.when === "at" ? typed : null))
  }

  function draw() {
    if (!draft) return renew(node)
    const players = room.look.players ?? [], scroll = node.scrollTop
    const kinds = h("div", {class: "drill-chips wide inject-kinds"}, KINDS.map((kind) => button({class: `chip${draft.kind === kind ? " on" : ""}`, disabled: Boolean(draft.id) && kind !== draft.kind, "data-kind": kind, "aria-pressed": String(draft.kind === kind), onclick: () => { if (draft.kind !== kind) { const named = KINDS.some((one) => draft.title === say(`drill.kind.${one}`)); draft.kind = kind; draft.data = {}; if (named || !draft.title) draft.title = say(`drill.kind.${kind}`); draw() } }}, icon(PICTURE[kind], 14), say(`drill.kind.${kind}`))))
    const roles = h("div", {class: "row g8 wrap"}, players.map((role) => button({class: `chip${draft.to.includes(role.id) ? " on" : ""}`, "data-role": role.id, "aria-pressed": String(draft.to.includes(role.id)), onclick: () => { draft.to = draft.to.includes(role.id) ? draft.to.filter((one) => one !== role.id) : [...draft.to, role.id]; draw() }}, role.name)))
    const text = h("textarea", {class: "field inject-text", maxlength: 4000, oninput: (event) => { draft.text = event.target.value }})
    text.value = draft.text
    renew(node, h("div", {class: "h"}, icon(draft.id ? "pencil" : "plus", 17), h("b", {class: "sp cut"}, draft.id ? say("inject.edit.title", {number: draft.number}) : say("inject.new")), button({class: "ib inject-close", title: say("inject.cancel"), "aria-label": say("inject.cancel"), onclick: away}, icon("cross", 15))),
      restored(say, found, () => { left().drop(); found = null; draft = copy(start); draw() }),
      h("div", {class: "drill-form inject-form"}, kinds, wide("title", field("title", draft.title, {maxlength: 120})), wide("text", text), label("source", field("source", draft.source)), label("reason", field("reason", draft.reason)),
        table(), h("div", {class: "wide"}, h("span", {class: "t3 s12"}, say("inject.to")), roles), whenRow(), place, wide("expected", field("expected", draft.expected, {maxlength: 500})),
        fault ? h("div", {class: "fault wide", role: "alert"}, icon("warning", 14), fault) : null,
        h("div", {class: "wide row g8"}, h("span", {class: "sp"}), button({class: "btn inject-cancel", onclick: away}, say("inject.cancel")), button({class: "btn p inject-put", onclick: put}, icon(draft.id ? "check" : "send", 14), say(draft.id ? "inject.save" : draft.when === "now" ? "inject.put" : "inject.plan")))))
    drawPlace()
    node.scrollTop = scroll
  }

  const copy = (one) => structuredClone(one)
  const left = () => unsent(`inject-${draft.id || "new"}`, room.run)
  // Words, choices and the place pressed on the map: whatever was just done, the draft as it stands is kept.
  const keep = () => { if (draft && start) left().keep(changed({...draft, picking: undefined}, start)) }
  for (const kind of ["input", "change", "click"]) node.addEventListener(kind, keep)

  function away() { if (draft) { left().drop(); close() } }

  function close() {
    if (!draft) return
    draft = null
    fault = ""
    map.pick(null)
    map.pin(null)
    closed()
  }

  async function open(one = null) {
    const plain = one?.plain, players = room.look?.players ?? []
    fault = ""
    draft = plain
      ? {id: plain.id, number: one.number, kind: plain.kind, title: plain.title, text: plain.text, source: plain.source, expected: plain.expected, objective: plain.objective, to: [...plain.to], longitude: plain.longitude, latitude: plain.latitude, data: {...(plain[plain.kind] ?? {})}, when: "keep", at: plain.when.at_s ? elapsed(plain.when.at_s) : "", reason: ""}
      : {id: "", kind: "message", title: say("drill.kind.message"), text: "", source: "", expected: "", objective: "", to: players.length ? [players[0].id] : [], longitude: null, latitude: null, data: {}, when: "now", at: "", reason: ""}
    start = copy(draft)
    found = left().read()
    Object.assign(draft, copy(found?.value ?? {}))
    if (draft.longitude !== null) map.pin([draft.longitude, draft.latitude])
    draw()
    node.querySelector(".inject-title")?.focus()
    if (!means.length) {
      try { means = await room.calls.ask(`/api/v1/exercises/${room.run}/means`) } catch { means = [] } // ids can be typed all the same
      if (draft) draw()
    }
  }

  // What was typed is not lost by a key: only an empty form is closed by it.
  function escape() { if (draft && !draft.text.trim() && !Object.values(draft.data).some((value) => value)) close() }

  return {node, open, close, draw, escape, isOpen: () => draft !== null}
}
