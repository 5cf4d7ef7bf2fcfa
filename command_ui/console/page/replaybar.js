// Where in its time is the incident looked at? A bar with the entries on it, playheads, and the controls that move them.
import {h, s, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {stamp, time} from "./format.js"

export const SPEEDS = [0.5, 1, 2, 5, 10, 30, 60]
const LANES = ["sense", "judge", "act"], COLOUR = {sense: "danger", judge: "primary", act: "rescue"}
const LEFT = 112, RIGHT = 28, ROW = 18, TOP = 20
const STEPS_S = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400, 604800]

export function replayBar(model, say, act) {
  const controls = h("div", {class: "row g8 replay-controls", role: "toolbar"}), axis = h("div", {class: "replay-axis"})
  const node = h("section", {class: "replay-bar"}, controls, axis)
  let even = false, dragging = null, state = {}

  const span = () => model.span ?? {from_ms: 0, until_ms: 1, total: 0}
  const inner = () => Math.max(60, (axis.clientWidth || 900) - LEFT - RIGHT)
  const x = (ms, seq) => {
    const {from_ms, until_ms, total} = span()
    const share = even ? seq / Math.max(1, total) : (ms - from_ms) / Math.max(1, until_ms - from_ms)
    return LEFT + Math.min(1, Math.max(0, share)) * inner()
  }

  function point(offset) {
    const {from_ms, until_ms, total} = span(), share = Math.min(1, Math.max(0, (offset - LEFT) / inner()))
    return even ? {seq: Math.round(share * total)} : {ms: from_ms + share * (until_ms - from_ms)}
  }

  const tool = (name, code, then, more = {}) => button({class: "ib small", title: say(code), "aria-label": say(code), onclick: then, ...more}, icon(name, 16))
  const speed = h("select", {class: "field pick replay-speed", onchange: (event) => act.speed(Number(event.target.value))})
  const entry = h("input", {class: "field replay-entry", type: "number", min: 0, inputmode: "numeric"})
  const go = () => { if (entry.value !== "") act.seek({seq: Math.min(span().total, Math.max(0, Math.round(Number(entry.value))))}) }
  entry.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); if (event.key === "Escape") entry.blur() })

  function buttons() {
    renew(speed, SPEEDS.map((one) => h("option", {value: one, selected: one === state.speed}, `${one}×`)))
    speed.setAttribute("aria-label", say("replay.speed"))
    entry.setAttribute("aria-label", say("replay.jump"))
    entry.placeholder = say("replay.jump")
    entry.max = span().total
    renew(controls, tool("begin", "replay.first", () => act.seek({seq: 1})), tool("previous", "replay.back", () => act.step(-1)),
      button({class: "btn p replay-play", "aria-pressed": String(Boolean(state.playing)), onclick: act.play}, icon(state.playing ? "pause" : "play", 16, state.playing ? 3.5 : 2), say(state.playing ? "replay.pause" : "replay.play")),
      tool("next", "replay.forward", () => act.step(1)), tool("end", "replay.last", () => act.seek({seq: span().total})),
      h("label", {class: "row g4 s12 t2 nowrap"}, say("replay.speed"), speed), entry,
      h("b", {class: "replay-count"}, say("replay.entry", {seq: state.seq ?? 0, total: span().total})),
      h("span", {class: "sp"}), model.dots?.length ? null : h("span", {class: "t3 s12", role: "status"}, say("replay.folding")),
      h("div", {class: "row g4", role: "group", "aria-label": say("replay.axis")}, [["time", false], ["entry", true]].map(([code, value]) => button({class: `chip${even === value ? " on" : ""}`, "aria-pressed": String(even === value), onclick: () => { even = value; draw() }}, say(`replay.axis.${code}`)))),
      h("span", {class: "t3 s12 replay-keys"}, say("replay.keys")))
  }

  function ticks(parts) {
    const {from_ms, until_ms, total} = span(), bottom = TOP + ROW * 3
    if (even) {
      const step = Math.max(1, 10 ** Math.floor(Math.log10(Math.max(1, total))) / (total / 10 ** Math.floor(Math.log10(Math.max(1, total))) < 3 ? 5 : 1))
      for (let n = 0; n <= total; n += Math.max(1, Math.round(step))) parts.push(s("path", {d: `M${x(0, n)} ${TOP - 4}V${bottom}`, stroke: "var(--om-border)"}), s("text", {x: x(0, n), y: 13, "text-anchor": "middle", fill: "var(--om-text3)"}, n))
      return
    }
    const long_s = (until_ms - from_ms) / 1000, step = (STEPS_S.find((one) => long_s / one <= inner() / 96) ?? 2592000) * 1000
    for (let t = Math.ceil(from_ms / step) * step; t <= until_ms; t += step) parts.push(s("path", {d: `M${x(t)} ${TOP - 4}V${bottom}`, stroke: "var(--om-border)"}), s("text", {x: x(t), y: 13, "text-anchor": "middle", fill: "var(--om-text3)"}, step >= 86400e3 ? stamp(t) : time(t, step < 60e3)))
  }

  function head(parts, side, ms, seq) {
    const at = x(ms, seq), token = side === "a" ? "primary" : "sim", bottom = TOP + ROW * 3 + 8
    parts.push(s("path", {d: `M${at} ${TOP - 6}V${bottom}`, stroke: `var(--om-${token})`, "stroke-width": 2}), s("circle", {cx: at, cy: bottom + 2, r: 7, fill: "var(--om-surface)", stroke: `var(--om-${token})`, "stroke-width": 3}),
      s("text", {x: at, y: bottom + 6, "text-anchor": "middle", "font-weight": 700, fill: `var(--om-${token})`, "font-size": 12}, state.b ? side.toUpperCase() : ""))
  }

  function line() {
    const width = axis.clientWidth || 900, parts = []
    LANES.forEach((lane, row) => parts.push(s("rect", {x: LEFT, y: TOP + row * ROW, width: inner(), height: ROW - 3, rx: 3, fill: "var(--om-sunken)"}), s("text", {x: 12, y: TOP + 12 + row * ROW, fill: "var(--om-text2)"}, say(`lane.${lane}`))))
    ticks(parts)
    for (const dot of model.dots ?? []) {
      const done = dot.seq <= (state.seq ?? 0), row = LANES.indexOf(dot.lane), radius = dot.count > 1 ? Math.min(8, 4 + Math.log10(dot.count)) : 4
      parts.push(s("circle", {class: "replay-dot", "data-seq": dot.seq, cx: x(dot.at_ms, dot.seq), cy: TOP + 7.5 + row * ROW, r: radius, fill: done ? `var(--om-${COLOUR[dot.lane]})` : "var(--om-surface)", stroke: `var(--om-${COLOUR[dot.lane]})`, "stroke-width": 2},
        s("title", {}, `#${dot.seq} ${say(`event.${dot.kind}`)} ${stamp(dot.at_ms)}${dot.count > 1 ? ` ×${dot.count}` : ""}`)))
    }
    if (state.b) head(parts, "b", state.b.ms, state.b.seq)
    head(parts, "a", dragging?.ms ?? state.ms ?? span().from_ms, dragging?.seq ?? state.seq ?? 0)
    const svg = s("svg", {width, height: TOP + ROW * 3 + 22, class: "axis", role: "slider", tabindex: 0, "aria-label": say("replay.slider"), "aria-valuemin": 0, "aria-valuemax": span().total, "aria-valuenow": state.seq ?? 0, "aria-valuetext": `${stamp(state.ms)} #${state.seq ?? 0}`}, parts)
    svg.addEventListener("pointerdown", (event) => {
      const dot = event.target.closest?.(".replay-dot")
      if (dot) return act.seek({seq: Number(dot.dataset.seq)})
      if (event.offsetX < LEFT - 10) return
      svg.setPointerCapture(event.pointerId)
      const move = (more) => { dragging = point(more.offsetX); act.seek(dragging) }
      move(event)
      svg.addEventListener("pointermove", move)
      svg.addEventListener("pointerup", (last) => { svg.removeEventListener("pointermove", move); dragging = null; act.seek(point(last.offsetX)) }, {once: true})
    })
    // While it is dragged the bar keeps its node, or the pointer would lose it.
    if (dragging && axis.firstChild) axis.firstChild.replaceChildren(...svg.childNodes)
    else renew(axis, svg)
  }

  function draw() { buttons(); line() }

  const watcher = new ResizeObserver(() => line())
  watcher.observe(axis)
  return {
    node, draw,
    set(next) { const calm = next.playing === state.playing && next.speed === state.speed && next.seq === state.seq; state = next; calm ? line() : draw() },
    end: () => watcher.disconnect(),
  }
}
