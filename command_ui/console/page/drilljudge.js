// How well did it go, and how does one know? Capabilities with evidence, the table-top sheet, strengths and improvements.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {elapsed, short} from "./drillclock.js"
import {ratingBlock, ratingButtons} from "./drillrating.js"
import {keepLine, restored, unsent} from "./unsent.js"

const VERDICTS = ["met", "late", "missed", "not_called"]
const TONE = {met: "b-live", late: "b-warn", missed: "b-danger", not_called: "b-stale", open: "b-drill"}

export function drillJudge(room) {
  const {say, model} = room
  const sheets = h("div", {class: "scroll drill-sheets"}), side = h("aside", {class: "scroll drill-tasks"}), node = h("div", {class: "drill-judge"}, sheets, side)
  let judging = "", withdrawing = 0, finding = "improvement", typed = {}, shown = "", found = null, of = ""
  const left = () => unsent("finding", room.run)
  const may = () => model.may_evaluate
  const proof = (one) => h("a", {class: "drill-proof", href: `/?incident=${one.incident}&entry=${one.seq}`, title: say("drill.proof")}, icon("link", 12), `${one.code} #${one.seq}`)
  const proofs = (hopes) => h("span", {class: "row g4 wrap"}, hopes.flatMap((hope) => hope.evidence).slice(0, 6).map(proof))

  function hopeLine(hope) {
    const open = judging === hope.id
    const reason = h("input", {class: "field", maxlength: 500, placeholder: say("drill.judge.why"), "aria-label": say("drill.judge.why")}), why = open ? keepLine(reason, say) : null
    why?.turn(unsent(`judge-${hope.id}`, room.run))
    return h("div", {class: `hope-row ${hope.state}`, "data-hope": hope.id}, h("span", {class: "tick"}, ["met", "late"].includes(hope.state) ? icon("check", 11, 3.5) : hope.state === "missed" ? icon("cross", 10, 3.5) : null),
      h("span", {}, hope.text, hope.essential ? h("span", {class: "badge s b-line", style: {"margin-left": "6px"}}, say("drill.essential")) : null, h("span", {class: "t3 s12", style: {display: "block"}}, [hope.role, say("drill.window", {time: short(hope.within_s)}), hope.took_s !== null ? say("drill.took", {time: short(hope.took_s)}) : ""].filter(Boolean).join(" · "), hope.judged ? h("span", {class: "wn"}, ` · ${say("drill.judged", {who: hope.judged.by, reason: hope.judged.reason})}`) : null), proofs([hope]),
        open ? h("div", {class: "row g4 wrap", style: {"margin-top": "4px"}}, reason, VERDICTS.map((verdict) => button({class: "btn s", onclick: async () => { const words = reason.value.trim(); if (!words) { reason.focus(); return } judging = ""; if (await room.send("judgements", {expectation: hope.id, verdict, reason: words})) why.drop() }}, say(`drill.hope.${verdict}`))), why.note) : null),
      h("span", {class: "row g4"}, h("span", {class: `badge s ${TONE[hope.state]}`}, say(`drill.hope.${hope.state}`)), may() ? button({class: "ib small drill-judge-one", title: say("drill.judge"), "aria-label": say("drill.judge"), onclick: () => { judging = open ? "" : hope.id; draw() }}, icon("pencil", 14)) : null))
  }

  function capability(goal) {
    return h("article", {class: "drill-goal", "data-capability": goal.id}, h("div", {class: "row g12 top"}, h("span", {class: `psmu ${goal.rating || goal.suggested || "none"}${goal.rating ? "" : " guess"}`}, goal.rating || goal.suggested || "–"), h("div", {class: "sp"}, h("h3", {}, goal.title), h("div", {class: "t3 s12"}, say("drill.target", {text: goal.target}))), ratingButtons(room, goal)),
      goal.tasks.map((task) => h("div", {style: {"padding-left": "34px"}}, h("div", {class: "row g8"}, h("b", {class: "sp"}, task.title), ratingButtons(room, goal, task)), task.hopes.map(hopeLine))))
  }

  function tableTop(look) {
    const given = look.sheet.reduce((sum, one) => sum + (one.given ?? one.suggested ?? 0), 0), whole = look.sheet.reduce((sum, one) => sum + one.points, 0)
    const mark = (one) => {
      const points = h("input", {class: "field r drill-points", inputmode: "decimal", "data-item": one.id, "aria-label": say("drill.sheet.given"), placeholder: one.suggested === null ? "" : String(one.suggested), disabled: !may(), style: {width: "64px"}, onchange: keep, onkeydown: (event) => { if (event.key === "Enter") event.target.blur() }})
      const comment = h("input", {class: "field", maxlength: 500, "aria-label": say("drill.sheet.comment"), disabled: !may(), onchange: () => { if (points.value.trim()) keep() }})
      points.value = one.given === null ? "" : String(one.given)
      comment.value = one.comment
      function keep() {
        const value = Number(points.value.trim())
        if (!points.value.trim() || !Number.isFinite(value) || value < 0 || value > one.points) { points.setAttribute("aria-invalid", "true"); return }
        room.send("marks", {item: one.id, points: value, comment: comment.value.trim()})
      }
      return h("tr", {}, h("td", {}, h("b", {}, one.item)), h("td", {class: "t2"}, one.criterion), h("td", {}, proofs(one.hopes), one.hopes.some((hope) => !hope.evidence.length) ? h("span", {class: "t3 s12"}, say("drill.sheet.lacks", {count: one.hopes.filter((hope) => !hope.evidence.length).length})) : null), h("td", {class: "r"}, h("div", {class: "row g4", style: {"justify-content": "flex-end"}}, points, h("span", {class: "t3"}, `/ ${one.points}`))), h("td", {}, comment), h("td", {class: "t3 s12"}, one.by))
    }
    return h("section", {class: "drill-sheet"}, h("div", {class: "h"}, icon("table", 17), say("drill.sheet"), h("span", {class: "sp"}), h("b", {class: "s16"}, `${Math.round(given * 10) / 10} / ${whole}`)),
      h("table", {}, h("thead", {}, h("tr", {}, ["item", "criterion", "evidence", "given", "comment", "by"].map((code) => h("th", {class: code === "given" ? "r" : ""}, say(`drill.sheet.${code}`))))), h("tbody", {}, look.sheet.map(mark))), h("div", {class: "body t3 s12"}, say("drill.sheet.note")))
  }

  // What was noted can be taken back with a reason; it stays in sight, struck through, for it stays in the record.
  function takeBack(one) {
    if (one.withdrawn) return h("div", {class: "s12 wn"}, say("drill.find.withdrawn", {who: one.withdrawn.by, reason: one.withdrawn.reason}))
    if (withdrawing !== one.seq) return null
    const reason = h("input", {class: "field drill-withdraw-why sp", maxlength: 500, placeholder: say("drill.find.why"), "aria-label": say("drill.find.why"), onkeydown: (event) => { if (event.key === "Enter") send(); if (event.key === "Escape") { withdrawing = 0; line.drop(); draw() } }}), line = keepLine(reason, say)
    line.turn(unsent(`withdraw-${one.seq}`, room.run))
    const send = async () => {
      const why = reason.value.trim()
      if (!why) { reason.focus(); return }
      if (await room.send("withdrawals", {entry: one.seq, reason: why})) { withdrawing = 0; line.drop(); shown = ""; draw() }
    }
    return h("div", {class: "row g4", style: {"margin-top": "4px"}}, reason, button({class: "btn s drill-withdraw-now", onclick: send}, say("drill.find.withdraw")), line.note)
  }
  const undo = (one) => (may() && !one.withdrawn ? button({class: "ib small drill-withdraw", "data-entry": one.seq, title: say("drill.find.withdraw"), "aria-label": say("drill.find.withdraw"), "aria-expanded": String(withdrawing === one.seq), onclick: () => { withdrawing = withdrawing === one.seq ? 0 : one.seq; draw(); side.querySelector(".drill-withdraw-why")?.focus() }}, icon("undo", 14)) : null)
  const words = (one) => h(one.withdrawn ? "s" : "span", {class: `sp${one.withdrawn ? " t3" : ""}`}, one.text)

  function findings(look, kind) {
    const list = kind === "strength" ? look.strengths : look.improvements
    return h("div", {class: "sec"}, h("div", {class: "sh"}, icon(kind === "strength" ? "check" : "warning", 15), say(`drill.find.${kind}`), h("span", {class: "sp"}), h("span", {class: "t3 s12 plain"}, list.filter((one) => !one.withdrawn).length)),
      list.length ? list.map((one) => h("div", {class: `drill-find${kind === "strength" ? "" : " bad"}`, "data-entry": one.seq}, h("div", {class: "row g4 top"}, words(one), undo(one)), h("div", {class: "t3 s12"}, [one.cause ? say("drill.find.cause", {text: one.cause}) : "", one.about, one.owner ? say("drill.find.owner", {who: one.owner}) : "", one.due ? say("drill.find.due", {date: one.due}) : "", `${one.by} ${elapsed(one.at_s)}`].filter(Boolean).join(" · ")), takeBack(one))) : h("span", {class: "t3 s12"}, say("drill.find.none")))
  }

  function form(look) {
    const field = (code, tag = "input", more = {}) => {
      const input = h(tag, {class: `field drill-f-${code}`, maxlength: 2000, oninput: (event) => { typed[code] = event.target.value; left().keep({...typed, finding}) }, ...more})
      input.value = typed[code] ?? ""
      return h("label", {class: tag === "textarea" ? "wide" : ""}, say(`drill.find.field.${code}`), input)
    }
    const about = h("select", {class: "field", onchange: (event) => { typed.about = event.target.value; left().keep({...typed, finding}) }}, h("option", {value: ""}, "—"), look.goals.map((one) => h("option", {value: one.id, selected: typed.about === one.id}, one.title)))
    const ready = () => (typed.text ?? "").trim() && (finding !== "improvement" || ((typed.cause ?? "").trim() && (typed.owner ?? "").trim() && typed.due))
    const add = async () => {
      if (!ready()) { side.querySelector(`.drill-f-${["text", "cause", "owner", "due"].find((code) => !(typed[code] ?? "").trim())}`)?.focus(); return }
      const kept = await room.send("findings", {finding, text: typed.text.trim(), objective: typed.about ?? "", cause: finding === "improvement" ? typed.cause.trim() : "", owner: finding === "improvement" ? typed.owner.trim() : "", due: finding === "improvement" ? typed.due : ""})
      if (kept) { left().drop(); typed = {}; found = null; shown = ""; draw() }
    }
    return h("div", {class: "sec"}, h("div", {class: "row g8", style: {"margin-bottom": "8px"}}, ["improvement", "strength", "note"].map((kind) => button({class: `chip${finding === kind ? " on" : ""}`, "data-finding": kind, "aria-pressed": String(finding === kind), onclick: () => { finding = kind; draw() }}, say(`drill.find.one.${kind}`)))),
      restored(say, found, () => { left().drop(); typed = {}; found = null; shown = ""; draw() }),
      h("div", {class: "drill-form"}, field("text", "textarea"), h("label", {class: "wide"}, say("drill.find.field.about"), about), finding === "improvement" ? [field("cause", "textarea"), field("owner"), field("due", "input", {type: "date"})] : null, h("div", {class: "wide row"}, h("span", {class: "t3 s12 sp"}, finding === "improvement" ? say("drill.find.need") : ""), button({class: "btn p drill-find-add", onclick: add}, icon("plus", 15), say("drill.find.add")))))
  }

  function papers(look) {
    const file = (format) => `/api/v1/exercises/${room.run}/after-action?format=${format}&language=${model.language}`
    return h("div", {class: "sec"}, h("div", {class: "sh"}, icon("document", 15), say("drill.aar")), h("div", {class: "t3 s12", style: {"margin-bottom": "6px"}}, say(look.state === "ended" ? "drill.aar.hint" : "drill.aar.early")), h("div", {class: "row g8 wrap"}, ["docx", "pdf", "sealed"].map((format) => h("a", {class: `btn${format === "pdf" ? " p" : ""} drill-paper`, href: file(format), download: ""}, icon("document", 15), say(`report.file.${format}`))), h("a", {class: "btn", href: `/api/v1/exercises/${room.run}/msel?language=${model.language}`, download: ""}, icon("table", 15), say("drill.msel.out"))))
  }

  function draw() {
    const look = room.look
    if (!look) {
      renew(sheets, room.run ? [h("div", {class: "skeleton tall"}), h("div", {class: "skeleton tall"})] : h("div", {class: "empty"}, icon("flag", 28), h("b", {}, say("drill.no_run")), button({class: "btn p", onclick: () => room.turn("library")}, say("drill.library"))))
      renew(side)
      shown = ""
      return
    }
    if (of !== room.run) {
      of = room.run
      found = left().read()
      const {finding: kind = finding, ...words} = found?.value ?? {}
      finding = kind
      typed = words
    }
    const active = node.getRootNode().activeElement
    if (active && node.contains(active) && ["INPUT", "TEXTAREA", "SELECT"].includes(active.tagName) && active.value) return // what is being typed stays
    // Looked at anew every two seconds: where only the clock went on, nothing is replaced under a pressed mouse button.
    const now = JSON.stringify([{...look, clock: null}, judging, withdrawing, finding, typed.about, model.language, may()])
    if (now === shown && node.isConnected) return
    shown = now
    const scrolled = [sheets.scrollTop, side.scrollTop], score = look.score
    renew(sheets,
      h("section", {class: "drill-sheet"}, h("div", {class: "h"}, icon("check", 17), say("drill.eeg"), h("span", {class: "sp"}), h("span", {class: "t3 s12 plain"}, say("drill.ratings.key"))), h("div", {class: "body"}, look.capabilities.map(capability), look.others.length ? h("article", {class: "drill-goal"}, h("h3", {}, say("drill.others")), look.others.map(hopeLine)) : null)),
      look.sheet.length ? tableTop(look) : null)
    renew(side, h("div", {class: "h"}, icon("flag", 17), say("drill.result")),
      h("div", {class: "sec"}, h("div", {class: "drill-big"}, h("div", {}, h("div", {class: "t3 s12"}, say("drill.score")), h("b", {}, `${Math.round(score.percent)}%`)), h("div", {class: "r"}, h("div", {class: "t3 s12"}, say("drill.score.points")), h("b", {}, `${score.points} / ${score.of_points}`))), h("div", {class: "row g8 wrap s12", style: {"margin-top": "6px"}}, ["met", "late", "missed", "not_called", "open"].filter((state) => score[state]).map((state) => h("span", {class: `badge s ${TONE[state]}`}, `${say(`drill.hope.${state}`)} ${score[state]}`)), score.failed.length ? h("span", {class: "badge s b-danger"}, say("drill.failed", {count: score.failed.length})) : null)),
      ratingBlock(look, say), papers(look), findings(look, "strength"), findings(look, "improvement"), may() ? form(look) : null, look.notes.length ? h("div", {class: "sec last"}, h("div", {class: "sh"}, icon("pencil", 15), say("drill.notes")), look.notes.map((note) => h("div", {class: "drill-doing"}, h("span", {class: "t3 s12"}, elapsed(note.at_s)), h("div", {}, h("div", {class: "row g4 top"}, words(note), undo(note)), h("span", {class: "t3 s12"}, note.by), takeBack(note))))) : null)
    sheets.scrollTop = scrolled[0]
    side.scrollTop = scrolled[1]
  }

  return {node, draw}
}
