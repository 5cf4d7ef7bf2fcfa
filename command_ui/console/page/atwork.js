// Who is at work in the zones, hour by hour? Twenty-four bars for the day of the run, the hour looked at in full colour.
import {h, s, renew} from "./dom.js"
import {icon} from "./icons.js"
import {now, whole} from "./format.js"

const WIDTH = 360, HEIGHT = 74, FOOT = 18, LEFT = 2
const kept = new Map() // run -> answer, so that a redrawn panel asks nobody

const hourOf = (at) => Number(new Intl.DateTimeFormat("en-GB", {hour: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai"}).format(at))

function chart(hours, current, say) {
  const most = Math.max(1, ...hours), step = (WIDTH - 2 * LEFT) / 24, tall = HEIGHT - FOOT - 4
  return s("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart atwork-chart", role: "img", "aria-label": `${say("atwork.chart")}: ${hours.map((people, hour) => `${hour} ${people}`).join(", ")}`},
    hours.map((people, hour) => s("rect", {x: LEFT + hour * step + 1.5, y: HEIGHT - FOOT - (people / most) * tall, width: step - 3, height: Math.max(1, (people / most) * tall), rx: 1.5,
      fill: "var(--om-primary)", "fill-opacity": hour === current ? 1 : 0.38}, s("title", {}, say("atwork.hour", {hour, people: whole(people)})))),
    s("path", {d: `M0 ${HEIGHT - FOOT + 0.5}H${WIDTH}`, stroke: "var(--om-border)"}),
    [0, 6, 12, 18, 23].map((hour) => s("text", {x: LEFT + (hour + 0.5) * step, y: HEIGHT - 3, "text-anchor": hour === 0 ? "start" : hour === 23 ? "end" : "middle", fill: "var(--om-text3)", "font-size": 12}, String(hour))))
}

export function atWork(scene, say) {
  const run = scene.run?.id, incident = scene.incident?.id
  // The register answers for now, not for a moment of the past.
  if (!run || !incident || scene.run.state === "replay" || !(scene.zones ?? []).length) return null
  const body = h("div", {class: "atwork"}), at = now()

  function draw(answer) {
    if (!answer) return renew(body, h("div", {class: "t3 s12", role: "status"}, say("atwork.loading")))
    if (answer.fault) return renew(body, h("div", {class: "sentence"}, say("atwork.failed", {reason: answer.fault})))
    const sum = (name) => answer.bands.reduce((all, band) => all + band[name], 0), hour = hourOf(at)
    if (!sum("workplaces")) return renew(body, h("div", {class: "t2 s12"}, say("atwork.none")))
    renew(body, h("div", {class: "t2 s12"}, say("atwork.now", {hour, present: whole(answer.hours[hour]), places: whole(sum("workplaces")), staff: whole(sum("staff")), shift: whole(sum("shift"))})), chart(answer.hours, hour, say))
  }

  const key = `${incident}:${run}`
  draw(kept.get(key))
  if (!kept.has(key)) {
    kept.set(key, null)
    fetch(`/api/v1/incidents/${incident}/workplaces?at=${encodeURIComponent(new Date(at).toISOString())}`, {credentials: "same-origin"})
      .then(async (answer) => { const found = await answer.json(); if (!answer.ok) throw new Error(found?.message ?? String(answer.status)); return found })
      .catch((error) => ({fault: error.message}))
      .then((answer) => {
        // A fault is said, and asked again with the next run or the next drawing.
        answer.fault ? kept.delete(key) : kept.set(key, answer)
        waiting.get(key)?.forEach((tell) => tell(answer))
        waiting.delete(key)
      })
  }
  if (!kept.get(key)) waiting.set(key, [...(waiting.get(key) ?? []).slice(-3), draw])
  return h("div", {class: "sec"}, h("div", {class: "sh"}, icon("plant", 15), say("atwork.title"), h("div", {class: "sp"}), h("span", {class: "t3 s12 plain"}, say("atwork.aside"))), body)
}

const waiting = new Map() // run -> who wants to hear
