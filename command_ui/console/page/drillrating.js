// How do the objectives stand? P, S, M, U of each, as a bar of its expectations.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {short} from "./drillclock.js"

export const RATINGS = ["P", "S", "M", "U"]

// Four letters to press for a capability, or for one critical task of it; the last one pressed stands.
export function ratingButtons(room, goal, task = null) {
  const {say} = room, one = task ?? goal, may = room.model.may_evaluate
  return h("div", {class: "drill-rate", role: "group", "aria-label": `${say("drill.ratings")} ${one.title}`}, RATINGS.map((letter) => button({class: `psmu press ${letter}${one.rating === letter ? " on" : ""}`, disabled: !may, "data-rate": `${goal.id}:${task ? task.id : ""}:${letter}`, title: say(may ? `drill.rating.${letter}` : "drill.rate.may_not"), "aria-pressed": String(one.rating === letter), onclick: () => room.send("ratings", {capability: goal.id, task: task ? task.id : "", rating: letter}) }, letter)),
    h("span", {class: "t3 s12 drill-suggested"}, !one.rating && one.suggested ? say("drill.suggested", {rating: one.suggested}) : ""))
}

// The critical tasks an inject puts to the test, to be rated while it is played.
export function quickRatings(room, look, inject) {
  const hopes = new Set(inject.hopes.map((one) => one.id))
  const tested = look.capabilities.flatMap((goal) => goal.tasks.filter((task) => task.hopes.some((hope) => hopes.has(hope.id))).map((task) => ({goal, task})))
  return tested.length ? h("div", {class: "drill-quick"}, h("span", {class: "t3 s12"}, room.say("drill.rate.quick")), tested.map(({goal, task}) => h("div", {class: "row g8"}, h("span", {class: "cut sp", title: `${goal.title} · ${task.title}`}, task.title), ratingButtons(room, goal, task)))) : null
}

export function ratingBlock(look, say) {
  const goals = look.capabilities, rated = goals.filter((one) => one.rating).length
  const took = look.injects.flatMap((one) => one.hopes).map((hope) => hope.took_s).filter((value) => value !== null)
  const mean = took.length ? took.reduce((a, b) => a + b, 0) / took.length : null
  const bar = (goal) => {
    const part = (state, tone) => { const share = goal.hopes.filter((one) => one.state === state).length; return share ? h("i", {class: tone, style: {width: `${(100 * share) / Math.max(1, goal.hopes.length)}%`}}) : null }
    return h("div", {class: "bar1 split"}, part("met", ""), part("late", "amber"), part("missed", "late"))
  }
  return h("div", {class: "sec drill-ratings"}, h("div", {class: "sh"}, icon("check", 15), say("drill.ratings"), h("span", {class: "t3 s12 plain sp cut r", title: say("drill.ratings.key")}, say("drill.ratings.key"))),
    h("div", {class: "drill-big"}, h("div", {}, h("div", {class: "t3 s12"}, say("drill.rated")), h("b", {}, rated, h("span", {class: "t3 s14 plain"}, ` / ${goals.length}`))), h("div", {class: "r"}, h("div", {class: "t3 s12"}, say("drill.mean")), h("b", {}, mean === null ? "—" : short(mean)))),
    goals.map((goal) => h("div", {style: {"margin-top": "10px"}}, h("div", {class: "row g8"}, h("span", {class: `psmu ${goal.rating || goal.suggested || "none"}${goal.rating ? "" : " guess"}`, title: goal.rating ? say(`drill.rating.${goal.rating}`) : goal.suggested ? say("drill.suggested", {rating: say(`drill.rating.${goal.suggested}`)}) : say("drill.unrated")}, goal.rating || goal.suggested || "–"), h("b", {class: "cut sp", title: goal.title}, goal.title), h("b", {}, `${goal.hopes.filter((one) => one.state === "met").length} / ${goal.hopes.length}`)), h("div", {style: {"margin-top": "4px"}}, bar(goal)))))
}
