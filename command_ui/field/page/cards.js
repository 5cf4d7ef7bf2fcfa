// What stands on a task: what to do, how long is left, where, and the one big button for what comes next.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {drawing, towards, zoneAt} from "./fieldmap.js"

const NEXT = {issued: "acknowledged", acknowledged: "under_way", under_way: "done"}
export const ENDED = ["done", "cannot", "withdrawn"]
const ZONE = "Asia/Shanghai"
const written = (options) => new Intl.DateTimeFormat("en-GB", {timeZone: ZONE, hourCycle: "h23", ...options})
const long = written({hour: "2-digit", minute: "2-digit", second: "2-digit"}), short = written({hour: "2-digit", minute: "2-digit"})
export const time = (when, seconds = true) => (when ? (seconds ? long : short).format(new Date(when)) : "—")
const two = (value) => String(value).padStart(2, "0")
export function span(seconds) {
  const total = Math.max(0, Math.floor(seconds)), hours = Math.floor(total / 3600)
  return hours ? `${hours}:${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}` : `${two(Math.floor(total / 60))}:${two(total % 60)}`
}

// The order as it will be when what waits on the phone has been sent.
export function ahead(order, acts) {
  const mine = acts.filter((one) => one.order === order.order_id && one.to && !one.fault)
  return mine.length ? {...order, state: mine.at(-1).to, pending: mine} : {...order, pending: []}
}

export function card(order, incident, {say, act, ask, at, now, beats, open, toggle}) {
  const next = NEXT[order.state], ended = ENDED.includes(order.state)
  const timer = order.timers.find((one) => !one.met_at && !one.ended && !(one.code === "acknowledge" && order.state !== "issued"))
  const left = h("b", {class: "left"})
  if (timer && !ended) beats.push(() => {
    const seconds = (new Date(timer.due_at) - now()) / 1000
    left.className = `left ${seconds < 0 ? "danger" : seconds < 300 ? "danger" : seconds < 600 ? "warn" : ""}`
    left.textContent = seconds < 0 ? say("f.overdue", {time: span(-seconds)}) : say(`f.left.${timer.code}`, {time: span(seconds)})
  })
  const target = order.longitude === null ? incident : order
  const lines = [...order.steps.map((one) => ({...one, what: say(`f.state.${one.to}`)})), ...order.notes.map((one) => ({...one, what: one.tried ? say("f.tried", {state: say(`f.state.${one.tried}`)}) : say("f.note")}))].sort((a, b) => a.seq - b.seq)
  return h("article", {class: `card st-${order.state}`, "data-order": order.name},
    h("div", {class: "row top"}, h("h2", {}, order.text), h("span", {class: `state st-${order.state}`}, say(`f.state.${order.state}`))),
    h("div", {class: "row under"}, h("span", {}, [order.name, order.decision ? say("f.by", {name: order.decision}) : null, order.place].filter(Boolean).join("·")), timer && !ended ? left : null),
    order.doubt ? h("div", {class: "doubt"}, icon("warning", 20), h("span", {}, say("f.doubt", {reason: order.doubt.reason || say(`f.doubt.${order.doubt.why}`)}))) : null,
    order.pending.map((one) => h("div", {class: "pending"}, icon("unplugged", 18), say("f.pending", {what: say(`f.state.${one.to}`), time: time(one.body.made_at)}))),
    ended || !incident.longitude ? null : [drawing(incident, at, {label: say("f.map")}), wayLine(incident, target, at, say)],
    ended ? null : h("div", {class: "row acts"},
      next ? button({class: "big p", onclick: () => act(order, next)}, icon(next === "done" ? "check" : next === "under_way" ? "next" : "check", 22), say(`f.do.${next}`)) : null,
      h("a", {class: "big", href: `geo:${target.latitude},${target.longitude}?q=${target.latitude},${target.longitude}`}, icon("route", 22), say("f.navigate"))),
    ended ? null : h("div", {class: "row acts"}, button({class: "big", onclick: () => ask("note", order)}, icon("camera", 20), say("f.note.add")), button({class: "big", onclick: () => ask("cannot", order)}, icon("cross", 20), say("f.do.cannot"))),
    h("button", {type: "button", class: "more", "aria-expanded": String(open), onclick: toggle}, say("f.history", {count: lines.length})),
    open ? h("ol", {class: "history"}, lines.map((one) => h("li", {}, h("b", {}, one.what), h("span", {}, [one.reason, one.text].filter(Boolean).join("·") || "—"),
      h("span", {class: "t3"}, Math.abs(new Date(one.recorded_at) - new Date(one.made_at)) > 2000 ? say("f.both", {made: time(one.made_at), recorded: time(one.recorded_at)}) : time(one.recorded_at))))) : null)
}

function wayLine(incident, target, at, say) {
  const route = incident.route
  if (route?.travel_time_s && route.status === "ok") return h("div", {class: "way"}, icon("route", 20), h("b", {}, say("f.way", {minutes: Math.max(1, Math.round(route.travel_time_s / 60)), km: (route.length_m / 1000).toFixed(1)})), incident.review ? h("span", {class: "warn"}, say("f.way.review")) : h("span", {}, say("f.way.around")))
  if (!at) return null
  const there = towards(at, target)
  return h("div", {class: "way"}, icon("locate", 20), h("b", {}, say("f.away", {km: (there.metres / 1000).toFixed(1), point: say(`f.point.${Math.round(there.degrees / 45) % 8}`)})))
}

// The one thing nobody may overlook: standing inside a zone, said with the way out of it.
export function zoneWarning(incident, at, say) {
  const zone = zoneAt(incident, at)
  if (!zone) return null
  const from = incident.wind_from_deg
  return h("div", {class: "zone-warning", role: "alert"}, icon("warning", 26), h("div", {}, h("b", {}, say("f.inside", {name: zone.name})), from === null ? null : h("div", {}, say("f.inside.go", {point: say(`f.point.${Math.round(from / 45) % 8}`)}))))
}
