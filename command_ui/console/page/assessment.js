// What does the last run say? One sentence, then exact numbers with their parts, then what they rest on.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {zoneSwatch} from "./swatch.js"
import {sayOr} from "./speak.js"
import {tell} from "./bus.js"
import {atWork} from "./atwork.js"
import {dominoSection} from "./domino.js"
import {distance, figure, now, span, stamp, time, unit, urgency, whole} from "./format.js"

const right = {class: "r"}
const FACILITY = {school: "school", kindergarten: "school", hospital: "hospital", nursing_home: "people", home: "people", elderly: "people"}

export const facilityIcon = (kind) => FACILITY[kind] ?? (String(kind).includes("hosp") ? "hospital" : String(kind).includes("school") ? "school" : "people")

function progress(model, say) {
  const steps = ["hazard", "exposure", "routes", "evacuation"]
  const busy = model.busy ?? {}
  return h("div", {class: "sec progress", role: "status"},
    h("div", {class: "sh"}, icon("redo", 15), say("run.working")),
    steps.map((step) => {
      const state = busy.steps?.[step] ?? "waiting"
      return h("div", {class: `step ${state}`},
        h("span", {class: "mark"}, state === "done" ? icon("check", 14) : state === "failed" ? icon("cross", 14) : null),
        h("span", {class: "sp"}, say(`step.${step}`)),
        h("span", {class: "t3 s12"}, busy.seconds?.[step] === undefined ? say(`step.${state}`) : `${figure(busy.seconds[step], 2)} s`))
    }),
    busy.error ? h("div", {class: "sentence danger"}, icon("warning", 16), h("span", {}, busy.error)) : null)
}

function headline(scene, say, beats) {
  const sentence = h("b", {class: "s14"})
  const exposure = scene.exposure
  beats.push(() => {
    const said = []
    if (!exposure || exposure.total_day === null || exposure.total_day === undefined) said.push(say("headline.no_people"))
    else said.push(say(exposure.day ? "headline.day" : "headline.night", {people: whole(exposure.day ? exposure.total_day : exposure.total_night)}))
    const coming = (exposure?.facilities ?? []).filter((one) => one.arrival_at).sort((a, b) => (a.arrival_at < b.arrival_at ? -1 : 1))
    const next = coming.find((one) => new Date(one.arrival_at) > now())
    if (next) said.push(say("headline.next", {span: span((new Date(next.arrival_at) - now()) / 1000, say), name: next.name}))
    else if (coming.length) said.push(say("headline.reached", {count: coming.length}))
    else if (exposure?.at_once && exposure.facilities.length) said.push(say("headline.targets", {count: exposure.facilities.length}))
    if (scene.domino?.escalating) said.push(say("headline.domino", {count: scene.domino.escalating}))
    const left = scene.evacuation?.left_over_people
    if (left) said.push(say("headline.left", {people: whole(left)}))
    sentence.textContent = said.join(say("headline.join"))
  })
  return h("div", {class: "sec headline"}, sentence)
}

function heading(name, text, aside) {
  return h("div", {class: "sh"}, icon(name, 15), text, h("div", {class: "sp"}), h("span", {class: "t3 s12 plain"}, aside))
}

