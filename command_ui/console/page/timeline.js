// When did we know what? Three lanes of entries, the arrivals still to come, and a playhead that goes back in time.
import {h, s, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr, speaker} from "./speak.js"
import {written} from "./written.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {fed} from "./liveline.js"
import {now, time, stamp} from "./format.js"

const LANES = ["sense", "judge", "act"]
const LEFT = 112, RIGHT = 24
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880, 10080]
const COLOUR = {sense: "danger", judge: "primary", act: "rescue"}

export function render({model: told, view}) {
  const model = written(told, {record: []})
  dress(view)
  const say = speaker(model)
  const life = lifetime(model)
  const panel = h("div", {class: "panel timeline"})
  const head = h("div", {class: "row g8 timeline-head"})
  const holder = h("div", {class: "timeline-body"})
  panel.append(head, holder)
  let filter = "all", words = "", typing = null, composing = false, finding = false
  let dragging = null
  let zoomed = null // [from, until] looked at, or null for the whole
  let found = null, ask = 0, asking = null // dots of what is looked at, where that is not the whole

  const record = () => model.record ?? {}
  const dots = () => found ?? record().dots ?? []
  const shownMoment = () => dragging ?? (model.moment ? new Date(model.moment).getTime() : now().getTime())

  function whole() {
    const {from_ms: first, until_ms: newest} = record(), coming = (model.expected ?? []).map((one) => new Date(one.at).getTime())
    const present = now().getTime()
    if (!record().total) return [present - 10 * 60e3, present + 50 * 60e3]
    const last = Math.max(newest, ...coming)
    // A quiet incident of yesterday keeps its own hour in sight; the present is shown while the incident is young.
    const until = present - last < 90 * 60e3 ? Math.max(present, last) : last
    const length = Math.max(20 * 60e3, until - first)
    return [first - 0.08 * length, until + 0.25 * length]
  }

  const range = () => zoomed ?? whole()
  const narrowed = () => zoomed || filter !== "all" || words !== ""
  const search = h("input", {class: "field timeline-search", type: "search", maxlength: 100, oncompositionstart: () => { composing = true }, oncompositionend: () => { composing = false },
    onkeydown: (event) => { if (event.key === "Escape" && !event.isComposing) { event.stopPropagation(); find(false) } },
    oninput: () => { clearTimeout(typing); typing = setTimeout(() => { words = search.value.trim(); pull(); draw() }, 250) }})

  function find(on) {
    finding = on
    clearTimeout(typing)
    if (!on) { words = search.value = ""; pull() }
    draw()
    if (on) search.focus()
  }

  // The server gathers what would lie on each other, so a record of any length costs the page the same.
  function pull() {
    clearTimeout(asking)
    asking = null
    if (!narrowed()) { found = null; return }
    ask += 1
    const [from_ms, until_ms] = zoomed ?? [null, null]
    model.send_msg({kind: "dots", from_ms, until_ms, group: filter, words, ask})
  }

  function look(from, until) {
    const [low, high] = whole(), least = 30e3
    const length = Math.max(least, until - from)
    const start = Math.min(Math.max(from, low), Math.max(low, high - length))
    zoomed = length >= high - low ? null : [start, start + length]
    asking ??= setTimeout(() => { pull(); draw() }, 60)
    draw()
  }

  function zoom(factor, share = 0.5) {
    const [from, until] = range(), middle = from + (until - from) * share
    look(middle - (middle - from) * factor, middle + (until - middle) * factor)
  }

  function chips() {
    const groups = ["sense", "run", "decision", "report", "note"]
    const counts = record().counts ?? {}
    const chip = (name, count) => button({class: `chip${filter === name ? " on" : ""}`, "aria-pressed": String(filter === name),
      onclick: () => { filter = name; pull(); draw() }}, say(`group.${name}`, {count}))
    const live = !model.moment, typed = search.matches(":focus"), at = search.selectionStart
    if (composing) return // a word is being put together: the field must not be moved
    search.placeholder = say("timeline.find")
    search.setAttribute("aria-label", say("timeline.find"))
    renew(head, h("span", {class: "pr"}, icon("clock", 18)), h("b", {class: "s14 t"}, say("timeline.title")),
      button({class: `ib small${finding ? " on" : ""}`, title: say("timeline.find"), "aria-label": say("timeline.find"), "aria-expanded": String(finding), onclick: () => find(!finding)}, icon(finding ? "cross" : "search", 16)),
      finding ? h("div", {class: "row g8 timeline-groups"}, search, words ? h("span", {class: "t2 s12 nowrap", role: "status"}, say("timeline.found", {count: dots().reduce((sum, dot) => sum + (dot.count ?? 1), 0)})) : null)
        : h("div", {class: "row g8 timeline-groups"}, chip("all", record().total ?? 0), groups.filter((group) => counts[group]).map((group) => chip(group, counts[group]))), h("div", {class: "sp"}),
      button({class: "ib small", title: `${say("timeline.back")}  [`, "aria-label": say("timeline.back"), onclick: () => step(-1)}, icon("previous", 16)),
      button({class: "btn p square", title: say(live ? "timeline.hold" : "timeline.live"), "aria-label": say(live ? "timeline.hold" : "timeline.live"), onclick: follow},
        icon(live ? "pause" : "play", 16, live ? 3.5 : 2)),
      button({class: "ib small", title: `${say("timeline.forward")}  ]`, "aria-label": say("timeline.forward"), onclick: () => step(1)}, icon("next", 16)),
      button({class: "ib small", title: say("timeline.closer"), "aria-label": say("timeline.closer"), onclick: () => zoom(0.5)}, icon("plus", 16)),
      record().incident ? h("a", {class: "btn s", href: `/replay?incident=${record().incident}${live ? "" : `&at=${encodeURIComponent(model.moment)}`}`, title: say("page.replay.hint")}, icon("replay", 14), say("timeline.open_replay")) : null,
      zoomed ? button({class: "btn s", onclick: () => { zoomed = null; pull(); draw() }}, say("timeline.whole")) : null,
      live ? h("span", {class: "badge b-live"}, h("span", {class: "dot"}), say("timeline.following"))
        : button({class: "badge b-sim press", onclick: follow}, say("timeline.replay")),
      h("span", {class: "chip still"}, say("timeline.known", {time: stamp(shownMoment())})))
    if (typed && finding) { search.focus(); search.setSelectionRange(at, at) }
  }

  function go(moment) {
    model.send_msg({kind: "moment", value: moment === null ? null : new Date(moment).toISOString()})
  }

  function follow() {
    go(model.moment ? null : now().getTime())
  }

  function step(direction) {
    model.send_msg({kind: "step", direction, here_ms: shownMoment()})
  }

  function drawBody() {
    const width = holder.clientWidth || 900
    const wide = width - LEFT - RIGHT
    const [from, until] = range()
    const x = (t) => LEFT + ((t - from) / (until - from)) * wide
    const parts = []
    LANES.forEach((lane, row) => {
      parts.push(s("rect", {x: LEFT, y: 21 + row * 32, width: wide, height: 26, rx: 3, fill: "var(--om-sunken)"}))
      parts.push(s("text", {x: 16, y: 38.5 + row * 32, fill: "var(--om-text2)"}, say(`lane.${lane}`)))
    })
    const minute = 60e3, room = Math.max(4, Math.floor(wide / 90))
    const stepMin = STEPS_MIN.find((m) => (until - from) / (m * minute) <= room) ?? 40320
    const present = Math.min(shownMoment(), until)
    for (let t = Math.ceil(from / (stepMin * minute)) * stepMin * minute; t <= until; t += stepMin * minute) {
      parts.push(s("path", {d: `M${x(t)} 18V114`, stroke: "var(--om-border)"}))
      if (Math.abs(x(t) - x(present)) > 54) parts.push(s("text", {x: x(t), y: 13, fill: "var(--om-text3)", "text-anchor": "middle"}, stepMin >= 1440 ? stamp(t) : time(t, false)))
    }
    parts.push(s("rect", {x: x(present), y: 18, width: Math.max(0, LEFT + wide - x(present)), height: 96, fill: "var(--om-surface)", "fill-opacity": 0.45}))
    const shown = dots()
    LANES.forEach((lane, row) => lay(lane, row, shown, x, present, parts, LEFT + wide))
    playhead(parts, x, present, wide)
    const svg = s("svg", {width, height: 140, class: "axis", role: "img", "aria-label": say("timeline.title")}, parts)
    const moment = (event) => from + (Math.min(Math.max(event.offsetX - LEFT, 0), wide) / wide) * (until - from)
    svg.addEventListener("pointerdown", (event) => {
      if (event.offsetX < LEFT - 6 || !record().total) return
      svg.setPointerCapture(event.pointerId)
      dragging = moment(event)
      const move = (more) => { dragging = moment(more); chips() }
      svg.addEventListener("pointermove", move)
      svg.addEventListener("pointerup", () => {
        svg.removeEventListener("pointermove", move)
        const chosen = dragging
        dragging = null
        go(chosen >= now().getTime() - 1000 ? null : chosen)
      }, {once: true})
    })
    svg.addEventListener("wheel", (event) => {
      if (!record().total) return
      event.preventDefault()
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0
      if (sideways) { const by = (sideways / wide) * (until - from); look(from + by, until + by) }
      else zoom(event.deltaY > 0 ? 1.25 : 0.8, Math.min(1, Math.max(0, (event.offsetX - LEFT) / wide)))
    }, {passive: false})
    renew(holder, svg)
  }

  // One lane: dots by time; a label is written only where it finds free room, so no two texts overlap.
  function lay(lane, row, shown, x, present, parts, limit) {
    const y = 34 + row * 32
    const own = shown.filter((one) => one.lane === lane && (filter === "all" || found)).map((one) => ({x: x(one.at_ms),
      text: one.count > 1 ? say("timeline.many", {kind: say(`event.${one.kind}`), count: one.count}) : say(`event.${one.kind}`), size: one.count > 1 ? Math.min(9, 5 + Math.log10(one.count)) : 5,
      colour: `var(--om-${COLOUR[lane]})`, done: one.at_ms <= present, title: `#${one.seq} ${stamp(one.at_ms)}`}))
    const coming = (model.expected ?? []).filter((one) => one.lane === lane).map((one) => ({x: x(new Date(one.at).getTime()), text: sayOr(model, one.code, one.code, one.values),
      colour: `var(--om-${one.tone ?? "warn"})`, done: false, expected: true, title: time(one.at)}))
    const all = [...own, ...coming].filter((dot) => dot.x >= LEFT - 1 && dot.x <= limit + 1).sort((a, b) => a.x - b.x)
    let free = LEFT
    const labels = new Map(), head = x(present)
    const crossesHead = (from, until) => from < head + 4 && until > head - 4
    all.forEach((dot, index) => {
      const size = textWidth(dot.text), next = all.slice(index + 1).find((other) => other.x > dot.x + 1)
      if (index > 0 && all[index - 1].x > dot.x - 12 && labels.get(index - 1)?.text === dot.text) return
      if (dot.x + 9 >= free && dot.x + 12 + size < Math.min(next ? next.x - 8 : limit, limit) && !crossesHead(dot.x + 9, dot.x + 9 + size)) {
        labels.set(index, {x: dot.x + 9, anchor: "start", text: dot.text})
        free = dot.x + 14 + size
      } else if (dot.x - 12 - size > free && !crossesHead(dot.x - 9 - size, dot.x - 9) && !all.slice(0, index).some((other) => other.x > dot.x - 14 - size && other.x < dot.x - 7)) {
        labels.set(index, {x: dot.x - 9, anchor: "end", text: dot.text})
        free = dot.x + 8
      } else free = Math.max(free, dot.x + 8)
    })
    all.forEach((dot, index) => {
      const label = labels.get(index)
      parts.push(s("circle", {cx: dot.x, cy: y, r: dot.size ?? 5, fill: dot.done ? dot.colour : "var(--om-surface)", stroke: dot.colour, "stroke-width": 2, "stroke-dasharray": dot.expected ? "2 2" : null},
        s("title", {}, `${dot.title} ${dot.text}`)))
      if (label) parts.push(s("text", {x: label.x, y: y + 4.5, fill: dot.done ? "var(--om-text)" : "var(--om-text2)", "text-anchor": label.anchor}, label.text))
    })
  }

  function playhead(parts, x, present, wide) {
    // An incident that is quiet for long ends before the present: the head waits at its end and still says what is shown.
    const px = x(present), tx = Math.min(px, LEFT + wide - 31)
    parts.push(s("path", {d: `M${px} 16V118`, stroke: "var(--om-primary)", "stroke-width": 2}),
      s("rect", {x: tx - 31, y: 0, width: 62, height: 18, rx: 9, fill: "var(--om-primaryFill)"}),
      s("text", {x: tx, y: 13.5, "font-weight": 700, fill: "#fff", "text-anchor": "middle"}, time(shownMoment())),
      s("rect", {x: LEFT, y: 120, width: wide, height: 6, rx: 3, fill: "var(--om-sunken)", stroke: "var(--om-border)"}),
      s("rect", {x: LEFT, y: 120, width: Math.max(0, px - LEFT), height: 6, rx: 3, fill: "var(--om-primaryFill)"}),
      s("circle", {cx: px, cy: 123, r: 8, fill: "var(--om-surface)", stroke: "var(--om-primary)", "stroke-width": 3}),
      s("text", {x: 16, y: 127.5, fill: "var(--om-text2)"}, say("timeline.axis")))
  }

  const canvas = document.createElement("canvas").getContext("2d")
  function textWidth(text) {
    canvas.font = "12px 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
    return canvas.measureText(text).width
  }

  function draw() {
    chips()
    drawBody()
  }

  life.every(1000, () => { if (!model.moment && dragging === null) { drawBody(); head.querySelector(".still")?.replaceChildren(say("timeline.known", {time: stamp(shownMoment())})) } })
  life.hear("step", ({step: direction}) => step(direction))
  life.hear("follow", follow)
  const watcher = new ResizeObserver(drawBody)
  watcher.observe(holder)
  life.then(() => watcher.disconnect())
  let looked_at = ""
  fed(view, life, ({expected, line}) => ({expected, record: line}))
  model.on("record", () => {
    if (record().incident !== looked_at) { looked_at = record().incident; zoomed = found = null; filter = "all"; words = search.value = ""; finding = false }
    pull() // the dots of a part are asked for again: entries may have come in
    draw()
  })
  model.on("msg:custom", (message) => { if (message.kind === "dots" && message.ask === ask && narrowed()) { found = message.dots; draw() } })
  model.on(["texts", "moment", "expected"], draw)
  draw()
  return panel
}
