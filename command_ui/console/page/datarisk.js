// How does the individual risk of a city come about? A button below its layer, a bar while it is worked out, then what came of it.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {power} from "./areas.js"

const EVERY_MS = 1500

export function dataRisk(model, say, calls, room) {
  const node = h("div", {class: "data-risk", role: "status"})
  const bar = h("i", {}), step = h("span", {class: "s12 t2"})
  let run = null, fault = "", waiting = 0, over = false

  async function follow() {
    try {
      run = await calls.ask(`/api/v1/risk-runs/${run.key}`)
      fault = run.fault ?? ""
      if (run.state === "done") room.changed()
    } catch (error) {
      // One lost answer is not the end of the calculation.
      if (error.message !== "offline") { fault = error.message; run = null }
    }
    draw()
    wait()
  }

  function wait() {
    clearTimeout(waiting)
    if (!over && run?.state === "running") waiting = setTimeout(follow, EVERY_MS)
  }

  async function start() {
    fault = ""
    try { run = await calls.json("/api/v1/risk-runs", {}) } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    draw()
    wait()
  }

  const undone = () => (model.layers ?? []).some((one) => one.key === "risk_contour" && one.state === "undone")

  function draw() {
    const share = Math.round((run?.share ?? 0) * 100)
    bar.style.width = `${share}%`
    step.textContent = say("data.risk.running", {share})
    const going = run?.state === "running"
    return renew(node,
      h("span", {class: "s12 t2"}, run?.state === "done" ? say("data.risk.done", {contours: run.contours, units: run.units, hours: run.hours, left: run.left_out, peak: power(run.peak_per_year, 1)}) : say("data.risk")),
      fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), h("span", {class: "sp"}, fault)) : null,
      going ? h("div", {class: "data-progress"}, h("div", {class: "bar1"}, bar), step) : null,
      !model.can_import && !going && undone() ? h("div", {class: "t2 s12"}, say("data.risk.undone")) : null,
      model.can_import && !going ? button({class: "btn s", onclick: start}, icon("play", 15), say("data.risk.start")) : null,
    )
  }

  return {draw, end() { over = true; clearTimeout(waiting) }}
}
