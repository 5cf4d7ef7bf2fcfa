// How is an exercise led, played and judged? Four views of one page on the same exercise clock.
import {h, button, renew, isTyping} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {caller} from "./datacalls.js"
import {newKey} from "./closures.js"
import {exerciseClock} from "./drillclock.js"
import {drillLibrary} from "./drilllibrary.js"
import {drillControl} from "./drillcontrol.js"
import {drillPlayer} from "./drillplayer.js"
import {drillJudge} from "./drilljudge.js"

const PICTURES = {library: "book", control: "flag", play: "person", judge: "check"}
const LOOK_MS = 2000

export function render({model, view}) {
  dress(view)
  const say = speaker(model), life = lifetime(model), calls = caller(model)
  const top = h("div", {class: "drill-top"}), tabs = h("div", {class: "tabs", role: "tablist"}), name = h("div", {class: "drill-name"})
  const main = h("div", {class: "drill-main"})
  const node = h("div", {class: "panel drillroom"}, top, main)
  // Who only plays sees neither the list of what is to come nor what is expected of him.
  // Once it has ended an exercise is a lesson for everybody.
  const open = () => ["library", ...(model.may_conduct || model.may_evaluate ? ["control"] : []), "play", ...(model.may_conduct || model.may_evaluate || room.lesson ? ["judge"] : [])]
  const room = {run: model.run || "", role: model.role || "", look: null, lesson: false, fault: "", busy: false, say, calls, model, life, pull, step, turn, go, send, toast: (text) => { fault(text) }}
  const clock = exerciseClock(room)
  const views = {library: drillLibrary(room), control: drillControl(room), play: drillPlayer(room), judge: drillJudge(room)}
  let tab = open().includes(model.tab) ? model.tab : room.run ? (model.may_conduct ? "control" : "play") : "library"
  let asked = 0

  const address = () => `${tab === "play" ? `/api/v1/exercises/${room.run}/roles/${encodeURIComponent(room.role || "-")}` : `/api/v1/exercises/${room.run}`}?language=${calls.lang()}`

  function fault(text) {
    room.fault = text
    heading()
  }

  async function pull() {
    if (tab === "library") return views.library.pull()
    if (!room.run) return draw()
    const turnOf = ++asked
    try {
      const look = await calls.ask(address())
      if (turnOf !== asked) return
      room.look = look
      room.lesson = look.state === "ended"
      fault("")
    } catch (error) {
      if (turnOf === asked) fault(error.message === "offline" ? say("data.offline") : error.message)
    }
    draw()
  }

  // What one does is kept once, however often the line breaks: the key is made before it is sent.
  async function send(path, body, method = "POST") {
    room.busy = true
    try {
      const answer = await calls.ask(path.startsWith("/") ? path : `/api/v1/exercises/${room.run}/${path}`, {method, headers: {"content-type": "application/json", "idempotency-key": newKey()}, body: JSON.stringify(body)})
      fault("")
      await pull()
      return answer
    } catch (error) {
      fault(error.message === "offline" ? say("data.offline") : error.message)
      return null
    } finally {
      room.busy = false
    }
  }

  function step(kind, more = {}) { return send("steps", {kind, ...more}) }

  function go(run, next = tab, lesson = false) {
    room.run = run
    room.lesson = lesson
    room.look = null
    turn(next)
  }

  function turn(next) {
    tab = open().includes(next) ? next : open()[0]
    const query = new URLSearchParams({view: tab, ...(room.run ? {run: room.run} : {}), ...(tab === "play" && room.role ? {role: room.role} : {})})
    window.history.replaceState(null, "", `/drill?${query}`)
    room.look = null
    draw()
    pull()
  }

  function heading() {
    const look = room.look
    renew(tabs, open().map((code, index) => button({class: `tab${tab === code ? " on" : ""}`, role: "tab", "aria-selected": String(tab === code), title: `${index + 1}`, onclick: () => turn(code)}, icon(PICTURES[code], 16), say(`drill.view.${code}`))))
    renew(name, look ? [h("b", {class: "cut", title: look.title}, look.title), h("span", {}, `${look.number} · ${say(`drill.state.${look.state}`)}`)] : [h("b", {}, say("page.drill")), h("span", {}, say("drill.apart.short"))])
    renew(top, model.mode === "drill" ? null : h("span", {class: "badge mode mode-drill"}, say("mode.drill")), name, look && tab !== "library" ? clock.node : null, h("span", {class: "sp"}),
      room.fault ? h("span", {class: "badge b-danger cut", role: "alert", title: room.fault, style: {"max-width": "420px", "flex-shrink": "1"}}, icon("warning", 14), h("span", {class: "cut"}, room.fault)) : null, tabs)
    clock.draw()
  }

  function draw() {
    heading()
    const shown = views[tab]
    if (main.firstChild !== shown.node) renew(main, shown.node)
    shown.draw()
  }

  const under = (wanted) => tab === wanted && room.look
  life.hear("tab", ({index}) => { if (open()[index]) turn(open()[index]) })
  life.hear("follow", () => { if (under("control")) clock.toggle() })
  life.hear("step", ({step: by}) => { if (under("control")) views.control.move(by) })
  life.hear("escape", () => { if (under("control")) views.control.escape() })
  life.hear("note", () => { if (under("control")) views.control.note() })
  life.on(document, "keydown", (event) => {
    if (!under("control") || isTyping(event) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (by) { event.preventDefault(); views.control.move(by) }
    // a row that has the focus would be pressed by the blank: on this page the blank holds the clock
    if (event.key === " " && event.composedPath()[0]?.closest?.(".inject")) { event.preventDefault(); clock.toggle() }
    if (event.key === "Enter" && !event.composedPath()[0]?.closest?.("button:not(.inject), a, [role=tab]")) { event.preventDefault(); views.control.release() }
  })
  life.every(LOOK_MS, () => { if (tab !== "library" && room.look && room.look.state !== "ended" && !room.busy && !document.hidden) pull() })
  life.every(250, () => { if (room.look) { clock.tick(); views[tab].tick?.() } })
  life.then(() => views.control.end())
  model.on(["texts", "language"], () => { draw(); views.control.respeak(); pull() })
  model.on("theme", () => views.control.repaint())
  model.on("msg:custom", (message) => { if (message.kind === "moved") pull() })
  turn(tab)
  return node
}