function people(scene, say) {
  const zones = [...(scene.zones ?? [])].sort((a, b) => b.level - a.level)
  const bands = Object.fromEntries((scene.exposure?.bands ?? []).map((band) => [band.level, band]))
  const inUse = scene.exposure?.day === false ? "night" : "day"
  const most = Math.max(1, ...Object.values(bands).map((band) => band[inUse] ?? 0))
  const number = (band, when) => h("td", right, band ? (when === inUse ? h("b", {class: "s14"}, whole(band[when])) : h("span", {class: "t2"}, whole(band[when]))) : "—")
  return h("div", {class: "sec"},
    heading("people", say("people.title"), say(inUse === "day" ? "people.day_in_use" : "people.night_in_use")),
    h("table", {class: "people"}, h("tr", {}, h("th", {}, say("people.band")), h("th", right, say(scene.domino ? "people.threshold.fire" : "people.threshold")), h("th", right, say("people.reach")),
      h("th", {}), h("th", right, say("people.day")), h("th", right, say("people.night"))),
    zones.map((zone, index) => {
      const band = bands[zone.level], above = zones[index - 1]
      const range = above && above.unit === zone.unit ? `${figure(zone.threshold)}–${figure(above.threshold)} ${unit(zone.unit)}` : `≥ ${figure(zone.threshold)} ${unit(zone.unit)}`
      return h("tr", {class: "hover", onmouseenter: () => tell("light", {kind: "zone", id: zone.level}), onmouseleave: () => tell("light", {})},
        h("td", {}, h("span", {class: "row g8"}, zoneSwatch(zone.level, 22, 14, zone.kind), unit(zone.name), zone.trust === "unverified" ? h("span", {class: "badge s b-warn"}, say("trust.unverified")) : null)),
        h("td", {class: "r t2"}, range), h("td", {class: "r t2"}, distance(zone.reach_m)),
        h("td", {class: "share"}, h("div", {class: "bar1"}, h("i", {style: {width: `${Math.round(100 * (band?.[inUse] ?? 0) / most)}%`, background: `var(--om-${{thermal: "thermal", overpressure: "over"}[zone.kind] ?? `z${zone.level}`})`}}))),
        number(band, "day"), number(band, "night"))
    }),
    scene.exposure ? h("tr", {class: "total"}, h("td", {colspan: 4}, h("b", {}, say("people.total"))),
      ["day", "night"].map((when) => h("td", right, when === inUse ? h("b", {class: "s16"}, whole(scene.exposure[`total_${when}`])) : h("span", {class: "t2"}, whole(scene.exposure[`total_${when}`]))))) : null),
    scene.exposure ? null : h("div", {class: "sentence"}, say("people.none")))
}

function targets(scene, say, beats) {
  const all = scene.exposure?.facilities ?? []
  if (!scene.exposure) return null
  const shown = all.slice(0, 8)
  return h("div", {class: "sec"},
    heading("school", say("targets.title", {count: all.length}), say(scene.exposure.at_once ? "targets.order.fire" : "targets.order")),
    all.length ? h("table", {}, h("tr", {}, h("th", {}, say("targets.name")), h("th", {}, say("people.band")), h("th", right, say("targets.distance")),
      h("th", right, say("targets.people")), scene.exposure.at_once ? null : [h("th", right, say("targets.arrival")), h("th", right, say("targets.left"))]),
    shown.map((one) => {
      const left = h("b", {})
      beats.push(() => {
        if (!one.arrival_at) { left.textContent = "—"; return }
        const seconds = (new Date(one.arrival_at) - now()) / 1000
        left.className = seconds < 0 ? "t3" : urgency(seconds)
        left.textContent = seconds < 0 ? say("targets.reached") : span(seconds, say)
      })
      return h("tr", {class: "hover press", onclick: () => tell("fly", {longitude: one.longitude, latitude: one.latitude, id: one.id, layer: "facilities"})},
        h("td", {}, h("span", {class: "row g8 cut"}, h("span", {class: "pr"}, icon(facilityIcon(one.kind), 16)), h("span", {class: "cut", title: one.name}, one.name))),
        h("td", {}, h("span", {class: "row g4 t2"}, zoneSwatch(one.level, 16, 12, scene.zones?.[0]?.kind), say("targets.zone", {level: one.level}))),
        h("td", {class: "r t2"}, distance(one.distance_m)), h("td", right, whole(one.people)),
        scene.exposure.at_once ? null : [h("td", right, one.arrival_at ? time(one.arrival_at) : "—"), h("td", right, left)])
    })) : h("div", {class: "sentence"}, say("targets.none")),
    all.length > shown.length ? h("div", {class: "t3 s12 more"}, say("targets.more", {count: all.length - shown.length})) : null)
}

