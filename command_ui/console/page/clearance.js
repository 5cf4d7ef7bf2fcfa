// How long until everybody is out? People out over time with its marks, and what another plan would bring.
import {h, button, s} from "./dom.js"
import {icon} from "./icons.js"
import {minutes, stamp, whole} from "./format.js"

const W = 412, H = 150, LEFT = 44, RIGHT = 10, TOP = 16, LOW = 22
const STEPS_MIN = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480]
export const PLANS = ["staged", "contraflow", "time"]
const LOOK = {staged: ["var(--om-sim)", "6 3"], contraflow: ["var(--om-warn)", "2 3"], time: ["var(--om-text3)", "9 4"]}

const TIGHT_S = 300
export const tight = (seconds) => seconds !== null && seconds !== undefined && seconds < TIGHT_S
export const duration = (seconds, say) => (seconds < 120 ? say("clear.seconds", {value: Math.round(seconds)}) : say("neck.minutes", {value: minutes(seconds)}))

export function clearanceChart(clear, people, trials, at_s, say) {
  const lines = Object.entries(trials).filter(([, one]) => one?.clearance?.length)
  const last = Math.max(1, clear.curve.at(-1)[0], ...lines.map(([, one]) => one.clearance.at(-1).time_s)), most = Math.max(1, people ?? clear.curve.at(-1)[1])
  const x = (t) => LEFT + (t / last) * (W - LEFT - RIGHT), y = (n) => H - LOW - (n / most) * (H - LOW - TOP)
  const path = (points) => `M${x(0)} ${y(0)}` + points.map(([t, n]) => `H${x(t).toFixed(1)}V${y(n).toFixed(1)}`).join("")
  const text = (left, up, words, fill, anchor = "start", bold = false) => s("text", {x: left, y: up, fill, "font-size": 12, "text-anchor": anchor, stroke: "var(--om-surface)", "stroke-width": 3, "paint-order": "stroke", "font-weight": bold ? 700 : 400}, words)
  const span_min = last / 60, step = STEPS_MIN.find((one) => span_min / one <= 6) ?? 960, ticks = []
  for (let minute = 0; minute <= span_min; minute += step) ticks.push(minute)
  const marks = [50, 90, 100].map((share) => [share, clear.totals?.[`clearance_${share}_s`]]).filter(([, when]) => when !== null && when !== undefined)
  const out = clear.curve.at(-1)[1]
  return s("svg", {class: "clearance", viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": say("clear.chart")},
    s("title", {}, `${say("clear.chart")}, ${say("clear.axis")}`),
    s("path", {d: `M${LEFT} ${TOP - 6}V${H - LOW}H${W - RIGHT}`, fill: "none", stroke: "var(--om-borderStrong)"}),
    [0, 0.5, 1].map((share) => text(LEFT - 5, y(most * share) + 4, share ? whole(most * share) : "0", "var(--om-text3)", "end")),
    ticks.map((minute) => [s("path", {d: `M${x(minute * 60)} ${H - LOW}v4`, stroke: "var(--om-borderStrong)"}), text(x(minute * 60), H - 5, minute, "var(--om-text3)", "middle")]),
    text(LEFT - 10, H - 5, "min", "var(--om-text3)", "end"),
    at_s !== null ? s("path", {d: `M${x(at_s)} ${TOP - 6}V${H - LOW}`, stroke: "var(--om-primary)", "stroke-width": 1}) : null,
    lines.map(([name, one]) => s("path", {class: `trial ${name}`, d: path(one.clearance.map((part) => [part.time_s, part.people_out])), fill: "none", stroke: LOOK[name][0], "stroke-width": 1.8, "stroke-dasharray": LOOK[name][1]})),
    s("path", {class: "out", d: path(clear.curve), fill: "none", stroke: "var(--om-evac)", "stroke-width": 2.6}),
    marks.map(([share, when], index) => [
      s("path", {d: `M${x(when)} ${y(out * share / 100)}V${H - LOW}`, stroke: "var(--om-evac)", "stroke-width": 1, "stroke-dasharray": "2 3"}),
      s("circle", {class: "mark", cx: x(when), cy: y(out * share / 100), r: 3.6, fill: "var(--om-surface)", stroke: "var(--om-evac)", "stroke-width": 2}),
      index < 2 ? text(x(when) + 6, y(out * share / 100) + 13, `${share}%`, "var(--om-text2)") : null]))
}

export function clearanceSection(model, say, state, act) {
  const plan = model.scene.evacuation, clear = plan?.clearance
  if (!clear?.curve?.length) return null
  const marks = [50, 90, 100].map((share) => [share, clear.totals?.[`clearance_${share}_s`]]).filter(([, when]) => when !== null && when !== undefined)
  return h("div", {class: "sec"},
    h("div", {class: "sh"}, icon("clock", 15), say("clear.title"), clear.awaited ? h("span", {class: "badge s b-warn awaited"}, icon("redo", 12), say("closure.follows")) : null, h("div", {class: "sp"}), h("span", {class: "t3 s12 plain"}, say("clear.note"))),
    h("div", {class: "row g8 wrap clear-marks"}, marks.map(([share, when]) => h("span", {class: "badge s b-info"}, say("clear.mark", {share, minutes: minutes(when)})))),
    plan.departure ? h("div", {class: "row g8 wrap clear-marks departure"}, h("span", {class: "badge s b-info"}, icon("clock", 12), say("clear.departs", {time: stamp(plan.departure.at), minutes: Math.round(plan.departure.after_s / 60)})),
      h("span", {class: `badge s ${tight(plan.departure.margin_s) ? "b-warn" : "b-info"}`}, plan.departure.margin_s === null ? say("clear.no_margin") : say("clear.margin", {value: duration(plan.departure.margin_s, say)}))) : null,
    clearanceChart(clear, plan.people, state.trials, state.at === null ? null : clear.filling.times_s[state.at], say),
    h("div", {class: "row g8 wrap"}, h("span", {class: "t3 s12"}, say("clear.compare")),
      PLANS.map((name) => button({class: `chip${state.trials[name] ? " on" : ""}`, "aria-pressed": String(Boolean(state.trials[name])), onclick: () => act.trial(name)},
        s("svg", {width: 18, height: 6, "aria-hidden": "true"}, s("path", {d: "M0 3H18", stroke: LOOK[name][0], "stroke-width": 2, "stroke-dasharray": LOOK[name][1]})), say(`clear.what.${name}`)))),
    PLANS.map((name) => {
      const one = state.trials[name]
      if (!one) return null
      if (one.busy) return h("div", {class: "t3 s12"}, say("clear.what.busy"))
      if (one.fault) return h("div", {class: "dg s12"}, one.fault)
      return h("div", {class: "t2 s12"}, say("clear.what.result", {name: say(`clear.what.${name}`), p90: minutes(one.totals.clearance_90_s), p100: minutes(one.totals.clearance_100_s)}))
    }))
}
