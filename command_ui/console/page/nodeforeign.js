// What do other levels know? Their incidents as they told us, marked as theirs, with the copies we hold.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {inWords, sayOr, textsOf} from "./speak.js"
import {stamp, whole} from "./format.js"

export function foreignList(model, say, calls) {
  const open = new Map()

  async function show(one, place) {
    const id = `${one.origin} ${one.incident_id}`
    if (open.has(id)) { open.delete(id); return fill(one, place) }
    open.set(id, null)
    fill(one, place)
    try { open.set(id, await calls.ask(`/api/v1/nodes/incidents/${one.origin}/${one.incident_id}/entries`)) } catch (error) { open.set(id, error.message === "offline" ? say("data.offline") : error.message) }
    return fill(one, place)
  }

  // What an entry says in a few words: its own, and the figures and states that are no words.
  function told({kind, payload}) {
    const state = {order_moved: () => say(`order.state.${payload.to}`), response_level_set: () => say(`response.${payload.level ?? "none"}`), grade_confirmed: () => say(`grade.${payload.grade}`), casualties_reported: () => say("overview.toll", payload)}[kind]?.()
    const words = payload.text || payload.title || payload.place || payload.reason || ""
    return [state, words].filter(Boolean).join(" · ").slice(0, 160)
  }

  function copies(found) {
    if (found === null) return h("div", {class: "skeleton tall"})
    if (typeof found === "string") return h("div", {class: "fault", role: "alert"}, icon("warning", 15), found)
    return h("table", {}, h("tbody", {}, found.map((row) => h("tr", {}, h("td", {class: "num"}, row.seq), h("td", {}, sayOr(model, `event.${row.kind}`, row.kind)), h("td", {class: "node-what"}, told(row)), h("td", {}, `${row.origin} · ${row.actor}`),
      h("td", {class: "num"}, stamp(row.occurred_at ?? row.recorded_at)), h("td", {class: "mono t3"}, row.hash.slice(0, 16))))))
  }

  function fill(one, place) {
    const about = one.about, found = open.get(`${one.origin} ${one.incident_id}`), people = about.people_day ?? about.people_night
    renew(place,
      h("div", {class: "h"}, h("span", {class: "badge s b-warn"}, say("nodes.foreign")), h("b", {}, inWords(one.titles, textsOf(model).lang) || one.incident_id), h("span", {class: "t3 s12"}, `${one.origin_title} · ${about.code ?? ""}`), h("span", {class: "sp"}),
        one.mode === "drill" ? h("span", {class: "badge s b-warn"}, say("mode.drill")) : null, about.status ? h("span", {class: "badge s b-line"}, say(`nodes.foreign.${about.status === "closed" ? "closed" : "open"}`)) : null),
      h("div", {class: "card-body"},
        h("div", {class: "row g12 wrap"}, about.place_text ? h("span", {class: "row g8"}, icon("pin", 14), about.place_text) : null,
          about.grade ? h("span", {class: "badge s b-line"}, say("badge.grade", {grade: say(`grade.${about.grade}`)})) : null,
          about.response_level ? h("span", {class: "badge s b-line"}, say("badge.response", {level: say(`response.${about.response_level}`)})) : null,
          about.dead === null || about.dead === undefined ? null : h("span", {}, say("nodes.foreign.toll", {dead: about.dead, injured: about.seriously_injured, missing: about.missing})),
          people === null || people === undefined ? null : h("span", {}, say("nodes.foreign.people", {count: whole(people)})),
          h("span", {class: "sp"}), h("span", {class: "t3 s12"}, say("nodes.updated", {time: stamp(one.updated_at)}))),
        h("div", {class: "row g12"}, h("span", {class: "t3 s12"}, say("nodes.foreign.copies", {count: one.entries, seq: about.seq ?? "—"})), button({class: "btn s", onclick: () => show(one, place)}, icon(found === undefined ? "down" : "minus", 14), say(found === undefined ? "nodes.foreign.show" : "nodes.foreign.hide"))),
        found === undefined ? null : copies(found)))
    return place
  }

  return {node: (rows) => rows.map((one) => fill(one, h("section", {class: "card node-from"})))}
}
