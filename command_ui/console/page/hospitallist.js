// Where do the injured go? The nearest hospitals with their free beds, and how many of the injured each could take.
import {h} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {distance} from "./format.js"

export function hospitalList(model, say) {
  const found = model.scene.care
  if (!found) return null
  const fly = (one) => tell("fly", {longitude: one.longitude, latitude: one.latitude, id: one.id, layer: "facilities"})
  const beds = (one) => (one.beds_free === null ? "—" : one.beds === null ? `${one.beds_free}` : `${one.beds_free} / ${one.beds}`)
  const tone = (one) => (one.beds_free === null ? "b-stale" : one.beds_free === 0 ? "b-danger" : one.beds_free < 5 ? "b-warn" : "b-live")
  const share = (one) => (one.serious + one.slight ? say("care.share", {count: one.serious + one.slight}) : "")
  return h("div", {class: "sec hospitals"}, h("div", {class: "sh"}, icon("hospital", 15), say("care.title"), h("span", {class: "sp"}), h("span", {class: "t3 s12 plain"}, say("care.beds"))),
    found.hospitals.length ? h("table", {}, h("tbody", {}, found.hospitals.map((one) => h("tr", {class: "hover press", tabindex: 0, "data-hospital": one.id, title: say("notice.show"), onclick: () => fly(one), onkeydown: (event) => { if (event.key === "Enter") fly(one) }},
      h("td", {}, h("span", {class: "cut block", title: one.name}, one.name)), h("td", {class: "r t2"}, distance(one.distance_m)), h("td", {class: "r t2"}, share(one)),
      h("td", {class: "r"}, h("span", {class: `badge s ${tone(one)}`}, one.beds_free === 0 ? say("care.full", {beds: beds(one)}) : beds(one))))))) : h("div", {class: "empty low"}, say("care.none")),
    found.left ? h("div", {class: "sentence danger"}, icon("warning", 16), h("span", {}, say("care.left", {count: found.left}))) : found.injured ? h("div", {class: "t3 s12 more"}, say("care.how")) : null)
}
