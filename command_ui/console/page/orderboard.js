// Who was told to do what, how far is it, and what hangs on a run that no longer holds? The tab 任务 and the wide board.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {now, span, stamp, time, urgency, whole} from "./format.js"
import {orderDialogs} from "./orderdialogs.js"
import {newKey} from "./closures.js"

const FILTERS = ["all", "waiting", "moving", "late", "doubt", "ended"]
const ENDED = ["done", "cannot", "withdrawn"]
const COLUMNS = [["draft"], ["issued"], ["acknowledged"], ["under_way"], ENDED]

export function orderBoard(model, say, redraw, host) {
  const ask = orderDialogs(model, say, host)
  const told_too = new Set() // drafts whose unit is told when they are issued
  let filter = "all", opened = null, beats = [], telling = null
  const room = () => model.scene?.orders
  const step = (order, to) => model.send_msg({kind: "order_step", id: order.order_id, key: newKey(), step: {to, way: "console", expected_seq: room().seq, ...(to === "issued" && told_too.has(order.order_id) ? {notify: "text"} : {})}})

  const openTimer = (order) => order.timers.find((one) => !one.met_at && !one.ended && !ENDED.includes(order.state))
  const isLate = (order) => order.timers.some((one) => !one.met_at && !one.ended && !ENDED.includes(order.state) && new Date(one.due_at) < now())
  const fits = {
    all: () => true, waiting: (one) => one.state === "draft" || one.state === "issued", moving: (one) => one.state === "acknowledged" || one.state === "under_way",
    late: isLate, doubt: (one) => one.doubt !== null, ended: (one) => ENDED.includes(one.state),
  }

  // The first timer that is still open: time left, or for how long it has been overdue, in words and not by colour alone.
  function timer(order) {
    const one = openTimer(order)
    if (!one) return null
    const figure = h("b", {class: "nowrap s12"})
    beats.push(() => {
      const left = (new Date(one.due_at) - now()) / 1000
      figure.className = `nowrap s12 ${left < 0 ? "dg" : urgency(left)}`
      figure.textContent = left < 0 ? say("order.overdue", {time: span(-left, say)}) : say(`order.left.${one.code}`, {time: span(left, say)})
    })
    return [figure, one.escalated ? h("span", {class: "badge s b-danger", title: say("order.escalated.hint")}, say("order.escalated")) : null]
  }

  function acts(order) {
    const may = room().may
    const go = (to, tone = "") => button({class: `btn s ${tone}`, onclick: () => step(order, to)}, say(`order.do.${to}`))
    const why = (what) => button({class: "btn s", onclick: () => ask.reasonFor(order, what)}, say(`order.do.${what}`))
    const found = []
    for (const to of order.next) {
      if ((to === "issued" || to === "withdrawn") ? !may.order : !may.carry_out) continue
      if (to === "withdrawn" && order.state === "draft") found.push(go(to))
      else if (to === "withdrawn" || to === "cannot") found.push(why(to))
      else found.push(go(to, to === "issued" ? "p" : ""))
    }
    if (order.doubt && may.order && room().run_id) found.unshift(why("review"))
    if (order.state === "draft" && may.order) found.push(button({class: "btn s", onclick: () => ask.rewrite(order)}, icon("pencil", 13), say("order.rewrite")))
    if (order.state === "draft" && may.order && telling) {
      const box = h("input", {type: "checkbox", onchange: () => { box.checked ? told_too.add(order.order_id) : told_too.delete(order.order_id) }})
      box.checked = told_too.has(order.order_id)
      found.push(h("label", {class: "row g4 s12"}, box, say("order.notify")))
    }
    if (order.state !== "draft" && may.carry_out) found.push(why("note"))
    if (telling && may.order && order.state !== "draft" && !ENDED.includes(order.state)) found.push(told("text", order), told("call", order))
    return found
  }

  // The unit's own people first: they are looked for by the team the order names.
  function told(kind, order) {
    const person = order.unit_id ? {reach: "team", id: order.unit_id, name: order.unit_name, phone: ""} : null
    return button({class: "btn s", onclick: () => telling.send(kind, {order: order.order_id, text: `${order.name} ${order.text}`.slice(0, 500), ...(person ? {person} : {})})}, say(kind === "text" ? "order.tell" : "order.ring"))
  }

  const both = (made_at, recorded_at) => Math.abs(new Date(recorded_at) - new Date(made_at)) > 2000 ? say("order.both", {made: stamp(made_at), recorded: stamp(recorded_at)}) : stamp(recorded_at)

  function history(order) {
    const lines = [...order.steps.map((one) => ({...one, what: say(`order.state.${one.to}`), words: [one.reason, one.text]})), ...order.notes.map((one) => ({...one, what: one.tried ? say("order.tried", {state: say(`order.state.${one.tried}`)}) : say("order.note"), words: [one.text]}))].sort((a, b) => a.seq - b.seq)
    return h("div", {class: "steps"}, lines.map((one) => [h("b", {}, one.what), h("span", {}, [one.actor, ...one.words.filter(Boolean)].join("·"), files(one)), h("span", {class: "t3"}, both(one.made_at, one.recorded_at))]))
  }

  const files = (one) => one.attachments?.length ? one.attachments.map((file) => [" ", h("a", {class: "pr", target: "_blank", rel: "noopener", href: `/api/v1/incidents/${model.scene.incident.id}/attachments/${file.sha256}`}, say("order.file"))]) : null

  function card(order) {
    const open = opened === order.order_id, late = isLate(order)
    return h("div", {class: `order st-${order.state}${late ? " late" : ""}`, "data-order": order.name},
      h("div", {class: "row g8"}, h("b", {class: "mono"}, order.name), h("b", {class: "cut"}, order.unit_name), order.consultation ? h("span", {class: "badge s b-info"}, order.consultation) : null, h("div", {class: "sp"}),
        h("span", {class: `badge s ${tone(order, late)}`}, say(`order.state.${order.state}`))),
      h("div", {class: "say"}, order.text, files(order)),
      h("div", {class: "row g8 wrap s12"}, timer(order),
        order.decision ? h("span", {class: "t3"}, say("order.by", {name: order.decision})) : null,
        order.plan_task ? h("span", {class: "t3 cut"}, order.plan_task) : null,
        order.place ? h("span", {class: "t3 cut"}, order.place) : null,
        h("span", {class: "t3"}, stamp(order.steps[0]?.recorded_at ?? order.drafted_at))),
      order.doubt ? h("div", {class: "row g8 s12 wn"}, icon("warning", 14), h("span", {}, say("order.doubt", {run: order.doubt.run_id, reason: order.doubt.reason || say(`doubt.${order.doubt.why}`)}))) : null,
      h("div", {class: "acts"}, acts(order), order.steps.length || order.notes.length ? button({class: "btn s", "aria-expanded": String(open), onclick: () => { opened = open ? null : order.order_id; redraw() }}, say("order.history", {count: order.steps.length + order.notes.length})) : null),
      open ? history(order) : null)
  }

  const tone = (order, late) => late ? "b-danger" : {draft: "b-line", issued: "b-warn", acknowledged: "b-info", under_way: "b-info", done: "b-live", cannot: "b-danger", withdrawn: "b-stale"}[order.state]

  function decision(one) {
    const chosen = one.options.find((it) => it.chosen)
    return h("div", {class: `order${one.struck_by ? " struck" : ""}`}, h("div", {class: "row g8"}, h("b", {class: "mono"}, one.name), one.consultation ? h("span", {class: "badge s b-info"}, one.consultation) : null, h("span", {class: "t2 s12 cut"}, `${one.role}·${one.actor}`), h("div", {class: "sp"}),
      one.struck_by ? h("span", {class: "badge s b-stale"}, say("decision.struck", {seq: one.struck_by})) : h("span", {class: "mono t3"}, one.hash.slice(0, 8))),
    h("div", {class: "say"}, h("b", {}, one.text), chosen ? h("span", {class: "t2"}, ` ${chosen.title}`) : null),
    h("div", {class: "t2 s12 say"}, `${say("decision.because")}${one.reason}`),
    one.late_reason ? h("div", {class: "wn s12"}, say("decision.was_late", {made: stamp(one.taken_at), reason: one.late_reason})) : null,
    h("div", {class: "row g8 wrap s12"}, h("span", {class: "t3"}, say("decision.known", {time: time(one.known_at)})), one.run_ids.map((id) => h("span", {class: "badge s b-line"}, id)), one.orders.length ? h("span", {class: "t3"}, one.orders.join(" ")) : null),
    one.cards?.length ? h("div", {class: "row g8 wrap s12"}, icon("book", 13), one.cards.map((it) => h("a", {class: "pr", target: "_blank", rel: "noopener", href: `/plans?tab=cards&id=${it.card_id}`}, say("decision.card", {title: it.title, version: it.version})))) : null,
    h("div", {class: "acts"}, button({class: "btn s", onclick: () => model.send_msg({kind: "moment", value: one.known_at})}, icon("clock", 13), say("decision.then")),
      room().may.decide && !one.struck_by ? button({class: "btn s", onclick: () => ask.strike(one)}, say("decision.strike")) : null))
  }

  function word(one) {
    return h("div", {class: `order${one.urgent && !one.answered_seq ? " late" : ""}`}, h("div", {class: "row g8"}, one.urgent ? h("span", {class: "badge s b-danger"}, say("field.help")) : null, h("b", {class: "cut"}, one.unit_name), h("div", {class: "sp"}), h("span", {class: "t3 s12"}, both(one.made_at, one.recorded_at))),
      h("div", {class: "say"}, one.text, files(one)),
      h("div", {class: "acts"}, one.at ? button({class: "btn s", onclick: () => tell("fly", {longitude: one.at.longitude, latitude: one.at.latitude})}, icon("pin", 13), say("notice.show")) : null,
        one.answered_seq ? h("span", {class: "t3 s12"}, say("field.answered", {seq: one.answered_seq})) : room().may.order ? button({class: "btn s", onclick: () => ask.answer(one)}, say("field.answer")) : null))
  }

  function heads() {
    const may = room().may, list = room().list
    return [h("div", {class: "bar2"},
      may.order ? button({class: "btn p", title: `${say("order.new")} (O)`, onclick: () => ask.newOrder()}, icon("send", 15), say("order.new")) : null,
      may.decide ? button({class: "btn", title: `${say("decision.open")} (D)`, onclick: () => ask.decide()}, icon("flag", 15), say("decision.open")) : null,
      h("div", {class: "sp"}), list.length ? button({class: "btn", onclick: wide}, icon("table", 15), say("order.board")) : null),
    list.length ? h("div", {class: "row g4 wrap", role: "group"}, FILTERS.map((one) => {
      const count = list.filter(fits[one]).length
      return one !== "all" && !count ? null : button({class: `chip${filter === one ? " on" : ""}`, "aria-pressed": String(filter === one), onclick: () => { filter = one; redraw() }}, say(`order.filter.${one}`, {count}))
    })) : null]
  }

  // All states side by side; the same cards, in a window of their own.
  function wide() {
    ask.ask.show({name: "board", wide: true, icon: "table", title: say("order.board"), lead: model.scene.incident.title,
      body: () => {
        const before = beats
        const shown = h("div", {class: "board"}, COLUMNS.map((states) => {
          const found = room().list.filter((one) => states.includes(one.state))
          return h("div", {}, h("div", {class: "order-group"}, h("b", {class: "sp"}, states.map((one) => say(`order.state.${one}`)).join(" / ")), h("span", {}, found.length)), found.map(card))
        }))
        beats.forEach((beat) => beat())
        beats = [...before, ...beats]
        return shown
      }})
  }

  function doubtful() {
    const found = room().doubts
    if (!found.length) return null
    return h("div", {class: "sentence wn", role: "status"}, icon("warning", 18), h("div", {}, h("b", {}, say("doubt.title", {count: found.length, reason: found[0].reason || say(`doubt.${found[0].why}`)})),
      h("div", {class: "t2 s12"}, found.map((one) => `${say(`doubt.${one.thing}`)} ${one.name}`).join(say("list.of")))))
  }

  return {
    dialogs: ask,
    tell: (dialogs) => { telling = dialogs },
    take: (message) => ask.ask.take(message),
    count: () => room()?.list?.filter((one) => !ENDED.includes(one.state)).length ?? 0,
    // The way from an alarm to an order in three clicks: the nearest free team, told at once what it must know.
    now() {
      const one = ask.first()
      if (!room()?.may.order) return null
      if (room().list.length || !one) return null
      return button({class: "btn p act-now", title: `${one.name}: ${ask.firstText()}`, onclick: (event) => {
        event.currentTarget.disabled = true
        model.send_msg({kind: "order_new", key: newKey(), order: ask.orderOf({unit: one.id, text: ask.firstText(), rely: "yes", minutes: Math.max(10, Math.ceil((one.travel_time_s ?? 600) / 60) + 5)}, true)})
      }}, icon("send", 13), h("span", {}, say("order.first", {name: one.name})))
    },
    draw(ticking) {
      beats = ticking
      const list = room()?.list ?? []
      if (!room()) return null
      const shown = [...list].reverse().filter(fits[filter] ?? fits.all)
      const words = room().words.filter((one) => !one.answered_seq || one.urgent)
      return h("div", {class: "orders"}, heads(), doubtful(), words.length ? [h("div", {class: "order-group"}, icon("phone", 13), say("field.title")), [...words].reverse().map(word)] : null,
        shown.length ? shown.map(card) : h("div", {class: "empty low"}, say(list.length ? "order.none.filter" : "order.none")),
        room().decisions.length ? [h("div", {class: "order-group"}, icon("flag", 13), say("decision.title", {count: room().decisions.length})), [...room().decisions].reverse().map(decision)] : null)
    },
  }
}

