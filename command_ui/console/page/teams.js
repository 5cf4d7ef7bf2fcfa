// Who reaches the scene first, on which way, and is the team free? The list lights the map and the map lights the list.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr} from "./speak.js"
import {tell} from "./bus.js"
import {newKey} from "./closures.js"
import {distance, minutes} from "./format.js"

const SHORT = 6

export function teamPanel(model, say, redraw, life) {
  let all = false, chosen = null, way = null

  life.hear("lit", ({kind, id}) => {
    if (kind !== "route" && kind !== null) return
    const root = shadow()
    root?.querySelectorAll("tr[data-route]").forEach((row) => row.classList.toggle("lit", row.dataset.route === id))
    root?.querySelector(`tr[data-route="${CSS.escape(id ?? "")}"]`)?.scrollIntoView({block: "nearest"})
  })
  let node = null
  const shadow = () => node?.getRootNode()

  function choose(one) {
    if (chosen === one.id) { chosen = null; way = null; tell("ways", {}); redraw(); return }
    chosen = one.id
    way = null
    tell("ways", {})
    tell("frame", {kind: "route", id: one.id})
    model.send_msg({kind: "team_way", id: one.id})
    redraw()
  }

  function action(one) {
    const taken = model.scene.teams?.taken?.[one.id]
    if (taken) return h("span", {class: `badge s ${taken.here ? "b-live" : "b-warn"}`, title: taken.here ? say("team.here") : say("team.elsewhere", {title: taken.title})}, taken.here ? icon("check", 12) : null, say(taken.arrived ? "team.arrived" : "team.here"))
    if (!model.scene.can_send || model.scene.teams?.assumed) return null
    return button({class: "btn s", "aria-label": say("team.take.name", {name: one.name}), onclick: (event) => { event.stopPropagation(); model.send_msg({kind: "team_take", id: one.id, name: one.name, key: newKey()}) }}, say("team.take"))
  }

  function row(one) {
    const light = () => tell("light", {kind: "route", id: one.id}), dark = () => tell("light", {})
    return [h("tr", {class: `hover press${chosen === one.id ? " on" : ""}`, "data-route": one.id, onmouseenter: light, onmouseleave: dark, onclick: () => choose(one)},
      h("td", {}, h("button", {type: "button", class: "row g8 cut team-name", "aria-expanded": String(chosen === one.id), onfocus: light, onblur: dark},
        h("span", {class: `ball${one.review ? " doubt" : ""}`}, one.rank), h("span", {class: "cut", title: one.name}, one.name))),
      h("td", {class: "t2"}, sayOr(model, `team.${one.kind}`, one.kind)),
      h("td", {class: "r t2"}, one.review ? h("span", {class: "badge s b-warn"}, say("review.mark")) : distance(one.length_m)),
      h("td", {class: "r"}, h("b", {class: "s14"}, minutes(one.travel_time_s)), ` ${say("unit.minutes")}`),
      h("td", {class: "r"}, action(one))), chosen === one.id ? h("tr", {class: "team-detail"}, h("td", {colspan: 5}, detail(one))) : null]
  }

  function detail(one) {
    if (!way) return h("div", {class: "t3 s12"}, say("team.way.busy"))
    if (way.fault) return h("div", {class: "dg s12"}, way.fault)
    const times = (way.alternatives ?? []).map((other) => `${minutes(other.travel_time_s)} ${say("unit.minutes")} · ${distance(other.length_m)}`).join("；")
    const taken = model.scene.teams?.taken?.[one.id]
    return h("div", {class: "team-way s12"},
      h("div", {class: "t2"}, way.alternatives?.length ? say("team.alternatives", {count: way.alternatives.length, times}) : say("team.alternatives.none")),
      h("ol", {class: "steps", "aria-label": say("team.steps")}, (way.steps ?? []).map((step) => h("li", {}, step))),
      taken && !taken.here ? h("div", {class: "wn"}, say("team.elsewhere", {title: taken.title})) : null,
      taken?.here && !taken.arrived && model.scene.can_note ? button({class: "btn s", onclick: () => model.send_msg({kind: "team_arrived", id: one.id, name: one.name, key: newKey()})}, icon("check", 13), say("team.arrived")) : null,
      taken?.here && model.scene.can_send ? button({class: "btn s", onclick: () => model.send_msg({kind: "team_back", id: one.id, name: one.name, key: newKey()})}, say("team.back")) : null)
  }

  // What the first response asks for against what can come in time.
  function match(teams) {
    if (!teams?.match?.length) return null
    return h("div", {class: "row g8 wrap match", role: "status"}, h("span", {class: "t3 s12"}, say("match.title")),
      teams.match.map((one) => h("span", {class: `badge s ${one.short ? "b-warn" : "b-live"}`}, `${sayOr(model, `team.${one.kind}`, one.kind)} ${say("match.have", {have: one.have, need: one.need})}`, one.short ? ` ${say("match.short", {count: one.short})}` : "")),
      h("span", {class: "t3 s12"}, [teams.match_by?.source || say("match.rule"), teams.match_by?.trust === "unverified" ? say("match.unverified") : null].filter(Boolean).join("·")))
  }

  function draw() {
    const scene = model.scene
    if (!scene.routes) return null
    const usable = [...scene.routes.filter((one) => one.status === "ok"), ...(scene.teams?.further ?? []).filter((one) => one.status === "ok")]
    const barred = [...scene.routes.filter((one) => one.status !== "ok"), ...(scene.teams?.further ?? []).filter((one) => one.status !== "ok")]
    const shown = all ? usable : usable.slice(0, SHORT), out = all ? barred : barred.slice(0, 3)
    const at = `/api/v1/incidents/${scene.incident.id}/routes`
    node = h("div", {class: "sec teams-list"},
      h("div", {class: "sh"}, icon("route", 15), say("rescue.title"), h("div", {class: "sp"}),
        usable.length ? [h("a", {class: "export s12", href: `${at}.gpx`, download: ""}, icon("save", 13), "GPX"), h("a", {class: "export s12", href: `${at}.geojson`, download: ""}, "GeoJSON")] : null,
        h("span", {class: "t3 s12 plain"}, say("rescue.order"))),
      match(scene.teams),
      usable.length ? h("table", {}, shown.map(row)) : h("div", {class: "sentence"}, say("rescue.none")),
      usable.length > SHORT ? button({class: "more s12 pr", "aria-expanded": String(all), onclick: () => { all = !all; redraw() }}, all ? say("team.fewer") : say("team.more", {count: usable.length - SHORT})) : null,
      out.map((one) => h("div", {class: "row g8 barred"}, h("span", {class: "t3 sp cut"}, one.name), one.reason ? h("span", {class: "t3 s12 cut why"}, String(one.reason).split(":")[1] ?? "") : null,
        h("span", {class: "badge s b-danger"}, icon("cross", 12), sayOr(model, `route.${one.status}`, one.status)))),
      barred.length > out.length ? h("div", {class: "t3 s12 more"}, say("team.blocked", {count: barred.length})) : null)
    return node
  }

  return {
    draw,
    take(message) {
      if (message.kind !== "way" || message.id !== chosen) return
      way = message
      redraw()
    },
  }
}
