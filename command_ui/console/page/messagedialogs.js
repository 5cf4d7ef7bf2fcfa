// Whom does a message go to, what does it say, and what was heard? Who is told is looked for in the registers.
import {h, button, renew} from "./dom.js"
import {area, chips, choice, field, group, line} from "./ask.js"

const SEARCH_AFTER_MS = 200

export function messageDialogs(model, say, ask, calls) {
  const need = (value, code) => { if (!String(value ?? "").trim()) throw new Error(say(code)); return String(value).trim() }

  // A field to look with and what was found below it; made once a dialog, so that nothing typed loses its focus.
  function finder(values, redraw) {
    let turn = 0, waiting = null
    const hits = h("div", {class: "person-hits", role: "listbox", "aria-label": say("message.to")})
    const search = h("input", {class: "field", type: "search", maxlength: 40, placeholder: say("message.to.find"), "aria-label": say("message.to.find")})

    async function look() {
      const mine = ++turn
      try {
        const found = await calls.ask(`/api/v1/incidents/${model.scene.incident.id}/people?q=${encodeURIComponent(search.value.trim())}`)
        if (mine === turn) show(found.people)
      } catch (problem) {
        if (mine === turn) renew(hits, h("div", {class: "wn s12"}, problem.message === "offline" ? say("data.offline") : problem.message))
      }
    }

    const same = (one) => values.person && values.person.reach === one.reach && values.person.id === one.id
    function show(people) {
      renew(hits, people.map((one) => button({class: `person${same(one) ? " on" : ""}`, role: "option", "aria-selected": String(Boolean(same(one))), onclick: () => { values.person = one; values.typed = false; show(people); redraw() }},
        h("b", {class: "cut sp"}, one.name), h("span", {class: "badge s b-line"}, say(`message.reach.${one.reach}`)), h("span", {class: "t3 s12 nowrap"}, one.phone))),
      people.length ? null : h("div", {class: "t3 s12"}, say("message.to.none")),
      button({class: `person${values.typed ? " on" : ""}`, role: "option", "aria-selected": String(Boolean(values.typed)), onclick: () => { values.typed = true; values.person = null; show(people); redraw() }}, say("message.to.typed")))
    }

    search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, SEARCH_AFTER_MS) })
    look()
    return [search, hits]
  }

  // start: {person, order, text}; a message about an order goes to the unit that has it unless somebody else is chosen.
  function send(kind, start = {}) {
    const orders = (model.scene?.orders?.list ?? []).filter((one) => one.state !== "draft")
    const drill = model.scene?.incident?.mode !== "live", gateway = model.scene?.messages?.gateway
    const ways = kind === "call" ? [...(gateway ? [["gateway", say("message.way.gateway")]] : []), ["hand", say("message.way.hand")], ["later", say("message.way.later")]] : []
    ask.show({
      name: `message-${kind}-${start.person?.id ?? ""}-${start.order ?? ""}`, icon: kind === "call" ? "phone" : "send", title: say(`message.${kind}`), lead: model.scene.incident.title, submit: say(`message.${kind}`),
      foot: drill ? say("message.words.mark") : !gateway ? say("message.by_hand.only") : "",
      body: (values, redraw, once) => {
        const found = once("people", () => finder(values, redraw))
        return [group(say("message.to"), h("div", {class: "person-find"}, found)),
          values.typed ? h("div", {class: "ask-row"}, field(say("message.to.name"), line(values, "name")), field(say("message.to.phone"), line(values, "phone", {maxlength: 26, inputmode: "tel"}))) : null,
          field(say("message.words"), area(values, "text", {autofocus: true})),
          orders.length ? field(say("message.order"), choice(values, "order", [["", say("message.order.none")], ...orders.map((one) => [one.order_id, `${one.name} ${one.unit_name}`])])) : null,
          kind === "call" ? field(say("message.way"), chips(values, "way", ways, redraw)) : null,
          kind === "call" && values.way === "hand" ? heardFields(values, redraw, kind) : null]
      },
      message: (values) => {
        const person = values.typed ? {reach: "typed", reach_id: "", name: need(values.name, "message.need.to"), phone: need(values.phone, "message.need.to")} : values.person ? {reach: values.person.reach, reach_id: values.person.id} : null
        if (!person) throw new Error(say("message.need.to"))
        return {kind: "message_send", message: {kind, ...person, text: need(values.text, "message.need.text"), order_id: values.order ?? "", by_hand: values.way === "later",
          ...(kind === "call" && values.way === "hand" ? {heard: heardOf(values)} : {})}}
      },
    }, {way: ways[0]?.[0] ?? "", outcome: "answered", ...start})
  }

  function heardFields(values, redraw, kind) {
    return [kind === "call" ? field(say("message.outcome"), chips(values, "outcome", [["answered", say("message.outcome.answered")], ["failed", say("message.outcome.failed")]], redraw)) : null,
      h("div", {class: "ask-row"}, field(say("message.reply"), line(values, "reply", {maxlength: 500})), kind === "call" && values.outcome === "answered" ? field(say("message.minutes"), line(values, "minutes", {type: "number", min: 0, max: 1440, step: "any", inputmode: "decimal"})) : null)]
  }

  const heardOf = (values) => ({outcome: values.outcome, text: String(values.reply ?? "").trim(), ...(values.outcome === "answered" && Number(values.minutes) > 0 ? {duration_s: Math.round(Number(values.minutes) * 60)} : {})})

  function heard(one) {
    ask.show({name: `heard-${one.message_id}`, icon: "phone", title: `${say(one.kind === "call" ? "message.heard.call" : "message.heard")} ${one.name}`, lead: `${one.to}·${one.text}`, submit: say(one.kind === "call" ? "message.heard.call" : "message.heard"),
      body: (values, redraw) => heardFields(values, redraw, one.kind),
      message: (values) => ({kind: "message_heard", id: one.message_id, heard: heardOf(values)})}, {outcome: "answered"})
  }

  return {send, heard}
}
