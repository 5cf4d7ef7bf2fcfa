// What do I have to do, and does the desk know it? The page of a team: it works the same with and without a line.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {keep, kept, outbox} from "./outbox.js"
import {restored, unsent} from "./unsent.js"
import {ahead, card, ENDED, span, time, zoneWarning} from "./cards.js"
import {drawing} from "./fieldmap.js"

const LOOK_MS = 8000
const app = document.getElementById("app")
let words = {}, language = localStorage.getItem("onemap-field-language") ?? "zh"
let view = null, off_ms = 0, line = navigator.onLine, signed = true, synced = null, position = null
let tab = "tasks", shown = "open", opened = null, beats = []

const say = (code, values = {}) => (words[language]?.[code] ?? code).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole))
const now = () => Date.now() + off_ms
const box = outbox({token: () => view?.csrf_token ?? "", changed: () => draw(), signedOut: () => { signed = false; draw() }})

// -- looking at the desk --------------------------------------------------------------------------------------------

async function look() {
  const began = Date.now()
  try {
    const answer = await fetch("/api/v1/field", {credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(9000), headers: {accept: "application/json"}})
    if (answer.status === 401 || answer.redirected) { signed = false; line = true; return draw() }
    if (!answer.ok) throw new Error(String(answer.status))
    const found = await answer.json()
    off_ms = new Date(found.server_now).getTime() - (began + Date.now()) / 2
    view = found
    signed = line = true
    synced = now()
    // The token stays in memory only: what is kept on the phone opens nothing.
    await keep("view", {...found, csrf_token: "", kept_at: synced, off_ms}).catch(() => null)
    draw()
    if (await box.send()) await look()
  } catch {
    line = false
    draw()
  }
}

const clockOff = () => Math.round(-off_ms) / 1000
function stamped() {
  // A clock far ahead of ours would be refused; it is set back by what we last measured, and the difference is sent.
  const made = clockOff() > 120 ? now() : Date.now()
  return {way: "field", made_at: new Date(made).toISOString(), clock_off_s: clockOff(), ...(position ? {at: position} : {})}
}
// A view kept on the phone by an older page has the title only as it was recorded.
const titleOf = (incident) => incident?.titles?.[language] ?? incident?.title ?? ""
const address = (incident) => `/api/v1/incidents/${incident.incident_id}`

function act(order, to, more = {}) {
  const incident = view.incidents.find((one) => one.orders.some((it) => it.order_id === order.order_id))
  navigator.vibrate?.(30)
  return box.add({incident: address(incident), path: `/orders/${order.order_id}/steps`, order: order.order_id, to, label: `${order.name} ${say(`f.state.${to}`)}`, body: {...stamped(), to, keep: true, ...more}})
}

// -- asking ---------------------------------------------------------------------------------------------------------

// A sheet from below: words, pictures, one big button. What was typed stays until it is on the phone's list.
function ask(what, order = null, incident = null) {
  const draft = unsent(`field-${what}-${order?.order_id ?? ""}`, (incident ?? view?.incidents[0])?.incident_id ?? "", view?.unit_name ?? ""), left = draft.read()
  const text = h("textarea", {rows: 4, maxlength: 1000, "aria-label": say(`f.ask.${what}.hint`), placeholder: say(`f.ask.${what}.hint`)})
  text.value = left?.value.text ?? ""
  text.addEventListener("input", () => draft.keep({text: text.value}))
  const note = h("div", {}, restored(say, left, () => { text.value = ""; draft.drop(); renew(note); text.focus() }))
  const files = h("input", {type: "file", accept: "image/*", capture: "environment", multiple: true, class: "unseen", id: "photo"})
  const names = h("div", {class: "t3"}), fault = h("div", {class: "fault", role: "alert"})
  files.addEventListener("change", () => { names.textContent = [...files.files].map((one) => one.name).join("，") })
  const quick = (what === "cannot" ? ["f.why.road", "f.why.gas", "f.why.gear"] : what === "report" ? ["f.say.arrived", "f.say.reading", "f.say.people"] : []).map((code) => button({class: "chip", onclick: () => { text.value = [text.value, say(code)].filter(Boolean).join("；"); text.dispatchEvent(new Event("input")); text.focus() }}, say(code)))
  const sheet = h("dialog", {class: "sheet", "aria-label": say(`f.ask.${what}`)}, h("form", {onsubmit: async (event) => {
    event.preventDefault()
    const said = text.value.trim(), photos = [...files.files].slice(0, 4).map((file) => ({name: file.name, file}))
    if (what !== "help" && !said && !photos.length) { fault.textContent = say("f.need"); return }
    if (what === "cannot" && !said) { fault.textContent = say("f.need"); return }
    if (photos.some((one) => one.file.size > 10 * 1024 * 1024)) { fault.textContent = say("f.too_large"); return }
    try {
      if (what === "cannot") await act(order, "cannot", {reason: said, ...(photos.length ? {} : {})})
      else if (what === "note") await box.add({incident: address(view.incidents.find((one) => one.orders.some((it) => it.order_id === order.order_id))), path: `/orders/${order.order_id}/notes`, order: order.order_id, label: `${order.name} ${say("f.note")}`, photos, body: {...stamped(), text: said}})
      else await box.add({incident: address(incident), path: "/field-reports", label: say(`f.ask.${what}`), photos, body: {...stamped(), text: said || (what === "help" ? say("f.help.text") : ""), urgent: what === "help"}})
    } catch { fault.textContent = say("f.full"); return }
    draft.drop()
    sheet.close()
  }}, h("h2", {}, say(`f.ask.${what}`)), order ? h("p", {class: "t2"}, `${order.name}·${order.text}`) : h("p", {class: "t2"}, titleOf(incident)),
  quick.length ? h("div", {class: "row wrap"}, quick) : null, note, text,
  what === "cannot" ? null : h("label", {class: "big", for: "photo"}, icon("camera", 22), say("f.photo"), files), names,
  h("p", {class: "t3"}, position ? say("f.with_position", {east: position.longitude.toFixed(4), north: position.latitude.toFixed(4), metres: Math.round(position.accuracy_m ?? 0)}) : say("f.no_position")), fault,
  h("div", {class: "row acts"}, button({class: "big", onclick: () => sheet.close()}, say("f.back")), h("button", {type: "submit", class: `big ${what === "help" || what === "cannot" ? "d" : "p"}`}, icon("send", 22), say(`f.ask.${what}.do`)))))
  sheet.addEventListener("close", () => sheet.remove())
  document.body.append(sheet)
  sheet.showModal()
}

