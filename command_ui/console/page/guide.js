// How is the program used? A book: contents at the left, one chapter at a time, found by any word in it.
import {h, button, renew, isTyping} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {KEYS} from "./keys.js"

const DRAWN = new Set(["p", "ul", "ol", "li", "strong", "code", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "br", "a", "img", "span", "h2", "h3", "h4"])

// Trees of plain values become elements; a tag nobody named is not drawn.
function drawn(piece) {
  if (typeof piece === "string") return piece
  const [tag, attributes, ...inside] = piece
  if (!DRAWN.has(tag)) return null
  const node = h(tag, attributes, inside.map(drawn))
  return tag === "img" ? h("a", {href: attributes.src, target: "_blank", class: "guide-picture"}, node) : node
}

const wordsOf = (piece) => (typeof piece === "string" ? piece : piece.slice(2).map(wordsOf).join(" "))

export function render({model, view}) {
  dress(view)
  const say = speaker(model), life = lifetime(model)
  const contents = h("nav", {class: "guide-contents"}), article = h("article", {class: "guide-text", tabindex: "0"})
  const find = h("input", {class: "field", type: "search"})
  let chosen = decodeURIComponent(window.location.hash.slice(1))

  const all = () => [...model.chapters, {code: "keys", title: say("guide.keys"), pieces: [["table", {}, ["tbody", {}, ...KEYS.map(([key, code]) => ["tr", {}, ["td", {}, ["code", {}, key]], ["td", {}, say(code)]])]]]}]
  const open = (code) => { chosen = code; window.history.replaceState(null, "", `#${encodeURIComponent(code)}`); draw(); article.scrollTop = 0 }

  function draw() {
    const asked = find.value.trim().toLowerCase(), book = all()
    const shown = asked ? book.filter((one) => `${one.title} ${one.pieces.map(wordsOf).join(" ")}`.toLowerCase().includes(asked)) : book
    find.placeholder = say("guide.find")
    find.setAttribute("aria-label", say("guide.find"))
    contents.setAttribute("aria-label", say("guide.contents"))
    renew(contents, h("div", {class: "h"}, icon("document", 17), h("span", {}, say("guide.contents"))), find,
      shown.length ? shown.map((one) => button({class: `guide-entry${one.code === chosen ? " on" : ""}`, "aria-current": one.code === chosen ? "page" : null, onclick: () => open(one.code)}, one.title)) : h("div", {class: "empty low", role: "status"}, say("guide.none", {text: find.value.trim()})))
    const at = Math.max(0, book.findIndex((one) => one.code === chosen)), chapter = book[at]
    if (!chapter) return
    const turn = (one, code, side) => (one ? button({class: "btn", onclick: () => open(one.code)}, side < 0 ? icon("left", 14) : null, `${say(code)} · ${one.title}`, side > 0 ? icon("right", 14) : null) : h("span"))
    renew(article, h("h1", {}, chapter.title), chapter.pieces.map(drawn), h("div", {class: "row guide-turn"}, turn(book[at - 1], "guide.before", -1), h("span", {class: "sp"}), turn(book[at + 1], "guide.next", 1)))
  }

  life.on(find, "input", () => { const had = find.selectionStart; draw(); find.focus(); find.setSelectionRange(had, had) })
  life.on(window, "hashchange", () => { chosen = decodeURIComponent(window.location.hash.slice(1)); draw() })
  life.on(document, "keydown", (event) => {
    if (event.key === "/" && !isTyping(event) && !event.isComposing) { event.preventDefault(); find.focus() }
  })
  if (!all().some((one) => one.code === chosen)) chosen = all()[0].code
  model.on("chapters", draw)
  model.on("texts", draw)
  draw()
  return h("div", {class: "panel guide-book"}, contents, article)
}
