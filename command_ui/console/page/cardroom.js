// Which response card speaks of these words? Search at the left, the card with its sources at the right.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {textsOf} from "./speak.js"
import {statements} from "./cardtext.js"
import {bestOf, lit, termsOf} from "./found.js"

export function cardRoom(model, say, calls) {
  const node = h("div", {class: "plan-split sp"}), rows = h("div", {class: "scroll"}), main = h("div", {class: "scroll plan-main"})
  let cards = null, chosen = "", fault = "", timer = 0, asked = 0
  const search = h("input", {class: "field", type: "search", oninput: () => { clearTimeout(timer); timer = setTimeout(pull, 200) }})
  node.append(h("div", {class: "plan-side"}, h("div", {class: "top"}, search), rows), main)
  const title = (one) => (textsOf(model).lang === "en" ? one.title_en : one.title)

  async function pull() {
    const mine = ++asked
    fault = ""
    try {
      const found = await calls.ask(`/api/v1/cards?q=${encodeURIComponent(search.value.trim())}`)
      if (mine !== asked) return // a later word was typed meanwhile
      cards = found
      if (!cards.some((one) => one.id === chosen)) chosen = cards[0]?.id ?? ""
    } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    draw()
  }

  function draw() {
    search.placeholder = say("cards.find")
    search.setAttribute("aria-label", say("cards.find"))
    const one = cards?.find((it) => it.id === chosen), terms = termsOf(search.value)
    const said = (it) => bestOf(it.statements.map((line) => (textsOf(model).lang === "en" ? line.en : line.zh)), terms)
    renew(rows, cards === null ? h("div", {class: "skeleton"}) : cards.length ? cards.map((it) => button({class: `plan-row${it.id === chosen ? " on" : ""}`, onclick: () => { chosen = it.id; draw() }}, h("b", {}, lit(title(it), terms)), h("span", {class: "t3 s12"}, lit(`UN ${it.un} · CAS ${it.cas} · ERG ${it.guide} · v${it.version}`, terms)), terms.length && said(it) ? h("span", {class: "t2 s12 said"}, lit(said(it), terms)) : null)) : h("div", {class: "empty"}, icon("book", 26), h("b", {}, say("cards.none"))))
    renew(main, fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : null, one ? h("section", {class: "card"}, h("div", {class: "h"}, icon("book", 17), say("cards.of", {name: title(one)}), h("span", {class: "sp"}), h("span", {class: "badge b-line"}, `UN ${one.un}`), h("span", {class: "badge b-line"}, `CAS ${one.cas}`)), h("div", {class: "card-body"}, statements(model, say, one, terms))) : null)
  }

  return {node, draw, pull}
}
