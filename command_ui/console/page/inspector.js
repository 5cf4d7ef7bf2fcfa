// What do I know about the chosen incident? Five tabs; the assessment stands first because decisions are taken on it.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {written} from "./written.js"
import {lifetime, tell} from "./bus.js"
import {dress} from "./dress.js"
import {assessment} from "./assessment.js"
import {overview} from "./overview.js"
import {logbook} from "./logbook.js"
import {messagePanel} from "./messages.js"
import {teamPanel} from "./teams.js"
import {leavingPanel} from "./leaving.js"
import {guardPanel} from "./guards.js"
import {orderBoard} from "./orderboard.js"
import {planTab} from "./plantab.js"
import {fed} from "./liveline.js"
import {whole} from "./format.js"

const TABS = ["overview", "assessment", "plans", "tasks", "log"]

export function render({model: told, view}) {
  const model = written(told, {scene: ["drawn"], record: []})
  dress(view)
  const say = speaker(model)
  const life = lifetime(model)
  const panel = h("div", {class: "panel inspector"})
  const above = h("div"), tabs = h("div", {class: "tabs", role: "tablist"}), content = h("div", {class: "scroll"})
  panel.append(above, tabs, content)
  // A link to an entry (a proof in an after-action report, a line of the minutes) opens the log where it stands.
  const link = new URLSearchParams(window.location.search), linked = Number(link.get("entry"))
  let sought = Number.isInteger(linked) && linked > 0 && link.get("incident") ? {incident: link.get("incident"), entry: linked} : null
  let chosen = sought ? 4 : 1, shown = chosen
  const places = [] // how far each tab is scrolled: the next one starts where it was left
  let beats = []
  const board = orderBoard(model, say, draw, () => panel.getRootNode())
  const book = logbook(model, say, life, board.dialogs)
  const plans = planTab(model, say, draw)
  const messages = messagePanel(model, say, board.dialogs.ask, draw, life)
  board.tell(messages.dialogs)
  let part = "record"
  const ways = {teams: teamPanel(model, say, draw, life), leaving: leavingPanel(model, say, draw), guards: guardPanel(model, say, draw)}

  function emptyTab(name) {
    return h("div", {class: "empty"}, icon("document", 28), h("b", {}, say(`tab.${name}.none`)), h("span", {}, say(`tab.${name}.hint`)))
  }

  function body(scene) {
    const name = TABS[chosen]
    if (name !== "log" || part !== "messages") messages.hide()
    if (name === "log") return [parts(scene), part === "messages" && scene?.incident ? messages.draw() : book.draw()]
    if (!scene?.incident) return emptyTab("incident")
    if (name === "overview") return overview(model, say, beats, board.dialogs)
    if (name === "assessment") return assessment(model, say, beats, ways)
    if (name === "tasks") return board.draw(beats)
    if (name === "plans") return plans.draw()
    return emptyTab(name)
  }

  // Made once: what is being typed below them must not be taken out because they were drawn anew.
  const partButtons = ["record", "messages"].map((one) => button({class: "chip", onclick: () => { part = one; draw() }}))
  const partBar = h("div", {class: "row g4 log-parts", role: "group"}, partButtons)
  function parts(scene) {
    if (!scene?.incident) return null
    for (const [at, one] of ["record", "messages"].entries()) {
      partButtons[at].className = `chip${part === one ? " on" : ""}`
      partButtons[at].setAttribute("aria-pressed", String(part === one))
      partButtons[at].textContent = say(`log.part.${one}`, {count: messages.count()})
    }
    return partBar
  }

  function header(scene) {
    if (!scene?.incident) {
      return h("div", {class: "head"}, h("b", {class: "s16"}, say("inspector.none")), h("div", {class: "t3 s12"}, say("inspector.none.hint")))
    }
    const one = scene.incident
    const kv = (code, value) => h("div", {class: "kv sp"}, h("span", {}, say(code)), h("b", {}, value))
    const grade = one.grade ? say("grade.badge", {grade: say(`grade.${one.grade}`)})
      : one.grade_suggested ? say("grade.suggested", {grade: say(`grade.${one.grade_suggested}`)}) : say("grade.open")
    return h("div", {class: "head"},
      h("div", {class: "row g8"}, h("b", {class: "name"}, one.title), h("div", {class: "sp"}), h("span", {class: "badge b-line"}, grade)),
      h("div", {class: "row g16 facts"},
        kv("head.commander", one.commander ?? say("head.waiting")),
        kv("head.response", one.response_level ? say(`response.${one.response_level}`) : say("response.none")),
        kv("head.teams", scene.routes ? `${scene.routes.filter((route) => route.status === "ok").length} / ${whole(scene.teams_total ?? scene.routes.length)}` : "—"),
        kv("head.targets", scene.exposure?.facilities ? whole(scene.exposure.facilities.length) : "—")),
      board.now())
  }

  function draw({keepFocus} = {}) {
    beats = []
    const scene = model.scene
    places[shown] = content.scrollTop
    const counts = {tasks: board.count(), plans: plans.count(), assessment: scene?.runs ?? 0, log: model.record?.total ?? 0}
    renew(above, header(scene))
    renew(tabs, TABS.map((name, index) => button({
      class: `tab${index === chosen ? " on" : ""}`, role: "tab", "aria-selected": String(index === chosen),
      onclick: () => { chosen = index; draw() }}, say(`tab.${name}`), counts[name] ? h("em", {}, counts[name]) : null)))
    // What stays stays where it is: a field taken out and put back would lose its focus, and Chinese half typed with it.
    const parts = [body(scene)].flat(Infinity).filter(Boolean)
    if (parts.length !== content.childNodes.length || parts.some((part, at) => part !== content.childNodes[at])) renew(content, parts)
    shown = chosen
    content.scrollTop = places[chosen] ?? 0
    tell("light", {}) // the row that lit something is gone; the one under the pointer lights anew
    tell("redrawn", {})
    beats.forEach((beat) => beat())
    if (sought && scene?.incident?.id === sought.incident && model.record?.incident === sought.incident) { const {entry} = sought; sought = null; requestAnimationFrame(() => book.go(entry)) }
    if (keepFocus) panel.querySelector(`.${keepFocus}`)?.focus()
  }

  life.every(1000, () => beats.forEach((beat) => beat()))
  life.hear("tab", ({index}) => { chosen = index; draw() })
  life.hear("order", () => board.dialogs.newOrder())
  life.hear("decide", () => board.dialogs.decide())
  life.hear("note", () => { chosen = 4; part = "record"; draw(); book.focus() })
  fed(view, life, ({drawn, scene, list}) => ({drawn, scene, record: list}))
  model.on(["texts", "scene", "record", "busy"], () => draw())
  model.on("msg:custom", (message) => { plans.take(message); board.take(message); book.take(message); ways.teams.take(message); ways.leaving.take(message) })
  draw()
  return panel
}
