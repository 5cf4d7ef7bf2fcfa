// What is asked before something is ordered, decided, or set? One dialog each, filled in as far as it is known.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {area, asker, chips, choice, field, group, line} from "./ask.js"
import {now, time, whole} from "./format.js"
import {tell} from "./bus.js"
import {cardPicker} from "./cardpicker.js"
import {filePicker} from "./filepicker.js"

const OTHER = "~"
const GRADES = ["ordinary", "larger", "major", "extraordinary"]
const FIGURES = ["dead", "seriously_injured", "slightly_injured", "missing", "trapped", "loss_yuan"]

export function orderDialogs(model, say, host) {
  const ask = asker(model, say, host, {aside: true})
  const room = () => model.scene?.orders
  const need = (value, code) => { if (!String(value ?? "").trim()) throw new Error(say(code)); return String(value).trim() }

  // -- orders ----------------------------------------------------------------------------------------------------

  // Who goes first into a release is who is equipped for it; only where there is none, whoever is nearest.
  const first = () => {
    const able = (room()?.units ?? []).filter((one) => one.status === "ok")
    return able.find((one) => one.kind === "hazmat" || one.kind === "fire") ?? able[0] ?? null
  }
  const firstText = () => say("order.first.text", {place: model.scene.incident.place || model.scene.incident.title})

  function orderOf(values, issue) {
    const unit = room().units.find((one) => one.id === values.unit)
    const minutes = Number(values.minutes)
    return {
      unit_id: unit?.id ?? "", unit_name: unit?.name ?? need(values.other, "order.need.unit"), text: need(values.text, "order.need.text"), place: String(values.place ?? "").trim(),
      ...(minutes > 0 ? {within_s: Math.round(minutes * 60)} : {}), run_ids: values.rely !== "no" && room().run_id ? [room().run_id] : [],
      ...(values.decision ? {decision_id: values.decision} : {}), issue, ...(values.files?.length ? {attachments: values.files} : {}), ...(issue && values.notify ? {notify: "text"} : {}),
    }
  }

  function unitFields(values, redraw) {
    const units = (room().units ?? []).map((one) => [one.id, `${one.name}${one.travel_time_s ? `·${Math.max(1, Math.round(one.travel_time_s / 60))} ${say("unit.minutes")}` : ""}${one.taken ? `·${say("team.here")}` : ""}`])
    return h("div", {class: "ask-row"}, field(say("order.unit"), choice(values, "unit", [...units, [OTHER, say("order.unit.other")]], {then: redraw})),
      values.unit === OTHER || !units.length ? field(say("order.unit.name"), line(values, "other", {placeholder: say("order.unit.hint")})) : null)
  }

  function newOrder(start = {}) {
    if (!room()?.may.order) return
    const quick = [10, 20, 30, 60]
    ask.show({
      name: "order", title: say("order.new"), icon: "send", lead: model.scene.incident.title, submit: say("order.issue"),
      foot: say("order.ack.rule", {minutes: Math.round(room().acknowledge_s / 60)}),
      body: (values, redraw, once) => [unitFields(values, redraw),
        field(say("order.text"), area(values, "text", {autofocus: true}), null),
        h("div", {class: "ask-row"}, field(say("order.place"), line(values, "place")),
          field(say("order.within"), line(values, "minutes", {type: "number", min: 1, max: 43200, inputmode: "numeric"}), h("span", {class: "row g4 wrap"}, quick.map((one) => button({class: "chip", onclick: () => { values.minutes = one; redraw() }}, `${one} ${say("unit.minutes")}`))))),
        h("div", {class: "ask-row"}, room().decisions.length ? field(say("order.decision"), choice(values, "decision", [["", say("order.decision.none")], ...room().decisions.filter((one) => !one.struck_by).map((one) => [one.decision_id, `${one.name} ${one.text.slice(0, 24)}`])])) : null,
          field(say("order.relies"), room().run_id ? chips(values, "rely", [["yes", say("order.relies.run", {run: model.scene.run?.short ?? room().run_id})], ["no", say("order.relies.none")]], redraw) : h("span", {class: "wn s12"}, say(model.scene?.run ? "order.relies.stale" : "run.none")))),
        group(say("order.files"), once("files", () => filePicker(model, say, values))),
        h("label", {class: "row g8 s12"}, tick(values, "draft", redraw), say("order.keep_draft")),
        values.draft ? null : h("label", {class: "row g8 s12"}, tick(values, "notify"), say("order.notify"))],
      message: (values) => ({kind: "order_new", order: orderOf(values, !values.draft)}),
    }, {unit: first()?.id ?? OTHER, text: room().list.length ? "" : firstText(), minutes: 20, rely: "yes", ...start})
  }

  // A draft says something else from now on. What its dialog does not ask for (place on the map, files, task) stays.
  function rewrite(order) {
    const seen = room().seq, unit = (room().units ?? []).some((one) => one.id === order.unit_id) ? order.unit_id : OTHER
    ask.show({
      name: `rewrite-${order.order_id}`, icon: "pencil", title: say("order.rewrite.title", {name: order.name}), lead: model.scene.incident.title, submit: say("order.rewrite.do"), foot: say("order.rewrite.foot"),
      body: (values, redraw) => [unitFields(values, redraw), field(say("order.text"), area(values, "text", {autofocus: true})),
        h("div", {class: "ask-row"}, field(say("order.place"), line(values, "place")), field(say("order.within"), line(values, "minutes", {type: "number", min: 1, max: 43200, inputmode: "numeric"})))],
      message: (values) => {
        const {issue: _issue, decision_id: _decision, run_ids: _runs, ...said} = orderOf(values, false)
        const timed = "within_s" in said ? {within_s: said.within_s} : order.due_at && !order.within_s ? {due_at: order.due_at} : {}
        const kept = {run_ids: order.run_ids, relies_on: order.relies_on, decision_id: order.decision_id, plan_task: order.plan_task, attachments: order.attachments, ...(order.longitude === null ? {} : {longitude: order.longitude, latitude: order.latitude})}
        const unit_id = values.unit === OTHER && said.unit_name === order.unit_name ? order.unit_id : said.unit_id
        return {kind: "order_rewrite", id: order.order_id, order: {...kept, unit_id, unit_name: said.unit_name, text: said.text, place: said.place, ...timed, expected_seq: seen}}
      },
    }, {unit, other: order.unit_name, text: order.text, place: order.place, minutes: order.within_s ? Math.round(order.within_s / 60) : ""})
  }

  function tick(values, name, then) {
    const box = h("input", {type: "checkbox"})
    box.checked = Boolean(values[name])
    box.addEventListener("change", () => { values[name] = box.checked; then?.() })
    return box
  }

  // A step that needs a reason, or words: "cannot", "withdraw", a note, a second look.
  function reasonFor(order, what) {
    const common = {icon: what === "note" ? "pencil" : what === "review" ? "check" : "cross", title: `${say(`order.ask.${what}`)} ${order.name}`, lead: `${order.unit_name}·${order.text}`, submit: say(`order.do.${what}`)}
    ask.show({...common, name: `${what}-${order.order_id}`, danger: what === "cannot" || what === "withdrawn",
      body: (values, _redraw, once) => [what === "review" && order.doubt ? h("div", {class: "sentence wn"}, icon("warning", 16), say("order.doubt", {run: order.doubt.run_id, reason: order.doubt.reason || say(`doubt.${order.doubt.why}`)})) : null,
        field(say(what === "note" ? "order.note.text" : "order.reason"), area(values, "reason", {autofocus: true})), what === "note" ? group(say("order.files"), once("files", () => filePicker(model, say, values))) : null],
      message: (values) => {
        const said = need(values.reason, "order.need.reason")
        if (what === "note") return {kind: "order_note", id: order.order_id, note: {text: said, way: "console", ...(values.files?.length ? {attachments: values.files} : {})}}
        if (what === "review") return {kind: "order_review", id: order.order_id, review: {reason: said, run_ids: room().run_id ? [room().run_id] : [], expected_seq: room().seq}}
        return {kind: "order_step", id: order.order_id, step: {to: what, reason: said, way: "console", expected_seq: room().seq}}
      }})
  }

  function answer(word) {
    ask.show({name: `answer-${word.seq}`, title: say("field.answer"), icon: "phone", lead: `${word.unit_name}·${word.text || say("field.help")}`, submit: say("field.answer.do"),
      body: (values) => field(say("field.answer.text"), area(values, "text", {autofocus: true})),
      message: (values) => ({kind: "field_answer", seq: word.seq, text: need(values.text, "order.need.text")})})
  }

  // -- decisions -------------------------------------------------------------------------------------------------

  function decide() {
    if (!room()?.may.decide) return
    // What is known is locked now: what comes in while the reason is typed was not decided on.
    const known = {at: new Date(Math.max(now(), new Date(room().updated_at ?? 0))).toISOString(), seq: room().seq, run: room().run_id, short: model.scene.run?.short, view: null}
    tell("view.asked", {take: (link) => { known.view = link }})
    const doubted = room().doubts.filter((one) => one.thing !== "run")
    const number = `D-${String(room().decisions.length + 1).padStart(2, "0")}`
    const names = ["A", "B", "C"]
    ask.show({
      name: "decision", dock: true, icon: "flag", title: say("decision.new", {number}), submit: say("decision.sign"), foot: say("decision.promise"),
      lead: doubted.length ? say("decision.doubted", {count: doubted.length}) : model.scene.incident.title,
      body: (values, redraw, once) => [
        h("div", {class: "dock-col"}, field(say("decision.text"), line(values, "text", {maxlength: 500, autofocus: true})),
          h("div", {class: "t2 s12"}, say("decision.options")),
          h("div", {class: "options", role: "radiogroup"}, names.map((one) => {
            const on = values.chosen === one
            return h("div", {class: `option${on ? " on" : ""}`}, h("label", {class: "row g8"}, radio(on, () => { values.chosen = one; redraw() }), h("b", {}, say(`decision.option.${one}`))),
              line(values, `title${one}`, {placeholder: say("decision.option.title"), "aria-label": `${say(`decision.option.${one}`)} ${say("decision.option.title")}`}),
              area(values, `text${one}`, {rows: 1, placeholder: say("decision.option.text"), "aria-label": `${say(`decision.option.${one}`)} ${say("decision.option.text")}`}))
          }))),
        h("div", {class: "dock-col"},
          field(say("decision.reason"), area(values, "reason")),
          h("div", {class: "ask-row"}, field(say("decision.role"), line(values, "role")), field(say("decision.risk"), line(values, "risk"))),
          h("div", {class: "ask-row"}, field(say("decision.taken"), line(values, "taken", {placeholder: "14:05:30", inputmode: "numeric"}), say("decision.taken.hint")), values.taken ? field(say("decision.late"), line(values, "late")) : null),
          group(say("decision.cards"), once("cards", () => cardPicker(model, say, values))),
          field(say("decision.order"), area(values, "order", {rows: 2, placeholder: say("decision.order.hint")})),
          values.order || room().units.length ? unitFields(values, redraw) : null),
        h("div", {class: "evidence"}, h("b", {}, say("decision.evidence")), h("span", {class: "t3"}, say("decision.locked")),
          h("span", {}, say("decision.known_at")), h("b", {}, time(known.at)),
          h("span", {}, say("decision.run")), known.run ? h("span", {class: "badge s b-live"}, known.short ?? known.run) : h("span", {class: "badge s b-warn"}, say("decision.run.none")),
          h("span", {}, say("decision.entry")), h("span", {class: "mono"}, `#${known.seq}`),
          h("span", {}, say("decision.view")), h("span", {class: "badge s b-line"}, known.view ? say("decision.view.kept") : say("decision.view.none")),
          h("span", {}, say("decision.layers")), h("span", {class: "t3"}, say("decision.layers.now")))],
      message: (values) => {
        const options = names.filter((one) => String(values[`title${one}`] ?? "").trim()).map((one) => ({title: `${say(`decision.option.${one}`)} ${values[`title${one}`].trim()}`, text: values[`text${one}`] ?? "", chosen: values.chosen === one}))
        const taken = values.taken ? clockToday(values.taken) : null
        return {kind: "decision_new",
          decision: {cards: (values.cards ?? []).map(({card_id, version}) => ({card_id, version})), role: need(values.role, "decision.need.role"), text: need(values.text, "decision.need.text"), reason: need(values.reason, "decision.need.reason"), risk: values.risk ?? "", options, run_ids: known.run && !taken ? [known.run] : [],
            view: known.view ? {link: known.view} : null, known_at: (taken ?? new Date(known.at)).toISOString(), ...(taken ? {taken_at: taken.toISOString(), late_reason: values.late ?? ""} : {}), expected_seq: known.seq},
          orders: String(values.order ?? "").trim() ? [{...orderOf({...values, text: values.order, decision: ""}, true)}] : []}
      },
    }, {chosen: "A", role: say("role.commander"), unit: first()?.id ?? OTHER, rely: "yes", minutes: 20})
  }

  // A time of the duty room's day; one that would lie ahead was yesterday's.
  function clockToday(text) {
    const found = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(String(text).trim())
    if (!found || found[1] > 23 || found[2] > 59) throw new Error(say("decision.need.time"))
    const day = new Date(now().getTime() + 8 * 3600e3).toISOString().slice(0, 10)
    const moment = new Date(`${day}T${found[1].padStart(2, "0")}:${found[2]}:${found[3] ?? "00"}+08:00`)
    return moment > now() ? new Date(moment.getTime() - 86400e3) : moment
  }

  function radio(on, then) {
    const box = h("input", {type: "radio"})
    box.checked = on
    box.addEventListener("change", then)
    return box
  }

  function strike(one) {
    ask.show({name: `strike-${one.decision_id}`, title: `${say("decision.strike")} ${one.name}`, lead: one.text, icon: "pencil", danger: true, submit: say("decision.strike"), foot: say("decision.strike.foot"),
      body: (values) => field(say("order.reason"), area(values, "reason", {autofocus: true})),
      message: (values) => ({kind: "decision_strike", id: one.decision_id, name: one.name, reason: need(values.reason, "order.need.reason")})})
  }

  // -- casualties, grade, response: three fields, three dialogs --------------------------------------------------

  function toll() {
    ask.show({name: "toll", title: say("toll.title"), icon: "people", lead: say("toll.lead"), submit: say("toll.do"), foot: say("toll.foot"),
      body: (values) => h("div", {class: "ask-row"}, FIGURES.map((name) => field(say(`toll.${name}`), line(values, name, {type: "number", min: 0, step: 1, inputmode: "numeric", ...(name === "dead" ? {autofocus: true} : {})})))),
      message: (values) => ({kind: "casualties", toll: Object.fromEntries(FIGURES.map((name) => {
        const value = Number(values[name] || 0)
        if (!Number.isInteger(value) || value < 0) throw new Error(say("toll.need", {name: say(`toll.${name}`)}))
        return [name, value]
      }))})}, room().toll.figures ?? {})
  }

  function evacuated() {
    const figures = ["people", "sheltered", "waiting"], last = room().toll.evacuated
    ask.show({name: "evacuated", title: say("evacuated.title"), icon: "people", lead: say("evacuated.lead"), submit: say("toll.do"),
      body: (values) => [h("div", {class: "ask-row"}, figures.map((name) => field(say(`evacuated.${name}`), line(values, name, {type: "number", min: 0, step: 1, inputmode: "numeric", ...(name === "people" ? {autofocus: true} : {})})))), field(say("evacuated.source"), line(values, "source"))],
      message: (values) => {
        const counted = {source: values.source ?? ""}
        for (const name of figures) {
          const said = String(values[name] ?? "").trim()
          const value = said === "" && name === "waiting" ? null : said === "" && name === "sheltered" ? 0 : Number(said || NaN)
          if (value !== null && (!Number.isInteger(value) || value < 0)) throw new Error(say("toll.need", {name: say(`evacuated.${name}`)}))
          counted[name] = value
        }
        if (counted.sheltered > counted.people) throw new Error(say("evacuated.too_many"))
        return {kind: "evacuated", counted}
      }}, last ? {people: last.people, sheltered: last.sheltered, waiting: last.waiting ?? "", source: last.source} : {})
  }

  const reasons = (toll) => toll.reasons.map((one) => say("toll.reason", {column: say(`toll.${one.column}`), value: whole(one.value), unit: say(one.column === "loss_yuan" ? "toll.unit.yuan" : "toll.unit.people"), bound: whole(one.bound), grade: say(`grade.${one.grade}`)})).join(say("headline.join"))

  function grade() {
    const known = room().toll
    ask.show({name: "grade", title: say("grade.title"), icon: "flag", lead: say("grade.lead"), submit: say("grade.do"), foot: say("levels.apart"),
      body: (values, redraw) => [known.suggested ? h("div", {class: "sentence"}, icon("flag", 16), h("div", {}, h("b", {}, say("grade.why", {grade: say(`grade.${known.suggested}`)})), h("div", {class: "t2 s12"}, reasons(known) || say("grade.why.none")),
        known.with_missing !== known.suggested ? h("div", {class: "wn s12"}, say("grade.missing", {grade: say(`grade.${known.with_missing}`)})) : null, h("div", {class: "t3 s12"}, say("grade.rule")))) : h("div", {class: "t3"}, say("grade.no_figures")),
        chips(values, "grade", GRADES.map((one) => [one, say(`grade.${one}`)]), redraw),
        field(say("order.reason"), area(values, "reason"))],
      message: (values) => ({kind: "grade", grade: values.grade, reason: need(values.reason, "order.need.reason"), seen: room().seq})},
    {grade: known.grade ?? known.suggested ?? "ordinary", reason: reasons(known)})
  }

  function response() {
    const known = room().toll
    ask.show({name: "response", title: say("response.title"), icon: "bell", lead: say("response.lead"), submit: say("response.do"), foot: say("levels.apart"),
      body: (values, redraw) => [chips(values, "level", [["4", say("response.4")], ["3", say("response.3")], ["2", say("response.2")], ["1", say("response.1")], ["", say("response.end")]], redraw), field(say("order.reason"), area(values, "reason", {autofocus: true}))],
      message: (values) => ({kind: "response", level: values.level ? Number(values.level) : null, reason: need(values.reason, "order.need.reason"), seen: room().seq})},
    {level: known.response_level ? String(known.response_level) : "4"})
  }

  // -- the end of an incident ------------------------------------------------------------------------------------

  // What is not ended yet is said, and keeps nobody from closing: who commands may know better.
  function close() {
    const held = room().held ?? {}, ended = ["done", "cannot", "withdrawn"]
    const left = [["orders", room().list.filter((one) => !ended.includes(one.state)).length], ["doubts", room().doubts.length], ["teams", held.teams ?? 0], ["supplies", held.supplies ?? 0]].filter(([, count]) => count)
    ask.show({name: "close", title: say("close.title"), icon: "check", lead: model.scene.incident.title, submit: say("close.do"), danger: true, foot: say("close.foot"),
      body: (values) => [h("div", {class: `sentence${left.length ? " wn" : ""}`}, icon(left.length ? "warning" : "check", 16), h("div", {}, left.length ? [h("b", {}, say("close.left")), h("div", {class: "t2 s12"}, left.map(([name, count]) => say(`close.left.${name}`, {count})).join(say("list.of")))] : say("close.left.none"))),
        field(say("order.reason"), area(values, "reason", {autofocus: true}))],
      message: (values) => ({kind: "incident_close", reason: need(values.reason, "order.need.reason"), seen: room().seq})})
  }

  // -- a line of the log that is wrong: it stays, struck through ----------------------------------------------------

  function correct(one, words) {
    ask.show({name: `correct-${one.seq}`, title: say("correct.title", {seq: one.seq}), icon: "pencil", lead: words, submit: say("correct.do"), foot: say("correct.foot"),
      body: (values) => [field(say("correct.text"), area(values, "text", {autofocus: true})), field(say("order.reason"), area(values, "reason", {rows: 2}))],
      message: (values) => ({kind: "correct", seq: one.seq, text: String(values.text ?? "").trim(), reason: need(values.reason, "order.need.reason")})}, {text: words})
  }

  return {close, correct, evacuated, ask, newOrder, rewrite, reasonFor, answer, decide, strike, toll, grade, response, reasons, first, firstText, orderOf}
}