// Two models that differ are shown side by side: the larger is drawn, the spread is what nobody knows.
function spread(b, say) {
  if (!b.spread?.length) return null
  return [h("span", {class: "t3"}, say("basis.spread")), h("span", {}, b.spread.map((one) => say("basis.spread.level", {name: one.name, dense: distance(one.dense_m), gaussian: distance(one.gaussian_m)})).join(say("list.semicolon")))]
}

function basis(model, scene, say) {
  const b = scene.basis
  if (!b) return null
  const line = (code, value, mono) => value ? [h("span", {class: "t3"}, say(code)), h("span", {class: mono ? "mono" : ""}, value)] : null
  return h("div", {class: "sec last"}, h("div", {class: "sh"}, icon("document", 15), say("basis.title"), b.unverified ? h("span", {class: "badge s b-warn"}, say("trust.unverified")) : null),
    h("div", {class: "basis"}, line("basis.model", `${sayOr(model, `model.${b.model}`, b.model)} ${b.version}`), line("basis.input", b.inputs.map((part) => sayOr(model, part.code, "", part.values)).filter(Boolean).join("·")),
      line("basis.source", b.method ? sayOr(model, `method.${b.method}`, b.method) : ""), line("basis.regime", (b.regime ?? []).map((part) => sayOr(model, part.code, "", part.values)).join(say("list.comma"))),
      spread(b, say),
      line("basis.limits", b.notes.map((note) => sayOr(model, `note.${note.code}`, note.code, note.values)).join(say("list.semicolon"))),
      line("basis.trace", `sha256 ${b.fingerprint.slice(0, 4)}…${b.fingerprint.slice(-4)}`, true)))
}

export function assessment(model, say, beats, ways) {
  const scene = model.scene
  const working = model.busy?.active || model.busy?.error ? progress(model, say) : null
  if (!scene.run) {
    return [working ?? h("div", {class: "empty"}, icon("document", 28), h("b", {}, say("run.none")), h("span", {}, say("run.none.hint")),
      scene.can_run ? button({class: "btn p", onclick: () => model.send_msg({kind: "assess"})}, icon("play", 14), say("run.start")) : null,
      scene.can_revise ? button({class: scene.can_run ? "btn revise" : "btn p revise", onclick: () => model.send_msg({kind: "revise"})}, icon("pencil", 14), say(scene.can_run ? "revise.open" : "revise.first")) : null)]
  }
  const run = scene.run
  return [
    working,
    run.review ? h("div", {class: "sec review"}, icon("redo", 16), h("div", {}, h("b", {}, say("review.title")), h("div", {class: "s12"}, sayOr(model, `review.${run.review}`, run.review)))) : null,
    h("div", {class: "sec row g8 tight"},
      h("span", {class: `badge state-${run.state}`}, run.state === "live" ? h("span", {class: "dot"}) : null, say(`state.${run.state}`)),
      h("span", {class: "mono cut", title: run.id}, run.short), h("span", {class: "t3 s12 nowrap"}, say("common.updated", {time: stamp(run.at)})), h("div", {class: "sp"}),
      scene.can_revise ? button({class: "btn s revise", title: say("revise.hint"), onclick: () => model.send_msg({kind: "revise"})}, icon("pencil", 13), say("revise.open")) : null,
      scene.can_run ? button({class: "btn s", onclick: () => model.send_msg({kind: "assess"})}, icon("redo", 13), say("run.again")) : null),
    headline(scene, say, beats), people(scene, say), atWork(scene, say), dominoSection(model, scene, say), targets(scene, say, beats), ways.teams.draw(), ways.leaving.draw(), ways.guards.draw(), basis(model, scene, say),
  ]
}
