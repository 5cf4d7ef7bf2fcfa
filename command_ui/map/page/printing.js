// How does an officer get the map on paper? Paper, scale and middle are chosen; the server draws it and gives the file.
import {toLonLat} from "ol/proj.js"
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {onlyPairs} from "./only.js"

const PAPERS = ["A4", "A4-portrait", "A3", "A3-portrait", "A2"]
const SCALES = [5000, 10000, 25000, 50000, 100000]

export function printPanel(map, model, say, shown, ground, changed) {
  const node = h("section", {class: "float printing", hidden: true, "aria-label": say("print.title")})
  // null: whatever lies beneath on the screen
  const typed = {paper: "A4", scale: "", centre: "scene", form: "pdf", base: null}
  const base = () => typed.base ?? ground.wish().choice

  function select(name, options) {
    const made = h("select", {class: "field", onchange: (event) => { typed[name] = event.target.value; draw() }}, options.map(([value, text]) => h("option", {value}, text)))
    made.value = name === "base" ? base() : typed[name]
    return h("label", {class: "plot-field"}, h("span", {class: "t2 s12"}, say(`print.${name}`)), made)
  }

  function address() {
    const asked = new URLSearchParams({form: typed.form, paper: typed.paper, language: model.texts?.lang === "en" ? "en" : "zh", layers: shown().join(","), base: base()})
    const printed = (model.layers ?? []).filter((layer) => shown().includes(layer.key))
    for (const [name, pair] of onlyPairs(printed)) asked.append(name, pair)
    for (const layer of printed.filter((one) => (one.opacity ?? 1) < 1)) asked.append("opacity", `${layer.key}~${layer.opacity.toFixed(2)}`)
    if (typed.scale) asked.set("scale", typed.scale)
    if (typed.centre === "view") {
      const [longitude, latitude] = toLonLat(map.getView().getCenter())
      asked.set("longitude", longitude.toFixed(6))
      asked.set("latitude", latitude.toFixed(6))
    }
    return `/api/v1/incidents/${model.scene?.incident?.id}/map?${asked}`
  }

  function draw() {
    if (node.hidden) return
    renew(node,
      h("div", {class: "h"}, icon("printer"), say("print.title"), h("span", {class: "sp"}), button({class: "ib small", "aria-label": say("common.close"), onclick: close}, icon("cross", 16))),
      h("div", {class: "printing-body"},
        select("paper", PAPERS.map((one) => [one, say(`print.paper.${one}`)])),
        select("scale", [["", say("print.scale.fit")], ...SCALES.map((one) => [String(one), `1:${one.toLocaleString("en")}`])]),
        select("centre", [["scene", say("print.centre.scene")], ["view", say("print.centre.view")]]),
        select("base", ["own", ...ground.choices().map((one) => one.id)].map((id) => [id, say(`basemap.${id}`)])),
        select("form", [["pdf", "PDF"], ["png", "PNG"]]),
        h("p", {class: "s12 t2"}, say("print.note", {count: shown().length})),
        model.scene?.incident ? h("a", {class: "btn p print-go", href: address(), download: "", onpointerdown: (event) => { event.currentTarget.href = address() }, onfocus: (event) => { event.currentTarget.href = address() }}, icon("printer", 16), say("print.go")) : h("p", {class: "s12 wn", role: "status"}, say("print.nothing_chosen"))))
  }

  function close() { node.hidden = true; changed() }

  return {node, draw, close, isOn: () => !node.hidden, toggle() { node.hidden = !node.hidden; draw(); if (!node.hidden) node.querySelector("select")?.focus(); changed() }}
}
