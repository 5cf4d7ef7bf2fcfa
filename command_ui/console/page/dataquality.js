// What is wrong in the registers, where, and who must mend it? A list beside the map; one chosen is chosen on both.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {whole} from "./format.js"
import {dataMap} from "./datamap.js"
import {mendForm} from "./datamend.js"

const LISTED = 300

export function dataQuality(model, say, calls, room) {
  const node = h("div", {class: "data-quality"})
  const map = dataMap(model, say, (id) => choose(id, true))
  const side = h("div", {class: "data-defects panel"})
  let rule = "", layer = "", found = null, fault = "", chosen = "", busy = false, again = 0, giving = "", examining = false

  async function pull() {
    busy = true
    draw()
    try {
      const query = new URLSearchParams({language: calls.lang(), ...(rule ? {rule} : {}), ...(layer ? {layer} : {})})
      const answer = await calls.ask(`/api/v1/quality?${query}`)
      found = answer.defects
      clearTimeout(again)
      examining = answer.examining
      if (examining) again = setTimeout(pull, 2500)
      if (answer.scores.length) room.scores = Object.fromEntries(answer.scores.map((one) => [one.layer, one]))
      fault = ""
    } catch (error) {
      fault = error.message
    }
    busy = false
    map.show(found ?? [])
    room.tree.draw()
    draw()
  }

  function choose(id, scroll = false) {
    chosen = id
    map.go((found ?? []).find((one) => one.id === id))
    draw()
    if (scroll) side.querySelector(".defect.on")?.scrollIntoView({block: "nearest"})
  }

  const select = (value, options, label, act) => {
    const box = h("select", {class: "field s", "aria-label": label, onchange: () => act(box.value)}, options.map(([key, text]) => h("option", {value: key, selected: key === value}, text)))
    return box
  }

  // Whose task it is becomes one press: what is wrong and who owns the register stand in the form already.
  function mending(one) {
    if (one.id !== chosen) return null
    if (room.mend.taken().has(`${one.layer} ${one.id}`)) return h("div", {class: "defect-acts row g8"}, h("span", {class: "badge s b-info"}, say("mend.under_way")))
    if (!model.can_import) return null
    if (giving !== one.id) return h("div", {class: "defect-acts row g8"}, button({class: "btn s", onclick: () => { giving = one.id; draw() }}, icon("send", 15), say("mend.open")))
    return mendForm(say, calls, {layer: one.layer, id: one.id, what: one.said.join("；").slice(0, 500), owner: one.owner}, async (made) => {
      giving = ""
      if (made) await room.mend.pull()
      draw()
    })
  }

  function defect(one) {
    return [button({class: `defect${one.id === chosen ? " on" : ""}`, onclick: () => choose(one.id)},
      h("div", {class: "row g8"}, h("b", {class: "sp cut"}, one.name || "—"), h("span", {class: `badge s ${one.state === "aside" ? "b-danger" : "b-warn"}`}, say(`data.state.${one.state}`))),
      one.said.map((text) => h("div", {class: "s12 t2"}, text)),
      h("div", {class: "s12 t3 row g8"}, h("span", {}, title(one.layer)), one.row_number ? h("span", {}, say("data.row", {row: one.row_number})) : null, h("span", {class: "sp"}), h("span", {}, say("data.owner.of", {owner: one.owner})))), mending(one)]
  }

  const title = (key) => (model.layers ?? []).find((one) => one.key === key)?.title ?? key

  function draw() {
    if (giving && side.querySelector(".mend-form")?.matches(":focus-within") && giving === chosen) return
    const list = found ?? []
    const counts = list.reduce((sum, one) => { for (const name of one.rules) sum[name] = (sum[name] ?? 0) + 1; return sum }, {})
    const scroll = side.querySelector(".scroll")?.scrollTop ?? 0
    renew(side,
      h("div", {class: "h"}, icon("check"), h("span", {class: "sp"}, say("data.quality")), h("span", {class: "num t2 s12"}, examining && !list.length ? "" : say("data.defects", {count: whole(list.length)})), button({class: "ib", title: say("data.again"), "aria-label": say("data.again"), onclick: pull}, icon("redo", 17))),
      h("div", {class: "row g8 data-filter"},
        select(layer, [["", say("data.all_layers")], ...(model.importable ?? []).map((key) => [key, title(key)])], say("data.layer"), (value) => { layer = value; pull() }),
        select(rule, [["", say("data.all_rules")], ...(model.rules ?? []).map((name) => [name, `${say(`rule.${name}`)}${counts[name] ? ` ${counts[name]}` : ""}`])], say("data.rule"), (value) => { rule = value; pull() })),
      fault ? h("div", {class: "fault data-fault"}, icon("warning", 15), h("span", {class: "sp"}, say("data.failed", {reason: fault})), button({class: "btn s", onclick: pull}, say("data.retry"))) : null,
      h("div", {class: "scroll"}, (busy || examining) && !list.length ? [examining ? h("div", {class: "empty low", role: "status"}, say("data.examining")) : null, h("div", {class: "skeleton"}), h("div", {class: "skeleton"})]
        : list.length ? [list.slice(0, LISTED).map(defect), list.length > LISTED ? h("div", {class: "empty low"}, say("data.more", {count: list.length - LISTED})) : null]
          : h("div", {class: "empty"}, icon("check", 28), h("b", {}, say("data.clean")), h("span", {}, say("data.clean.hint")))))
    side.querySelector(".scroll").scrollTop = scroll
  }

  renew(node, map.node, side)
  return {node, draw, pull, map, layers: () => map.layers(model.layers ?? [], room.shown, room.opacity, room.only)}
}
