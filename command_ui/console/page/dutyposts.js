// Who speaks and who answers? The gateways with their points, and the roll-call of duty posts with its timers.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {now, span, stamp, time, whole} from "./format.js"
import {unveil, veiled} from "./unveil.js"

export function gatewayList(model, say) {
  const node = h("div", {class: "sec gateways"})

  function draw() {
    const all = model.gateways ?? []
    const points = all.reduce((sum, one) => sum + one.points, 0), answering = all.reduce((sum, one) => sum + one.answering, 0)
    renew(node, h("div", {class: "sh"}, icon("link", 15), say("health.title"), h("span", {class: "sp"}), h("span", {class: "t3 plain s12"}, say("health.sum", {answering: whole(answering), points: whole(points)}))),
      all.length ? h("table", {}, h("tbody", {}, all.map((one) => h("tr", {class: one.status === "offline" ? "t3" : null},
        h("td", {}, h("b", {class: "plain"}, one.name), h("div", {class: "t3 s12 mono"}, one.id)),
        h("td", {class: "r"}, `${whole(one.answering)} / ${whole(one.points)}`),
        h("td", {class: "r s12 t2"}, one.seen_at ? time(one.seen_at) : "—",
          one.clock_ahead_s !== null && Math.abs(one.clock_ahead_s) > 2 ? h("div", {class: "wn"}, say("health.clock", {seconds: Math.round(one.clock_ahead_s)})) : null,
          one.aside ? h("div", {class: "wn"}, say("health.aside", {count: whole(one.aside)})) : null),
        h("td", {class: "r"}, h("span", {class: `badge s ${one.status === "live" ? "b-live" : "b-stale"}`}, say(`health.${one.status}`)))))))
        : h("div", {class: "empty low"}, say("health.none")))
  }

  return {node, draw}
}

export function callPanel(model, say, send) {
  const node = h("div", {class: "sec calls"})
  let ticking = [], minutes = 3
  // Numbers that were shown stay shown while the page is open, though the table is drawn anew with every answer.
  const shown = new Map(), veils = new Map()

  function number(one) {
    if (shown.has(one.enterprise)) return h("b", {class: "mono"}, shown.get(one.enterprise))
    const own = new Map()
    veils.set(one.enterprise, own)
    return veiled({personal: "duty_phone", title: say("dossier.duty_phone", {name: one.name}), mono: true}, one.phone, say, model.may_act, (reason) => send({kind: "unmask", layer: "enterprise", id: one.enterprise, reason}), own)
  }

  function unmasked(message) {
    shown.set(message.id, message.values.duty_phone)
    unveil(message.values, veils.get(message.id) ?? new Map())
  }

  function call(one) {
    const left = h("b", {class: "s12"})
    if (one.state === "called") ticking.push(() => {
      const seconds = (new Date(one.due_at) - now()) / 1000
      left.className = `s12 ${seconds < 60 ? "dg" : "wn"}`
      left.textContent = seconds < 0 ? say("call.unanswered") : span(seconds, say)
    })
    const look = {called: "b-warn", answered: "b-live", late: "b-line", unanswered: "b-danger"}[one.state]
    return h("tr", {}, h("td", {}, h("b", {class: "plain"}, one.name), h("div", {class: "t3 s12"}, number(one), ` · ${say("call.attempt", {count: one.attempt})}`)),
      h("td", {class: "r s12 t2"}, stamp(one.called_at), h("div", {}, one.state === "called" ? left : one.answered_at ? time(one.answered_at) : "")),
      h("td", {class: "r"}, h("span", {class: `badge s ${look}`}, say(`call.${one.state}`))),
      h("td", {class: "r"}, model.may_act && (one.state === "called" || one.state === "unanswered")
        ? button({class: "btn s", onclick: () => send({kind: "answered", id: one.id})}, say("call.answered.press")) : null))
  }

  function draw() {
    ticking = []
    const calls = model.calls ?? [], posts = model.posts ?? []
    const choice = h("select", {class: "field minutes", "aria-label": say("call.minutes"), onchange: (event) => { minutes = Number(event.target.value) }},
      [1, 3, 5, 10].map((value) => h("option", {value, selected: value === minutes}, say("call.within", {count: value}))))
    // A post called again is still one post: how it stands is what came of its last call.
    const last = new Map()
    for (const one of calls) if (!last.has(one.enterprise) || one.called_at > last.get(one.enterprise).called_at) last.set(one.enterprise, one)
    const stand = [...last.values()]
    const missing = new Set(stand.filter((one) => one.state === "unanswered").map((one) => one.enterprise))
    renew(node, h("div", {class: "sh"}, icon("phone", 15), say("call.title"), h("span", {class: "sp"}), h("span", {class: "t3 plain s12"},
      calls.length ? say("call.sum", {answered: stand.filter((one) => one.state === "answered" || one.state === "late").length, count: stand.length}) : "")),
    model.may_act && posts.length ? h("div", {class: "row g8 wrap act-row"}, choice,
      button({class: "btn", onclick: () => send({kind: "call", posts: posts.map((one) => one.id), minutes})}, icon("phone", 15), say("call.all", {count: posts.length})),
      missing.size ? button({class: "btn", onclick: () => send({kind: "call", posts: posts.filter((one) => missing.has(one.id)).map((one) => one.id), minutes})}, say("call.again", {count: missing.size})) : null) : null,
    calls.length ? h("table", {}, h("tbody", {}, calls.map(call))) : h("div", {class: "empty low"}, say("call.none")))
    ticking.forEach((beat) => beat())
  }

  return {node, draw, unmasked, beat: () => ticking.forEach((one) => one())}
}