// Grade, response and casualties of the overview, each with its own dialog.
export function levels(model, say, dialogs) {
  const room = model.scene.orders
  if (!room) return null
  const toll = room.toll, may = room.may
  const figures = toll.figures
  const row = (label, value, act) => [h("span", {class: "t3"}, label), h("span", {}, value), act ?? h("span", {})]
  const edit = (allowed, label, then) => allowed ? button({class: "btn s", "aria-label": label, onclick: then}, icon("pencil", 13), say("levels.edit")) : null
  return h("div", {class: "sec"}, h("div", {class: "sh"}, icon("people", 15), say("overview.grade")),
    h("div", {class: "levels"},
      row(say("overview.casualties"), figures ? h("span", {}, say("overview.toll", figures), figures.slightly_injured || figures.trapped || figures.loss_yuan ? h("span", {class: "t3 s12"}, ` ${say("toll.more", {...figures, loss: figures.loss_yuan.toLocaleString("en-US")})}`) : null) : say("toll.none"), edit(may.report, say("toll.title"), () => dialogs.toll())),
      row(say("evacuated.title"), toll.evacuated ? h("span", {}, h("b", {}, `${whole(toll.evacuated.people)} `), say("toll.unit.people"), h("span", {class: "t3 s12"}, ` ${[toll.evacuated.sheltered ? say("evacuated.more", {sheltered: whole(toll.evacuated.sheltered)}) : "", toll.evacuated.waiting === null ? "" : say("evacuated.left", {waiting: whole(toll.evacuated.waiting)}), stamp(toll.evacuated.at)].filter(Boolean).join("·")}`)) : say("evacuated.none"), edit(may.report, say("evacuated.title"), () => dialogs.evacuated())),
      row(say("overview.grade.suggested"), toll.suggested ? h("span", {}, h("b", {}, say(`grade.${toll.suggested}`)), h("span", {class: "t3 s12"}, ` ${dialogs.reasons(toll) || say("grade.why.none")}`)) : "—"),
      row(say("overview.grade.confirmed"), toll.grade ? h("b", {}, say(`grade.${toll.grade}`)) : say("grade.open"), edit(may.decide, say("grade.title"), () => dialogs.grade())),
      row(say("overview.response"), toll.response_level ? h("b", {}, say(`response.${toll.response_level}`)) : say("response.none"), edit(may.decide, say("response.title"), () => dialogs.response())),
      row(say("close.row"), h("b", {}, say(model.scene.incident.status === "closed" ? "close.closed" : "close.open")), may.decide ? button({class: "btn s", onclick: () => dialogs.close()}, say("close.do")) : null)))
}
