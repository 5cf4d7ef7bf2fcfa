// How does a consultation stand over the map? A banner, the room beside it, and the line that carries the presenter's view.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime, tell} from "./bus.js"
import {dress} from "./dress.js"
import {now, span} from "./format.js"
import {newKey} from "./closures.js"
import {consultLine} from "./consultline.js"
import {consultRoom} from "./consultroom.js"
import {consultSound} from "./consultsound.js"
import {consultDoor} from "./consultdoor.js"

const KEPT = "onemap.consultation"
const LOOK_MS = 20000
const kept = {
  read: () => { try { return JSON.parse(sessionStorage.getItem(KEPT)) } catch { return null } },
  keep: (value) => { try { value ? sessionStorage.setItem(KEPT, JSON.stringify(value)) : sessionStorage.removeItem(KEPT) } catch { /* then a reload has to join again */ } },
}

export function render({model, view}) {
  dress(view)
  const say = speaker(model), life = lifetime(model)
  const host = h("div", {class: "consult"})
  const banner = h("header", {class: "consult-banner", role: "status"}), side = h("div", {class: "consult-side"})
  host.append(banner, side)
  // what this page is doing: which room, on which line, following or not
  const me = {room: null, line: null, id: null, online: false, following: true, folded: false, hidden: 0, people: null, view: null, rev: 0, hold: null, since: null, known: false, sent: false}
  let open = false, beats = []
  const sound = consultSound(() => draw())

  const record = () => (model.room?.id === me.id ? model.room : {})
  const presenter = () => me.people?.presenter ?? record().presenter ?? ""
  const presenting = () => Boolean(me.id) && presenter() === model.me.account
  const lost = () => Boolean(me.people) && !me.people.presenter_on && !presenting()
  const name = () => me.people?.presenter_name || record().presenter_name || ""
  const inside = () => model.rooms.find((one) => one.id === me.id)?.inside ?? Boolean(record().id)
  const leads = () => presenting() || record().opened_by === model.me.account
  const send = (kind, more = {}) => { const key = newKey(); model.send_msg({kind, room: me.id, key, ...more}); return key }
  const state = {me, model, say, record, presenting, leads, lost, name, inside, send, toggle: () => { me.following ? away() : back() }, fold: () => { me.folded = !me.folded; draw() }, leave, redraw: () => draw()}
  const room = consultRoom(state, life), door = consultDoor({model, say, join, close: () => { open = false; draw() }, redraw: () => draw()})

  function announce() {
    tell("consult.room", me.id ? {presenting: presenting(), following: me.following, lost: lost(), frozen: Boolean(record().frozen) && !leads(), name: name()} : null)
    tell("consult.mode", {on: Boolean(me.id), open: open && !me.id, folded: me.folded, presenting: presenting()})
  }

  function join(id) {
    if (me.id === id) return
    const before = kept.read()
    leave(true)
    me.id = id
    me.hold = before?.id === id ? before.line : (crypto.randomUUID?.() ?? newKey())
    me.following = before?.id === id ? before.following !== false : true
    me.rev = 0
    me.known = me.sent = false
    open = false
    keep()
    model.send_msg({kind: "consult_join", id})
    me.line = consultLine({id, line: me.hold, follows: () => me.following, heard, changed: (up) => { me.online = up; draw() }, ended: gone})
    draw()
  }

  function leave(quiet = false) {
    if (!me.id) return
    me.line?.close(!quiet)
    Object.assign(me, {id: null, line: null, online: false, people: null, view: null, hidden: 0, folded: false})
    kept.keep(null)
    model.send_msg({kind: "consult_left"})
    draw()
    if (!quiet) setTimeout(() => model.send_msg({kind: "consult_look"}), 600)
  }

  function gone(code) {
    const was = me.id
    leave(true)
    if (was) tell("toast", {code: code === 1009 ? "consult.many" : code === 4404 ? "consult.gone" : "consult.ended", tone: code === 1000 ? "info" : "danger"})
    model.send_msg({kind: "consult_look"})
  }

  const keep = () => kept.keep(me.id ? {id: me.id, line: me.hold, following: me.following} : null)

  function heard(message) {
    if (message.kind === "people") {
      const fresh = !me.people
      me.people = message
      draw()
      if (fresh && presenting() && me.view && !me.sent) restore()
      // Nobody has shown anything yet: what this map shows is the view, though nothing moves on it.
      if (message.rev === 0) me.known = true
      if (presenting() && message.rev === 0 && !me.sent) tell("consult.refresh")
    }
    if (message.kind === "view") {
      const first = !me.known
      me.known = true
      me.view = message.view
      me.rev = message.rev
      if (me.hidden !== message.hidden) { me.hidden = message.hidden; draw() }
      // After a break of the line the map he looks at counts; after a new start of the page the one he left.
      if (presenting()) { if (first) restore(); else tell("consult.refresh"); return }
      take(message.view)
    }
    if (message.kind === "ended") gone(1000)
  }

  // A presenter who comes back finds the map as he left it, and shows it from there on.
  const restore = () => tell("consult.show", {view: me.view, restore: true})

  let moment = null, chosen = ""
  function take(shown) {
    tell("consult.show", {view: shown})
    if (!me.following) return
    const wanted = shown.moment ?? ""
    if (inside() && wanted !== (moment ?? model.moment ?? "")) model.send_msg({kind: "moment", value: wanted || null})
    moment = wanted
    const selection = shown.selection ? `${shown.selection.layer}:${shown.selection.id}` : ""
    if (selection && selection !== chosen) model.send_msg({kind: "dossier", layer: shown.selection.layer, id: shown.selection.id})
    chosen = selection
  }

  function away() {
    if (!me.id || presenting() || !me.following) return
    me.following = false
    follows()
  }

  function back() {
    if (!me.id || me.following) return
    me.following = true
    moment = null
    follows()
    if (me.view) { announce(); take(me.view) }
  }

  function follows() {
    keep()
    me.line?.send({say: "follow", on: me.following})
    draw()
  }

  function words() {
    if (presenting()) return [h("b", {class: "s16"}, say("consult.presenting.self"))]
    if (!me.people && !me.online) return [h("b", {class: "s16"}, say("consult.busy"))]
    if (lost()) return [h("b", {class: "s16"}, say("consult.lost", {name: name()}))]
    return [h("b", {class: "s16"}, say(me.following ? "consult.following" : "consult.presenting", {name: name()})), me.following ? null : h("span", {class: "badge s consult-free"}, say("consult.free"))]
  }

  function drawBanner() {
    banner.hidden = !me.id
    banner.classList.toggle("lost", lost() || !me.online)
    if (!me.id) return
    const at = record(), since = h("span", {class: "consult-since"})
    if (at.opened_at) beats.push(() => { since.textContent = say("consult.since", {name: at.name, time: span((now() - new Date(at.opened_at)) / 1000, say)}) })
    const scope = !me.online ? say("consult.offline")
      : [inside() ? say("consult.scope", {unit: model.me.name}) : say("consult.outside"), me.hidden ? say("consult.hidden", {count: me.hidden}) : null].filter(Boolean).join(model.texts?.lang === "en" ? "; " : "；")
    renew(banner, icon(me.online && !lost() ? "screen" : "unplugged", 18), words(), since, h("span", {class: "consult-line"}),
      presenting() && me.online ? h("span", {class: "sp cut"}, at.topic ?? "") : h("span", {class: "row g4 sp consult-scope"}, icon("eye", 16), h("span", {class: "cut", title: scope}, scope)),
      lost() && inside() && model.may.write ? button({class: "btn", onclick: () => send("consult_present", {account: model.me.account})}, icon("screen", 16), say("consult.lost.take")) : null,
      model.video?.url ? h("a", {class: "btn", href: model.video.url, target: "_blank", rel: "noopener noreferrer", title: say("consult.video.hint", {host: model.video.host})}, icon("video", 16), say("consult.video")) : null,
      !presenting() && inside() ? button({class: "btn", onclick: () => send("consult_say", {text: say("consult.raised"), raised: true})}, icon("hand", 16), say("consult.raise")) : null,
      !presenting() ? button({class: "btn", "aria-pressed": String(me.following), onclick: state.toggle}, icon(me.following ? "hand" : "undo", 16), say(me.following ? "consult.unfollow" : "consult.back")) : null,
      button({class: `btn consult-mute${sound.muted() ? " on" : ""}`, "aria-pressed": String(sound.muted()), title: say("consult.mute.hint"), onclick: sound.toggle}, icon(sound.muted() ? "muted" : "bell", 16), say(sound.muted() ? "consult.muted" : "consult.mute")),
      button({class: "ib", title: say("consult.title"), "aria-label": say("consult.title"), "aria-expanded": String(!me.folded), onclick: state.fold}, icon("people", 18)),
      button({class: "btn consult-out", onclick: () => leave()}, icon("leave", 16), say("consult.leave")))
  }

  function draw() {
    beats = []
    host.classList.toggle("on", Boolean(me.id))
    drawBanner()
    side.hidden = me.id ? me.folded : !open
    const shown = me.id ? room.draw(beats) : open ? door.draw() : null
    if (side.firstChild !== shown) renew(side, shown) // what is being typed stays where it is
    beats.forEach((beat) => beat())
    announce()
  }

  life.every(1000, () => beats.forEach((beat) => beat()))
  life.every(LOOK_MS, () => { if (!document.hidden) model.send_msg({kind: "consult_look"}) })
  life.hear("consult", () => {
    if (me.id) return state.fold()
    open = !open
    if (open) { model.send_msg({kind: "consult_look"}); model.send_msg({kind: "consult_seats"}) }
    draw()
  })
  life.hear("consult.left", away)
  life.hear("consult.return", back)
  life.hear("consult.turn", () => state.toggle())
  life.hear("escape", () => { if (me.id) away(); else if (open) { open = false; draw() } })
  // A page that has just come does not know yet what stands: its own first look must not be shown over that.
  life.hear("consult.view", (shown) => { if (me.known && me.line?.send({say: "view", view: {...shown, moment: model.moment || null, sent_ms: Date.now()}})) me.sent = true })
  let called = new Set()
  function invited() {
    for (const one of model.rooms) {
      if (!called.has(one.id) && one.id !== me.id) { tell("toast", {code: "consult.invited", values: {name: one.by}}); sound.ring() }
      called.add(one.id)
    }
    const again = kept.read()
    if (again && !me.id && model.rooms.some((one) => one.id === again.id)) join(again.id)
    draw()
  }
  model.on("rooms", invited)
  model.on("moment", () => tell("consult.refresh"))
  model.on("room", () => { if (me.id && record().id) sound.heard(me.id, record().minutes ?? [], model.me.account) })
  model.on(["room", "incident", "past", "seats", "texts", "may"], draw)
  model.on("msg:custom", (message) => {
    if (message.kind !== "said") return
    if (message.fault) { if (!door.fault(message) && !room.fault(message)) tell("toast", {text: message.fault, tone: "danger"}) }
    else if (message.act === "consult_open") { door.done(); model.send_msg({kind: "consult_look"}); setTimeout(() => join(message.id), 50) }
    else room.done(message)
  })
  life.then(() => me.line?.close(false))
  invited()
  model.send_msg({kind: "consult_look"})
  return host
}
