// Who goes where, when is it full, what holds it up, and who is left over? Nobody is lost between these lists.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr} from "./speak.js"
import {tell} from "./bus.js"
import {clearanceSection, duration, tight} from "./clearance.js"
import {figure, minutes, whole} from "./format.js"

const SHORT = 6
const right = {class: "r"}

export function leavingPanel(model, say, redraw) {
  const state = {trials: {}, at: null, listed: false, all: false, doses: {}, run: null}

  const heading = (name, text, aside, ...more) => h("div", {class: "sh"}, icon(name, 15), text, more, h("div", {class: "sp"}), h("span", {class: "t3 s12 plain"}, aside))

  function trial(name) {
    if (state.trials[name]) delete state.trials[name]
    else {
      state.trials[name] = {busy: true}
      model.send_msg({kind: "what_if", plan: name})
    }
    redraw()
  }

  function shelters(plan) {
    const filling = plan.clearance?.filling ?? {times_s: [], people: {}}, moments = filling.times_s
    const used = (plan.shelters ?? []).filter((one) => !one.excluded && one.assigned > 0), excluded = (plan.shelters ?? []).filter((one) => one.excluded)
    const there = (one) => (state.at === null ? one.assigned : filling.people[one.id]?.[state.at] ?? 0)
    const shown = state.all ? used : used.slice(0, SHORT), at_s = state.at === null ? null : moments[state.at]
    const slider = () => {
      const made = h("input", {type: "range", min: 0, max: moments.length - 1, step: 1, "aria-label": say("fill.slide"), oninput: (event) => {
        state.at = Number(event.target.value) >= moments.length - 1 ? null : Number(event.target.value)
        redraw({keepFocus: "fill-slide"})
      }, class: "fill-slide"})
      made.value = String(state.at ?? moments.length - 1)
      return made
    }
    return h("div", {class: "sec"},
      heading("shelter", say("shelter.title"), plan.people === null || plan.people === undefined ? "" : say("shelter.sum", {assigned: whole(plan.assigned), people: whole(plan.people)})),
      used.length && moments.length ? h("div", {class: "row g8 fill-row"}, h("span", {class: "t3 s12"}, say("fill.slide")), slider(), h("b", {class: "s12 fill-at"}, say("fill.at", {minutes: Math.round((at_s ?? moments.at(-1)) / 60)}))) : null,
      used.length ? h("table", {class: "shelters"}, shown.map((one) => {
        const here = there(one), share = Math.min(1, (here + (one.occupancy ?? 0)) / Math.max(1, one.capacity))
        return h("tr", {class: "hover press", "data-shelter": one.id, onmouseenter: () => tell("light", {kind: "shelter", id: one.id}), onmouseleave: () => tell("light", {}),
          onclick: () => tell("fly", {longitude: one.longitude, latitude: one.latitude, id: one.id, layer: "shelters"})},
          h("td", {}, h("span", {class: "cut", title: one.name}, one.name), one.margin_s === null || one.margin_s === undefined ? null : h("span", {class: `s12 margin ${tight(one.margin_s) ? "wn" : "t3"}`}, say("clear.ahead", {value: duration(one.margin_s, say)}))),
          h("td", {class: "fill"}, h("div", {class: "bar1"}, h("i", {style: {width: `${share * 100}%`, background: share >= 1 ? "var(--om-warn)" : "var(--om-ok)"}}))),
          h("td", right, `${whole(here)} / ${whole(one.capacity)}`), h("td", right, share >= 1 ? say("shelter.full") : `${Math.round(share * 100)}%`))
      })) : h("div", {class: "sentence"}, say(plan.people ? "shelter.none" : "shelter.not_needed")),
      used.length > SHORT ? button({class: "more s12 pr", "aria-expanded": String(state.all), onclick: () => { state.all = !state.all; redraw() }},
        state.all ? say("team.fewer") : say("shelter.more", {count: used.length - SHORT, people: whole(used.slice(SHORT).reduce((sum, one) => sum + one.assigned, 0))})) : null,
      excluded.slice(0, 3).map((one) => h("div", {class: "row g8 barred"}, h("span", {class: "t3 sp cut"}, one.name),
        h("span", {class: "badge s b-danger"}, icon("cross", 12), sayOr(model, `shelter.reason.${one.reason}`, say("shelter.excluded"))))),
      excluded.length > 3 ? h("div", {class: "t3 s12 more"}, say("shelter.more_excluded", {count: excluded.length - 3})) : null)
  }

  function necks(clear) {
    const roads = clear?.bottlenecks ?? []
    if (!roads.length) return null
    const most = Math.max(1, ...roads.map((one) => one.full_s))
    return h("div", {class: "sec"}, heading("barrier", say("neck.title"), say("neck.note")),
      h("table", {class: "necks"}, roads.slice(0, 5).map((one, index) => h("tr", {class: "hover", tabindex: 0, onmouseenter: () => tell("neck", {index}), onmouseleave: () => tell("neck", {}), onfocus: () => tell("neck", {index}), onblur: () => tell("neck", {})},
        h("td", {}, h("span", {class: "cut"}, one.name || say("closure.unnamed_road"))), h("td", {class: "fill"}, h("div", {class: "bar1"}, h("i", {style: {width: `${(100 * one.full_s) / most}%`, background: "var(--om-warn)"}}))),
        h("td", right, say("neck.minutes", {value: minutes(one.full_s)}))))))
  }

  const why = (one) => {
    const code = String(one.reason ?? "").replace(":", ".")
    return sayOr(model, `left.why.${code}`, sayOr(model, `left.why.${code.split(".")[0]}`, one.reason))
  }

  function dose(one) {
    const found = state.doses[one.id]
    if (!found) return button({class: "btn s", onclick: () => { state.doses[one.id] = {busy: true}; model.send_msg({kind: "left_dose", id: one.id, longitude: one.longitude, latitude: one.latitude}); redraw() }}, say("left.dose"))
    if (found.busy) return h("span", {class: "t3 s12"}, say("left.dose.busy"))
    if (found.fault || !found.dose) return h("span", {class: "dg s12"}, found.fault ?? say("left.dose.none"))
    if (found.dose.negligible) return h("span", {class: "t2 s12"}, say("left.dose.none"))
    return h("span", {class: "t2 s12 dose"}, say("left.dose.value", {lout: figure(found.dose.load_outdoor, 2), lin: figure(found.dose.load_indoor, 2)}))
  }

  // Recorded with the plan, so that the advice is never read without what it rests on.
  const indoors = (one) => (one.outdoor_ppm === undefined || one.outdoor_ppm === null ? null
    : h("span", {class: "t2 s12"}, say(one.outdoor_ppm > 0 ? "left.indoors" : "left.dose.none", {out: figure(one.outdoor_ppm), in: figure(one.indoor_ppm)})))

  function left(plan) {
    if (!plan.left_over_people) return null
    const rows = plan.clearance?.left ?? []
    return h("div", {class: "sec left-sec"},
      heading("warning", say("left.title"), "", h("b", {class: "wn s14"}, say("left.people", {people: whole(plan.left_over_people)}))),
      h("div", {class: "t2 s12 left-why"}, (plan.left_over ?? []).map((part) => say("left.of", {why: why(part), people: whole(part.people)})).join("；")),
      h("div", {class: "row g8 wrap staying"}, (plan.staying ?? []).map((part) => h("span", {class: `badge s ${part.advice === "rescue_first" ? "b-danger" : part.advice === "more_shelters" ? "b-warn" : "b-info"}`}, say("left.told", {advice: sayOr(model, `left.advice.${part.advice}`, part.advice), people: whole(part.people)})))),
      rows.length ? button({class: "more s12 pr", "aria-expanded": String(state.listed), onclick: () => { state.listed = !state.listed; tell("stay", {on: state.listed}); redraw() }}, state.listed ? say("team.fewer") : say("left.open")) : null,
      state.listed ? h("div", {class: "left-list"}, rows.map((one) => h("div", {class: `left-row${one.advice === "rescue_first" ? " first" : ""}`, onmouseenter: () => tell("stay", {on: true, id: one.id}), onmouseleave: () => tell("stay", {on: state.listed})},
        h("button", {type: "button", class: "row g8 left-who", onclick: () => tell("fly", {longitude: one.longitude, latitude: one.latitude, id: one.id, layer: "blocks"})}, h("b", {}, say("left.block", {id: one.id})), h("b", {class: "wn"}, whole(one.people)), h("span", {class: "t2 s12"}, why(one))),
        h("div", {class: "row g8 wrap"}, h("span", {class: `badge s ${one.advice === "rescue_first" ? "b-danger" : "b-info"}`}, sayOr(model, `left.advice.${one.advice}`, one.advice)), indoors(one), ["shelter_in_place", "rescue_first"].includes(one.advice) && one.longitude !== undefined && one.longitude !== null ? dose(one) : null)))) : null)
  }

  return {
    draw() {
      const plan = model.scene.evacuation
      if (!plan) return null
      const run = model.scene.run?.id
      if (state.run !== run) Object.assign(state, {run, trials: {}, at: null, doses: {}})
      return [shelters(plan), clearanceSection(model, say, state, {trial}), necks(plan.clearance), left(plan)]
    },
    take(message) {
      if (message.kind === "what_if" && state.trials[message.plan]) { state.trials[message.plan] = message; redraw() }
      if (message.kind === "dose" && state.doses[message.id]) { state.doses[message.id] = message; redraw() }
    },
  }
}
