// What is this? A card with every field, and beside it where the fields come from and how old they are.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {stamp} from "./format.js"
import {riskWhy} from "./riskcard.js"
import {unveil, veiled} from "./unveil.js"

// Only enterprises, and what belongs to one, have a file of their own.
const hasFile = (one) => one.layer.startsWith("enterprise") || one.layer === "four_colour" || one.layer === "hazard_source"

export function dossierCard(model, say, styles, fly) {
  const node = h("div", {class: "float dossier", role: "dialog", hidden: true})
  const veils = new Map()
  let shownOne = null, via = null

  // From an area to what it counts, and back to the area.
  function follow(from, part) {
    via = {from: {layer: from.layer, id: from.id, name: from.name}, to: part.id}
    model.send_msg({kind: "dossier", layer: part.layer, id: part.id})
  }

  function close() {
    node.hidden = true
  }

  function show(message) {
    node.hidden = false
    const one = message.dossier
    shownOne = one
    veils.clear()
    const back = one && via?.to === one.id ? via.from : null
    via = null
    const shut = button({class: "ib small", "aria-label": say("common.close"), onclick: close}, icon("cross", 16))
    if (!one) {
      renew(node, h("div", {class: "h"}, icon("document"), say("dossier.missing"), h("span", {class: "sp"}), shut), h("div", {class: "sentence"}, message.reason ?? ""))
      return
    }
    node.classList.toggle("risky", Boolean(one.risk))
    renew(node,
      h("div", {class: "h"}, icon("document"), h("span", {class: "cut", title: one.name}, one.name), h("span", {class: "sp"}), shut),
      h("div", {class: "row g4 wrap dossier-badges"}, h("span", {class: "badge s b-info"}, one.layer_title), (one.badges ?? []).map((badge) => h("span", {class: "badge s b-line"}, badge)),
        h("span", {class: `badge s state-${one.state}`}, say(`state.${one.state}`))),
      h("div", {class: "scroll"}, one.risk ? riskWhy(one.risk, styles, say, (part) => follow(one, part)) : null, h("div", {class: "facts-list"}, one.fields.map((field) => [h("span", {class: "t3"}, field.title), veiled(field, field.value === null || field.value === "" ? "—" : field.value, say, one.may_unmask, (reason) => model.send_msg({kind: "unmask", layer: one.layer, id: one.id, reason}), veils)]))),
      h("div", {class: "dossier-foot"}, back ? h("div", {}, button({class: "btn s", onclick: () => model.send_msg({kind: "dossier", layer: back.layer, id: back.id})}, icon("left", 13), say("risk.back", {name: back.name}))) : null, h("div", {class: "t3 s12"}, say("dossier.source", {source: one.source, time: stamp(one.as_of)})),
        h("div", {class: "row g8"}, hasFile(one) ? h("a", {class: "btn s", href: `/dossier?layer=${encodeURIComponent(one.layer)}&id=${encodeURIComponent(one.id)}`}, icon("document", 13), say("file.open")) : null, one.longitude === null || one.longitude === undefined ? null : button({class: "btn s", onclick: () => fly(one)}, icon("locate", 13), say("dossier.locate")),
          model.can_report && one.longitude !== undefined ? button({class: "btn s", onclick: () => model.send_msg({kind: "report_here", layer: one.layer, id: one.id, name: one.name, longitude: one.longitude, latitude: one.latitude})}, icon("flag", 13), say("queue.report")) : null)))
  }

  // An answer for a card that was closed meanwhile is dropped.
  function unmasked(message) {
    if (shownOne && message.id === shownOne.id && message.layer === shownOne.layer) unveil(message.values, veils)
  }

  return {node, show, close, unmasked}
}
