// What was known then? An incident played back: a banner nobody takes for the present, one or two maps, facts, the bar.
import View from "ol/View.js"
import {fromLonLat} from "ol/proj.js"
import {h, button, isTyping, renew} from "./dom.js"
import {icon} from "./icons.js"
import {inWords, sayOr, speaker, textsOf} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {setTheme} from "./palette.js"
import {assessment} from "./assessment.js"
import {overview} from "./overview.js"
import {asOf, stamp, time} from "./format.js"
import {replayBar, SPEEDS} from "./replaybar.js"
import {factTable} from "./replaytable.js"
import {whatIf} from "./replaywhatif.js"
import {replayMap} from "./replaymap.js"

const TABS = ["facts", "overview", "assessment", "tasks", "log", "whatif"]
const BEAT_MS = 250, GIVEN_UP_MS = 8000
const nothing = {draw: () => null}

export function render({model, view}) {
  dress(view)
  setTheme(model.theme)
  const say = speaker(model), life = lifetime(model)
  const sides = {a: null, b: null}
  let tab = "facts", playing = false, speed = 1, clock_ms = 0, waiting = 0, asked_at = 0, ask = 0, queued = null, lines = [], framed = "", beats = [], only = true
  const node = h("div", {class: "panel replay"}), banner = h("div", {class: "replay-banner", role: "status"}), head = h("div", {class: "row g8 replay-head"})
  const maps = h("div", {class: "replay-maps"}), tabs = h("div", {class: "tabs", role: "tablist"}), content = h("div", {class: "scroll", tabindex: "0"}), body = h("div", {class: "replay-body"})
  const shared = new View({center: fromLonLat(model.home.centre), zoom: model.home.zoom, minZoom: 7, maxZoom: 18.5, enableRotation: false})
  const map = {a: replayMap(model, say, shared), b: null}
  window.onemapMap = map.a.map // for the browser tests and the console of an administrator
  const bar = replayBar(model, say, {seek, step, play: () => play(), speed: (value) => { speed = value; status() }})
  const form = whatIf(model, say, {
    areas: (list) => map.a.imagine(list), pick: (done) => map.a.pick(done), hasBranch: () => sides.b?.state === "sim", end: () => beside(false),
  })
  maps.append(map.a.node)
  body.append(maps, h("aside", {class: "replay-side", "aria-label": say("replay.known")}, tabs, content))
  node.append(banner, head, body, bar.node)

  const when = (side) => new Date(side.ms)
  const full = (ms) => `${new Date(ms).toLocaleDateString("sv-SE", {timeZone: "Asia/Shanghai"})} ${time(ms)}`

  // -- moving through time

  function seek(to) {
    pause()
    if (to.ms !== undefined) clock_ms = to.ms
    request(to)
  }

  // One question at a time: while it is under way only the last wish is kept, so a drag never queues up.
  function request(to) {
    if (!model.span) return
    if (waiting) { queued = to; return }
    waiting = ask += 1
    asked_at = performance.now()
    model.send_msg({kind: "replay_seek", side: "a", ask, ms: to.ms ?? null, seq: to.seq ?? null})
  }

  function step(by) {
    if (!sides.a || !model.span) return
    seek({seq: Math.min(model.span.total, Math.max(0, sides.a.seq + by))})
  }

  function play(on = !playing) {
    if (!model.span || !sides.a) return
    playing = on
    if (playing && sides.a.seq >= model.span.total) { clock_ms = model.span.from_ms; request({seq: 1}) }
    status()
  }

  function pause() { playing = false }

  let last = performance.now()
  life.every(BEAT_MS, () => {
    const now = performance.now(), gone = now - last
    last = now
    if (waiting && now - asked_at > GIVEN_UP_MS) waiting = 0 // the answer was a fault, which the page has said
    if (playing && model.span) {
      clock_ms = Math.min(model.span.until_ms, clock_ms + gone * speed)
      if (!waiting) request({ms: clock_ms})
      if (clock_ms >= model.span.until_ms) { pause(); request({seq: model.span.total}) }
      status()
    }
    tick()
  })

  // -- what comes from the server

  function take(message) {
    const old = sides[message.side]
    if (message.change !== undefined) {
      const scene = message.change === null ? null : {...(old?.scene ?? {}), ...message.change.put}
      if (scene) for (const name of message.change.gone) delete scene[name]
      sides[message.side] = {...message, scene}
    } else if (old) sides[message.side] = {...old, ms: message.ms, seq: message.seq}
    if (message.side === "a") {
      if (message.ask === undefined || message.ask === null || message.ask === waiting) waiting = 0
      if (!playing) clock_ms = sides.a.ms
      if (message.change !== undefined) form.offer(message.imaginable ?? null)
    }
    if (message.lines) { lines = message.lines; tab = "facts"; form.done(); requestAnimationFrame(() => { content.scrollTop = 0; map.a.map.updateSize(); map.b?.map.updateSize(); map.a.frame(map.b) }) }
    if (message.side === "b" && !map.b) { map.b = replayMap(model, say, shared); map.b.layers(); maps.append(map.b.node) }
    if (message.change !== undefined) asOf(sides[message.side].ms, () => map[message.side]?.draw(sides[message.side]))
    // The map goes to the incident when it opens, and once more when its first zones are there; then it stays.
    const wanted = `${model.span?.incident ?? ""}:${sides.a?.scene?.zones?.length ? "zones" : "place"}`
    if (message.side === "a" && sides.a?.scene && framed !== wanted && !framed.startsWith(`${model.span?.incident}:zones`)) { framed = wanted; requestAnimationFrame(() => { map.a.map.updateSize(); map.a.frame() }) }
    draw()
    if (queued && !waiting) { const to = queued; queued = null; request(to) }
  }

  function beside(on, to = {}) {
    if (!on) {
      sides.b = null
      lines = []
      map.b?.end()
      map.b?.node.remove()
      map.b = null
      model.send_msg({kind: "replay_beside", on: false})
      form.draw()
      draw()
    } else model.send_msg({kind: "replay_beside", on: true, ms: to.ms ?? null, seq: to.seq ?? null})
  }

  // -- drawing

  function drawBanner() {
    const one = sides.a
    banner.hidden = !one
    if (!one) return
    renew(banner, h("b", {class: "replay-word"}, icon("replay", 20), say("replay.word")), h("b", {class: "replay-time"}, full(playing ? clock_ms : one.ms)), h("span", {}, say("replay.not_live")),
      h("span", {class: "sp"}), h("span", {class: "replay-count"}, say("replay.entry", {seq: one.seq, total: model.span?.total ?? 0})), h("a", {class: "btn s", href: "/"}, icon("left", 13), say("replay.leave")))
  }

  function drawHead() {
    const chosen = model.span?.incident ?? ""
    const choose = h("select", {class: "field pick replay-choose", "aria-label": say("replay.choose"), onchange: (event) => { pause(); beside(false); framed = ""; model.send_msg({kind: "replay_open", id: event.target.value}) }},
      (model.incidents ?? []).map((one) => h("option", {value: one.id, selected: one.id === chosen}, `${one.code} ${inWords(one.title, textsOf(model).lang)}${one.status === "closed" ? ` · ${say("replay.closed")}` : ""}`)))
    const language = model.language === "en" ? "en" : "zh"
    renew(head, choose, h("span", {class: "sp"}),
      button({class: `btn${sides.b && sides.b.state !== "sim" ? " p" : ""}`, "aria-pressed": String(Boolean(sides.b && sides.b.state !== "sim")), disabled: !sides.a, onclick: () => sides.b && sides.b.state !== "sim" ? beside(false) : hold()}, icon("table", 15), say(sides.b && sides.b.state !== "sim" ? "replay.one" : "replay.two")),
      sides.b && sides.b.state !== "sim" ? button({class: "btn", onclick: hold, title: say("replay.hold.hint")}, icon("pin", 15), say("replay.hold")) : null,
      model.can_imagine ? button({class: `btn${tab === "whatif" ? " p" : ""}`, disabled: !sides.a, onclick: () => { tab = "whatif"; draw() }}, icon("wind", 15), say("tab.whatif")) : null,
      chosen ? h("a", {class: "btn", href: `/api/v1/incidents/${chosen}/replay/file?language=${language}`, download: ""}, icon("save", 15), say("replay.export")) : null)
  }

  // The moment looked at now is held beside; the other one moves on.
  function hold() { beside(true, {seq: sides.a.seq}) }

  function orders(scene) {
    const list = scene?.orders?.list ?? [], decisions = scene?.orders?.decisions ?? []
    if (!list.length && !decisions.length) return h("div", {class: "empty low"}, say("replay.no_orders"))
    return [...decisions.map((one) => h("div", {class: "sec"}, h("div", {class: "row g8"}, h("span", {class: "badge s b-info"}, one.name), h("b", {class: "sp"}, one.text), h("span", {class: "t3 s12 nowrap"}, stamp(one.taken_at, when(sides.a)))))),
      ...list.map((one) => h("div", {class: "sec"}, h("div", {class: "row g8"}, h("span", {class: "badge s b-line"}, one.name), h("b", {}, one.unit_name), h("span", {class: "sp"}), h("span", {class: "badge s b-info"}, sayOr(model, `order.state.${one.state}`, one.state))), h("div", {class: "t2"}, one.text)))]
  }

  function log(side) {
    return [...(side?.entries ?? [])].reverse().map((one) => button({class: `replay-line${one.seq === side.seq ? " on" : ""}${one.struck ? " struck" : ""}`, onclick: () => seek({seq: one.seq})},
      h("span", {class: "t3 mono"}, `#${one.seq}`), h("span", {class: "t2 nowrap"}, time(one.recorded_at)), h("b", {class: "nowrap"}, say(`event.${one.kind}`)),
      h("span", {class: "cut"}, one.code ? sayOr(model, one.code, "", one.values) : one.text)))
  }

  function facts() {
    const a = sides.a, b = sides.b, names = a.scene?.incident?.release?.substance_name
    if (!b) return factTable(model, say, [say("compare.then")], a.facts, {names})
    const heads = b.state === "sim" ? [say("compare.then"), say("compare.happened"), say("compare.imagined")] : [`A ${stamp(a.ms, when(b))}`, `B ${stamp(b.ms, when(a))}`]
    return [h("div", {class: "sec row g8"}, h("b", {}, say(b.state === "sim" ? "compare.title.whatif" : "compare.title")), h("span", {class: "sp"}), h("label", {class: "row g4 s12"}, h("input", {type: "checkbox", checked: only, onchange: (event) => { only = event.target.checked; side() }}), say("compare.only"))),
      factTable(model, say, heads, lines, {only, names})]
  }

  function side() {
    beats = []
    const a = sides.a, scene = a?.scene
    renew(tabs, TABS.filter((name) => name !== "whatif" || model.can_imagine).map((name) => button({class: `tab${tab === name ? " on" : ""}`, role: "tab", "aria-selected": String(tab === name), onclick: () => { tab = name; draw() }}, say(name === "facts" ? "replay.tab.facts" : name === "whatif" ? "tab.whatif" : `tab.${name}`))))
    const stand = {...model, scene, texts: model.texts, send_msg: () => {}, busy: {}}
    const dialogs = {reasons: () => ""}
    const part = asOf(a?.ms ?? clock_ms, () => !a ? h("div", {class: "skeleton tall"}) : tab === "whatif" ? form.node : tab === "facts" ? facts() : !scene && tab !== "log" ? h("div", {class: "empty"}, icon("clock", 28), h("b", {}, say("replay.before")))
      : tab === "overview" ? overview(stand, say, beats, dialogs) : tab === "assessment" ? assessment(stand, say, beats, {teams: nothing, leaving: nothing, guards: nothing}) : tab === "tasks" ? orders(scene) : log(a))
    if (tab === "whatif" && content.firstChild === form.node) return
    renew(content, [part].flat(Infinity).filter(Boolean))
    tick()
  }

  // Countdowns are those of the moment looked at, while the clock of the app bar stays that of the wall.
  const tick = () => asOf(playing || !sides.a ? clock_ms : sides.a.ms, () => beats.forEach((beat) => beat()))

  function status() {
    drawBanner()
    bar.set({playing, speed, ms: playing ? clock_ms : sides.a?.ms, seq: sides.a?.seq, b: sides.b && sides.b.state !== "sim" ? sides.b : null})
  }

  function marks() {
    if (!sides.a) return
    map.a.say(`${sides.b ? "A · " : ""}${say("replay.word")} ${full(sides.a.ms)}`, "then")
    if (sides.b) map.b?.say(sides.b.state === "sim" ? say("whatif.mark", {time: full(sides.b.ms)}) : `B · ${say("replay.word")} ${full(sides.b.ms)}`, sides.b.state === "sim" ? "imagined" : "then")
    maps.classList.toggle("two", Boolean(sides.b))
  }

  function draw() {
    const empty = model.loaded && !(model.incidents ?? []).length
    node.classList.toggle("bare", empty || Boolean(model.fault))
    if (empty || model.fault) {
      banner.hidden = true
      renew(head, h("div", {class: "empty sp"}, icon(model.fault ? "warning" : "replay", 32), h("b", {}, model.fault ? say("replay.failed", {reason: model.fault}) : say("replay.empty")), model.fault ? button({class: "btn", onclick: () => model.send_msg({kind: "refresh"})}, say("file.retry")) : h("a", {class: "btn", href: "/"}, say("page.map"))))
      return
    }
    drawHead()
    side()
    marks()
    status()
  }

  life.on(document, "keydown", (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const at = event.composedPath()[0]
    if (event.key === " " && at instanceof HTMLElement && at.closest("button, a, [role=button], summary")) return
    const faster = (by) => { speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(speed) + by))]; status() }
    const act = {" ": () => play(), ArrowLeft: () => step(-1), ArrowRight: () => step(1), Home: () => seek({seq: 1}), End: () => seek({seq: model.span?.total ?? 0}), ArrowUp: () => faster(1), ArrowDown: () => faster(-1)}[event.key]
    if (!act) return
    event.preventDefault()
    act()
  })
  life.hear("tab", ({index}) => { if (TABS[index]) { tab = TABS[index]; draw() } })
  life.hear("fly", ({longitude, latitude}) => shared.animate({center: fromLonLat([longitude, latitude]), zoom: Math.max(shared.getZoom(), 14), duration: 300}))
  life.hear("light", (what) => map.a.light(what))
  life.then(() => { map.a.end(); map.b?.end(); bar.end() })
  model.on("msg:custom", (message) => {
    if (message.kind === "shown") take(message)
    if (message.kind === "lines" && sides.b?.state !== "sim") { lines = message.lines; side() }
    if (message.kind === "what_if_failed") form.failed(message.reason)
  })
  model.on("shown", () => { if (model.shown) { waiting = 0; take(model.shown) } })
  model.on(["incidents", "loaded", "fault", "span"], draw)
  model.on("dots", () => bar.draw())
  model.on("layers", () => { map.a.layers(); map.b?.layers() })
  model.on("theme", () => { setTheme(model.theme); map.a.restyle(); map.b?.restyle(); draw() })
  model.on("texts", () => { map.a.words(); map.b?.words(); form.draw(); bar.draw(); draw() })
  if (model.shown) take(model.shown)
  else draw()
  return node
}
