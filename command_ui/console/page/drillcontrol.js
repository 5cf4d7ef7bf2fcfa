// What does the controller see and press? The list of injects, the map, the axis, and what the players do.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {time} from "./format.js"
import {elapsed, elapsedOf, short} from "./drillclock.js"
import {drillMap} from "./drillmap.js"
import {drillAxis} from "./drillaxis.js"
import {quickRatings, ratingBlock} from "./drillrating.js"
import {drillForm} from "./drillform.js"
import {PICTURE} from "./drillpictures.js"
import {keepLine, unsent} from "./unsent.js"

const GROUPS = {done: ["done"], open: ["open"], waiting: ["waiting"], if: ["if"], manual: ["manual"], aside: ["held", "skipped", "failed"]}
const RING = {done: "done", open: "now", waiting: "wait", if: "if", manual: "", held: "part", skipped: "", failed: "bad"}
const TONE = {done: "b-live", open: "b-drill", waiting: "b-line", if: "b-info", manual: "b-line", held: "b-warn", skipped: "b-stale", failed: "b-danger"}

export function drillControl(room) {
  const {say, model} = room
  const list = h("section", {class: "drill-list"}), rows = h("div", {class: "scroll", role: "listbox"}), head = h("div", {}), below = h("div", {})
  const side = h("aside", {class: "drill-side scroll"})
  const map = drillMap(model, say, choose), axis = drillAxis(room, choose)
  const form = drillForm(room, map, () => { draw(); rows.querySelector(".inject.on")?.focus({preventScroll: true}) })
  const typed = h("input", {class: "field drill-noted", maxlength: 1000, onkeydown: (event) => { if (event.key === "Enter") keep() }})
  const noted = keepLine(typed, say)
  const node = h("div", {class: "drill-desk"}, list, map.node, axis.node, side)
  list.append(head, rows, below)
  let filter = "all", chosen = "", followed = true, ending = false, drawn = ""

  const injects = () => room.look?.injects ?? []
  const shown = () => injects().filter((one) => filter === "all" || GROUPS[filter].includes(one.phase))
  const current = () => injects().find((one) => one.id === chosen) ?? null
  const may = () => model.may_conduct && room.look && room.look.state !== "ended"
  const changeable = (one) => may() && one && one.sent_s === null
  const sendable = (one) => one && ["waiting", "if", "manual", "held", "failed"].includes(one.phase)

  function choose(id) {
    chosen = id
    followed = false
    draw()
    rows.querySelector(".inject.on")?.scrollIntoView({block: "nearest"})
  }

  function move(by) {
    const all = shown(), at = all.findIndex((one) => one.id === chosen)
    if (all.length) choose(all[Math.min(all.length - 1, Math.max(0, at + by))].id)
  }

  function release() { if (may() && sendable(current())) room.step("release", {inject: chosen}) }

  // Without a hand on it the list follows the exercise: the inject that was sent last, else the next one.
  function follow() {
    if (!followed && current()) return
    const all = injects(), open = all.filter((one) => one.phase === "open")
    chosen = (open.at(-1) ?? all.find((one) => one.phase === "waiting") ?? all[0])?.id ?? ""
  }

  async function keep() {
    const text = typed.value.trim()
    if (text && (await room.send("notes", {text}))) noted.drop()
  }

  const when = (one) => (one.sent_s !== null ? elapsed(one.sent_s) : one.due_s !== null ? elapsed(one.due_s) : say(one.phase === "if" ? "drill.phase.if" : "drill.phase.manual"))
  const hopeOf = (one) => one.expected || one.hopes.map((hope) => hope.text).join("；")

  function row(one) {
    return button({class: `inject ${one.phase === "open" ? "now " : ""}${one.phase === "done" ? "done " : ""}${one.phase === "skipped" ? "gone " : ""}${one.id === chosen ? "on" : ""}`, role: "option", "aria-selected": String(one.id === chosen), "data-inject": one.id, onclick: () => choose(one.id), ondblclick: release},
      h("span", {class: `drill-no ${RING[one.phase]}`}, one.number),
      h("span", {class: "when"}, h("b", {}, when(one)), h("span", {class: "cut", title: one.to}, one.to)),
      h("span", {style: {"min-width": "0"}}, h("span", {class: "what"}, icon(PICTURE[one.kind] ?? "report", 15), h("b", {}, say(`drill.kind.${one.kind}`)), one.improvised || one.changed ? h("span", {class: `badge s ${one.improvised ? "b-drill" : "b-warn"}`}, say(one.improvised ? "inject.improvised" : "inject.changed")) : null, h("span", {class: "t2 cut", title: one.text}, one.title || one.text)),
        h("span", {class: "hope cut", style: {display: "block"}, title: hopeOf(one)}, one.condition && one.phase === "if" ? say("drill.if", {text: one.condition}) : hopeOf(one) ? say("drill.expected", {text: hopeOf(one)}) : say("drill.expected.none"))),
      h("span", {class: "marks"}, one.rating ? h("span", {class: `psmu ${one.rating}`, title: say(`drill.rating.${one.rating}`)}, one.rating) : null, h("span", {class: `badge s ${TONE[one.phase]}`}, say(`drill.phase.${one.phase}`))))
  }

  function drawList() {
    const all = injects(), count = (group) => all.filter((one) => GROUPS[group].includes(one.phase)).length
    renew(head, h("div", {class: "h"}, icon("check", 18), h("b", {}, say("drill.msel")), h("span", {class: "badge s b-line"}, say("drill.msel.count", {count: all.length})), h("span", {class: "sp"}),
      button({class: "btn s drill-improvise-open", disabled: !may(), title: say("inject.new.hint"), onclick: () => { form.open(); drawSide() }}, icon("plus", 14), say("inject.new")),
      h("a", {class: "btn s", href: `/api/v1/exercises/${room.run}/msel?language=${model.language}`, download: ""}, icon("table", 14), say("drill.msel.out"))),
      h("div", {class: "drill-chips"}, ["all", ...Object.keys(GROUPS)].filter((group) => group === filter || ["all", "done", "open", "waiting"].includes(group) || count(group)).map((group) => button({class: `chip${filter === group ? " on" : ""}`, "aria-pressed": String(filter === group), onclick: () => { filter = group; draw() }}, say(`drill.group.${group}`, {count: group === "all" ? all.length : count(group)})))),
      h("div", {class: "drill-cols"}, h("span", {}, say("drill.col.number")), h("span", {}, say("drill.col.when")), h("span", {}, say("drill.col.what")), h("span", {class: "r"}, say("drill.col.state"))))
    const scroll = rows.scrollTop, active = node.getRootNode().activeElement, held = active?.dataset?.inject
    const wanted = shown()
    renew(rows, wanted.length ? wanted.map(row) : h("div", {class: "empty low"}, say("drill.msel.none")))
    rows.scrollTop = scroll
    if (held && rows.contains(rows.querySelector(`[data-inject="${CSS.escape(held)}"]`))) rows.querySelector(`[data-inject="${CSS.escape(chosen || held)}"]`)?.focus({preventScroll: true})
    const sent = all.filter((one) => one.sent_s !== null).length, score = room.look?.score ?? {met: 0, of: 0}, one = current()
    renew(below, h("div", {class: "drill-below"},
      h("div", {class: "row s12"}, h("b", {}, say("drill.progress")), h("span", {class: "sp"}), h("b", {}, `${sent} / ${all.length}`)), h("div", {class: "row s12"}, h("b", {}, say("drill.reached")), h("span", {class: "sp"}), h("b", {}, `${score.met} / ${score.of}`)),
      h("div", {class: "bar1"}, h("i", {class: "pink", style: {width: `${(100 * sent) / Math.max(1, all.length)}%`}})), h("div", {class: "bar1"}, h("i", {style: {width: `${(100 * score.met) / Math.max(1, score.of)}%`}})),
      h("div", {class: "drill-apart s12"}, icon("nodes", 15), h("span", {class: "t2"}, say("drill.apart")), h("b", {}, "Exercise"))),
      h("div", {class: "drill-acts wrap", hidden: !model.may_conduct && room.look?.state !== "ended"},
        room.look?.state === "ended" || !model.may_conduct ? null : [
          button({class: "btn p drill-release", disabled: !may() || !sendable(one), onclick: release, title: "Enter"}, icon("play", 14), one && sendable(one) ? say("drill.release", {number: one.number}) : say("drill.release.none")),
          one?.phase === "held" ? button({class: "btn drill-unhold", disabled: !may(), onclick: () => room.step("unhold", {inject: chosen})}, say("drill.unhold")) : button({class: "btn drill-hold", disabled: !may() || !one || !["waiting", "if"].includes(one.phase), onclick: () => room.step("hold", {inject: chosen})}, say("drill.hold")),
          button({class: "btn drill-edit", disabled: !changeable(one), onclick: () => { form.open(one); drawSide() }}, icon("pencil", 14), say("inject.edit")),
          button({class: "btn drill-skip", disabled: !may() || !sendable(one), onclick: () => room.step("skip", {inject: chosen})}, say("drill.skip")),
          button({class: "btn drill-jump", disabled: !may() || !one || one.phase !== "waiting" || one.due_s === null || one.due_s <= elapsedOf(room.look), title: say("drill.jump.hint"), onclick: () => room.step("jump", {to_s: one.due_s})}, icon("next", 14), say("drill.jump"))
        ],
        h("span", {class: "sp"}),
        room.look?.state === "ended" ? h("a", {class: "btn", href: "#", onclick: (event) => { event.preventDefault(); room.turn("judge") }}, icon("document", 15), say("drill.hotwash"))
          : !model.may_conduct ? null : ending ? [button({class: "btn", onclick: () => { ending = false; draw() }}, say("report.back")), button({class: "btn d drill-end-now", onclick: () => { ending = false; room.step("end") }}, say("drill.end.sure"))]
            : button({class: "btn d drill-end", disabled: !may(), onclick: () => { ending = true; draw(); below.querySelector(".drill-end-now")?.focus() }}, say("drill.end"))))
  }

  function hopeRow(hope) {
    const left = hope.state === "open" && hope.deadline_s !== null ? hope.deadline_s - elapsedOf(room.look) : null
    return h("div", {class: `hope-row ${hope.state}`, "data-hope": hope.id}, h("span", {class: "tick"}, hope.state === "met" || hope.state === "late" ? icon("check", 11, 3.5) : hope.state === "missed" ? icon("cross", 10, 3.5) : null),
      h("span", {}, hope.text, h("span", {class: "t3 s12", style: {display: "block"}}, hope.role, hope.entry ? [" · ", h("a", {class: "pr", href: `/?incident=${room.look.incident?.id ?? ""}`}, `#${hope.entry}`)] : null)),
      h("b", {class: `nowrap ${hope.state === "met" ? "okc" : hope.state === "late" ? "wn" : hope.state === "missed" ? "dg" : ""}`, "data-left": left !== null ? hope.deadline_s : null}, hope.state === "open" ? (left === null ? say("drill.hope.open") : say("drill.left", {time: short(left)})) : hope.took_s !== null ? say("drill.took", {time: short(hope.took_s)}) : say(`drill.hope.${hope.state}`)))
  }

  function card(one) {
    const open = one.phase === "open", hope = one.hopes.find((each) => each.state === "open" && each.deadline_s !== null)
    return h("div", {class: `drill-card${open ? "" : " quiet"}`}, h("div", {class: "row g8"}, icon(PICTURE[one.kind] ?? "report", 16), h("b", {class: "cut sp", title: one.title}, `${one.number} ${one.title || say(`drill.kind.${one.kind}`)}`), h("span", {class: `badge s ${TONE[one.phase]}`}, say(`drill.phase.${one.phase}`))),
      h("p", {}, one.text), h("div", {class: "t3 s12"}, say("drill.from_to", {from: one.from || "—", to: one.to || "—"}), one.place ? ` · ${one.place}` : ""), one.condition ? h("div", {class: "s12 pr"}, say("drill.if", {text: one.condition})) : null,
      one.fault ? h("div", {class: "fault"}, icon("warning", 14), one.fault) : null,
      hope ? h("div", {class: "row"}, h("span", {class: "t3 s12"}, say("drill.window", {time: short(hope.within_s)})), h("span", {class: "sp"}), h("span", {class: "drill-left", "data-left": hope.deadline_s})) : null,
      hope ? h("div", {class: "bar1"}, h("i", {class: "amber", "data-share": `${hope.deadline_s}:${hope.within_s}`})) : null,
      one.hopes.length ? h("div", {}, one.hopes.map(hopeRow)) : null,
      one.sent_s !== null ? quickRatings(room, room.look, one) : null)
  }

  function drawSide() {
    const look = room.look, one = current()
    if (form.isOpen()) { if (side.firstChild !== form.node) renew(side, form.node); return }
    const busy = typed.value && node.getRootNode().activeElement === typed
    const scroll = side.scrollTop
    renew(side, h("div", {class: "h"}, icon("flag", 17), say("drill.current")), h("div", {class: "sec"}, one ? card(one) : h("div", {class: "empty low"}, say("drill.msel.none"))),
      ratingBlock(look, say),
      h("div", {class: "sec"}, h("div", {class: "sh"}, icon("people", 15), say("drill.seats"), h("span", {class: "sp"}), h("span", {class: "t3 s12 plain"}, say("common.updated", {time: time(look.clock.at)}))),
        look.roles.map((role) => h("div", {class: "drill-role"}, h("span", {class: "cut"}, role.name), h("span", {class: "t3 s12"}, say("drill.seat.done", {met: role.met, of: role.of})), h("span", {class: `badge s ${role.last_s !== null ? "b-live" : "b-stale"}`}, role.last_s !== null ? elapsed(role.last_s) : say("drill.seat.none"))))),
      h("div", {class: "sec"}, h("div", {class: "sh"}, icon("pencil", 15), say("drill.notes"), h("span", {class: "sp"}), h("span", {class: "kbd"}, "N")), look.notes.slice(-4).map((note) => h("div", {class: "drill-doing"}, h("span", {class: "t3 s12"}, elapsed(note.at_s)), h("p", {}, note.withdrawn ? h("s", {class: "t3"}, note.text) : note.text))),
        may() ? h("div", {class: "drill-note"}, typed, button({class: "btn drill-keep", onclick: keep}, say("drill.note.keep"))) : null, noted.note),
      h("div", {class: "sec last"}, h("div", {class: "sh"}, icon("clock", 15), say("drill.doings", {count: look.doings.length})), look.doings.length ? look.doings.slice(-12).reverse().map((doing) => h("div", {class: "drill-doing"}, h("span", {class: "t3 s12"}, elapsed(doing.at_s)), h("p", {class: "s12"}, h("b", {}, `#${doing.seq} ${say(`event.${doing.kind}`)} `), h("span", {class: "t2"}, doing.actor)))) : h("span", {class: "t3 s12"}, say("drill.doings.none"))))
    if (room.run) noted.turn(unsent("drill-note", room.run))
    typed.placeholder = say("drill.note.hint")
    typed.setAttribute("aria-label", say("drill.notes"))
    side.scrollTop = scroll
    if (busy) typed.focus({preventScroll: true})
  }

  function tick() {
    const now = elapsedOf(room.look)
    for (const one of side.querySelectorAll("[data-left]")) {
      const left = Number(one.dataset.left) - now
      one.textContent = left >= 0 ? say("drill.left", {time: short(left)}) : say("drill.over", {time: short(-left)})
      one.classList.toggle("wn", left >= 0 && left < 120)
      one.classList.toggle("dg", left < 0)
    }
    for (const one of side.querySelectorAll("[data-share]")) {
      const [deadline, within] = one.dataset.share.split(":").map(Number), share = Math.min(1, Math.max(0, (deadline - now) / Math.max(1, within)))
      one.style.width = `${100 * share}%`
      one.classList.toggle("late", deadline < now)
    }
    axis.tick()
  }

  function draw() {
    if (!room.look) { drawn = ""; renew(head, h("div", {class: "h"}, icon("check", 18), h("b", {}, say("drill.msel")))); renew(rows, room.run ? [h("div", {class: "skeleton"}), h("div", {class: "skeleton"}), h("div", {class: "skeleton"})] : h("div", {class: "empty"}, icon("flag", 28), h("b", {}, say("drill.no_run")), button({class: "btn p", onclick: () => room.turn("library")}, say("drill.library")))); renew(below); renew(side); axis.draw(); return }
    follow()
    drawList()
    drawSide()
    const state = JSON.stringify([room.run, chosen, model.theme, model.language, room.look.title, room.look.injects.map((one) => one.phase), room.look.scene?.run?.id ?? ""])
    if (state !== drawn) { drawn = state; requestAnimationFrame(() => map.draw(room.look, chosen)) }
    axis.draw(chosen)
    tick()
  }

  return {node, draw, tick, move, release, note: () => typed.focus(), escape: form.escape, respeak: () => { if (form.isOpen()) form.draw() }, repaint: () => { drawn = ""; if (room.look) map.draw(room.look, chosen) }, end: () => { map.end(); axis.end() }}
}
