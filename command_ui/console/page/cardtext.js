// What does a response card say? Statements by section, each with where it comes from and how sure it is.
import {h} from "./dom.js"
import {lit} from "./found.js"
import {textsOf} from "./speak.js"

export function statements(model, say, card, terms = []) {
  const lang = textsOf(model).lang === "en" ? "en" : "zh"
  const sections = [...new Set(card.statements.map((one) => one.section))]
  return h("div", {class: "card-text"}, sections.map((section) => h("div", {class: "card-section"}, h("b", {}, say(`cards.s.${section}`)),
    h("ul", {}, card.statements.filter((one) => one.section === section).map((one) => h("li", {}, h("span", {}, lit(one[lang], terms)), " ",
      h("span", {class: "t3 s12"}, one.source), one.trust === "unverified" ? h("span", {class: "badge s b-warn"}, say("cards.unverified")) : null))))),
  h("div", {class: "t3 s12"}, say("cards.version", {version: card.version, hash: card.hash.slice(0, 12)})))
}
