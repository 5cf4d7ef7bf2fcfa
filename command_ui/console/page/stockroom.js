// What lies in the stores, how much of it is committed, who holds it, and may I take some out or give it back?
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {asker, choice, field, line} from "./ask.js"
import {amount} from "./format.js"
import {newKey} from "./closures.js"

export function stockRoom(model, say, calls, host) {
  const node = h("div", {class: "sp scroll plan-main"}), table = h("div"), held = h("div"), undone = h("div", {role: "status"})
  // Dialogs show the world they write to; on this page no incident is open that would say it.
  const ask = asker({scene: {incident: {mode: model.mode}}, send_msg: (message) => model.send_msg(message)}, say, host)
  let lines = null, fault = "", words = "", incidents = [], holding = [], sent = null, last = null
  const search = h("input", {class: "field", type: "search", style: {"max-width": "360px"}, oninput: () => { words = search.value.trim().toLowerCase(); rows() }})
  const note = h("div", {class: "t3 s12"})
  node.append(h("div", {class: "row g12 wrap"}, search, note), undone, held, table)

  async function pull() {
    fault = ""
    try {
      lines = await calls.ask("/api/v1/stock")
      const found = await calls.ask("/api/v1/incidents")
      incidents = found.incidents.filter((one) => one.status === "open")
      holding = await Promise.all(incidents.map(async (one) => ({incident: one, items: await calls.ask(`/api/v1/incidents/${one.incident_id}/supplies`)})))
    } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    draw()
  }

  // -- dialogs ---------------------------------------------------------------------------------------------------

  const amountOf = (values) => {
    const text = String(values.quantity ?? "").trim()
    if (!/^\d{1,9}(\.\d{1,2})?$/.test(text) || !(Number(text) > 0)) throw new Error(say("stock.need.amount"))
    return text
  }

  // A command under its own key; what it did can be undone until the next one.
  function message(kind, said, undo) {
    sent = {kind, undo}
    return {kind, ...said}
  }

  function take(one) {
    const orders = {}
    ask.show({
      name: `take-${one.stock_id}`, icon: "store", title: say("stock.take.title", {name: one.name}), lead: say("stock.take.lead", {store: one.store_name, left: one.left, unit: one.unit}), submit: say("stock.take"),
      body: (values, redraw) => {
        if (!incidents.length) return h("div", {class: "empty low"}, icon("warning", 22), h("b", {}, say("stock.no_incident")))
        values.incident ??= incidents[0].incident_id
        if (orders[values.incident] === undefined) {
          orders[values.incident] = []
          calls.ask(`/api/v1/incidents/${values.incident}/orders`).then((found) => { orders[values.incident] = found.orders.filter((it) => it.state !== "withdrawn"); if (found.orders.length) redraw() }).catch(() => {})
        }
        return [field(say("stock.incident"), choice(values, "incident", incidents.map((it) => [it.incident_id, `${it.title} ${it.code}`]), {then: redraw})),
          h("div", {class: "ask-row"}, field(say("stock.amount", {unit: one.unit}), line(values, "quantity", {inputmode: "decimal", autofocus: true})),
            field(say("stock.order"), choice(values, "order", [["", say("stock.order.none")], ...orders[values.incident].map((it) => [it.order_id, `${it.name} ${it.unit_name}`])])))]
      },
      message: (values) => {
        if (!values.incident) throw new Error(say("stock.need.incident"))
        const quantity = amountOf(values), incident = values.incident
        return message("stock_take", {incident, name: one.name, items: [{stock_id: one.stock_id, quantity, order_id: values.order ?? ""}]},
          {text: say("stock.done.take", {name: one.name, quantity, unit: one.unit}), back: {incident, stock_id: one.stock_id, quantity, name: one.name, unit: one.unit, why: say("stock.why.undo")}})
      },
    }, {quantity: "1"})
  }

  function back(incident, item) {
    ask.show({
      name: `back-${incident.incident_id}-${item.id}`, icon: "store", title: say("stock.back.title", {name: item.name}), lead: `${incident.title}·${item.store_name}`, submit: say("stock.back"),
      body: (values) => h("div", {class: "ask-row"}, field(say("stock.amount", {unit: item.unit}), line(values, "quantity", {inputmode: "decimal", autofocus: true})), field(say("stock.back.why"), line(values, "why"))),
      message: (values) => {
        const quantity = amountOf(values)
        return message("stock_back", {incident: incident.incident_id, stock_id: item.id, quantity, name: item.name, why: values.why ?? ""},
          {text: say("stock.done.back", {name: item.name, quantity, unit: item.unit}), take: {incident: incident.incident_id, stock_id: item.id, quantity, name: item.name, unit: item.unit}})
      },
    }, {quantity: item.quantity})
  }

  function standDown(incident) {
    ask.show({
      name: `stand-down-${incident.incident_id}`, icon: "truck", danger: true, title: say("stock.stand_down.title", {title: incident.title}), lead: say("stock.stand_down.lead"), submit: say("stock.stand_down"),
      body: (values) => field(say("stock.back.why"), line(values, "why", {autofocus: true})),
      message: (values) => message("stock_stand_down", {incident: incident.incident_id, why: values.why ?? ""}, null),
    })
  }

  function undo(what) {
    sent = {kind: "undo", undo: null}
    last = null
    const key = newKey()
    if (what.back) model.send_msg({kind: "stock_back", key, incident: what.back.incident, stock_id: what.back.stock_id, quantity: what.back.quantity, name: what.back.name, why: what.back.why})
    else model.send_msg({kind: "stock_take", key, incident: what.take.incident, name: what.take.name, items: [{stock_id: what.take.stock_id, quantity: what.take.quantity}]})
  }

  // -- what is drawn ---------------------------------------------------------------------------------------------

  function holdings() {
    const some = holding.filter((one) => one.items.length)
    return h("section", {class: "card"}, h("div", {class: "h"}, icon("truck", 17), say("stock.held"), h("span", {class: "sp"}), h("span", {class: `badge s ${some.length ? "b-warn" : "b-live"}`}, some.length)),
      h("div", {class: "card-body"}, some.length ? some.map(({incident, items}) => h("div", {class: "stock-held"},
        h("div", {class: "row g8"}, h("a", {class: "pr", href: `/?incident=${incident.incident_id}`}, incident.title), h("span", {class: "t3 s12"}, incident.code), h("span", {class: "sp"}), model.can_take ? button({class: "btn s stand-down", onclick: () => standDown(incident)}, say("stock.stand_down")) : null),
        items.map((item) => h("div", {class: "row g8 plan-line"}, h("b", {}, item.name), h("span", {class: "num"}, item.kind === "team" ? "" : `${amount(item.quantity)} ${item.unit}`), h("span", {class: "t3 s12"}, item.store_name), h("span", {class: "sp"}),
          model.can_take && item.kind === "supply" ? button({class: "btn s give-back", onclick: () => back(incident, item)}, say("stock.back")) : null)))) : h("span", {class: "t3 s12"}, say("stock.held.none"))))
  }

  function rows() {
    const shown = (lines ?? []).filter((one) => `${one.name} ${one.code} ${one.store_name}`.toLowerCase().includes(words))
    const heads = [["stock.name"], ["stock.code"], ["stock.store"], ["stock.quantity", 1], ["stock.committed", 1], ["stock.left", 1], ["stock.state"]]
    renew(table, fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : lines === null ? h("div", {class: "skeleton tall"}) : !shown.length ? h("div", {class: "empty"}, icon("store", 26), h("b", {}, say("stock.none")))
      : h("section", {class: "card"}, h("div", {class: "card-body"}, h("table", {}, h("thead", {}, h("tr", {}, heads.map(([code, right]) => h("th", {class: right ? "r" : ""}, say(code))), model.can_take ? h("th", {}) : null)),
        h("tbody", {}, shown.map((one) => h("tr", {"data-stock": one.stock_id}, h("td", {}, h("b", {}, one.name)), h("td", {class: "mono"}, one.code), h("td", {}, one.store_name), h("td", {class: "r num"}, `${amount(one.quantity)} ${one.unit}`), h("td", {class: `r num${Number(one.committed) ? " wn" : " t3"}`}, amount(one.committed)), h("td", {class: "r num"}, h("b", {}, amount(one.left))), h("td", {}, h("span", {class: `badge s ${one.state === "ready" ? "b-live" : "b-warn"}`}, say(`stock.s.${one.state}`))),
          model.can_take ? h("td", {class: "r"}, Number(one.left) > 0 ? button({class: "btn s take-out", "aria-label": say("stock.take.title", {name: one.name}), onclick: () => take(one)}, say("stock.take")) : null) : null)))))))
  }

  function draw() {
    search.placeholder = say("stock.find")
    search.setAttribute("aria-label", say("stock.find"))
    note.textContent = say("stock.rule")
    renew(undone, last ? h("div", {class: "row g8 stock-undo"}, icon(last.refused ? "warning" : "check", 15), h("span", {class: last.refused ? "wn" : ""}, last.text), last.refused ? null : button({class: "btn s", onclick: () => undo(last)}, icon("redo", 13), say("stock.undo"))) : null)
    renew(held, lines === null || fault ? null : holdings())
    rows()
  }

  return {
    node, draw, pull,
    take(answer) {
      if (answer.kind !== "said") return
      ask.take(answer)
      if (!answer.fault) last = sent?.undo ?? null
      else if (sent?.kind === "undo") last = {text: answer.fault, refused: true}
      pull()
    },
  }
}
