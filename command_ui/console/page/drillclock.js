// What does the exercise clock say? Elapsed time that runs in the browser between two looks at the server.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {now, time} from "./format.js"

const SPEEDS = [0.5, 1, 2, 10, 60]
const two = (value) => String(value).padStart(2, "0")

// Elapsed time as HH:MM:SS.
export function elapsed(seconds) {
  if (seconds === null || seconds === undefined) return "—"
  const total = Math.max(0, Math.floor(seconds))
  return `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`
}

// A span of minutes and seconds as 02:36.
export const short = (seconds) => `${Math.floor(Math.max(0, seconds) / 60)}:${two(Math.floor(Math.max(0, seconds)) % 60)}`

export function elapsedOf(look) {
  if (!look) return 0
  const since = look.state === "running" ? ((now() - new Date(look.clock.at)) / 1000) * look.clock.speed : 0
  return look.clock.elapsed_s + Math.max(0, since)
}

export function exerciseClock(room) {
  const {say, model} = room
  const figure = h("b", {}, "00:00:00"), scene = h("span", {class: "t2 s12 drill-scene"})
  const node = h("div", {class: "row g12"})
  const may = () => model.may_conduct && room.look && room.look.state !== "ended"

  function toggle() {
    if (!may()) return
    room.step(room.look.state === "running" ? "pause" : "resume")
  }

  function tick() {
    const look = room.look
    if (!look) return
    figure.textContent = elapsed(elapsedOf(look))
    scene.textContent = look.scene_start ? say("drill.scene_time", {time: time(new Date(new Date(look.scene_start).getTime() + elapsedOf(look) * 1000))}) : ""
  }

  function draw() {
    const look = room.look
    if (!look) return
    const running = look.state === "running"
    renew(node, h("div", {class: "drill-clock", "data-state": look.state}, h("span", {class: "s12"}, say("drill.clock")), figure,
      may() ? button({class: "btn square drill-pause", title: `${say(running ? "drill.pause" : "drill.resume")}  ␣`, "aria-label": say(running ? "drill.pause" : "drill.resume"), onclick: toggle}, icon(running ? "pause" : "play", 15, running ? 3 : 2)) : h("span", {class: "badge s b-line"}, say(`drill.state.${look.state}`)),
      h("div", {class: "drill-speeds", role: "group", "aria-label": say("drill.speed")}, SPEEDS.map((speed) => button({class: look.clock.speed === speed ? "on" : "", disabled: !may(), "aria-pressed": String(look.clock.speed === speed), onclick: () => room.step("speed", {speed})}, `×${speed}`)))), scene)
    tick()
  }

  return {node, draw, tick, toggle}
}
