// How do I find a place, an enterprise, a code? Type, choose with the arrow keys, and the map goes there.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"

export function searchBox(model, say, life, choose, middle = () => null) {
  const input = h("input", {type: "text", class: "search-input", role: "combobox", autocomplete: "off", "aria-expanded": "false", spellcheck: "false"})
  const list = h("div", {class: "hits", role: "listbox", hidden: true})
  const node = h("div", {class: "float search"}, icon("search", 18), input, h("span", {class: "kbd"}, "/"), list)
  let asked = 0, hits = [], at = -1, timer = null, composing = false

  function draw() {
    input.placeholder = say("search.placeholder")
    input.setAttribute("aria-label", say("search.placeholder"))
  }

  function ask() {
    clearTimeout(timer)
    const text = input.value.trim()
    if (!text) { hide(); return }
    timer = setTimeout(() => {
      asked += 1
      model.send_msg({kind: "search", text, seq: asked, near: middle()})
    }, 160)
  }

  function hide() {
    list.hidden = true
    input.setAttribute("aria-expanded", "false")
    at = -1
  }

  function take(hit) {
    hide()
    input.value = hit.name
    input.blur()
    choose(hit)
  }

  function show() {
    list.hidden = false
    input.setAttribute("aria-expanded", "true")
    renew(list, hits.length ? hits.map((hit, index) => button({class: `hit${index === at ? " at" : ""}`, role: "option", "aria-selected": String(index === at), onclick: () => take(hit)},
      h("b", {class: "cut"}, hit.name), h("span", {class: "t3 s12 cut"}, [hit.source, hit.layer_title, hit.detail].filter(Boolean).join("·")))) : h("div", {class: "empty low"}, say("search.none")))
  }

  input.addEventListener("compositionstart", () => { composing = true })
  input.addEventListener("compositionend", () => { composing = false; ask() })
  input.addEventListener("input", () => { if (!composing) ask() })
  input.addEventListener("focus", () => { if (hits.length && input.value.trim()) show() })
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      at = hits.length ? (at + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length : -1
      show()
    } else if (event.key === "Enter" && hits.length) take(hits[Math.max(0, at)])
    else if (event.key === "Escape") { event.stopPropagation(); hide(); input.blur() }
  })
  life.on(document, "click", (event) => { if (!event.composedPath().includes(node)) hide() })
  life.hear("search", () => { input.focus(); input.select() })
  draw()
  return {
    node, draw,
    answer({seq, hits: found}) {
      if (seq !== asked) return // an older answer arriving late
      hits = found
      at = -1
      if (input.value.trim()) show()
    },
  }
}
