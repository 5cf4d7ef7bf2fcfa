// How do I come back to what I see, or show it to a colleague? Kept views, a link, the whole screen, a net of degrees.
import Graticule from "ol/layer/Graticule.js"
import {Fill, Stroke, Text} from "ol/style.js"
import {toLonLat} from "ol/proj.js"
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {hear, tell} from "./bus.js"
import {colour, faded, FONT} from "./palette.js"
import {linkOf, viewOf} from "./viewlink.js"
import {onlyPairs} from "./only.js"

export const ASKED = "view" // the name in the address; it survives the sign-in

export function askedView() {
  return viewOf(new URLSearchParams(window.location.search).get(ASKED))
}

export function viewTools(map, panel, model, say, ground, show, changed) {
  const node = h("div", {class: "float views", role: "dialog", hidden: true})
  let net = null, typed = ""

  function here() {
    const view = map.getView(), [longitude, latitude] = toLonLat(view.getCenter()), wish = ground.wish()
    return linkOf({longitude, latitude, zoom: view.getZoom(), ground: wish.choice, grid: wish.grid})
  }

  hear("view.asked", ({take}) => take(here())) // a decision keeps the view it was taken on

  // Names of degrees stand at the edge; the net lies above the ground and below everything that matters.
  function weave() {
    if (net) map.removeLayer(net.layer)
    const text = (edge) => new Text({...edge, font: `12px ${FONT}`, fill: new Fill({color: colour("text")}), stroke: new Stroke({color: colour("halo"), width: 3})})
    const written = (value) => `${Number(value.toFixed(4))}°`
    net = {layer: new Graticule({zIndex: 3, showLabels: true, wrapX: false, targetSize: 160, strokeStyle: new Stroke({color: faded("text2", 0.5), width: 1, lineDash: [4, 4]}),
      intervals: [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002], lonLabelStyle: text({textBaseline: "top"}), latLabelStyle: text({textAlign: "end", textBaseline: "bottom"}), lonLabelFormatter: written, latLabelFormatter: written, lonLabelPosition: 0.995, latLabelPosition: 0.93})}
    map.addLayer(net.layer)
  }

  function toggleNet() {
    if (net) { map.removeLayer(net.layer); net = null } else weave()
    draw()
  }

  async function copy() {
    const link = `${window.location.origin}/?${new URLSearchParams([[ASKED, here()], ...onlyPairs(model.layers ?? [])])}`
    try {
      await navigator.clipboard.writeText(link)
      tell("toast", {code: "views.copied"})
    } catch {
      // Without a secure origin there is no clipboard: the link is shown to be copied by hand.
      const field = node.querySelector(".views-link")
      field.hidden = false
      field.value = link
      field.select()
    }
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen()
    else (panel.requestFullscreen?.() ?? Promise.reject()).catch(() => tell("toast", {code: "views.full.refused", tone: "warn"}))
  }

  function keep(event) {
    event.preventDefault()
    const name = typed.trim()
    if (!name) return
    model.send_msg({kind: "views.keep", name, link: here()})
    typed = ""
  }

  const row = ({name, link}) => h("div", {class: "views-row"},
    button({class: "views-go cut", onclick: () => { const view = viewOf(link); if (view) show(view) }}, icon("pin", 16), h("span", {class: "cut"}, name)),
    button({class: "ib small", "aria-label": say("views.drop", {name}), title: say("views.drop", {name}), onclick: () => model.send_msg({kind: "views.drop", name})}, icon("cross", 14)))

  function draw() {
    if (node.hidden) return
    node.setAttribute("aria-label", say("views.title"))
    const field = h("input", {class: "field", maxlength: 24, value: typed, placeholder: say("views.name"), "aria-label": say("views.name"), oninput: (event) => { typed = event.target.value }})
    renew(node,
      h("div", {class: "h"}, icon("pin"), say("views.title"), h("span", {class: "sp"}), button({class: "ib small", "aria-label": say("common.close"), onclick: close}, icon("cross", 16))),
      h("div", {class: "views-body"},
        h("form", {class: "row g8", onsubmit: keep}, field, h("button", {class: "btn", type: "submit"}, say("views.keep"))),
        (model.views ?? []).length ? h("div", {class: "views-list"}, model.views.map(row)) : h("div", {class: "t3 s12"}, say("views.none")),
        h("div", {class: "views-acts"},
          button({class: "btn", onclick: copy}, icon("link", 16), say("views.copy")),
          button({class: "btn", onclick: full}, icon("wall", 16), say("views.full")),
          button({class: `btn${net ? " on" : ""}`, "aria-pressed": String(Boolean(net)), onclick: toggleNet}, icon("nodes", 16), say("views.net"))),
        h("input", {class: "field views-link", readonly: true, hidden: true, "aria-label": say("views.copy")})))
  }

  function close() {
    node.hidden = true
    changed()
  }

  return {
    node, draw, close, isOpen: () => !node.hidden,
    restyle: () => { if (net) weave() },
    toggle() {
      node.hidden = !node.hidden
      draw()
      if (!node.hidden) node.querySelector("input")?.focus()
      changed()
    },
  }
}
