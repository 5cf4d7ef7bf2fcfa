// Which response cards does this rest on? Found by their whole text, cited in the version that was read.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {textsOf} from "./speak.js"
import {caller} from "./datacalls.js"
import {bestOf, lit, termsOf} from "./found.js"

const SEARCH_AFTER_MS = 200, SHOWN = 8

// Made once a dialog: what is typed into it keeps its focus. The choice lies in `values.cards`.
export function cardPicker(model, say, values) {
  const calls = caller(model), english = () => textsOf(model).lang === "en"
  let turn = 0, waiting = null, found = null
  const chosen = h("div", {class: "row g4 wrap"}), hits = h("div", {class: "person-hits", role: "listbox", "aria-label": say("decision.cards"), hidden: true})
  const search = h("input", {class: "field", type: "search", maxlength: 80, placeholder: say("decision.cards.find"), "aria-label": say("decision.cards.find")})
  const name = (one) => (english() ? one.title_en : one.title)
  const has = (one) => (values.cards ?? []).some((it) => it.card_id === one.card_id && it.version === one.version)

  // The statement in which the words stand, so that one reads what one cites.
  function says(one, words) {
    const said = one.statements.map((it) => (english() ? it.en : it.zh))
    return bestOf(said, words) || (said[0] ?? "")
  }

  function draw() {
    renew(chosen, (values.cards ?? []).map((one) => h("span", {class: "badge b-info"}, icon("book", 12), say("decision.card", {title: one.title, version: one.version}),
      button({class: "ib s", "aria-label": say("decision.cards.drop", {title: one.title}), onclick: () => { values.cards = values.cards.filter((it) => it !== one); told() }}, icon("cross", 12)))))
    hits.hidden = found === null
    if (found === null) return
    const words = termsOf(search.value)
    renew(hits, found.slice(0, SHOWN).map((card) => {
      const one = {card_id: card.id, version: card.version, title: name(card)}
      return button({class: `person card-hit${has(one) ? " on" : ""}`, role: "option", "aria-selected": String(has(one)), onclick: () => {
        values.cards = has(one) ? values.cards.filter((it) => it.card_id !== one.card_id) : [...(values.cards ?? []), one]
        told()
      }}, h("b", {class: "nowrap"}, one.title), h("span", {class: "t3 s12 nowrap"}, `UN ${card.un} v${card.version}`), h("span", {class: "t2 s12 cut sp"}, lit(says(card, words), words)))
    }), found.length ? null : h("div", {class: "t3 s12"}, say("decision.cards.none")))
  }

  // The form it stands in keeps what is chosen as it keeps what is typed.
  function told() { draw(); node.dispatchEvent(new Event("input", {bubbles: true})) }

  async function look() {
    const mine = ++turn, words = search.value.trim()
    if (!words) { found = null; return draw() }
    try {
      const cards = await calls.ask(`/api/v1/cards?q=${encodeURIComponent(words)}`)
      if (mine === turn) { found = cards; draw() }
    } catch (problem) {
      if (mine === turn) { hits.hidden = false; renew(hits, h("div", {class: "wn s12"}, problem.message === "offline" ? say("data.offline") : problem.message)) }
    }
  }

  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, SEARCH_AFTER_MS) })
  // Enter looks for the words; it must not sign the decision.
  search.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); look() } })
  const node = h("div", {class: "person-find"}, chosen, search, hits)
  draw()
  return node
}