// -- drawing --------------------------------------------------------------------------------------------------------

function head(incident) {
  const clock = h("b", {class: "clock"}), since = h("b", {class: "warn"})
  beats.push(() => { clock.textContent = time(now(), false); since.textContent = incident?.known_at ? `T+${span((now() - new Date(incident.known_at)) / 1000)}` : "" })
  const wind = incident && incident.wind_from_deg !== null ? say("f.wind", {point: say(`f.point.${Math.round(incident.wind_from_deg / 45) % 8}`), speed: Number(incident.wind_speed_m_s).toFixed(1)}) : ""
  return h("header", {}, h("div", {class: "row"}, h("h1", {}, view?.unit_name ?? say("f.title")), h("span", {class: `mode mode-${view?.mode ?? "drill"}`}, say(`f.mode.${view?.mode ?? "drill"}`)), h("div", {class: "sp"}), clock),
    incident ? h("div", {class: "row"}, h("span", {class: "cut"}, titleOf(incident)), h("div", {class: "sp"}), since) : null,
    wind ? h("div", {class: "row t2"}, icon("wind", 20), wind) : null)
}

function band() {
  const count = box.waiting.length, refused = box.acts.filter((one) => one.fault)
  const state = !signed ? ["danger", say("f.signed_out")] : !line ? ["off", count ? say("f.offline.count", {count}) : say("f.offline")] : count ? ["warn", box.share === null ? say("f.sending", {count}) : say("f.sending.photo", {count, share: Math.round(box.share * 100)})] : ["on", say("f.online")]
  return [h("div", {class: `band ${state[0]}`, role: "status"}, icon(!line ? "unplugged" : signed ? "check" : "warning", 22), h("b", {}, state[1]), h("div", {class: "sp"}),
    signed ? h("span", {}, synced ?? view?.kept_at ? say("f.synced", {time: time(synced ?? view.kept_at)}) : "") : h("a", {class: "big p", href: "/sign-in?next=/field"}, say("f.sign_in"))),
  refused.map((one) => h("div", {class: "band danger", role: "alert"}, icon("warning", 22), h("span", {}, say("f.refused", {label: one.label, reason: one.fault})), h("div", {class: "sp"}), button({class: "big", onclick: () => box.drop(one)}, say("f.dismiss"))))]
}

function tasks() {
  const all = view.incidents.flatMap((incident) => incident.orders.map((order) => [ahead(order, box.acts), incident]))
  const open = all.filter(([one]) => !ENDED.includes(one.state)), ended = all.filter(([one]) => ENDED.includes(one.state))
  const list = shown === "open" ? open : ended
  const chip = (name, count) => button({class: `chip${shown === name ? " on" : ""}`, "aria-pressed": String(shown === name), onclick: () => { shown = name; draw() }}, say(`f.${name}`, {count}))
  return [h("div", {class: "row chips"}, chip("open", open.length), chip("ended", ended.length)),
    list.length ? [...list].reverse().map(([order, incident]) => card(order, incident, {say, act, ask, at: position, now, beats, open: opened === order.order_id, toggle: () => { opened = opened === order.order_id ? null : order.order_id; draw() }}))
      : h("div", {class: "empty"}, icon("check", 36), h("b", {}, say(`f.none.${shown}`)), h("span", {}, say("f.none.hint")), view.incidents.length ? null : h("span", {}, say("f.none.phone")))]
}

