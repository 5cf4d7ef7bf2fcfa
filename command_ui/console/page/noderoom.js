// How do the lines to other levels stand, what goes over them, and what do they want of us?
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {inWords, speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {caller} from "./datacalls.js"
import {now, stamp, whole} from "./format.js"
import {passing} from "./nodepass.js"
import {keepLine, unsent} from "./unsent.js"
import {foreignList} from "./nodeforeign.js"

const TABS = [["in", "document"], ["out", "send"], ["foreign", "globe"]]
const TONES = {up: "b-live", new: "b-line", cut: "b-warn", halted: "b-danger"}
const ROWS = {waiting: "b-warn", sending: "b-line", delivered: "b-live", dead: "b-danger"}
const EVERY_MS = 5000

export function render({model, view}) {
  dress(view)
  const say = speaker(model), life = lifetime(model), calls = caller(model)
  const lines = h("div", {class: "sp scroll"}), tabs = h("div", {class: "tabs", role: "tablist"}), body = h("div", {class: "sp scroll node-body"})
  const list = h("div")
  let tab = model.tab, known = null, rows = null, fault = "", entries = false, busy = false
  const pass = passing(model, say, calls, () => pull()), foreign = foreignList(model, say, calls)
  const node = h("div", {class: "panel noderoom"}, h("aside", {class: "node-side"}, lines), h("div", {class: "node-main"}, tabs, body))

  const asked = () => (tab === "in" ? "/api/v1/nodes/inbox" : tab === "out" ? `/api/v1/nodes/outbox?entries=${entries}` : "/api/v1/nodes/incidents")

  async function pull() {
    const wanted = tab
    try {
      const [found, list] = await Promise.all([calls.ask("/api/v1/nodes"), calls.ask(asked())])
      known = found
      if (wanted === tab) rows = list
      fault = ""
    } catch (error) {
      fault = error.message === "offline" ? say("data.offline") : error.message
    }
    drawLines()
    drawList()
  }

  async function doing(work) {
    busy = true
    drawList()
    try { await work(); fault = "" } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    busy = false
    await pull()
  }

  function turn(name) {
    if (name !== tab) rows = null
    tab = name
    window.history.replaceState(null, "", `/nodes?tab=${name}`)
    draw()
    pull()
  }

  const badge = (tone, text) => h("span", {class: `badge s ${tone}`}, text)
  const empty = (picture, code, hint) => h("div", {class: "empty"}, icon(picture, 26), h("b", {}, say(code)), hint ? h("span", {class: "t3 s12"}, say(hint)) : null)

  function lineOf(one) {
    const wait = one.next_try_at ? Math.max(0, Math.round((new Date(one.next_try_at) - now()) / 1000)) : null
    const off = one.clock_off_s
    return h("section", {class: "node-line", "data-node": one.name},
      h("div", {class: "row g8"}, h("b", {class: "sp"}, one.title), badge(TONES[one.state], say(`nodes.state.${one.state}`))),
      h("div", {class: "t3 s12"}, `${say(`nodes.relation.${one.relation}`)} · ${say(`nodes.level.${one.level}`)} · ${one.name} · ${say(`nodes.label.${one.label}`)}`),
      one.trouble ? h("div", {class: `row g8 ${one.state === "halted" ? "dg" : "wn"}`}, icon("unplugged", 14), h("span", {}, `${say(`nodes.trouble.${one.trouble}`)} · ${say("nodes.failures", {count: one.failures})}${wait === null ? "" : ` · ${say("nodes.next", {span: wait})}`}`)) : null,
      h("div", {class: "node-nums"},
        h("span", {class: "kv"}, h("b", {class: `num${one.waiting ? " wn" : ""}`}, whole(one.waiting)), h("span", {class: "t3 s12"}, say("nodes.waiting"))),
        h("span", {class: "kv"}, h("b", {class: `num${one.dead ? " dg" : ""}`}, whole(one.dead)), h("span", {class: "t3 s12"}, say("nodes.dead"))),
        one.oldest ? h("span", {class: "t3 s12"}, say("nodes.oldest", {time: stamp(one.oldest)})) : null),
      h("div", {class: "t3 s12"}, `${say("nodes.reached", {time: one.reached_at ? stamp(one.reached_at) : say("nodes.never")})} · ${say("nodes.heard", {time: one.heard_at ? stamp(one.heard_at) : say("nodes.never")})}`),
      off === null ? null : h("div", {class: `s12 ${Math.abs(off) > 2 ? "wn" : "t3"}`}, say("nodes.clock", {seconds: `${off > 0 ? "+" : ""}${off.toFixed(1)}`})))
  }

  function faultOf(one) {
    return h("div", {class: "node-line"}, h("div", {class: "row g8"}, badge("b-danger", say(`nodes.fault.${one.code}`)), h("span", {class: "t3 s12"}, stamp(one.found_at))),
      h("div", {}, one.origin, one.seq === null ? "" : ` · ${say("nodes.fault.entry", {seq: one.seq})}`), one.incident_id ? h("div", {class: "mono t3 s12 cut", title: one.said}, one.incident_id) : null, model.language === "en" ? h("div", {class: "t2 s12"}, one.said) : null)
  }

  function drawLines() {
    if (known === null) return renew(lines, fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : h("div", {class: "skeleton tall"}))
    const own = known.own
    renew(lines,
      h("section", {class: "node-own"}, h("div", {class: "t3 s12"}, say("nodes.own")), own.name ? [h("b", {}, own.title), h("div", {class: "t3 s12"}, `${say(`nodes.level.${own.level}`)} · ${own.name} · ${own.division}`)]
        : [h("b", {class: "wn"}, say("nodes.unnamed")), h("div", {class: "t3 s12"}, say("nodes.unnamed.hint"))]),
      h("div", {class: "h"}, icon("link", 17), say("nodes.lines"), h("span", {class: "sp"}), h("span", {class: "badge s b-line"}, known.lines.length)),
      known.lines.length ? known.lines.map(lineOf) : empty("unplugged", "nodes.lines.none", "nodes.lines.none.hint"),
      known.lines.length ? [h("div", {class: "h"}, icon("eye", 17), say("nodes.faults"), h("span", {class: "sp"}), h("span", {class: `badge s ${known.faults.length ? "b-danger" : "b-live"}`}, known.faults.length)),
        known.faults.length ? known.faults.map(faultOf) : h("div", {class: "node-line t3 s12"}, say("nodes.faults.none"))] : null)
  }

  const kind = (one) => h("div", {class: "row g8"}, badge(one.kind === "warning" ? "b-warn" : "b-line", say(`nodes.kind.${one.kind}`)), one.mode === "drill" ? badge("b-warn", say("mode.drill")) : null)
  const moment = (when, more) => h("td", {class: "num"}, when ? stamp(when) : "—", more ? h("div", {class: "t3 s12"}, more) : null)
  const table = (heads, lines) => h("section", {class: "card"}, h("div", {class: "card-body"}, h("table", {}, h("thead", {}, h("tr", {}, heads.map((code) => h("th", {}, code ? say(code) : "")))), h("tbody", {}, lines))))

  function sent(one) {
    const signed = one.acknowledged_at
    return h("tr", {"data-row": one.id}, h("td", {class: "node-what"}, kind(one), h("div", {}, inWords(one.titles, model.language)), one.fault && one.state !== "delivered" ? h("div", {class: "wn s12"}, say("nodes.row.why", {why: one.fault})) : null),
      h("td", {}, known?.lines.find((line) => line.name === one.neighbour)?.title ?? one.neighbour),
      moment(one.made_at, one.made_by), moment(one.received_at, one.delivered_at ? say("nodes.row.heard", {time: stamp(one.delivered_at)}) : ""),
      moment(signed, signed ? `${one.acknowledged_by}${one.acknowledged_text ? `：${one.acknowledged_text}` : ""} · ${say("nodes.row.heard", {time: stamp(one.ack_heard_at)})}` : ""),
      h("td", {}, badge(ROWS[one.state], say(`nodes.row.${one.state}`)), one.attempts > 1 ? h("div", {class: "t3 s12"}, say("nodes.row.attempts", {count: one.attempts})) : null,
        model.can_report && ["dead", "waiting"].includes(one.state) ? h("div", {}, button({class: "btn s node-retry", disabled: busy, onclick: () => doing(() => calls.ask(`/api/v1/nodes/outbox/${one.id}/retry`, {method: "POST"}))}, icon("redo", 14), say("nodes.retry"))) : null))
  }

  const words = new Map()
  function came(one) {
    const path = `/api/v1/nodes/inbox/${one.origin}/${one.incident_id}/${one.message_id}`
    if (!words.has(one.message_id)) {
      const input = h("input", {class: "field", maxlength: 2000, style: {width: "180px"}}), line = keepLine(input, say)
      line.turn(unsent(`node-sign-${one.message_id}`, one.incident_id))
      words.set(one.message_id, {input, line})
    }
    const {input: typed, line} = words.get(one.message_id)
    typed.placeholder = say("nodes.sign.hint")
    typed.setAttribute("aria-label", say("nodes.sign.hint"))
    return h("tr", {"data-message": one.message_id}, h("td", {class: "node-what"}, kind(one), h("div", {}, inWords(one.titles, model.language)), one.has_document ? h("a", {class: "row g8 pr", href: `${path}/document`, download: ""}, icon("document", 14), say("nodes.paper")) : null),
      h("td", {}, h("div", {}, one.origin_title), h("div", {class: "t3 s12"}, say(`nodes.relation.${one.relation}`))), moment(one.sent_at), moment(one.received_at),
      h("td", {}, one.acknowledged_at ? [badge("b-live", say("nodes.row.signed", {who: one.acknowledged_by})), h("div", {class: "t3 s12 num"}, stamp(one.acknowledged_at), one.acknowledged_text ? ` · ${one.acknowledged_text}` : "")]
        : model.can_report ? h("div", {class: "row g8"}, typed, button({class: "btn p s node-sign", disabled: busy, onclick: () => doing(() => calls.json(`/api/v1/nodes/inbox/${one.origin}/${one.incident_id}/${one.message_id}/acknowledgement`, {text: typed.value.trim()}).then(line.drop))}, icon("check", 14), say("nodes.sign")), line.note) : badge("b-warn", say("nodes.row.waiting"))))
  }

  function drawList() {
    const problem = fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : null
    if (rows === null) return renew(list, problem ?? h("div", {class: "skeleton tall"}))
    // What is being typed stays where it is: a list that is drawn anew would take the cursor away.
    const typing = list.contains(list.getRootNode().activeElement) && list.getRootNode().activeElement.matches("input.field")
    if (typing && !busy && !fault) return undefined
    if (tab === "in") renew(list, problem, rows.length ? table(["nodes.c.what", "nodes.c.to", "nodes.c.sent", "nodes.c.came", "nodes.c.state"], rows.map(came)) : empty("document", "nodes.in.none"))
    else if (tab === "out") renew(list, problem, rows.length ? table(["nodes.c.what", "nodes.c.to", "nodes.c.made", "nodes.c.received", "nodes.c.signed", "nodes.c.state"], rows.map(sent)) : empty("send", "nodes.out.none", "nodes.out.none.hint"))
    else renew(list, problem, rows.length ? foreign.node(rows) : empty("globe", "nodes.foreign.none"))
    return undefined
  }

  function draw() {
    renew(tabs, TABS.map(([name, picture]) => button({class: `tab${tab === name ? " on" : ""}`, role: "tab", "aria-selected": String(tab === name), onclick: () => turn(name)}, icon(picture, 16), say(`nodes.tab.${name}`))))
    const box = h("input", {type: "checkbox", onchange: () => { entries = box.checked; rows = null; drawList(); pull() }})
    box.checked = entries
    renew(body, tab === "out" && model.can_report ? pass.node : null, tab === "out" ? h("label", {class: "row g8 t2"}, box, say("nodes.entries")) : null,
      tab === "foreign" ? h("div", {class: "t3 s12"}, say("nodes.foreign.hint")) : null, list)
    if (tab === "out") pass.draw()
    drawLines()
    drawList()
  }

  model.on("texts", draw)
  life.every(EVERY_MS, pull)
  turn(tab)
  return node
}
