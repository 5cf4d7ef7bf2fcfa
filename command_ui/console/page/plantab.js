// Which plan fits, why, and what would adopting it do? Best first; points by criterion, what is missing, the card beside it.
import {keepLine, unsent} from "./unsent.js"
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr, textsOf} from "./speak.js"
import {distance, listed, whole} from "./format.js"
import {statements} from "./cardtext.js"

export function planTab(model, say, redraw) {
  let found = null, opened = null, asking = null, busy = false, fault = "", issue = false, seen = "", showCard = false

  // Asked for once for each state of the record, when the tab is looked at.
  function pull() {
    const state = `${model.scene.incident.id} ${model.record?.total ?? ""} ${model.scene.runs ?? ""} ${textsOf(model).lang}`
    if (state === seen) return
    seen = state
    model.send_msg({kind: "plans_match"})
  }

  function bars(one) {
    return h("div", {class: "plan-bars"}, one.criteria.map((it) => h("div", {class: "plan-bar", tabindex: 0, title: reason(it), "aria-label": reason(it)},
      h("span", {class: "t3"}, say(`plans.c.${it.code}`)), h("div", {class: "bar1"}, h("i", {class: it.share >= 0.7 ? "ok" : it.share > 0 ? "mid" : "none", style: {width: `${Math.round(it.share * 100)}%`}})),
      h("b", {class: "num"}, `${it.points}/${it.weight}`), h("span", {class: "plan-why s12", role: "tooltip"}, reason(it)))))
  }

  const named = (code, value) => sayOr(model, `plans.${code}.${value}`, value)
  const list = (it, values) => values.length ? listed(values.map((value) => it.code === "type" ? named("type", value) : it.code === "process" ? named("process", value) : it.code === "level" ? sayOr(model, `response.${value}`, value) : value), model.texts?.lang) : "—"
  const reason = (it) => say(`plans.why.${it.why}`, {plan: list(it, it.plan_says), incident: list(it, it.incident_says)})

  function conflict(one) {
    const values = {plan: list({code: one.code.split("_")[0]}, one.plan_says ?? []), incident: list({code: one.code.split("_")[0]}, one.incident_says ?? []), date: one.date ?? ""}
    return h("div", {class: "row g8 s12 wn plan-line"}, icon("warning", 14), h("span", {}, say(`plans.conflict.${one.code}`, values)))
  }

  const needName = (need) => need.kind === "team" ? sayOr(model, `team.${need.code}`, need.code) : need.name || need.code
  const amount = (value) => String(Number(value))

  function missing(need) {
    return h("div", {class: "row g8 s12 plan-line"}, h("span", {class: "badge s b-warn"}, say("plans.short", {count: amount(need.short)})),
      h("span", {}, say("plans.need", {task: need.task, name: needName(need), need: amount(need.quantity), unit: need.unit, km: amount(need.within_km), have: amount(need.have)})))
  }

  function tasks(one) {
    return h("table", {class: "plan-tasks"}, h("thead", {}, h("tr", {}, ["plans.task", "plans.owner", "plans.within"].map((code, at) => h("th", {class: at === 2 ? "r" : ""}, say(code))))),
      h("tbody", {}, one.tasks.map((task) => {
        const pick = one.needs.find((need) => need.task === task.code && need.kind === "team" && need.code === task.team_kind)?.picks[0]
        return h("tr", {}, h("td", {}, h("b", {class: "mono"}, task.code), " ", task.title, task.text ? h("div", {class: "t3 s12 wrapped"}, task.text) : null),
          h("td", {class: "s12"}, pick ? [h("b", {}, pick.name), h("div", {class: "t3"}, distance(pick.distance_m))] : task.owner),
          h("td", {class: "r nowrap"}, h("b", {class: "num"}, whole(task.within_min)), ` ${say("unit.minutes")}`))
      })))
  }

  function adoption(one) {
    const lacking = one.needs.filter((need) => need.short > 0)
    const why = h("input", {class: "field", maxlength: 200, placeholder: say("plans.reason.hint"), "aria-label": say("plans.reason")})
    const line = keepLine(why, say)
    line.turn(unsent(`adopt-${one.id}`, model.scene.incident.id))
    const now = h("input", {type: "checkbox", checked: issue, onchange: () => { issue = now.checked }})
    return h("div", {class: "plan-ask", role: "group", "aria-label": say("plans.adopt")},
      h("b", {}, say("plans.will", {title: one.title, version: one.version, count: one.tasks.length})),
      h("div", {class: "s12 t2"}, say("plans.will.orders", {units: listed(one.tasks.map((task) => one.needs.find((need) => need.task === task.code && need.kind === "team" && need.code === task.team_kind)?.picks[0]?.name ?? task.owner), model.texts?.lang)})),
      lacking.length ? h("div", {class: "s12 wn"}, say("plans.will.lacking", {count: lacking.length})) : null,
      line.note, why, h("label", {class: "row g8 s12"}, now, say("plans.issue")),
      fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 14), fault) : null,
      h("div", {class: "row g8"}, h("div", {class: "sp"}), button({class: "btn", onclick: () => { asking = null; fault = ""; redraw() }}, say("plans.later")),
        button({class: "btn p plan-confirm", disabled: busy, onclick: () => { busy = true; fault = ""; model.send_msg({kind: "plan_adopt", id: one.id, version: one.version, reason: why.value, issue}) }}, icon("check", 15), say("plans.confirm"))))
  }

  function plan(one, at) {
    const open = opened === one.id, lacking = one.needs.filter((need) => need.short > 0)
    return h("section", {class: `plan-card${one.fits ? "" : " off"}${open ? " open" : ""}`, "data-plan": one.id},
      button({class: "plan-top", "aria-expanded": String(open), onclick: () => { opened = open ? "" : one.id; asking = null; redraw() }},
        h("span", {class: "ball"}, at + 1), h("span", {class: "sp"}, h("b", {class: "plan-title"}, one.title), h("span", {class: "t3 s12"}, `${say(`plans.kind.${one.kind}`)} · ${one.id} v${one.version}`)),
        one.adopted_seq ? h("span", {class: "badge s b-live"}, icon("check", 12), say("plans.adopted")) : null,
        h("span", {class: "plan-score"}, h("b", {}, one.score), h("span", {class: "t3"}, "/100"))),
      open ? h("div", {class: "plan-body"}, bars(one), one.conflicts.map(conflict),
        one.triggers.map((it) => h("div", {class: "row g8 s12 plan-line"}, h("span", {class: `badge s ${it.met ? "b-live" : it.met === false ? "b-line" : "b-stale"}`}, say(it.met ? "plans.met" : it.met === false ? "plans.unmet" : "plans.unknown")), h("span", {}, it.text || say(`plans.m.${it.measure}`), h("span", {class: "t3"}, ` ${say(`plans.m.${it.measure}`)} ≥ ${amount(it.at_least)}${it.value === null ? "" : `（${whole(Math.round(it.value))}）`}`)))),
        h("div", {class: "sh"}, icon("check", 15), say("plans.tasks", {count: one.tasks.length})), tasks(one),
        h("div", {class: "sh"}, icon("store", 15), say("plans.needs"), h("div", {class: "sp"}), h("span", {class: `badge s ${lacking.length ? "b-warn" : "b-live"}`}, lacking.length ? say("plans.lacking", {count: lacking.length}) : say("plans.all_there"))), lacking.map(missing),
        asking === one.id ? adoption(one) : h("div", {class: "row g8 plan-acts"},
          one.papers.length ? h("a", {class: "btn", target: "_blank", rel: "noopener", href: `/api/v1/plans/${one.id}/versions/${one.version}/paper`}, icon("document", 15), "PDF") : null,
          h("a", {class: "btn", href: `/plans?tab=plans&id=${one.id}`}, say("plans.open")), h("div", {class: "sp"}),
          one.adopted_seq && one.adopted_version === one.version ? h("span", {class: "t3 s12"}, say("plans.adopted.seq", {seq: one.adopted_seq}))
            : found.may ? button({class: "btn p plan-adopt", onclick: () => { asking = one.id; issue = false; redraw() }}, icon("send", 15), say("plans.adopt")) : null)) : null)
  }

  function card(one) {
    return h("section", {class: "sec"}, h("div", {class: "sh"}, icon("book", 15), say("cards.of", {name: textsOf(model).lang === "en" ? one.title_en : one.title}), h("span", {class: "badge s b-line"}, `UN ${one.un}`), h("div", {class: "sp"}),
      one.cited.length ? h("span", {class: "badge s b-live"}, say("cards.cited", {seq: one.cited.at(-1)})) : found.may_cite ? button({class: "btn s", onclick: () => model.send_msg({kind: "card_cite", id: one.id, version: one.version})}, say("cards.cite")) : null,
      button({class: "btn s", "aria-expanded": String(showCard), onclick: () => { showCard = !showCard; redraw() }}, say(showCard ? "cards.fold" : "cards.show"))),
    showCard ? statements(model, say, one) : h("div", {class: "s12 t2"}, one.statements.filter((it) => it.section === "isolate").slice(0, 1).map((it) => it[textsOf(model).lang === "en" ? "en" : "zh"])))
  }

  function draw() {
    pull()
    if (!found || found.incident !== model.scene.incident.id) return [h("div", {class: "skeleton tall", role: "status", "aria-label": say("plans.busy")}), h("div", {class: "skeleton"})]
    if (found.fault) return h("div", {class: "empty"}, icon("warning", 26), h("b", {}, found.fault))
    if (!found.plans.length) return [found.card ? card(found.card) : null, h("div", {class: "empty"}, icon("document", 28), h("b", {}, say("plans.none")), h("a", {class: "btn", href: "/plans"}, say("plans.to_library")))]
    opened ??= found.plans[0].id
    return [found.card ? card(found.card) : null,
      h("div", {class: "sec tight s12 t2"}, say("plans.rank_hint", {count: found.plans.length}), " ", h("span", {class: "t3"}, say("plans.weights"))), found.plans.map(plan)]
  }

  return {
    draw,
    count: () => model.scene?.incident && found?.incident === model.scene.incident.id ? found.plans?.filter((one) => one.fits).length ?? 0 : 0,
    take(message) {
      if (message.kind === "plans" && asking && message.plans?.some((one) => one.id === asking && one.adopted_seq)) unsent(`adopt-${asking}`, message.incident).drop()
      if (message.kind === "plans") { found = message; busy = false; asking = message.plans?.some((one) => one.id === asking && one.adopted_seq) ? null : asking; redraw() }
      if (message.kind === "plan_fault") { fault = message.fault; busy = false; redraw() }
    },
  }
}
