// What does every duty officer need at the top? Mode, state of the services, wind, clock, time since the alarm, who I am.
import {h, s, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime, tell} from "./bus.js"
import {dress} from "./dress.js"
import {fed} from "./liveline.js"
import {forgetAll} from "./unsent.js"
import {date, figure, now, span, time, windName} from "./format.js"

function dial(wind_from_deg) {
  // The arrow shows where the air goes: a wind from 225° blows towards 45°.
  const arrow = wind_from_deg === null || wind_from_deg === undefined ? null
    : s("g", {transform: `rotate(${wind_from_deg + 180})`}, s("path", {
      d: "M0 10V-9M-5 -4L0 -10L5 -4", fill: "none", stroke: "var(--om-primary)", "stroke-width": 2.6,
      "stroke-linecap": "round", "stroke-linejoin": "round"}))
  return s("svg", {width: 36, height: 36, viewBox: "-18 -18 36 36", "aria-hidden": "true"},
    s("circle", {r: 16.5, fill: "none", stroke: "var(--om-borderStrong)"}),
    s("path", {d: "M0 -16v3M0 16v-3M16 0h-3M-16 0h3", stroke: "var(--om-text3)"}), arrow)
}

export function render({model, view}) {
  dress(view)
  const say = speaker(model)
  const life = lifetime(model)
  const bar = h("div", {class: "bar"})
  const clock = h("div", {class: "clock"})
  const since = h("b", {class: "wn"})
  const day = h("span", {})
  const menu = h("div", {class: "menu", role: "menu", hidden: true})
  const pages = h("nav", {class: "menu pages", hidden: true})
  const cut = h("a", {class: "badge b-danger", href: "/nodes", hidden: true})
  let away = null // the upper level that is out of reach, and how much waits for it

  function weather() {
    const w = model.weather
    if (!w || w.wind_from_deg === undefined || w.wind_from_deg === null) {
      return [dial(null), h("div", {class: "kv"}, h("b", {}, "—"), h("span", {}, say("weather.none")))]
    }
    const facts = [
      w.temperature_c === null || w.temperature_c === undefined ? null : `${figure(w.temperature_c)} ℃`,
      w.relative_humidity ? say("weather.humidity", {value: Math.round(w.relative_humidity * 100)}) : null,
      w.stability ? say("weather.stability", {value: w.stability}) : null,
      w.as_of ? say("weather.as_of", {time: time(w.as_of, false)}) : null,
    ].filter(Boolean)
    return [dial(w.wind_from_deg), h("div", {class: w.stale ? "kv stale" : "kv", title: w.source ?? ""},
      h("b", {}, `${windName(say, w.wind_from_deg)} ${Math.round(w.wind_from_deg)}°·${figure(w.wind_speed_m_s, 2)} m/s`),
      h("span", {}, facts.join("·")))]
  }

  function choice(name, text, act) {
    return button({class: "menu-row", role: "menuitem", onclick: () => { menu.hidden = true; act() }}, icon(name, 16), text)
  }

  function turn(open) {
    pages.hidden = !open
    bar.querySelector(".ib")?.setAttribute("aria-expanded", String(open))
    if (open) pages.querySelector("a, button")?.focus()
  }

  // Where can one go from here? Links and not buttons, so that a page opens in a second window for a second screen.
  function listPages() {
    pages.setAttribute("aria-label", say("bar.pages"))
    renew(pages,
      model.pages.map((page) => h("a", {class: page.code === model.page ? "menu-row here" : "menu-row", href: page.path,
        "aria-current": page.code === model.page ? "page" : null},
        icon(page.icon, 18), h("span", {class: "kv"}, h("b", {}, say(`page.${page.code}`)), h("span", {}, say(`page.${page.code}.hint`))))),
      model.page === "map" ? h("div", {class: "menu-line"}) : null,
      model.page === "map" ? button({class: "menu-row", onclick: () => { turn(false); tell("fold") }}, icon("menu", 16), say("bar.fold")) : null)
  }

  function draw() {
    listPages()
    const problems = model.services?.problems ?? []
    renew(menu,
      choice(model.theme === "dark" ? "sun" : "moon", say(model.theme === "dark" ? "menu.light" : "menu.dark"),
        () => model.send_msg({kind: "theme", value: model.theme === "dark" ? "light" : "dark"})),
      choice("globe", say("menu.language"), () => model.send_msg({kind: "language", value: model.language === "zh" ? "en" : "zh"})),
      choice("keyboard", say("menu.keys"), () => tell("keys")),
      h("a", {class: "menu-row", role: "menuitem", href: "/account"}, icon("person", 16), say("menu.account")),
      choice("leave", say("menu.leave"), () => {
        // signing out is a POST so that a picture or a link elsewhere cannot do it
        const form = h("form", {method: "post", action: "/sign-out"}, h("input", {type: "hidden", name: "csrf_token", value: model.csrf_token}))
        forgetAll()
        document.body.append(form)
        form.submit()
      }))
    renew(bar,
      button({class: "ib", "aria-label": say("bar.pages"), title: say("bar.pages"), "aria-expanded": "false", onclick: () => turn(pages.hidden)}, icon("menu", 20)),
      pages,
      h("div", {class: "logo"}, icon("layers", 20)),
      h("div", {class: "brand"}, h("b", {}, say("app.name")), h("span", {}, say("app.centre", {city: model.city}))),
      h("span", {class: `badge mode mode-${model.mode}`}, say(`mode.${model.mode}`)),
      problems.length
        ? h("span", {class: "badge b-warn wide", title: problems.map((code) => say(code)).join("；")}, say("services.bad", {count: problems.length}))
        : h("span", {class: "badge b-live wide"}, h("span", {class: "dot"}), say("services.good")),
      renew(cut, icon("unplugged", 14), h("span", {}, away ? say("nodes.badge.above", away) : say("nodes.badge"))),
      h("div", {class: "sp"}),
      h("div", {class: "row g12 weather"}, weather()), h("div", {class: "vsep"}),
      h("div", {class: "row g12"}, clock, h("div", {class: "kv"}, since, day)), h("div", {class: "vsep"}),
      h("div", {class: "user"},
        button({class: "user-button", "aria-haspopup": "menu", title: say("menu.title"), onclick: () => { menu.hidden = !menu.hidden }},
          h("span", {class: "face"}, icon("person", 18)),
          h("span", {class: "kv"}, h("b", {}, model.user?.name ?? "—"), h("span", {}, model.user?.role ?? "")),
          icon("down", 14)),
        menu))
    tick()
  }

  function tick() {
    const at = now()
    clock.textContent = time(at)
    day.textContent = date(at, say)
    const started = model.started_at ? (at - new Date(model.started_at)) / 1000 : null
    since.textContent = started === null ? say("bar.quiet") : `T+${span(started, say)}`
  }

  // How do the lines to other levels stand? Asked by the browser, so that no page of the server has to keep looking.
  async function askLines() {
    if (!model.services?.lines || document.hidden) return
    try {
      const answer = await fetch("/api/v1/nodes/state", {credentials: "same-origin"})
      if (!answer.ok) return
      const found = await answer.json()
      away = found.above ? {title: found.above, count: found.waiting} : null
      cut.hidden = !found.troubled
      cut.lastChild.textContent = away ? say("nodes.badge.above", away) : say("nodes.badge")
    } catch { /* the line to our own server is said elsewhere */ }
  }
  life.every(30000, askLines)
  askLines()
  life.every(1000, tick)
  life.on(document, "click", (event) => { 
    const path = event.composedPath()
    if (!path.includes(bar)) menu.hidden = true
    if (!path.includes(pages) && !path.some((one) => one instanceof Element && one.matches(".bar > .ib"))) turn(false)
  })
  life.hear("escape", () => { menu.hidden = true; turn(false) })
  model.on(["texts", "theme", "language", "mode", "weather", "services", "user", "started_at", "city", "pages"], draw)
  model.on("services", askLines)
  fed(view, life, ({started_at}) => ({started_at}))
  draw()
  return bar
}
