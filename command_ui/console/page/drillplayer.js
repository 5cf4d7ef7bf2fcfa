// What does a player see? What was said to his role, his tasks, and the way to his desk; nothing of what is to come.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {time} from "./format.js"
import {elapsed, elapsedOf} from "./drillclock.js"
import {PICTURE} from "./drillpictures.js"

const FRESH_S = 60

export function drillPlayer(room) {
  const {say, model} = room
  const inbox = h("div", {class: "scroll drill-inbox", "aria-live": "polite"}), side = h("aside", {class: "scroll drill-tasks"}), node = h("div", {class: "drill-play"}, inbox, side)
  let drawn = ""

  function roles(look) {
    return h("div", {class: "row g8 wrap"}, h("span", {class: "t3 s12"}, say("drill.play.role")), look.roles.map((role) => button({class: `chip${role.id === look.role ? " on" : ""}`, "aria-pressed": String(role.id === look.role), "data-role": role.id, onclick: () => { room.role = role.id; room.turn("play") }}, role.name)))
  }

  function post(one, look) {
    const fresh = look.state !== "ended" && elapsedOf(look) - one.sent_s < FRESH_S
    return h("article", {class: `drill-post${fresh ? " fresh" : ""}`, "data-inject": one.id},
      h("span", {class: "face row", style: {"justify-content": "center"}}, icon(PICTURE[one.kind] ?? "report", 19)),
      h("h3", {}, one.title), h("span", {class: "r"}, h("b", {class: "s14"}, elapsed(one.sent_s)), h("span", {class: "t3 s12", style: {display: "block"}}, say("drill.play.scene", {time: time(one.scene_at, false)}))),
      one.text ? h("p", {}, one.text) : null, h("span", {class: "t3 s12", style: {"grid-column": "2 / -1"}}, say("drill.from_to", {from: one.from || "—", to: one.to}), one.place ? ` · ${one.place}` : ""))
  }

  function draw() {
    const look = room.look
    if (!look) {
      drawn = ""
      renew(inbox, room.run ? [h("div", {class: "skeleton tall"}), h("div", {class: "skeleton tall"})] : h("div", {class: "empty"}, icon("flag", 28), h("b", {}, say("drill.no_run")), button({class: "btn p", onclick: () => room.turn("library")}, say("drill.library"))))
      renew(side)
      return
    }
    const state = JSON.stringify([look.role, look.posts.map((one) => one.id), look.orders, look.incidents, model.language, look.state, Math.floor(elapsedOf(look) / 30)])
    if (state === drawn) return
    drawn = state
    renew(inbox, roles(look), look.posts.length ? look.posts.map((one) => post(one, look)) : h("div", {class: "empty"}, icon("bell", 28), h("b", {}, say("drill.play.none")), h("span", {}, say("drill.play.none.hint"))))
    renew(side, h("div", {class: "h"}, icon("person", 17), look.role_name),
      h("div", {class: "sec"}, h("div", {class: "sh"}, icon("flag", 15), say("drill.play.scene_now")), h("p", {style: {"line-height": "22px"}}, look.purpose), h("div", {class: "t3 s12"}, look.place.name)),
      h("div", {class: "sec"}, h("div", {class: "sh"}, icon("globe", 15), say("drill.play.where")),
        look.incidents.length ? look.incidents.map((one) => h("a", {class: "btn p drill-desk-link", style: {width: "100%", margin: "4px 0"}, href: `/?incident=${one.id}`}, icon("globe", 15), h("span", {class: "cut"}, say("drill.play.desk", {number: one.code})))) : h("a", {class: "btn p drill-desk-link", style: {width: "100%"}, href: "/"}, icon("globe", 15), say("drill.play.desk.none")),
        h("div", {class: "row g8", style: {"margin-top": "8px"}}, h("a", {class: "btn", href: "/alarms"}, icon("bell", 15), say("page.alarms")), h("a", {class: "btn", href: "/report"}, icon("report", 15), say("page.report")), h("a", {class: "btn", href: "/plans"}, icon("table", 15), say("page.plans")))),
      h("div", {class: "sec last"}, h("div", {class: "sh"}, icon("send", 15), say("drill.play.tasks", {count: look.orders.length})), look.orders.length ? look.orders.map((one) => h("div", {class: "drill-task"}, h("div", {class: "row g8"}, h("b", {class: "mono"}, one.number), h("span", {class: "cut sp"}, one.unit), h("span", {class: "badge s b-line"}, say(`order.state.${one.state}`))), h("div", {class: "t2"}, one.text))) : h("span", {class: "t3 s12"}, say("drill.play.tasks.none"))))
  }

  return {node, draw}
}
