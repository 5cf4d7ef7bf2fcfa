// Which base map do I want, and how does its publisher answer? The chooser, and the badge that says it in words.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {stamp} from "./format.js"
import {toneOf} from "./tones.js"
import {textsOf} from "./speak.js"

const OWN = "own"

export function baseMapChooser(model, say, ground, changed) {
  const node = h("div", {class: "float basemaps", role: "dialog", hidden: true})
  const word = (state) => say(`basemap.state.${state ?? "none"}`)
  const badge = (state) => h("span", {class: `badge s state-${toneOf(state)}`}, word(state))
  const title = (one) => one.title[textsOf(model)["basemap.title"] === "底图" ? 0 : 1]

  function card(id, on, choose) {
    const choice = ground.choices().find((one) => one.id === id), state = choice ? choice.state : "ok"
    return button({class: `basemap-card${on ? " on" : ""}`, role: "radio", "aria-checked": String(on), tabindex: on ? 0 : -1, "data-id": id, onclick: () => choose(id)},
      h("span", {class: `basemap-look look-${id}`, "aria-hidden": "true"}),
      h("span", {class: "basemap-name"}, say(`basemap.${id}`)),
      h("span", {class: `basemap-state tone-${toneOf(state)}`}, id === OWN ? say("basemap.own.short") : choice.packed && toneOf(state) !== "live" ? `${word(state)}·${say("basemap.packed")}` : word(state)))
  }

  function radios(label, ids, chosen, choose) {
    const group = h("div", {class: "basemap-cards", role: "radiogroup", "aria-label": label}, ids.map((id) => card(id, id === chosen, choose)))
    group.addEventListener("keydown", (event) => {
      const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key]
      if (!step) return
      event.preventDefault()
      event.stopPropagation()
      const next = ids[(ids.indexOf(chosen) + step + ids.length) % ids.length]
      choose(next)
      node.querySelector(`[role=radio][data-id="${next}"]`)?.focus()
    })
    return group
  }

  const segment = (text, on, act) => button({class: `segment${on ? " on" : ""}`, "aria-pressed": String(on), onclick: act}, text)

  function compareWith(ids) {
    const wish = ground.wish()
    const list = h("select", {class: "field low", "aria-label": say("basemap.swipe.with"), onchange: (event) => { ground.compare(event.target.value || null); draw() }},
      h("option", {value: ""}, say("basemap.swipe.off")), ids.filter((id) => id !== wish.choice).map((id) => h("option", {value: id}, say(`basemap.${id}`))))
    list.value = wish.other ?? ""
    return list
  }

  function publishers() {
    return (model.basemaps?.nodes ?? []).map((one) => h("details", {class: "basemap-node", open: toneOf(one.state) === "offline"},
      h("summary", {}, h("span", {class: "sp cut"}, title(one)), one.packed ? h("span", {class: "t3 s12"}, say("basemap.packed")) : null, badge(one.state)),
      one.since ? h("div", {class: "t3 s12"}, say("basemap.since", {time: stamp(one.since)})) : null,
      one.hosts.filter((host) => host.state).map((host) => h("div", {class: "row g8 s12"}, h("span", {class: "sp cut t2"}, host.host), host.retry_s ? h("span", {class: "t3"}, say("basemap.retry", {seconds: host.retry_s})) : null, h("span", {class: "t2"}, word(host.state))))))
  }

  function draw() {
    if (node.hidden) return
    const wish = ground.wish(), ids = [OWN, ...ground.choices().map((one) => one.id)]
    node.setAttribute("aria-label", say("basemap.title"))
    const held = node.getRootNode().activeElement?.dataset?.id
    renew(node,
      h("div", {class: "h"}, icon("globe"), say("basemap.title"), h("span", {class: "sp"}), button({class: "ib small", "aria-label": say("common.close"), onclick: close}, icon("cross", 16))),
      h("div", {class: "basemaps-body"},
        radios(say("basemap.title"), ids, wish.choice, (id) => { ground.choose(id); draw() }),
        ground.troubled("left") ? h("div", {class: "basemap-hint s12"}, say("basemap.instead")) : null,
        h("label", {class: "basemap-row"}, h("span", {class: "sp"}, say("basemap.labels")), h("input", {type: "checkbox", checked: wish.labels, onchange: (event) => ground.label(event.target.checked)})),
        h("div", {class: "basemap-row"}, h("span", {class: "sp"}, say("basemap.grid")), h("span", {class: "segments"},
          segment(say("basemap.grid.w"), wish.grid === "w", () => { ground.grid("w"); draw() }), segment(say("basemap.grid.c"), wish.grid === "c", () => { ground.grid("c"); draw() }))),
        h("div", {class: "basemap-row"}, h("span", {class: "sp"}, say("basemap.swipe")), compareWith(ids)),
        (model.basemaps?.nodes ?? []).length ? h("div", {class: "basemap-nodes"}, h("div", {class: "t3 s12"}, say("basemap.hosts")), publishers()) : null))
    if (held) node.querySelector(`[data-id="${held}"]`)?.focus()
  }

  function close() {
    node.hidden = true
    changed()
  }

  return {
    node, draw, close, isOpen: () => !node.hidden,
    toggle() {
      node.hidden = !node.hidden
      draw()
      if (!node.hidden) node.querySelector("[role=radio][tabindex='0']")?.focus()
      changed()
    },
    // Badge of the map in sight: ours says that it is ours, a national one how its publisher answers.
    chip() {
      const wish = ground.wish(), state = ground.nodeOf(wish.choice)?.state
      const press = (tone, name, text) => button({class: "row g4 s12 basemap-chip", title: say("basemap.open"), onclick: () => { if (node.hidden) { node.hidden = false; draw(); changed() } }}, h("span", {class: `badge s state-${tone}`}, name), text)
      if (wish.choice === OWN) return press("live", say("basemap.own.short"), say("basemap.own"))
      return press(toneOf(state), word(state), `${say("basemap.title")} ${say(`basemap.${wish.choice}`)}${ground.troubled("left") ? `·${say("basemap.instead")}` : ""}${ground.beyond() ? `·${say("basemap.top", {level: ground.beyond()})}` : ""}`)
    },
  }
}
