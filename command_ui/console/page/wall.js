// What must a room see from five metres? Three columns around the map: people and means, the map, what happens now.
import {h, s, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr, speaker, textsOf} from "./speak.js"
import {written} from "./written.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {facilityIcon} from "./assessment.js"
import {signPicture} from "./plotpicture.js"
import {nameIn} from "./plotsigns.js"
import {lineSwatch, zoneSwatch} from "./swatch.js"
import {date, figure, minutes, now, span, stamp, time, urgency, whole, windName} from "./format.js"
import {wallMap} from "./wallmap.js"

const RISK = {1: "riskR", 2: "riskO", 3: "riskY", 4: "riskB"}
const TONE = {sense: "danger", judge: "primary", act: "ok"}

// The page is drawn for 1080 lines; a larger wall shows the same picture larger, a wider one shows more map.
export function wallZoom(width, height) {
  return Math.max(0.86, Math.min(height / 1080, width / 1700))
}

export function render({model: told, view}) {
  const model = written(told, {scene: ["drawn"]})
  dress(view)
  const say = speaker(model)
  const life = lifetime(model)
  const zoom = wallZoom(window.innerWidth, window.innerHeight)
  document.documentElement.dataset.wallZoom = zoom
  const head = h("header", {class: "wall-head"}), left = h("div", {class: "wall-col"}), right = h("div", {class: "wall-col"})
  const axis = h("section", {class: "wall-card wall-axis"})
  const map = wallMap(model, say)
  const watch = h("section", {class: "wall-watch", role: "alert"})
  const page = h("div", {class: "wall", style: {zoom}}, head, left, h("div", {class: "wall-middle"}, watch, h("div", {class: "wall-mapbox"}, map.node), axis), right)
  let beats = []
  const clock = h("div", {class: "wall-clock"}), since = h("b", {class: "wn"}), day = h("span", {})

  // A wall that has read nothing yet must not say that nothing happens.
  const quiet = () => (model.loading ? "data.loading" : "bar.quiet")
  const state = () => {
    const run = model.scene?.run
    return run ? run.state : model.mode === "live" ? "live" : model.mode
  }
  const badge = (name, at) => h("span", {class: `badge s state-${name}`, title: at ? say("common.updated", {time: stamp(at)}) : null},
    name === "live" ? h("span", {class: "dot"}) : null, say(`state.${name}`), at ? h("span", {}, time(at, false)) : null)

  function card(name, title, mark, ...body) {
    return h("section", {class: "wall-card"}, h("div", {class: "wall-title"}, icon(name, 20), h("b", {}, title), h("span", {class: "sp"}), mark), body)
  }

  function menu() {
    const list = h("div", {class: "menu wall-menu", hidden: true})
    const row = (name, text, act) => button({class: "menu-row", onclick: () => { list.hidden = true; act() }}, icon(name, 16), text)
    renew(list,
      h("a", {class: "menu-row", href: "/"}, icon("globe", 16), say("page.map")),
      row(model.theme === "dark" ? "sun" : "moon", say(model.theme === "dark" ? "menu.light" : "menu.dark"), () => model.send_msg({kind: "theme", value: model.theme === "dark" ? "light" : "dark"})),
      row("globe", say("menu.language"), () => model.send_msg({kind: "language", value: model.language === "zh" ? "en" : "zh"})),
      row("eye", say("wall.full"), () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())),
      row("leave", say("menu.leave"), () => {
        const form = h("form", {method: "post", action: "/sign-out"}, h("input", {type: "hidden", name: "csrf_token", value: model.csrf_token}))
        document.body.append(form)
        form.submit()
      }))
    const press = button({class: "logo wall-logo", "aria-label": say("menu.title"), title: say("menu.title"), onclick: () => { list.hidden = !list.hidden }}, icon("layers", 26))
    life.hear("escape", () => { list.hidden = true })
    return [press, list]
  }

  function drawHead() {
    const w = model.weather
    const known = w && w.wind_from_deg !== undefined && w.wind_from_deg !== null
    renew(head, menu(), h("b", {class: "wall-name"}, say("wall.name", {city: model.city})), h("span", {class: `badge mode mode-${model.mode} wall-mode`}, say(`mode.${model.mode}`)), h("div", {class: "sp"}),
      known ? s("svg", {width: 46, height: 46, viewBox: "-23 -23 46 46", role: "img", "aria-label": say("map.wind", {value: Math.round(w.wind_from_deg)})},
        s("circle", {r: 21, fill: "none", stroke: "var(--om-borderStrong)", "stroke-width": 1.5}),
        s("g", {transform: `rotate(${w.wind_from_deg + 180})`}, s("path", {d: "M0 12V-11M-6 -5L0 -12L6 -5", fill: "none", stroke: "var(--om-primary)", "stroke-width": 3, "stroke-linecap": "round", "stroke-linejoin": "round"}))) : null,
      h("div", {class: "wall-kv"}, h("b", {}, known ? `${windName(say, w.wind_from_deg)} ${figure(w.wind_speed_m_s, 2)} m/s` : say("weather.none")),
        h("span", {}, known ? [`${figure(w.temperature_c)} ℃`, w.relative_humidity ? say("weather.humidity", {value: Math.round(w.relative_humidity * 100)}) : null, w.as_of ? say("weather.as_of", {time: time(w.as_of, false)}) : null].filter(Boolean).join("　") : "—")),
      h("div", {class: "vsep"}), clock, h("div", {class: "wall-kv"}, since, day))
  }

  function people(scene) {
    const shown = scene?.exposure, inUse = shown?.day === false ? "night" : "day"
    if (!shown) return card("people", say("people.title"), scene?.run ? badge(state()) : null, h("div", {class: "empty low"}, say(scene?.incident ? "run.none" : quiet())))
    const bands = [...shown.bands].sort((a, b) => b.level - a.level), names = Object.fromEntries((scene.zones ?? []).map((zone) => [zone.level, zone.name]))
    return card("people", say("people.title"), badge(state(), scene.run.at),
      h("div", {class: "wall-caption"}, say(inUse === "day" ? "wall.people.day" : "wall.people.night")),
      h("div", {class: "wall-number"}, whole(shown[`total_${inUse}`]), h("span", {}, say("wall.people.unit"))),
      bands.map((band) => h("div", {class: "wall-row"}, zoneSwatch(band.level, 32, 18), h("span", {class: "sp"}, names[band.level] ?? ""), h("b", {}, whole(band[inUse])))))
  }

  function bar(text, share, value, tone) {
    return h("div", {class: "wall-bar"}, h("div", {class: "row"}, h("span", {class: "sp"}, text), h("b", {}, value)),
      h("div", {class: "bar1"}, h("i", {style: {width: `${Math.round(100 * Math.min(1, Math.max(0, share || 0)))}%`, background: `var(--om-${tone})`}})))
  }

  function means(scene) {
    const counts = model.counts ?? {}
    if (!scene?.run) {
      const lines = ["rescue_team", "shelter", "store", "camera"].filter((key) => counts[key] !== undefined)
      return card("truck", say("wall.means"), badge(model.mode), lines.map((key) => h("div", {class: "wall-row"}, h("span", {class: "sp"}, counts[key].title), h("b", {}, whole(counts[key].count)))))
    }
    const routes = scene.routes ?? [], ready = routes.filter((one) => one.status === "ok"), first = ready[0]
    const open = (scene.evacuation?.shelters ?? []).filter((one) => !one.excluded)
    const places = open.reduce((sum, one) => sum + (one.capacity ?? 0), 0), taken = open.reduce((sum, one) => sum + (one.assigned ?? 0), 0)
    const leave = scene.evacuation?.people ?? 0, placed = scene.evacuation?.assigned ?? 0
    return card("truck", say("wall.means"), badge(state(), scene.run.at),
      bar(say("wall.teams"), ready.length / Math.max(1, scene.teams_total), `${ready.length} / ${scene.teams_total ?? 0}`, "primary"),
      first ? h("div", {class: "wall-row low"}, h("span", {class: "sp cut"}, say("wall.first", {name: first.name})), h("b", {class: "okc"}, `${minutes(first.travel_time_s)} ${say("unit.minutes")}`)) : null,
      bar(say("wall.shelters"), taken / Math.max(1, places), `${whole(taken)} / ${whole(places)}`, "warn"),
      bar(say("wall.placed"), placed / Math.max(1, leave), `${whole(placed)} / ${whole(leave)}`, placed < leave ? "danger" : "ok"),
      leave > placed ? h("div", {class: "wall-row low dg"}, say("left.people", {people: whole(leave - placed)})) : null)
  }

  function risk() {
    const counts = model.risk ?? {}
    const known = Object.values(counts).some((value) => value > 0)
    return card("plant", say("wall.risk"), badge(known ? model.mode : "none"), known
      ? h("div", {class: "wall-grid"}, [1, 2, 3, 4].map((level) => h("div", {class: "wall-risk"}, h("i", {style: {background: `var(--om-${RISK[level]})`}}), h("span", {class: "sp"}, say(`wall.risk.${level}`)), h("b", {}, whole(counts[level] ?? 0)))))
      : h("div", {class: "empty low"}, say("state.none")))
  }

  function feeds() {
    return card("link", say("feeds.title"), null, h("div", {class: "wall-latest"}, (model.feeds ?? []).slice(0, 6).map((one) => h("div", {class: "wall-row low"}, h("span", {class: "sp cut"}, one.name),
      h("b", {}, one.count === null || one.count === undefined ? "—" : one.answering !== undefined && one.answering !== null && one.answering < one.count ? `${whole(one.answering)} / ${whole(one.count)}` : whole(one.count)),
      h("span", {class: `badge s state-${one.state}`}, say(`state.${one.state}`))))))
  }

  function event(scene) {
    const one = scene?.incident
    if (!one) return card("warning", say("wall.now"), badge(model.mode), h("div", {class: "empty"}, model.loading ? null : icon("check", 30), h("b", {}, say(quiet()))))
    const clocks = (model.clocks ?? []).slice(0, 3).map((clock) => {
      const rest = h("b", {class: "wall-left"}), fill = h("i", {}), due = new Date(clock.due_at), start = new Date(clock.start_at), done = clock.done_at ? new Date(clock.done_at) : null
      beats.push(() => {
        const at = done ?? now(), seconds = (due - at) / 1000, tone = done ? "okc" : seconds < 0 ? "dg" : urgency(seconds) || "pr"
        rest.className = `wall-left ${tone}`
        rest.textContent = done ? say("clock.done", {time: time(done)}) : seconds < 0 ? say("clock.over", {span: span(-seconds, say)}) : span(seconds, say)
        fill.style.width = `${Math.round(100 * Math.min(1, Math.max(0, (at - start) / Math.max(1, due - start))))}%`
        fill.style.background = {okc: "var(--om-ok)", dg: "var(--om-danger)", wn: "var(--om-warn)", pr: "var(--om-primary)"}[tone]
      })
      return h("div", {class: "wall-bar"}, h("div", {class: "row"}, h("span", {class: "sp cut"}, say(clock.code, clock.values)), rest),
        h("div", {class: "row g8"}, h("div", {class: "bar1 sp"}, fill), h("span", {class: "t3 s14"}, say(clock.due_code ?? "clock.due", {time: stamp(due)}))))
    })
    return card("warning", say("wall.now"), badge(state(), scene.run?.at ?? one.known_at), h("b", {class: "wall-event"}, one.title),
      h("div", {class: "row g8 wrap wall-tags"}, (model.badges ?? []).map((tag) => h("span", {class: `badge ${tag.tone}`}, say(tag.code, tag.values)))),
      model.others > 0 ? h("div", {class: "t3 s14"}, say("wall.others", {count: model.others})) : null, clocks)
  }

  function arrivals(scene) {
    const list = (scene?.exposure?.facilities ?? []).slice(0, 5)
    if (!scene?.run) return null
    return card("clock", say("wall.arrivals"), h("span", {class: "row g8 s14 t3"}, say("targets.left"), badge(state(), scene.run.at)), list.length ? list.map((one) => {
      const rest = h("b", {})
      beats.push(() => {
        const seconds = one.arrival_at ? (new Date(one.arrival_at) - now()) / 1000 : null
        rest.className = `wall-left ${seconds === null || seconds < 0 ? "t3" : urgency(seconds)}`
        rest.textContent = seconds === null ? "—" : seconds < 0 ? say("targets.reached") : span(seconds, say)
      })
      return h("div", {class: "wall-row"}, h("span", {class: "pr"}, icon(facilityIcon(one.kind), 20)), h("span", {class: "sp cut"}, one.name), h("span", {class: "t3 s14"}, say("label.people", {people: whole(one.people)})), rest)
    }) : h("div", {class: "empty low"}, say("targets.none")))
  }

  function next() {
    const coming = [...(model.expected ?? [])].filter((one) => new Date(one.at) > now()).sort((a, b) => (a.at < b.at ? -1 : 1))[0]
    if (!coming) return null
    const rest = h("span", {class: "t2"})
    beats.push(() => { rest.textContent = say("wall.next.left", {time: stamp(coming.at), span: span(Math.max(0, (new Date(coming.at) - now()) / 1000), say)}) })
    return card("flag", say("wall.next"), null, h("div", {class: "row g12"}, h("span", {class: "wn"}, icon("flag", 30)), h("div", {class: "sp"}, h("b", {class: "wall-event"}, coming.code.startsWith("timeline.arrival") ? say("wall.next.arrival", coming.values) : sayOr(model, coming.code, coming.code, coming.values)), rest)))
  }

  function latest() {
    const entries = [...(model.entries ?? [])].slice(-6).reverse()
    return card("document", say("wall.latest"), badge(model.mode), entries.length ? h("div", {class: "wall-latest"}, entries.map((one) => h("div", {class: "wall-row low"}, h("span", {class: "t3"}, time(one.recorded_at, false)),
      h("i", {class: "wall-dot", style: {background: `var(--om-${TONE[one.lane] ?? "text3"})`}}),
      h("span", {class: "sp wall-two"}, [say(`event.${one.kind}`), one.code ? sayOr(model, one.code, "", one.values) : one.text].filter(Boolean).join("："))))) : h("div", {class: "empty low"}, say(model.loading ? "data.loading" : "wall.latest.none")))
  }

  function drawAxis() {
    const width = axis.clientWidth - 40, LEFT = 90
    if (width < 200) return
    const at = now().getTime(), times = [...(model.expected ?? []).map((one) => new Date(one.at).getTime()), at]
    const first = Math.min(at, model.scene?.incident?.known_at ? new Date(model.scene.incident.known_at).getTime() : at) - 4 * 60e3
    const from = Math.max(first, at - 90 * 60e3), until = Math.max(...times.filter((one) => one < at + 4 * 3600e3), at + 20 * 60e3) + 6 * 60e3
    const x = (moment) => LEFT + ((moment - from) / (until - from)) * (width - LEFT - 10)
    const step = [5, 10, 15, 30, 60, 120].find((each) => (until - from) / 60e3 / each <= 9) ?? 240
    const parts = [s("text", {x: 0, y: 44, class: "wall-axis-name"}, say("timeline.axis")),
      s("rect", {x: LEFT, y: 34, width: width - LEFT - 10, height: 8, rx: 4, fill: "var(--om-sunken)", stroke: "var(--om-border)"}),
      s("rect", {x: LEFT, y: 34, width: Math.max(0, x(at) - LEFT), height: 8, rx: 4, fill: "var(--om-primaryFill)"})]
    for (let tick = Math.ceil(from / (step * 60e3)) * step * 60e3; tick < until; tick += step * 60e3) parts.push(s("text", {x: x(tick), y: 20, "text-anchor": "middle", class: "wall-tick"}, time(tick, false)))
    let free = LEFT
    const marks = [{at, text: say("wall.axis.now"), tone: "primary"}, ...(model.expected ?? []).map((one) => ({at: new Date(one.at).getTime(), text: sayOr(model, one.code, one.code, one.values), tone: "warn"}))]
      .filter((one) => one.at >= from && one.at <= until).sort((a, b) => a.at - b.at)
    for (const mark of marks) {
      const half = mark.text.length * 8
      parts.push(s("circle", {cx: x(mark.at), cy: 38, r: mark.tone === "primary" ? 10 : 7, fill: "var(--om-surface)", stroke: `var(--om-${mark.tone})`, "stroke-width": 3}))
      if (x(mark.at) - half > free && x(mark.at) + half < width) {
        parts.push(s("text", {x: x(mark.at), y: 70, "text-anchor": "middle", class: "wall-mark"}, mark.text))
        free = x(mark.at) + half + 12
      }
    }
    renew(axis, s("svg", {width, height: 80, role: "img", "aria-label": say("timeline.axis")}, parts))
  }

  // What looks like an attack on the system stands over the map; who it is, the audit administrator sees and not the room.
  function drawWatch() {
    const found = model.watch ?? []
    watch.hidden = !found.length
    renew(watch, found.map((one) => h("div", {class: "row g12", "data-watch": one.code}, icon("warning", 26), h("b", {}, say(`watch.${one.code}`)),
      h("span", {class: "sp"}, say("watch.hint", {time: time(one.at, false), count: one.count})))))
  }

  function draw() {
    beats = []
    const scene = model.scene
    renew(left, people(scene), means(scene), risk(), feeds())
    renew(right, event(scene), arrivals(scene), next(), latest())
    map.legend([...(scene?.zones ?? [])].sort((a, b) => b.level - a.level).map((zone) => [zoneSwatch(zone.level), h("span", {}, zone.name)]).concat(
      scene?.envelope?.length ? [[lineSwatch("envelope"), say("wall.legend.envelope")]] : [], scene?.routes?.length ? [[lineSwatch(scene.run?.review ? "review" : "rescue"), say("wall.legend.rescue")]] : [],
      scene?.evacuation?.moves?.length ? [[lineSwatch("evacuation"), say("wall.legend.evacuation")]] : [], scene?.closed?.count ? [[lineSwatch("closed"), say("wall.legend.closed")]] : [],
      [...new Set((scene?.marks ?? []).filter((one) => one.state === "on").map((one) => one.symbol))].slice(0, 4).map((code) => [signPicture(map.table, code, 20), nameIn(map.table.get(code), textsOf(model).lang)]))
      .map((row) => h("span", {class: "row g8"}, row)))
    drawAxis()
    tick()
  }

  function tick() {
    const at = now()
    clock.textContent = time(at)
    day.textContent = date(at, say)
    const known = model.scene?.incident?.status === "open" && model.scene.incident.known_at
    since.textContent = known ? `T+${span((at - new Date(known)) / 1000, say)}` : say(quiet())
    beats.forEach((beat) => beat())
  }

  life.every(1000, tick)
  life.every(15000, drawAxis)
  life.every(60000, () => { if (!document.hidden) model.send_msg({kind: "refresh"}) })
  life.on(document, "click", (event) => { if (!event.composedPath().includes(head)) head.querySelector(".wall-menu")?.setAttribute("hidden", "") })
  life.on(window, "resize", () => { page.style.zoom = document.documentElement.dataset.wallZoom = wallZoom(window.innerWidth, window.innerHeight) })
  life.then(map.end)
  model.on(["scene", "entries", "expected", "clocks", "badges", "risk", "feeds", "counts", "others", "loading"], draw)
  model.on("watch", () => { drawWatch(); map.map.updateSize() })
  model.on("scene", () => { map.layers(); map.scene() })
  model.on("layers", map.layers)
  model.on("theme", () => { map.restyle(); drawHead() })
  model.on(["weather", "mode", "city"], drawHead)
  model.on("texts", () => { drawHead(); draw(); drawWatch(); map.words() })
  drawHead()
  drawWatch()
  draw()
  requestAnimationFrame(() => { map.map.updateSize(); map.layers(); map.scene(); drawAxis() })
  return page
}
