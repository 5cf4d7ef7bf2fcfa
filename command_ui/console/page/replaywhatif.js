// What if? A form of what may be imagined otherwise from this moment on; it changes nothing and says so.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr} from "./speak.js"
import {figure, minutes} from "./format.js"
import {restored, unsent} from "./unsent.js"

export function whatIf(model, say, act) {
  const node = h("form", {class: "replay-what-if", novalidate: true})
  let given = null, areas = [], busy = false, reason = "", drawing = false
  let left = null, found = null
  const typed = new Map(), opened = new Set(), without = new Set()

  // What was typed stays when the moment moves; only the values it is held against change.
  function number(code, label, now, unit, more = {}) {
    const input = h("input", {class: "field", type: "number", step: "any", name: code, placeholder: now === null || now === undefined ? "" : figure(now, 4), value: typed.get(code) ?? "", ...more})
    input.addEventListener("input", () => { typed.set(code, input.value); left?.keep(Object.fromEntries(typed)); reason = "" })
    return h("label", {}, h("span", {}, label), h("span", {class: "row g4"}, input, h("span", {class: "t3 s12"}, unit)))
  }

  const check = (set, id, label) => h("label", {class: "row g8 check"}, h("input", {type: "checkbox", checked: set.has(id), onchange: (event) => event.target.checked ? set.add(id) : set.delete(id)}), label)

  // What was imagined of another incident is not imagined of this one.
  function turn() {
    const next = unsent("what-if", model.span?.incident ?? "")
    if (left?.key === next.key) return
    left = next
    found = left.read()
    typed.clear()
    for (const [code, text] of Object.entries(found?.value ?? {})) typed.set(code, text)
  }

  function draw() {
    if (!given) { renew(node, h("div", {class: "empty"}, icon("wind", 28), h("b", {}, say("whatif.none")), h("span", {}, say("whatif.none.hint")))); return }
    const group = (name, picture, ...content) => h("fieldset", {class: "sec"}, h("legend", {class: "sh"}, icon(picture, 15), say(`whatif.${name}`)), content)
    renew(node, h("div", {class: "sec sentence"}, icon("warning", 16), h("span", {}, say("whatif.note"))),
      restored(say, found, () => { left.drop(); found = null; typed.clear(); draw() }),
      group("wind", "wind", h("div", {class: "pairs"}, number("wind_from_deg", say("whatif.from"), given.wind_from_deg, "°", {min: 0, max: 360}), number("wind_speed_m_s", say("whatif.speed"), given.wind_speed_m_s, "m/s", {min: 0.1, max: 60}))),
      group("source", "toxic", h("div", {class: "pairs"}, Object.entries(given.release).map(([name, value]) => number(`release.${name}`, sayOr(model, `replay.release.${name}`, name), value, "")))),
      group("roads", "barrier", h("div", {class: "row g8 wrap"}, button({class: `btn s${drawing ? " p" : ""}`, "aria-pressed": String(drawing), onclick: toggleDrawing}, icon("pencil", 13), say(drawing ? "whatif.drawing" : "whatif.draw")),
        areas.length ? [h("span", {}, say("whatif.areas", {count: areas.length})), button({class: "btn s", onclick: () => { areas = []; act.areas(areas); draw() }}, say("whatif.clear"))] : null),
      given.closures.map((one) => check(opened, one.id, say("whatif.opened", {name: one.name || `#${one.number}`})))),
      group("orders", "send", number("evacuate_after_min", say("whatif.evacuate"), null, "min", {min: 0}),
        given.teams.map((one) => check(without, one.id, say("whatif.without", {name: one.name, minutes: minutes(one.travel_time_s)})))),
      h("div", {class: "sec row g8 wrap"}, button({class: "btn p", type: "submit", disabled: busy}, icon("play", 14), say(busy ? "whatif.busy" : "whatif.start")),
        act.hasBranch() ? button({class: "btn", onclick: act.end}, say("whatif.end")) : null),
      reason ? h("div", {class: "sec sentence danger", role: "alert"}, icon("warning", 16), h("span", {}, reason)) : null)
    if (busy) node.append(h("div", {class: "sec t3", role: "status"}, say("whatif.computing")))
  }

  function toggleDrawing() {
    drawing = !drawing
    act.pick(drawing ? (geometry) => { drawing = false; areas.push(geometry); act.areas(areas); draw() } : null)
    draw()
  }

  const value = (code) => { const text = typed.get(code); return text === undefined || text.trim() === "" ? null : Number(text) }

  node.addEventListener("submit", (event) => {
    event.preventDefault()
    if (busy || !given) return
    const release = {}
    for (const name of Object.keys(given.release)) { const wanted = value(`release.${name}`); if (wanted !== null) release[name] = wanted }
    busy = true
    reason = ""
    model.send_msg({kind: "what_if_branch", wind_from_deg: value("wind_from_deg"), wind_speed_m_s: value("wind_speed_m_s"), release, closed: areas, opened: [...opened], without_teams: [...without],
      evacuate_after_min: value("evacuate_after_min"), occurred_at: given.occurred_at})
    draw()
  })

  return {
    node, draw,
    offer(next) { given = next; turn(); if (!node.contains(node.getRootNode().activeElement)) draw() },
    done() { busy = false; left?.drop(); found = null; draw() },
    failed(why) { busy = false; reason = why; draw() },
    isBusy: () => busy,
  }
}
