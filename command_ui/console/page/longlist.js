// How is a list of fifty thousand rows drawn? In pages: those in sight hold their rows, the others only their height.
// Page 0 holds the first entries and stands at the bottom; what is newest stands on top.
import {h, renew} from "./dom.js"

export const PAGE = 50
const ROW_PX = 62, NEAR_PX = 900

export function longList({row, ask}) {
  const root = h("div", {class: "entries record-list"})
  let pages = [], total = 0, watcher = null, scroller = null
  const rows = new Map() // page -> its rows
  let sought = null // number of the entry a link leads to, until it is in sight
  const asked = new Set()

  function count(number) {
    return Math.min(PAGE, total - number * PAGE)
  }

  function empty(page) {
    if (page.full) page.height = page.node.offsetHeight || page.height
    page.full = false
    page.node.replaceChildren()
    page.node.style.height = `${page.height || count(page.number) * ROW_PX}px`
  }

  function fill(page) {
    const found = rows.get(page.number)
    if (!found) {
      if (!asked.has(page.number)) { asked.add(page.number); ask(page.number * PAGE, PAGE) }
      return
    }
    page.full = true
    page.node.style.height = ""
    renew(page.node, [...found].reverse().map(row))
  }

  function watch() {
    watcher?.disconnect()
    if (!scroller) return
    watcher = new IntersectionObserver((seen) => seen.forEach(({target, isIntersecting}) => {
      const page = pages[target.dataset.page]
      if (!page) return
      page.near = isIntersecting
      if (isIntersecting) fill(page)
      else empty(page)
    }), {root: scroller, rootMargin: `${NEAR_PX}px 0px`})
    pages.forEach((page) => watcher.observe(page.node))
  }

  // Its page is filled first, which may take an answer of the server; then the row itself is brought into sight.
  function seek() {
    const page = sought && pages[Math.floor((sought - 1) / PAGE)]
    if (!page || !scroller) return
    page.near = true
    fill(page)
    const found = page.node.querySelector(`[data-seq="${sought}"]`)
    if (!found) return page.node.scrollIntoView({block: "center"})
    sought = null
    for (const one of root.querySelectorAll(".found")) one.classList.remove("found")
    found.classList.add("found")
    // The list above it may still get its height: once more when it has.
    requestAnimationFrame(() => requestAnimationFrame(() => found.scrollIntoView({block: "center"})))
  }

  return {
    root,
    go(seq) { sought = seq; seek() },
    // Once the list stands in the page: what is in sight is known only then.
    mount() {
      const box = root.closest(".scroll")
      if (box === scroller && box) return
      scroller = box
      watch()
      seek()
    },
    // Other words, another group, another incident: nothing drawn so far holds any more.
    clear() {
      rows.clear()
      asked.clear()
      pages = []
      total = 0
      watcher?.disconnect()
      root.replaceChildren()
    },
    // The record is so long now; a page that was full keeps its rows unless something in it was struck through.
    grow(length, fresh) {
      const before = total
      total = length
      for (let number = Math.floor(Math.max(0, before - 1) / PAGE); number < Math.ceil(total / PAGE); number += 1) {
        if (before !== total || !before) { rows.delete(number); asked.delete(number) }
        if (!pages[number]) {
          const page = {number, near: false, full: false, height: 0, node: h("div", {class: "entry-page", "data-page": number})}
          pages[number] = page
          root.prepend(page.node)
          empty(page)
          watcher?.observe(page.node)
        }
      }
      if (fresh) this.take(fresh.first, fresh.rows)
      pages.filter((page) => page.near).forEach(fill)
    },
    take(first, found) {
      for (let at = 0; at < found.length; at += PAGE) {
        const number = (first + at) / PAGE
        rows.set(number, found.slice(at, at + PAGE))
        asked.delete(number)
        if (pages[number]?.near) fill(pages[number])
      }
      if (sought) seek()
    },
  }
}
