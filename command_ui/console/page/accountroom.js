// Who may come in, with which rights, who is in, and which rules hold at the door? Three tabs; every change asks first.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {stamp} from "./format.js"
import {dress} from "./dress.js"
import {caller} from "./datacalls.js"
import {grantForm, newForm, shownOnce} from "./accountforms.js"

const TABS = [["accounts", "people"], ["sessions", "link"], ["rules", "barrier"]]
const EVERYWHERE = ["000000", "999999"]
const RULES = ["password_days", "unused_days", "failures", "locked_minutes", "idle_minutes"]

export function render({model, view}) {
  dress(view)
  const say = speaker(model), calls = caller(model)
  const tabs = h("div", {class: "tabs", role: "tablist"}), main = h("div", {class: "scroll office-main"}), host = h("div", {})
  const node = h("div", {class: "panel office"}, tabs, main, host)
  const find = h("input", {class: "field", type: "search", oninput: () => drawRows()})
  const rows = h("tbody", {})
  let tab = "accounts", accounts = null, sessions = null, rules = null, fault = "", busy = false

  async function doing(work, after = true) {
    fault = ""
    busy = true
    draw()
    try {
      await work()
      if (after) await load()
    } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    busy = false
    draw()
  }

  async function load() {
    if (tab === "accounts") accounts = await calls.ask("/api/v1/accounts")
    else if (tab === "sessions") sessions = await calls.ask("/api/v1/accounts/sessions")
    else rules = await calls.ask("/api/v1/accounts/rules")
  }

  const put = (path, body) => calls.ask(path, {method: "PUT", headers: {"content-type": "application/json"}, body: JSON.stringify(body)})
  const at = (name) => encodeURIComponent(name)

  function sure(text, act) {
    const dialog = h("dialog", {class: "ask", "aria-label": text}, h("div", {class: "dialog-head"}, icon("warning", 20), h("b", {class: "s16 sp"}, text)),
      h("div", {class: "dialog-foot"}, h("span", {class: "sp"}), button({class: "btn", onclick: () => dialog.remove()}, say("common.close")), button({class: "btn d office-sure", onclick: () => { dialog.remove(); doing(act) }}, icon("check", 16), say("accounts.sure"))))
    dialog.addEventListener("cancel", () => dialog.remove())
    host.append(dialog)
    dialog.showModal()
  }

  const hand = (made) => shownOnce(host, say, made)
  const make = () => newForm(host, say, async (body) => { const made = await calls.json("/api/v1/accounts", body); await load(); draw(); hand(made) })
  const grant = (one) => grantForm(host, say, model, one, async (body) => { await put(`/api/v1/accounts/${at(one.name)}/rights`, body); await load(); draw() })
  const shut = (one) => sure(say(one.disabled ? "accounts.open.ask" : "accounts.close.ask", {name: one.name}), () => put(`/api/v1/accounts/${at(one.name)}/state`, {closed: !one.disabled}))
  const unlock = (one) => doing(() => put(`/api/v1/accounts/${at(one.name)}/state`, {closed: false}))
  const reset = (one) => sure(say("accounts.reset.ask", {name: one.name}), async () => hand(await calls.json(`/api/v1/accounts/${at(one.name)}/reset`, {device_too: true})))
  const end = (one) => doing(() => calls.ask(`/api/v1/accounts/sessions/${one.handle}`, {method: "DELETE"}))

  function state(one) {
    if (one.disabled) return h("span", {class: "badge s b-danger"}, say("accounts.state.closed"))
    if (one.locked_until) return h("span", {class: "badge s b-danger", title: stamp(one.locked_until)}, say("accounts.state.locked"))
    if (one.role === "pending") return h("span", {class: "badge s b-warn"}, say("accounts.state.pending"))
    if (one.must_change) return h("span", {class: "badge s b-warn"}, say("accounts.state.must_change"))
    return h("span", {class: "badge s b-live"}, say("accounts.state.good"))
  }

  // What the codes are called; a long list is cut, for the range beside it says where it ends.
  function divisions(one) {
    if (one.division_from === EVERYWHERE[0] && one.division_to === EVERYWHERE[1]) return say("accounts.divisions.all")
    const named = one.divisions.slice(0, 2).join(say("accounts.divisions.and"))
    return one.divisions.length > 2 ? say("accounts.divisions.more", {names: named, count: one.divisions.length}) : named
  }

  function row(one) {
    const own = one.name === model.person
    return h("tr", {class: "hover"},
      h("td", {}, h("b", {}, one.name), one.demo ? h("span", {class: "badge s b-drill office-gap"}, say("accounts.demo")) : null, h("div", {class: "t3 s12"}, one.display_name)),
      h("td", {class: "mono"}, one.person || (one.outside ? null : "—"), one.outside ? h("div", {class: "badge s b-line account-outside", tabindex: 0, title: one.outside, "aria-label": `${say("accounts.outside")} ${one.outside}`}, icon("link", 12), say("accounts.outside")) : null),
      h("td", {}, say(`role.${one.role}`)),
      h("td", {}, one.role === "pending" ? "—" : [h("span", {class: "mono"}, `${one.division_from}–${one.division_to}`), h("div", {class: "t3 s12"}, divisions(one))]),
      h("td", {}, say(`accounts.label.${one.clearance}`)),
      h("td", {}, say(`mode.${one.mode}`)),
      h("td", {}, state(one)),
      h("td", {}, one.second_factor ? h("span", {class: "okc"}, say("accounts.two.yes")) : h("span", {class: "t3"}, say("accounts.two.no"))),
      h("td", {class: "r"}, one.sessions),
      h("td", {}, one.last_sign_in_at ? stamp(one.last_sign_in_at) : "—"),
      h("td", {class: "r"}, own ? h("span", {class: "t3 s12"}, say("accounts.own")) : h("span", {class: "row g4 office-acts"},
        model.may_grant ? button({class: "btn s office-grant", disabled: busy, onclick: () => grant(one)}, icon("pencil", 14), say("accounts.grant")) : null,
        model.may_keep && one.locked_until && !one.disabled ? button({class: "btn s", disabled: busy, onclick: () => unlock(one)}, say("accounts.unlock")) : null,
        model.may_keep ? button({class: "btn s office-reset", disabled: busy, onclick: () => reset(one)}, icon("redo", 14), say("accounts.reset")) : null,
        model.may_keep ? button({class: "btn s office-shut", disabled: busy, onclick: () => shut(one)}, say(one.disabled ? "accounts.open" : "accounts.close")) : null)))
  }

  function drawRows() {
    const wanted = find.value.trim().toLowerCase()
    const shown = (accounts ?? []).filter((one) => !wanted || [one.name, one.display_name, one.person, one.outside, say(`role.${one.role}`)].some((text) => text.toLowerCase().includes(wanted)))
    renew(rows, shown.length ? shown.map(row) : h("tr", {}, h("td", {colspan: 11, class: "t3"}, say("accounts.none"))))
  }

  const head = (...codes) => h("thead", {}, h("tr", {}, codes.map((code) => h("th", {class: code.endsWith(":r") ? "r" : null}, code ? say(code.replace(":r", "")) : ""))))

  function accountsView() {
    find.placeholder = say("accounts.find")
    find.setAttribute("aria-label", say("accounts.find"))
    drawRows()
    return [h("div", {class: "row g12 wrap"}, h("div", {class: "office-find"}, find), h("span", {class: "sp t3 s12"}, say(model.may_keep ? "accounts.duty.system" : "accounts.duty.security")),
      model.may_keep ? button({class: "btn p office-new", disabled: busy, onclick: make}, icon("plus", 16), say("accounts.new")) : null),
    h("div", {class: "office-table"}, h("table", {}, head("accounts.name", "accounts.person", "accounts.role", "accounts.divisions", "accounts.label", "accounts.world", "accounts.state", "accounts.two", "accounts.sessions:r", "accounts.last", ""), rows))]
  }

  function sessionsView() {
    return h("div", {class: "office-table"}, h("table", {}, head("accounts.name", "accounts.role", "accounts.address", "accounts.two", "accounts.since", "accounts.seen", "accounts.until", ""),
      h("tbody", {}, (sessions ?? []).map((one) => h("tr", {class: "hover"}, h("td", {}, h("b", {}, one.name), h("span", {class: "t3 s12 office-gap"}, one.display_name)), h("td", {}, say(`role.${one.role}`)), h("td", {class: "mono"}, one.address || "—"),
        h("td", {}, say(one.second_factor ? "accounts.two.yes" : "accounts.two.no")), h("td", {}, stamp(one.opened_at)), h("td", {}, stamp(one.last_seen_at)), h("td", {}, stamp(one.ends_at)),
        h("td", {class: "r"}, button({class: "btn s office-end", disabled: busy, onclick: () => end(one)}, icon("leave", 14), say("accounts.end"))))))))
  }

  function rulesView() {
    const inputs = Object.fromEntries(RULES.map((name) => [name, h("input", {class: "field", type: "number", id: `rule-${name}`, value: rules?.[name] ?? "", min: model.bounds[name]?.[0], max: model.bounds[name]?.[1], disabled: !model.may_grant})]))
    const save = () => doing(async () => { rules = await put("/api/v1/accounts/rules", Object.fromEntries(RULES.map((name) => [name, Number(inputs[name].value)]))) }, false)
    return h("section", {class: "card office-rules"}, h("div", {class: "h"}, icon("barrier", 17), say("accounts.rules.title")),
      h("div", {class: "card-body"}, RULES.map((name) => h("label", {class: "office-rule", for: `rule-${name}`}, h("span", {}, h("b", {}, say(`accounts.rule.${name}`)), h("span", {class: "t3 s12"}, say("accounts.rule.bounds", {low: model.bounds[name]?.[0], high: model.bounds[name]?.[1]}))), inputs[name])),
        model.may_grant ? button({class: "btn p", disabled: busy, onclick: save}, icon("check", 15), say("accounts.rules.save")) : h("span", {class: "t3 s12"}, say("accounts.rules.only"))))
  }

  function turn(name) {
    tab = name
    doing(async () => {})
  }

  function draw() {
    renew(tabs, TABS.map(([name, picture]) => button({class: `tab${tab === name ? " on" : ""}`, role: "tab", "aria-selected": String(tab === name), onclick: () => turn(name)}, icon(picture, 16), say(`accounts.tab.${name}`))))
    const ready = {accounts, sessions, rules}[tab] !== null
    renew(main, fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : null, ready ? {accounts: accountsView, sessions: sessionsView, rules: rulesView}[tab]() : h("div", {class: "skeleton tall"}))
  }

  model.on("texts", draw)
  turn(tab)
  return node
}
