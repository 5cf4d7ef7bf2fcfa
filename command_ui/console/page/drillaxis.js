// When does what come? Injects, windows of response with what was done, and ratings, along the exercise clock.
import {h, s, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {elapsed, elapsedOf} from "./drillclock.js"

const LEFT = 76, RIGHT = 28, ROWS = {inject: 38, response: 73, rating: 108}
const TOKEN = {done: "ok", open: "drill", waiting: "borderStrong", if: "primary", manual: "borderStrong", held: "warn", skipped: "borderStrong", failed: "danger"}
const HOPE = {met: "ok", late: "warn", missed: "danger", open: "drill", not_called: "borderStrong"}
const STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200]

export function drillAxis(room, choose) {
  const {say} = room
  const top = h("div", {class: "top"}), body = h("div", {class: "body"}), node = h("section", {class: "drill-axis"}, top, body)
  const show = {plan: true, real: true}
  let chosen = "", head = null

  const placeOf = (one) => (one.sent_s !== null ? one.sent_s : one.due_s)

  function length() {
    const look = room.look, last = Math.max(0, ...look.injects.map((one) => placeOf(one) ?? 0), ...look.injects.flatMap((one) => one.hopes).map((hope) => hope.deadline_s ?? 0))
    return Math.max(look.length_s, last, elapsedOf(look), 60) * 1.03
  }

  function chips() {
    const chip = (code) => button({class: `chip${show[code] ? " on" : ""}`, "aria-pressed": String(show[code]), onclick: () => { show[code] = !show[code]; draw(chosen) }}, say(`drill.axis.${code}`))
    renew(top, icon("clock", 17), h("b", {class: "s14"}, say("drill.axis")), h("span", {class: "t3 s12 cut"}, say("drill.axis.hint")), h("span", {class: "sp"}), chip("plan"), chip("real"))
  }

  // Windows that overlap lie on three lanes, so that none hides another as long as that is possible.
  function lay(hopes) {
    const until = [0, 0, 0], lanes = new Map()
    for (const hope of hopes.filter((one) => one.deadline_s !== null).sort((a, b) => a.deadline_s - a.within_s - b.deadline_s + b.within_s)) {
      const start = hope.deadline_s - hope.within_s, free = until.findIndex((end) => end <= start), lane = free >= 0 ? free : until.indexOf(Math.min(...until))
      until[lane] = hope.deadline_s
      lanes.set(hope.id, lane)
    }
    return lanes
  }

  function draw(one = chosen) {
    chosen = one
    chips()
    if (!room.look) { renew(body); return }
    const look = room.look, width = body.clientWidth || 700, wide = width - LEFT - RIGHT, whole = length()
    const x = (seconds) => LEFT + (Math.max(0, seconds) / whole) * wide
    const places = new Map(), parts = [], step = STEPS.find((value) => whole / value <= wide / 92) ?? 14400
    for (let t = 0; t <= whole; t += step) parts.push(s("path", {d: `M${x(t)} 20V124`, stroke: "var(--om-border)"}), s("text", {x: x(t), y: 13, "text-anchor": "middle", fill: "var(--om-text3)", "data-tick": t}, elapsed(t)))
    for (const [row, y] of Object.entries(ROWS)) parts.push(s("text", {x: 16, y: y + 4.5, fill: "var(--om-text2)"}, say(`drill.axis.${row}`)))
    const hopes = look.injects.flatMap((one) => one.hopes).concat(look.loose)
    const lanes = lay(hopes)
    if (show.plan) for (const hope of hopes.filter((each) => each.deadline_s !== null)) {
      const from = x(hope.deadline_s - hope.within_s), lane = lanes.get(hope.id)
      parts.push(s("rect", {x: from, y: ROWS.response - 13 + lane * 9, width: Math.max(3, x(hope.deadline_s) - from), height: 7.5, rx: 2, fill: `var(--om-${HOPE[hope.state]})`, "fill-opacity": 0.16, stroke: `var(--om-${HOPE[hope.state]})`, "stroke-opacity": 0.7, "stroke-dasharray": hope.state === "open" ? "3 3" : null}, s("title", {}, `${hope.text} ${elapsed(hope.deadline_s)}`)))
    }
    if (show.real) for (const hope of hopes.filter((each) => each.done_s !== null)) {
      const at = x(hope.done_s), y = ROWS.response - 9.25 + (lanes.get(hope.id) ?? 1) * 9
      parts.push(s("path", {d: `M${at} ${y - 5.5}L${at + 5.5} ${y}L${at} ${y + 5.5}L${at - 5.5} ${y}z`, fill: "var(--om-text)", stroke: "var(--om-surface)"}, s("title", {}, `${hope.text} ${elapsed(hope.done_s)}`)))
    }
    let free = LEFT - 40
    for (const one of [...look.injects].filter((each) => placeOf(each) !== null && each.phase !== "skipped").sort((a, b) => placeOf(a) - placeOf(b))) {
      const real = x(placeOf(one)), at = Math.min(Math.max(real, free + 24), LEFT + wide + 14)
      free = at
      places.set(one.id, at)
      if (at - real > 2) parts.push(s("path", {d: `M${real} ${ROWS.inject + 15}L${at} ${ROWS.inject + 8}`, stroke: "var(--om-borderStrong)"}))
      parts.push(s("g", {"data-inject": one.id, onclick: () => choose(one.id)}, s("title", {}, `${one.number} ${one.title}`),
        s("circle", {cx: at, cy: ROWS.inject, r: one.id === chosen ? 12.5 : 11, fill: `var(--om-${one.phase === "open" ? "drillSoft" : "surface"})`, stroke: `var(--om-${one.id === chosen && one.phase !== "open" ? "primary" : TOKEN[one.phase]})`, "stroke-width": one.id === chosen ? 3 : 2, "stroke-dasharray": ["waiting", "if"].includes(one.phase) ? "3 3" : null}),
        s("text", {x: at, y: ROWS.inject + 4.2, "text-anchor": "middle", "font-weight": 700, fill: "var(--om-text)"}, one.number)))
    }
    let taken = -99
    for (const one of look.injects.filter((each) => each.rating && placeOf(each) !== null)) {
      const at = places.get(one.id) ?? x(placeOf(one)), tone = {P: "ok", S: "primary", M: "warn", U: "danger"}[one.rating]
      if (at - taken < 22) continue
      taken = at
      parts.push(s("rect", {x: at - 9, y: ROWS.rating - 9, width: 18, height: 18, rx: 4, fill: `var(--om-${tone}Soft)`, stroke: `var(--om-${tone})`}), s("text", {x: at, y: ROWS.rating + 4.3, "text-anchor": "middle", "font-weight": 700, fill: `var(--om-${tone})`}, one.rating))
    }
    head = s("g", {}, s("path", {d: "M0 18V124", stroke: "var(--om-drill)", "stroke-width": 2}), s("rect", {x: -34, y: 0, width: 68, height: 18, rx: 9, fill: "var(--om-drillSoft)", stroke: "var(--om-drill)"}), s("text", {x: 0, y: 13.4, "text-anchor": "middle", "font-weight": 700, fill: "var(--om-drill)"}, ""))
    parts.push(head)
    renew(body, s("svg", {width, height: 130, role: "img", "aria-label": say("drill.axis")}, parts))
    tick()
  }

  function tick() {
    if (!head || !room.look) return
    const now = elapsedOf(room.look), wide = (body.clientWidth || 700) - LEFT - RIGHT, at = LEFT + (now / length()) * wide
    head.setAttribute("transform", `translate(${Math.min(at, LEFT + wide)} 0)`)
    head.querySelector("text").textContent = elapsed(now)
    for (const one of body.querySelectorAll("[data-tick]")) one.setAttribute("opacity", Math.abs(Number(one.getAttribute("x")) - at) < 62 ? 0 : 1)
  }

  const watcher = new ResizeObserver(() => draw(chosen))
  watcher.observe(body)
  return {node, draw, tick, end: () => watcher.disconnect()}
}
