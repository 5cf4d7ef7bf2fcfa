// Which layers are there? A tree with count, quality and age; below it whose the chosen one is, and how strongly it shows.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {stamp, whole} from "./format.js"
import {areaLegend} from "./areas.js"

const GROUPS = ["risk", "protect", "resource", "sensing", "place", "mirror"]
export const tone = (score) => (score === null || score === undefined ? "none" : score >= 95 ? "ok" : score >= 85 ? "warn" : "danger")

export function dataTree(model, say, room) {
  const node = h("aside", {class: "data-tree", "aria-label": say("data.tree")})
  const list = h("div", {class: "scroll data-tree-list", role: "list"})
  const detail = h("div", {class: "data-tree-detail"})
  const box = h("input", {class: "field", type: "search", oninput: () => { wanted = box.value.trim().toLowerCase(); drawList() }})
  const head = h("div", {class: "h"})
  let wanted = "", closed = new Set(["mirror"])

  const score = (key) => room.scores[key]?.score
  const matches = (one) => !wanted || [one.title, one.key, one.owner, one.source].some((text) => String(text ?? "").toLowerCase().includes(wanted))

  function mark(one) {
    const symbol = model.symbology?.symbols?.[one.symbol]
    if (symbol || !one.connected || one.geometry === "point" || one.geometry === "none") return h("i", {class: "data-mark", style: {background: symbol ? `var(--om-${symbol.fill})` : "transparent"}})
    const risky = one.key.startsWith("risk_")
    return h("i", {class: `data-mark ${one.geometry === "line" ? "stroke" : risky ? "four" : "outline"}`})
  }

  function row(one) {
    const drawn = one.connected && one.geometry !== "none"
    const shown = drawn && room.shown.has(one.key)
    const value = score(one.key)
    return h("div", {class: `data-layer${room.layer === one.key ? " on" : ""}${one.connected ? "" : " off"}`, role: "listitem", "aria-current": room.layer === one.key ? "true" : null},
      button({class: "ib s", title: say(shown ? "data.hide" : "data.show"), "aria-label": `${say(shown ? "data.hide" : "data.show")} ${one.title}`, "aria-pressed": String(shown), disabled: !drawn, onclick: () => room.toggle(one.key)}, icon(shown ? "eye" : "hidden", 16)),
      button({class: "data-name", onclick: () => room.choose(one.key)}, mark(one), h("span", {class: "sp cut"}, one.title)),
      one.connected && room.only(one.key).length ? h("span", {class: "pr", title: say("filter.shown")}, icon("funnel", 13)) : null,
      h("span", {class: "num t2"}, one.connected ? whole(one.count ?? 0) : "—"),
      value === undefined || value === null ? null : h("span", {class: `badge s ${tone(value) === "ok" ? "state-ok" : `b-${tone(value)}`}`}, say("data.score", {score: value})),
      h("span", {class: `badge s state-${one.state}`}, say(`state.${one.state}`)))
  }

  function drawList() {
    const groups = new Map()
    for (const one of model.layers ?? []) {
      if (!matches(one)) continue
      if (!groups.has(one.group)) groups.set(one.group, [])
      groups.get(one.group).push(one)
    }
    const ordered = [...groups].sort(([one], [two]) => GROUPS.indexOf(one) - GROUPS.indexOf(two))
    renew(list, ordered.map(([key, layers]) => {
      const open = wanted || !closed.has(key)
      return [h("div", {class: "data-group", role: "listitem"},
        button({class: "data-name", "aria-expanded": String(Boolean(open)), onclick: () => { closed.has(key) ? closed.delete(key) : closed.add(key); drawList() }}, icon(open ? "down" : "right", 13), h("b", {class: "sp"}, layers[0].group_title)),
        h("span", {class: "badge s b-line"}, say("data.layers", {count: layers.length}))), open ? layers.map(row) : null]
    }), groups.size ? null : h("div", {class: "empty low", role: "listitem"}, say(model.layers?.length ? "data.tree.none" : "data.loading")))
  }

  function drawDetail() {
    const one = (model.layers ?? []).find((layer) => layer.key === room.layer)
    if (!one) { renew(detail); return }
    const opacity = room.opacity.get(one.key) ?? 100
    const shownAs = h("span", {class: "num"}, `${opacity}%`)
    const slider = h("input", {type: "range", min: 0, max: 100, step: 5, "aria-label": say("data.opacity"), disabled: one.geometry === "none", oninput: () => { shownAs.textContent = `${slider.value}%`; room.fade(one.key, Number(slider.value)) }})
    slider.value = opacity
    const fact = (name, value) => [h("span", {class: "t3"}, say(name)), h("span", {class: "cut", title: value}, value || "—")]
    renew(detail,
      h("div", {class: "row g8"}, h("b", {class: "sp"}, one.title), h("span", {class: `badge s state-${one.state}`}, say(`state.${one.state}`))),
      h("div", {class: "data-facts s12"}, fact("data.source", one.source), fact("data.updated", one.as_of ? stamp(one.as_of) : "—"), fact("data.owner", one.owner), fact("data.label", say(`label.${one.audience}`)), fact("drawer.licence", one.licence)),
      h("label", {class: "row g8 s12"}, h("span", {class: "t3"}, say("data.opacity")), slider, shownAs),
      one.connected ? areaLegend(one, model.symbology, say).map(([swatch, text]) => h("div", {class: "row g8 s12"}, swatch, h("span", {}, text))) : null,
      one.key === "risk_contour" ? room.risk.draw() : null)
  }

  function draw() {
    renew(head, icon("layers"), h("span", {}, say("data.tree")))
    box.placeholder = say("data.tree.search")
    box.setAttribute("aria-label", say("data.tree.search"))
    drawList()
    drawDetail()
  }

  renew(node, head, h("div", {class: "data-search"}, box), list, detail)
  return {node, draw}
}
