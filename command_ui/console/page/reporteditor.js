// How is a report written? Fields to the left, filled from the record; to the right the paper as it will be read.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {now, span, stamp, urgency} from "./format.js"
import {paperSheet} from "./papersheet.js"
import {capBox} from "./capbox.js"
import {restored, unsent} from "./unsent.js"

const FORMS = ["incident", "ics209", "minutes", "daily"]
const STAGES = ["first", "follow_up", "final"]
const META = ["sent_to", "signer", "contact", "issuer"]
const QUIET_MS = 700

export function render({model, view}) {
  dress(view)
  const say = speaker(model), life = lifetime(model)
  const node = h("div", {class: "panel report"})
  const head = h("div", {class: "report-head"}), form = h("div", {class: "scroll report-fields"}), side = h("div", {class: "scroll report-paper", tabindex: "0"})
  const foot = h("div", {class: "report-foot"})
  const bar = h("div", {class: "row g8 wrap report-bar"}), caps = capBox(model, say)
  node.append(head, h("div", {class: "report-main"}, h("section", {class: "card report-left"}, form, foot), h("section", {class: "card report-right"}, bar, side)))

  // What was typed here and is not yet known to be kept; also in the browser's own store, should the line break.
  let edits = {}, meta = {}, number = 0, timer = null, asking = false, key = null, place = "", boxes = new Map(), found = null

  const drawer = () => unsent(`report-${model.chosen.form}`, model.chosen.form === "daily" ? "" : model.chosen.incident)
  const content = () => ({edits, ...meta})

  function takeUp() {
    const typed = model.typed ?? {}
    edits = {...(typed.edits ?? {})}
    meta = Object.fromEntries(META.map((name) => [name, typed[name] ?? ""]))
    found = drawer().read()
    if (!found) return
    edits = found.value.edits ?? edits
    meta = {...meta, ...Object.fromEntries(META.filter((name) => name in found.value).map((name) => [name, found.value[name]]))}
    save()
  }

  function touch() {
    drawer().keep(content())
    clearTimeout(timer)
    timer = setTimeout(save, QUIET_MS)
    asking = false
    state()
  }

  function save() {
    clearTimeout(timer)
    timer = null
    number += 1
    model.send_msg({kind: "save", content: content(), number})
    state()
  }

  function state() {
    const mark = foot.querySelector(".save-state")
    if (!mark) return
    const waiting = timer !== null || (number > 0 && (model.saved?.number ?? -1) < number)
    mark.textContent = waiting ? say("report.saving") : model.saved?.at ? say("report.saved", {time: stamp(model.saved.at)}) : ""
    mark.className = `save-state s12 ${waiting ? "wn" : "t3"}`
  }

  function choose(change) {
    if (timer !== null) save()
    number = 0
    model.send_msg({form: model.chosen.form, channel: model.chosen.channel, stage: null, ...change, kind: "choose"})
  }

  function chips(options, chosen, pick, label) {
    return h("div", {class: "row g4", role: "group", "aria-label": label}, options.map(([code, text]) =>
      button({class: `chip${code === chosen ? " on" : ""}`, "aria-pressed": String(code === chosen), onclick: () => pick(code)}, text)))
  }

  function top() {
    const chosen = model.chosen, daily = chosen.form === "daily"
    renew(head, h("div", {class: "row g16 wrap"}, h("h1", {}, say("report.title")),
      h("select", {class: "field pick", "aria-label": say("report.incident"), disabled: daily, onchange: (event) => choose({incident: event.target.value})},
        model.incidents.map((one) => h("option", {value: one.id, selected: one.id === chosen.incident}, `${one.number} ${one.title}`))),
      chips(FORMS.map((code) => [code, say(`report.form.${code}`)]), chosen.form, (code) => choose({form: code}), say("report.form")),
      daily || chosen.form === "minutes" ? null : chips(["written", "phone"].map((code) => [code, say(`report.channel.${code}`)]), chosen.channel, (channel) => choose({channel}), say("report.channel")),
      daily || chosen.form === "minutes" ? null : chips(STAGES.map((code) => [code, say(`report.choose.${code}`)]), model.paper?.stage, (stage) => choose({stage}), say("report.stage"))),
    model.clocks.length ? h("div", {class: "row g16 wrap report-clocks"}, model.clocks.map(clock)) : null,
    model.fault ? h("div", {class: "row g8"}, h("span", {class: "badge b-danger", role: "alert"}, model.fault), button({class: "btn s", onclick: () => model.send_msg({kind: "refresh"})}, say("file.retry"))) : null)
  }

  function clock(one) {
    const left = (new Date(one.due_at) - now()) / 1000
    const tone = one.done_at ? "okc" : left < 0 ? "dg" : urgency(left)
    const text = one.done_at ? say("clock.done", {time: stamp(one.done_at)}) : left < 0 ? say("clock.over", {span: span(-left, say)}) : span(left, say)
    return h("span", {class: "s12 row g4"}, icon("clock", 14), h("span", {class: "t2"}, say(one.code, one.values)), h("b", {class: tone}, text))
  }

  function box(field) {
    const own = edits[field.code]
    const text = own !== undefined ? own.text : field.filled
    const rows = Math.min(12, Math.max(field.by_hand ? 2 : 1, text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 42)), 0)))
    const area = h("textarea", {class: "field area", rows, id: `f-${field.code}`, "data-code": field.code, disabled: !model.may_send, placeholder: field.by_hand ? say("report.by_hand") : "",
      oninput: (event) => {
        edits[field.code] = {text: event.target.value, filled: field.filled}
        touch()
      }})
    area.value = text
    return area
  }

  function group(field) {
    const own = edits[field.code], edited = own !== undefined && own.text !== field.filled
    const sources = [...new Set(field.lines.flatMap((line) => line.sources))]
    const area = box(field)
    boxes.set(field.code, area)
    return h("div", {class: "report-field"},
      h("div", {class: "row g8"}, h("label", {for: `f-${field.code}`}, field.block ? h("em", {class: "t3"}, `${field.block} `) : null, field.title),
        field.needed && !(own?.text ?? field.filled).trim() ? h("span", {class: "badge s b-warn"}, say("report.needed")) : null,
        field.lines.some((line) => line.changed) ? h("span", {class: "badge s b-danger"}, "▲ ", say("report.changed")) : null,
        edited && !field.by_hand ? h("span", {class: "badge s b-info"}, say("report.edited")) : null,
        edited && field.moved ? h("span", {class: "badge s b-warn", title: field.filled}, say("report.moved")) : null,
        h("span", {class: "sp"}),
        edited && !field.by_hand ? button({class: "btn s", onclick: () => { delete edits[field.code]; touch(); draw() }}, say("report.restore")) : null,
        sources.length && !edited ? h("span", {class: "t3 s12", title: say("report.sources")}, sources.slice(0, 8).map((seq) => `#${seq}`).join(" ")) : null),
      area)
  }

  function fields() {
    const active = node.getRootNode().activeElement
    const held = active?.dataset?.code, at = active?.selectionStart
    boxes = new Map()
    const scroll = form.scrollTop
    if (!model.paper) { renew(form, model.busy ? [h("div", {class: "skeleton tall"}), h("div", {class: "skeleton tall"})] : h("div", {class: "empty"}, icon("document", 28), h("b", {}, say("report.none")), h("span", {}, say("report.none.hint")))); return }
    renew(form, model.paper.fields.map(group))
    form.scrollTop = scroll
    if (held && boxes.has(held)) { boxes.get(held).focus({preventScroll: true}); boxes.get(held).setSelectionRange(at, at) }
  }

  // While somebody types, the fields stay as they are: only the paper beside them follows.
  function freshen() {
    const typing = node.getRootNode().activeElement?.dataset?.code
    if (!typing || !model.paper || model.paper.fields.some((field) => !boxes.has(field.code))) { fields(); return }
    for (const field of model.paper.fields) {
      if (field.code !== typing && edits[field.code] === undefined && boxes.get(field.code).value !== field.filled) boxes.get(field.code).value = field.filled
    }
  }

  function below() {
    if (!model.paper) { renew(foot); return }
    const line = (name) => {
      const input = h("input", {class: "field", id: `m-${name}`, "data-code": `m-${name}`, maxlength: 200, disabled: !model.may_send, placeholder: name === "issuer" ? model.paper.issuer : "",
        oninput: (event) => { meta[name] = event.target.value; touch() }})
      input.value = meta[name] ?? ""
      return h("label", {class: "report-meta"}, h("span", {class: "t3 s12"}, say(`paper.${name === "sent_to" ? "to" : name}`)), input)
    }
    const ready = (meta.sent_to ?? "").trim() !== ""
    const active = node.getRootNode().activeElement, held = active?.dataset?.code?.startsWith("m-") ? active.id : "", at = active?.selectionStart
    renew(foot, restored(say, found, drop), h("div", {class: "report-metas"}, META.map(line)),
      h("div", {class: "row g8 wrap"}, h("span", {class: "save-state s12 t3", role: "status"}), h("span", {class: "sp"}),
        model.may_send && Object.keys(edits).length ? button({class: "btn", onclick: drop}, say("report.drop")) : null,
        !model.may_send ? h("span", {class: "t3 s12"}, say("report.look_only"))
          : asking ? [h("b", {class: "wn"}, say("report.sure", {stage: model.paper.stage_text, to: meta.sent_to})), button({class: "btn", onclick: () => { asking = false; below() }}, say("report.back")), button({class: "btn d send-now", onclick: send}, say("report.send_now"))]
            : button({class: "btn p send", title: "Ctrl+Enter", onclick: ask}, icon("check", 16), say("report.send", {stage: model.paper.stage_text}), h("span", {class: "kbd"}, "Ctrl ⏎"))),
      ready || !model.may_send ? null : h("div", {class: "t3 s12"}, say("report.to_whom")))
    const again = held && !asking ? foot.querySelector(`#${held}`) : null
    if (again) { again.focus({preventScroll: true}); again.setSelectionRange(at, at) }
    state()
  }

  function drop() {
    drawer().drop()
    found = null
    model.send_msg({kind: "drop"})
  }

  function ask() {
    if (!(meta.sent_to ?? "").trim()) { node.getRootNode().getElementById?.("m-sent_to")?.focus() ?? form.parentNode.querySelector("#m-sent_to")?.focus(); return }
    asking = true
    key = crypto.randomUUID()
    below()
    foot.querySelector(".send-now")?.focus()
  }

  function send() {
    clearTimeout(timer)
    timer = null
    model.send_msg({kind: "send", key, content: content()})
    asking = false
    below()
  }

  function prints() {
    const chosen = model.chosen
    if (!model.paper) { renew(bar); return }
    const address = (format) => `/api/v1/incidents/${chosen.incident}/reports/draft/file?${new URLSearchParams({form: chosen.form, channel: chosen.channel, stage: model.paper.stage, language: model.language, format})}`
    const links = chosen.form === "daily" || !chosen.incident ? null : ["pdf", "docx"].map((format) => h("a", {class: "btn s", href: address(format), download: ""}, icon("document", 14), say(`report.file.${format}`)))
    renew(bar, h("b", {}, say("report.preview")), h("span", {class: "t3 s12"}, say("report.filled_from", {seq: model.paper.seq})), h("span", {class: "sp"}), links)
  }

  function draw() { top(); fields(); below(); preview() }
  function preview() { prints(); renew(side, model.paper ? paperSheet(model, say) : null, sentList(), caps.draw()) }

  function sentList() {
    if (!model.sent.length) return h("div", {class: "empty low"}, say("report.sent.none"))
    return h("div", {class: "report-sent"}, h("div", {class: "sh"}, icon("check", 15), say("report.sent.title", {count: model.sent.length})), model.sent.map(sentRow))
  }

  function sentRow(one) {
    const base = one.entry && one.form !== "daily" ? `/api/v1/incidents/${model.chosen.incident}/reports/${one.entry}/file` : one.issue ? `/api/v1/bulletins/${one.issue}/file` : null
    const answer = h("input", {class: "field low", placeholder: say("report.answer.by"), "aria-label": say("report.answer.by"), onkeydown: (event) => {
      if (event.key === "Enter" && event.target.value.trim()) { model.send_msg({kind: "answered", entry: one.entry, who: event.target.value.trim()}); event.target.value = "" }
    }})
    return h("div", {class: "sent-row"},
      h("div", {class: "row g8 wrap"}, h("b", {}, one.name), h("span", {class: "badge s b-line"}, say(`report.form.${one.form}`)), one.channel ? h("span", {class: "t3 s12"}, say(`report.channel.${one.channel}`)) : null,
        h("span", {class: "t2 s12"}, say("report.sent.to", {to: one.to, time: stamp(one.at)})), h("span", {class: "sp"}),
        base && (one.text || one.issue) ? ["pdf", "sealed", "docx"].map((format) => h("a", {class: "btn s", href: `${base}?format=${format}`, download: ""}, say(`report.file.${format}`))) : null),
      one.hash ? h("div", {class: "t3 mono cut", title: one.hash}, say("report.receipt", {seq: one.entry, hash: one.hash.slice(0, 24)})) : null,
      one.answers.map((answered) => h("div", {class: "s12 okc"}, say("report.answer.line", {who: answered.by, time: stamp(answered.at), text: answered.text}))),
      model.may_send && one.entry && !one.answers.length ? answer : null)
  }

  // On the whole document: after a reload, or when what had the focus was drawn anew, no field of ours may have it.
  life.on(document, "keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); asking ? send() : ask() }
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save() }
    if (event.key === "Escape" && asking) { asking = false; below() }
  })
  life.every(1000, () => { if (model.clocks.length) { const strip = head.querySelector(".report-clocks"); if (strip) renew(strip, model.clocks.map(clock)) } })
  model.on("saved", () => { if ((model.saved?.number ?? -1) >= number && timer === null) drawer().drop(); state() })
  model.on("typed", () => { takeUp(); fields(); below() })
  const here = () => `${model.chosen.incident}:${model.chosen.form}:${model.paper?.stage}`
  model.on("paper", () => { if (here() !== place) { place = here(); takeUp(); draw() } else { freshen(); preview(); if (!foot.contains(node.getRootNode().activeElement)) below() } })
  model.on(["texts", "incidents", "chosen", "clocks", "fault", "busy"], top)
  model.on("texts", draw)
  model.on("sent", preview)
  model.on("msg:custom", (message) => { if (message?.kind === "sent") { drawer().drop(); found = null; edits = {}; number = 0; clearTimeout(timer); timer = null } })
  // Where the paper came with the page, it is this one that is typed on: the next of the same place takes nothing back.
  if (model.paper) place = here()
  takeUp()
  draw()
  return node
}
