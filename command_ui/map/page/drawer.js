// Which layers are there and which are drawn? A tree with eye, opacity, count, source and age; 未接入 is said, not hidden.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {picture} from "./glyphs.js"
import {stamp, whole} from "./format.js"
import {lineSwatch} from "./swatch.js"
import {textsOf} from "./speak.js"
import {layerChoice} from "./layerchoice.js"
import {askedOnly, countOf, queryOf} from "./only.js"
import {areaLegend} from "./areas.js"

const EARLIER = "earlier_zones"

export function drawer(model, say, styles, apply, counted = () => {}) {
  const node = h("div", {class: "float drawer", hidden: true})
  const folded = new Set(["mirror"])
  let wanted = "", chosen = null, held = ""
  const choice = layerChoice(model)
  let lent = null, lentOnly = {} // what a presenter shows, while one follows him
  // A link may ask for filters; from then on they are this person's.
  const asked = askedOnly()
  if (Object.keys(asked).length) {
    choice.keep(Object.fromEntries(Object.entries(asked).map(([key, only]) => [key, {shown: true, opacity: choice.opacity({key}), only}])))
    const address = new URL(window.location.href)
    address.searchParams.delete("only")
    window.history.replaceState(window.history.state, "", address)
  }

  function layers() {
    return (model.layers ?? []).map((layer) => {
      layer.shown = lent ? lent.has(layer.key) : choice.shown(layer)
      layer.opacity = choice.opacity(layer)
      layer.only = !layer.connected ? [] : lent ? lentOnly[layer.key] ?? [] : choice.only(layer)
      layer.met = layer.only.length ? countOf(layer, () => { draw(); counted() }) : null
      return layer
    })
  }

  function keep(layer, change) {
    choice.keep({[layer.key]: {shown: layer.shown ?? true, opacity: layer.opacity ?? 1, only: choice.only(layer), ...change}})
    draw()
    apply()
  }

  // The map follows the slider while it is drawn; what it is left at is kept.
  function fade(layer, percent) {
    choice.attempt({[layer.key]: {shown: layer.shown ?? true, opacity: percent / 100, only: choice.only(layer)}})
    apply()
  }

  function eye(on, label, act) {
    return button({class: `eye${on ? " on" : ""}`, "aria-pressed": String(on), "aria-label": label, title: label, onclick: (event) => { event.stopPropagation(); act() }}, icon(on ? "eye" : "hidden", 16))
  }

  function row(layer) {
    const symbol = styles.symbols[layer.symbol]
    return [h("div", {class: `layer-row${chosen === layer.key ? " chosen" : ""}${layer.connected ? "" : " off"}`, onclick: () => { chosen = chosen === layer.key ? null : layer.key; draw() }},
      layer.connected ? eye(layer.shown, say(layer.shown ? "drawer.hide" : "drawer.show", {name: layer.title}), () => keep(layer, {shown: !layer.shown})) : h("span", {class: "eye"}, icon("hidden", 16)),
      h("span", {class: "layer-symbol"}, symbol ? picture(styles, symbol) : h("span", {class: "area-mark"})),
      h("span", {class: "sp cut", title: layer.title}, layer.title),
      h("span", {class: "t2 s12"}, layer.count === null || layer.count === undefined ? "—" : layer.only.length ? `${layer.met?.count === null ? "…" : whole(layer.met.count)} / ${whole(layer.count)}` : whole(layer.count)),
      h("span", {class: `badge s state-${layer.state}`}, say(`state.${layer.state}`))),
      layer.only.length ? filtered(layer) : null]
  }

  // What of the layer is shown stands under its name as long as it is not all of it.
  function filtered(layer) {
    const named = layer.only.map((one) => written(layer, one)).join(say("filter.and"))
    return h("div", {class: `layer-only${layer.met?.fault ? " bad" : ""}`, onclick: (event) => event.stopPropagation()}, icon("funnel", 14),
      h("span", {class: "sp cut", title: layer.met?.fault || named}, layer.met?.fault || named),
      h("a", {class: "pr s12", href: `/data?tab=rows&layer=${layer.key}`, target: "_blank", rel: "noopener"}, say("filter.list")),
      h("a", {class: "pr s12", href: `/api/v1/layers/${layer.key}/export?format=csv&language=${textsOf(model).lang}&${queryOf(layer.only)}`, download: `${layer.key}.csv`, title: say("filter.export", {name: layer.title})}, "CSV"),
      lent ? null : button({class: "ib small", "aria-label": say("filter.clear", {name: layer.title}), title: say("filter.clear", {name: layer.title}), onclick: () => keep(layer, {only: []})}, icon("cross", 14)))
  }

  function written(layer, condition) {
    if (condition.startsWith("*")) return say("filter.name", {text: condition.slice(1)})
    const [, column, operator, value] = /^\s*(\w+)\s*(!=|<=|>=|=|<|>|~)\s*([^]*)$/.exec(condition) ?? [null, condition, "", ""]
    return `${layer.met?.titles?.[column]?.[textsOf(model).lang === "en" ? 1 : 0] ?? column} ${operator ? say(`rows.op.${operator}`) : ""} ${value.replaceAll("|", say("filter.or"))}`
  }

  // Zones of earlier runs are no layer of the ground; they stand here only while there is an earlier run.
  function earlierRow() {
    const count = new Set((model.scene?.history ?? []).map((one) => one.run)).size, shown = earlierShown(), name = say("history.title", {count})
    if (!count) return null
    return h("div", {class: "layer-row earlier"}, eye(shown, say(shown ? "drawer.hide" : "drawer.show", {name}), () => keep({key: EARLIER}, {shown: !shown})),
      h("span", {class: "layer-symbol"}, lineSwatch("history")), h("span", {class: "sp cut", title: name}, name))
  }

  const earlierShown = () => choice.shown({key: EARLIER, visible: true})

  function detail(layer) {
    const fact = (code, value) => [h("span", {class: "t3"}, say(code)), h("span", {}, value || "—")]
    return h("div", {class: "layer-detail"}, h("div", {class: "row"}, h("b", {class: "sp"}, layer.title), h("span", {class: `badge s state-${layer.state}`}, say(`state.${layer.state}`))),
      h("div", {class: "facts-list two"}, fact("drawer.source", layer.source), fact("drawer.as_of", layer.as_of ? stamp(layer.as_of) : ""), fact("drawer.owner", layer.owner), fact("drawer.label", say(`audience.${layer.audience}`)), fact("drawer.licence", layer.licence)),
      layer.connected && layer.state !== "undone" ? h("div", {class: "row g8 s12"}, h("a", {class: "btn s", href: `/data?tab=rows&layer=${layer.key}`, target: "_blank", rel: "noopener"}, icon("funnel", 14), say("drawer.filter"))) : null,
      layer.state === "undone" ? [h("div", {class: "t2 s12"}, say("drawer.undone")), h("div", {class: "row"}, h("a", {class: "btn s", href: `/data?tab=rows&layer=${layer.key}`, target: "_blank", rel: "noopener"}, icon("play", 14), say("drawer.undone.open")))]
        : layer.connected ? h("label", {class: "row g8 s12"}, h("span", {class: "t3"}, say("drawer.opacity")),
        h("input", {type: "range", min: 10, max: 100, value: Math.round(layer.opacity * 100), class: "sp", oninput: (event) => { event.target.nextSibling.textContent = `${event.target.value}%`; fade(layer, event.target.value) },
          onchange: (event) => keep(layer, {opacity: event.target.value / 100})}), h("span", {class: "percent"}, `${Math.round(layer.opacity * 100)}%`))
        : h("div", {class: "t3 s12"}, say("drawer.not_connected")),
      layer.connected ? areaLegend(layer, styles, say).map(([swatch, text]) => h("div", {class: "row g8 s12"}, swatch, h("span", {}, text))) : null)
  }

  const find = h("input", {class: "field", type: "search", oninput: (event) => { wanted = event.target.value.trim().toLowerCase(); draw() }})
  const list = h("div", {class: "scroll"}), bottom = h("div", {})
  const head = h("div", {class: "h"})
  node.append(head, h("div", {class: "drawer-search"}, find), list, bottom)

  function draw() {
    if (node.hidden) return
    const all = layers(), groups = [...new Set(all.map((layer) => layer.group))]
    find.placeholder = say("drawer.search")
    find.setAttribute("aria-label", say("drawer.search"))
    renew(head, icon("layers"), say("drawer.title"), h("span", {class: "sp"}), button({class: "ib small", "aria-label": say("common.close"), onclick: close}, icon("cross", 16)))
    renew(list, earlierRow(), groups.map((group) => {
      const mine = all.filter((layer) => layer.group === group && (!wanted || `${layer.title} ${layer.source} ${layer.owner}`.toLowerCase().includes(wanted)))
      if (!mine.length) return null
      const closed = folded.has(group) && !wanted, usable = mine.filter((layer) => layer.connected), shown = usable.some((layer) => layer.shown)
      return [h("div", {class: "group-row", onclick: () => { folded.has(group) ? folded.delete(group) : folded.add(group); draw() }}, icon(closed ? "right" : "down", 14),
        usable.length ? eye(shown, say(shown ? "drawer.hide" : "drawer.show", {name: mine[0].group_title}), () => {
          choice.keep(Object.fromEntries(usable.map((layer) => [layer.key, {shown: !shown, opacity: layer.opacity, only: choice.only(layer)}])))
          draw()
          apply()
        }) : null, h("b", {class: "sp"}, mine[0].group_title), h("span", {class: "badge s b-line"}, say("drawer.count", {count: mine.length}))),
      closed ? null : mine.map(row)]
    }))
    if (!list.childElementCount) renew(list, h("div", {class: "empty low"}, say("drawer.none")))
    const layer = all.find((one) => one.key === chosen), spoken = textsOf(model).lang
    // A slider somebody holds stays in his hand.
    if (layer && held === `${layer.key} ${spoken}` && bottom.querySelector("input:focus")) return
    held = layer ? `${layer.key} ${spoken}` : ""
    renew(bottom, layer ? detail(layer) : null)
  }

  function close() {
    node.hidden = true
  }

  return {
    node, draw, layers, close, earlierShown,
    lend(keys, only) { lent = keys ? new Set(keys) : null; lentOnly = only ?? {}; draw() },
    isOpen: () => !node.hidden,
    toggle() { node.hidden = !node.hidden; draw(); if (!node.hidden) find.focus() },
  }
}
