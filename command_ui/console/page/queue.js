// What is waiting for me? Incidents with their clocks, what the last assessment asks a person to look at, and the feeds.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr, speaker} from "./speak.js"
import {lifetime, tell} from "./bus.js"
import {dress} from "./dress.js"
import {now, span, stamp, time, urgency, whole} from "./format.js"
import {alarmRow} from "./alarmrows.js"
import {fed} from "./liveline.js"
import {written} from "./written.js"

const ALARMS_BESIDE = 4

export function render({model: told, view}) {
  dress(view)
  const model = written(told, {standing: []})
  const say = speaker(model)
  const life = lifetime(model)
  const panel = h("div", {class: "panel queue"})
  let ticking = []
  let chosen = "open"

  function timer(clock, one) {
    const left = h("b", {class: "s14"})
    const fill = h("i", {})
    const due = new Date(clock.due_at), start = new Date(clock.start_at)
    const done = clock.done_at ? new Date(clock.done_at) : null
    ticking.push(() => {
      const at = done ?? now()
      const seconds = (due - at) / 1000
      const share = Math.min(1, Math.max(0, (at - start) / Math.max(1, due - start)))
      fill.style.width = `${Math.round(share * 100)}%`
      const tone = done ? "okc" : seconds < 0 ? "dg" : urgency(seconds) || "pr"
      left.className = `s14 ${tone}`
      fill.style.background = {okc: "var(--om-ok)", dg: "var(--om-danger)", wn: "var(--om-warn)", pr: "var(--om-primary)"}[tone]
      left.textContent = done ? say("clock.done", {time: time(done)})
        : seconds < 0 ? say("clock.over", {span: span(-seconds, say)}) : span(seconds, say)
    })
    return h("div", {class: "timer"},
      h("div", {class: "row"}, clock.report ? h("a", {class: "t2 s12 due-report", href: `/report?incident=${one.id}&channel=${clock.report}`, title: say("report.title")}, say(clock.code, clock.values)) : h("span", {class: "t2 s12"}, say(clock.code, clock.values)), h("div", {class: "sp"}), left),
      h("div", {class: "row g8"}, h("div", {class: "bar1 thin sp"}, fill),
        h("span", {class: "t3 s12 due"}, say(clock.due_code ?? "clock.due", {time: stamp(due)}))))
  }

  // What must be seen of an incident that is not the one looked at: its notices are not on the page.
  const pressing = (one) => (one.badges ?? []).filter((badge) => ["b-danger", "b-warn"].includes(badge.tone))
  const calling = (one) => pressing(one).some((badge) => badge.tone === "b-danger")

  function incident(one) {
    const picked = one.id === model.selected
    // The whole card opens the incident; for keys and screen readers its title is the button, since the card holds others.
    return h("div", {class: `incident${picked ? " picked" : ""}`, onclick: () => model.send_msg({kind: "open", id: one.id})},
      h("div", {class: "row g4"}, button({class: "s16 sp title", "aria-pressed": String(picked)}, one.title),
        picked ? null : pressing(one).map((badge) => h("span", {class: `badge s ${badge.tone}`}, say(badge.code, badge.values))),
        one.mode === "live" ? null : h("span", {class: `badge s mode-${one.mode}`}, say(`mode.${one.mode}`))),
      h("div", {class: "t3 s12"}, [one.number, one.division, say("queue.known", {time: stamp(one.known_at)})].filter(Boolean).join("·")),
      picked && one.badges?.length ? h("div", {class: "row g4 wrap badges"}, one.badges.map((badge) =>
        h("span", {class: `badge s ${badge.tone}`}, badge.dot ? h("span", {class: "dot"}) : null, say(badge.code, badge.values)))) : null,
      picked ? (one.clocks ?? []).map((clock) => timer(clock, one)) : null)
  }

  // Whatever list is open: who calls for help is named above it, and one press leads there.
  function caller(one) {
    return button({class: "notice danger caller", onclick: () => { chosen = "open"; model.send_msg({kind: "open", id: one.id}); draw() }},
      h("span", {class: "sign"}, icon("warning", 18)),
      h("span", {class: "sp what"}, h("b", {}, one.title), h("div", {class: "t3 s12"}, pressing(one).filter((badge) => badge.tone === "b-danger").map((badge) => say(badge.code, badge.values)).join("·"))))
  }

  function notice(one) {
    const look = {danger: "warning", warn: "bell", ok: "check"}[one.tone] ?? "bell"
    const seconds = h("b", {class: "s12"})
    if (one.due_at) ticking.push(() => {
      const left = (new Date(one.due_at) - now()) / 1000
      seconds.className = `s12 ${left < 0 ? "t3" : urgency(left)}`
      seconds.textContent = left < 0 ? say("notice.reached") : span(left, say)
    })
    return h("div", {class: `notice ${one.tone}`},
      h("span", {class: "sign"}, icon(look, 18)),
      h("div", {class: "sp what"}, h("b", {}, sayOr(model, one.code, one.code, one.values)),
        h("div", {class: "t3 s12"}, sayOr(model, one.detail, one.detail ?? "", one.values))),
      h("div", {class: "r"}, h("div", {class: "t2 s12"}, one.at ? stamp(one.at) : ""), one.due_at ? seconds : null),
      one.longitude === undefined || one.longitude === null ? null
        : button({class: "btn s", onclick: () => tell("fly", {longitude: one.longitude, latitude: one.latitude})}, say("notice.show")))
  }

  const called = () => model.standing?.calls ?? []
  const missing = () => called().filter((one) => one.state === "called" || one.state === "unanswered")
  const waiting = () => (model.standing?.counts.open ?? 0) + (model.standing?.counts.cleared ?? 0)
  // The list is one node for the life of the page: a value that moves must not take the button from under the finger.
  const alarms = h("div", {class: "alarms"})
  const strip = h("span", {class: "t2 s12 sp"}), freshness = h("span", {class: "t3 s12"})
  let alarms_at = null, calls_drawn = "[]", joining = ""
  function join(id) { joining = id; drawAlarms(); const box = id && alarms.querySelector(".alarm-join"); if (box) { box.querySelector(".btn")?.focus(); box.scrollIntoView({block: "nearest"}) } }

  const suspicion = (one) => h("div", {class: "notice danger", "data-watch": one.code, role: "alert"},
    h("span", {class: "sign"}, icon("warning", 18)),
    h("div", {class: "sp what"}, h("b", {}, say(`watch.${one.code}`)), h("div", {class: "t3 s12"}, say("watch.hint", {time: time(one.at), count: one.count}))))

  function drawAlarms() {
    const rows = model.standing?.rows ?? []
    const shown = chosen === "alarms" ? rows : rows.slice(0, ALARMS_BESIDE)
    strip.textContent = say("alarm.title", {count: waiting()})
    freshness.textContent = alarms_at ? say("common.updated", {time: time(alarms_at)}) : ""
    renew(alarms, (model.standing?.watch ?? []).map(suspicion), shown.length
      ? shown.map((one) => alarmRow(one, {say, send: (message) => model.send_msg(message), may: model.can_report,
        incidents: (model.incidents ?? []).filter((it) => it.status !== "closed"), selected: model.selected, joining, join}))
      : h("div", {class: "empty low"}, say("alarm.none")),
    rows.length > shown.length ? button({class: "btn s more", onclick: () => { chosen = "alarms"; draw() }}, say("alarm.all", {count: rows.length})) : null)
  }

  function feed(one) {
    return h("div", {class: "row g8 feed"},
      h("span", {class: "t2 s12 sp"}, sayOr(model, one.code, one.name ?? one.code)),
      h("span", {class: "s12"}, one.count === null || one.count === undefined ? "—" : one.answering !== undefined && one.answering < one.count ? `${whole(one.answering)} / ${whole(one.count)}` : whole(one.count)),
      h("span", {class: `badge s state-${one.state}`, title: one.source ?? ""}, say(`state.${one.state}`)))
  }

  // The folded column: counts, one mark an incident, and the way to report; everything else is one press away.
  function rail(open, urgent) {
    return h("div", {class: "rail"},
      button({class: "ib", title: say("bar.fold"), "aria-label": say("bar.fold"), onclick: () => tell("fold")}, icon("bell", 20), urgent ? h("span", {class: "count"}, urgent) : null),
      h("div", {class: "rail-list"}, open.slice(0, 8).map((one, index) => button({class: `rail-mark${one.id === model.selected ? " on" : ""}${calling(one) ? " calls" : ""}`, title: one.title, "aria-label": one.title,
        onclick: () => model.send_msg({kind: "open", id: one.id})}, index + 1))),
      model.can_report ? button({class: "btn d square", title: say("queue.report"), "aria-label": say("queue.report"), onclick: () => tell("report")}, icon("plus", 18)) : null)
  }

  function draw() {
    ticking = []
    const all = model.incidents ?? []
    const still = all.filter((one) => one.status !== "closed"), closed = all.filter((one) => one.status === "closed")
    const open = [...still.filter(calling), ...still.filter((one) => !calling(one))] // who calls for help stands first
    const shown = chosen === "closed" ? closed : open
    const scrolled = panel.querySelector(".scroll")?.scrollTop ?? 0
    const notices = model.notices ?? []
    // To be looked at: what is said of the incident on the page, and every other one from which somebody calls.
    const look = notices.filter((one) => one.tone === "danger").length + open.filter((one) => one.id !== model.selected && calling(one)).length
    const chip = (name, count) => button({class: `chip chip-${name}${chosen === name ? " on" : ""}`, "aria-pressed": String(chosen === name),
      onclick: () => { chosen = name; draw() }}, say(`queue.${name}`, {count}))
    renew(panel, rail(open, look + waiting()), h("div", {class: "queue-full"},
      h("div", {class: "h"}, icon("bell"), h("span", {class: "wide-only"}, say("queue.title")),
        look ? h("span", {class: "badge s b-danger"}, say("queue.look", {count: look})) : null),
      h("div", {class: "row g4 chips"}, chip("open", open.length), chip("alarms", waiting()), called().length ? chip("calls", missing().length) : null, chip("closed", closed.length),
        h("div", {class: "sp"}), h("a", {class: "ib small", href: "/alarms", title: say("page.alarms"), "aria-label": say("page.alarms")}, icon("table", 16))),
      h("div", {class: "scroll"},
        chosen === "open" ? null : still.filter(calling).map(caller),
        chosen === "calls" ? calls() : chosen === "alarms" ? null : model.loading ? [h("div", {class: "skeleton tall"}), h("div", {class: "skeleton"})]
          : shown.length ? shown.map(incident)
            : h("div", {class: "empty"}, icon("check", 28), h("b", {}, say(`queue.none.${chosen}`)), h("span", {}, say("queue.none.hint"))),
        chosen === "calls" ? null : [h("div", {class: "row strip"}, strip, freshness), alarms],
        chosen === "alarms" || chosen === "calls" ? null : [h("div", {class: "row strip"}, h("span", {class: "t2 s12 sp"}, say("notice.title")),
          h("span", {class: "t3 s12"}, model.updated_at ? say("common.updated", {time: time(model.updated_at)}) : "")),
        notices.length ? notices.map(notice) : h("div", {class: "empty low"}, say("notice.none"))]),
      h("div", {class: "foot"},
        h("div", {class: "feeds"}, h("div", {class: "sh"}, icon("link", 15), say("feeds.title")), (model.feeds ?? []).map(feed)),
        h("div", {class: "row g8 actions"},
          model.can_report ? button({class: "btn d sp", title: `${say("queue.report")} (R)`, onclick: () => tell("report")}, icon("plus", 16), say("queue.report")) : null))))
    ticking.forEach((beat) => beat())
    drawAlarms()
    panel.querySelector(".scroll").scrollTop = scrolled
  }

  function calls() {
    const rank = {unanswered: 0, called: 1, late: 2, answered: 3}
    return [...called()].sort((one, other) => rank[one.state] - rank[other.state]).map((one) => h("div", {class: `notice ${{unanswered: "danger", called: "warn", late: "calm", answered: "ok"}[one.state]}`},
      h("span", {class: "sign"}, icon("phone", 18)),
      h("div", {class: "sp what"}, h("b", {}, one.name), h("div", {class: "t3 s12"}, `${one.phone}·${say("call.attempt", {count: one.attempt})}`)),
      h("div", {class: "r"}, h("div", {class: "t2 s12"}, stamp(one.answered_at ?? one.due_at)), h("span", {class: "s12 t3"}, say(`call.${one.state}`)))))
  }

  function redrawAlarms() {
    alarms_at = now()
    const asked = JSON.stringify(called())
    if (asked !== calls_drawn) {
      calls_drawn = asked
      draw()
      return
    }
    panel.querySelector(".chip-alarms")?.replaceChildren(say("queue.alarms", {count: waiting()}))
    drawAlarms()
  }

  fed(view, life, ({incidents, notices, at}) => ({incidents, notices, updated_at: at}))
  life.every(1000, () => ticking.forEach((beat) => beat()))
  model.on(["texts", "incidents", "selected", "notices", "feeds", "loading", "updated_at", "can_report"], draw)
  model.on(["standing"], redrawAlarms)
  life.hear("report", () => { if (model.can_report) model.send_msg({kind: "report"}) })
  draw()
  return panel
}
