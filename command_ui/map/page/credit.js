// Whose is the map that is shown, and under which approval number? One table of settings, worded for every map of the house.
import {h, renew} from "./dom.js"

export function credited(model, say, shown) {
  const whose = shown.flatMap((id) => model.basemaps?.credits?.[id] ?? [{approval: "", source: ""}])
  const joined = (texts) => [...new Set(texts)].join(say("basemap.join"))
  return {approval: say("basemap.approval", {number: joined(whose.map((one) => one.approval || say("basemap.approval.none")))}), source: joined(whose.map((one) => one.source || say("map.source")))}
}

// The ground of a map that only ever draws our own vector map.
export const ownGround = (model, say) => ({credit: () => credited(model, say, ["own"])})

// Both in a corner of a small map; called again when the language changes.
export function creditCorner(model, say) {
  const node = h("div", {class: "map-credit s12 t2"})
  function draw() {
    const {approval, source} = ownGround(model, say).credit()
    renew(node, h("span", {}, approval), h("span", {}, source))
  }
  draw()
  return {node, draw}
}
