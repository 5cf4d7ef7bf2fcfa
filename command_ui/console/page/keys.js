// Which key does what? Off while somebody types, and while an input method is still composing Chinese.
import {isTyping} from "./dom.js"
import {tell} from "./bus.js"

export const KEYS = [
  ["/", "keys.search"], ["1 – 5", "keys.tabs"], ["N", "keys.note"], ["R", "keys.report"], ["O", "keys.order"], ["D", "keys.decision"], ["M", "keys.measure"],
  ["L", "keys.layers"], ["G", "keys.basemap"], ["V", "keys.views"], ["T", "keys.threat"], ["F", "keys.frames"], ["B", "keys.closures"], ["S", "keys.within"], ["P", "keys.marks"], ["C", "keys.consult"], ["H", "keys.consult.follow"], ["Ctrl+Z", "keys.undo"], ["Ctrl+Y", "keys.redo"], ["Space", "keys.follow"], ["[  ]", "keys.step"], ["Esc", "keys.escape"], ["?", "keys.list"],
]

// While the moments of the cloud are shown, the brackets step through them instead of through the entries.
let stepping = "step"
const moments = () => stepping === "frames.step"
// The same for Space: it plays the cloud, or holds and follows the present.
const playing = () => (moments() ? "frames.play" : "follow")
const ARROWS = {ArrowLeft: -1, ArrowRight: 1}

const PLAIN = {
  "/": () => tell("search"),
  n: () => tell("note"),
  r: () => tell("report"),
  o: () => tell("order"),
  d: () => tell("decide"),
  m: () => tell("measure"),
  l: () => tell("layers"),
  g: () => tell("basemap"),
  v: () => tell("views"),
  " ": () => tell(playing()),
  t: () => tell("threat"),
  f: () => tell("frames"),
  b: () => tell("closures"),
  s: () => tell("within"),
  p: () => tell("plot"),
  c: () => tell("consult"),
  h: () => tell("consult.turn"),
  "[": () => tell(stepping, {step: -1}),
  "]": () => tell(stepping, {step: 1}),
  "?": () => tell("keys"),
}

export function listenToKeys(life) {
  let composing = false
  life.hear("frames.shown", ({on}) => { stepping = on ? "frames.step" : "step" })
  life.on(document, "compositionstart", () => { composing = true }, true)
  life.on(document, "compositionend", () => { composing = false }, true)
  life.on(document, "keydown", (event) => {
    // keyCode 229 is the input method's "still composing": some browsers send no composition event for the first key
    if (composing || event.isComposing || event.keyCode === 229) return
    if (event.key === "Escape") return tell("escape")
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return
    const target = event.composedPath()[0]
    if (event.key === " " && target instanceof HTMLElement && target.closest("button, a, [role=button]")) return
    // Another slider keeps its arrows; that of the player steps from moment to moment like everything else.
    if (event.key in ARROWS && moments() && !(target.type === "range" && !target.closest(".player"))) {
      event.preventDefault()
      return tell(stepping, {step: ARROWS[event.key]})
    }
    if (/^[1-5]$/.test(event.key)) {
      event.preventDefault()
      return tell("tab", {index: Number(event.key) - 1})
    }
    const act = PLAIN[event.key.toLowerCase()] ?? PLAIN[event.key]
    if (act) {
      event.preventDefault()
      act()
    }
  })
}
