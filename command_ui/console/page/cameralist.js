// Which cameras are nearest to the incident? Distance, bearing, whether they look at it; and the coverage on the map.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {distance} from "./format.js"

export function cameraList(model, say) {
  const found = model.scene.cameras
  if (!found) return null
  const fly = (one) => tell("fly", {longitude: one.longitude, latitude: one.latitude})
  return h("div", {class: "sec"}, h("div", {class: "sh"}, icon("camera", 15), say("camera.title"), h("span", {class: "sp"}),
    found.length ? button({class: "btn s", onclick: () => model.send_msg({kind: "coverage"})}, icon("eye", 13), say("camera.coverage")) : null),
  found.length ? h("table", {}, h("tbody", {}, found.map((one) => h("tr", {class: "hover press", tabindex: 0, title: say("notice.show"),
    onclick: () => fly(one), onkeydown: (event) => { if (event.key === "Enter") fly(one) }},
  h("td", {class: one.status === "live" ? null : "t3"}, one.name),
  h("td", {class: "r"}, distance(one.distance_m)), h("td", {class: "r t2"}, `${one.bearing_deg}°`),
  h("td", {class: "r"}, h("span", {class: `badge s ${one.status !== "live" ? "b-stale" : one.sees ? "b-live" : "b-line"}`},
    say(one.status !== "live" ? "state.offline" : one.sees ? "camera.sees" : "camera.away")))))))
    : h("div", {class: "empty low"}, say("camera.none")))
}
