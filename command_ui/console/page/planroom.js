// Which plans, cards and supplies do we have, and what is open when the duty changes hands? Four tabs of one page.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {dress} from "./dress.js"
import {caller} from "./datacalls.js"
import {planLibrary} from "./planlibrary.js"
import {cardRoom} from "./cardroom.js"
import {stockRoom} from "./stockroom.js"
import {shiftRoom} from "./shiftroom.js"

const TABS = [["plans", "document"], ["cards", "book"], ["stock", "store"], ["shift", "people"]]

export function render({model, view}) {
  dress(view)
  const say = speaker(model), calls = caller(model)
  const tabs = h("div", {class: "tabs", role: "tablist"}), main = h("div", {class: "sp row plan-hold", style: {"min-height": "0", "align-items": "stretch"}})
  const views = {plans: planLibrary(model, say, calls), cards: cardRoom(model, say, calls), stock: stockRoom(model, say, calls, () => node.getRootNode()), shift: shiftRoom(model, say, calls)}
  const node = h("div", {class: "panel planroom"}, tabs, main)
  let tab = model.tab

  function turn(name) {
    tab = name
    const id = name === "plans" && model.wanted ? `&id=${encodeURIComponent(model.wanted)}` : ""
    window.history.replaceState(null, "", `/plans?tab=${name}${id}`)
    draw()
    views[name].pull()
  }

  function draw() {
    renew(tabs, TABS.map(([name, picture]) => button({class: `tab${tab === name ? " on" : ""}`, role: "tab", "aria-selected": String(tab === name), onclick: () => turn(name)}, icon(picture, 16), say(`plans.tab.${name}`))))
    renew(main, views[tab].node)
    views[tab].draw()
  }

  model.on(["texts", "divisions"], draw)
  model.on("msg:custom", (message) => views.stock.take(message))
  turn(tab)
  return node
}

