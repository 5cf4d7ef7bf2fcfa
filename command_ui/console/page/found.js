// Where in a text do the words asked for stand?
import {h} from "./dom.js"

export const termsOf = (words) => words.trim().toLowerCase().split(/\s+/).filter(Boolean)

// The text in pieces, those that were asked for as marks; they meet and overlap as they like.
export function lit(text, terms) {
  const low = text.toLowerCase(), on = new Uint8Array(text.length)
  if (low.length !== text.length) return [text] // a letter that grows when it is written small: no place can be told
  for (const term of terms) for (let at = low.indexOf(term); at >= 0; at = low.indexOf(term, at + 1)) on.fill(1, at, at + term.length)
  const pieces = []
  for (let from = 0, to = 0; from < text.length; from = to) {
    while (to < text.length && on[to] === on[from]) to++
    pieces.push(on[from] ? h("mark", {}, text.slice(from, to)) : text.slice(from, to))
  }
  return pieces
}

// Of several texts the one in which most of the words stand; nothing where none does.
export function bestOf(texts, terms) {
  const hits = (text) => terms.filter((term) => text.toLowerCase().includes(term)).length
  return texts.reduce((best, text) => (hits(text) > (best ? hits(best) : 0) ? text : best), "")
}