function map(incident) {
  return [drawing(incident, position, {height: 420, label: say("f.map")}), h("div", {class: "legend"}, (incident.zones ?? []).map((zone) => h("span", {class: `zone z${zone.level}`}, zone.name))),
    h("p", {class: "t3"}, incident.run_at ? say("f.map.as_of", {time: time(incident.run_at)}) : say("f.map.none")),
    h("a", {class: "big", href: `geo:${incident.latitude},${incident.longitude}?q=${incident.latitude},${incident.longitude}`}, icon("route", 22), say("f.navigate"))]
}

function messages() {
  const all = view.incidents.flatMap((incident) => incident.words).sort((a, b) => b.seq - a.seq)
  return all.length ? all.map((one) => h("article", {class: `card${one.urgent ? " st-cannot" : ""}`}, h("div", {class: "row top"}, h("h2", {}, one.text || say("f.photo")), one.urgent ? h("span", {class: "state st-cannot"}, say("f.help")) : null),
    h("div", {class: "row under"}, h("span", {}, say("f.both", {made: time(one.made_at), recorded: time(one.recorded_at)})), h("b", {}, one.answered_seq ? say("f.answered") : say("f.not_answered"))))) : h("div", {class: "empty"}, icon("bell", 36), h("b", {}, say("f.no_messages")))
}

function foot(incident) {
  const open = view ? view.incidents.flatMap((one) => one.orders).filter((one) => ahead(one, box.acts).state === "issued").length : 0
  const item = (name, picture, count) => button({class: `nav${tab === name ? " on" : ""}`, "aria-current": tab === name ? "page" : null, onclick: () => { tab = name; draw() }}, icon(picture, 26), say(`f.tab.${name}`), count ? h("em", {}, count) : null)
  return h("nav", {}, item("tasks", "document", open), item("map", "pin"), button({class: "nav", disabled: !incident, onclick: () => ask("report", null, incident)}, icon("camera", 26), say("f.tab.report")), item("messages", "bell"),
    button({class: "nav help", disabled: !incident, onclick: () => ask("help", null, incident)}, icon("warning", 26), say("f.help")))
}

function draw() {
  if (!words.zh) return
  beats = []
  const incident = view?.incidents[0] ?? null
  const scrolled = document.querySelector("main")?.scrollTop ?? 0
  renew(app, watermark(), head(incident), band(), view ? view.incidents.map((one) => zoneWarning(one, position, say)) : null,
    h("main", {}, !view ? h("div", {class: "empty"}, icon("unplugged", 36), h("b", {}, say("f.nothing"))) : tab === "tasks" ? tasks() : tab === "map" ? (incident ? map(incident) : h("div", {class: "empty"}, say("f.map.none"))) : messages(),
      h("div", {class: "row chips quiet"}, button({class: "chip", onclick: () => { language = language === "zh" ? "en" : "zh"; localStorage.setItem("onemap-field-language", language); document.documentElement.lang = language === "zh" ? "zh-CN" : "en"; draw() }}, language === "zh" ? "English" : "中文"),
        button({class: "chip", onclick: () => { paint(document.documentElement.dataset.theme === "light" ? "dark" : "light"); draw() }}, say("f.theme")))),
    foot(incident))
  document.querySelector("main").scrollTop = scrolled
  beats.forEach((beat) => beat())
}

// A drill says so over everything, whatever tab is open and whether the line is up or not; nothing takes it away.
function watermark() {
  const mode = view?.mode ?? "live"
  return h("div", {class: "watermark", "aria-hidden": "true", "data-mode": mode}, mode === "live" ? null : Array.from({length: 12}, () => h("span", {}, say(`f.mode.${mode}`))))
}

function paint(theme) {
  document.documentElement.dataset.theme = theme
  localStorage.setItem("onemap-field-theme", theme)
}

// -- beginning ------------------------------------------------------------------------------------------------------

paint(localStorage.getItem("onemap-field-theme") ?? "light")
navigator.serviceWorker?.register("/field/worker.js", {scope: "/field"}).catch(() => null)
navigator.storage?.persist?.()
navigator.geolocation?.watchPosition(({coords}) => { position = {longitude: coords.longitude, latitude: coords.latitude, accuracy_m: Math.round(coords.accuracy)}; draw() }, () => null, {enableHighAccuracy: true, maximumAge: 10000})
window.addEventListener("online", look)
window.addEventListener("offline", () => { line = false; draw() })
document.addEventListener("visibilitychange", () => { if (!document.hidden) look() })
setInterval(() => beats.forEach((beat) => beat()), 1000)
setInterval(() => { if (!document.hidden || box.waiting.length) look() }, LOOK_MS)

words = await (await fetch("/field/words.json")).json()
const before = await kept("view").catch(() => null)
if (before) { view = before; off_ms = before.off_ms ?? 0 }
await box.load()
draw()
await look()
