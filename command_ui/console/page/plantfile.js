// What do we know of this enterprise? Header, tabs and cards; every card says where it comes from and how old it is.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {distance, figure, now, stamp, whole} from "./format.js"
import {searchBox} from "./searchbox.js"
import {ownGround} from "./credit.js"
import {siteMap} from "./sitemap.js"
import {stockChart} from "./stockchart.js"
import {unveil, veiled} from "./unveil.js"

const TABS = ["overview", "units", "process", "ledger", "plans", "checks", "sensing", "around", "history"]
// What is drawn on the small map beside the works: targets, and who else holds something.
const ON_MAP = [{key: "protection_target", symbol: "school", symbol_column: "kind", geometry: "point", min_zoom: 0, label_zoom: 13}, {key: "hazard_source", symbol: "hazard_source", geometry: "point", min_zoom: 0, label_zoom: 14}]

export function render({model, view}) {
  dress(view)
  const say = speaker(model), life = lifetime(model)
  const node = h("div", {class: "panel plantfile"})
  const body = h("div", {class: "scroll file-body"})
  const map = siteMap(model)
  const search = searchBox(model, say, life, (hit) => open(hit.layer, hit.id))
  search.node.classList.add("file-search")
  let tab = "overview", working = new Set()
  const veils = new Map()

  const open = (layer, id) => { tab = "overview"; working = new Set(); model.send_msg({kind: "open_file", layer, id}); address(id) }
  const address = (id) => window.history.replaceState(null, "", id ? `/dossier?layer=enterprise&id=${encodeURIComponent(id)}` : "/dossier")
  const origin = (one) => h("span", {class: "t3 s12 origin"}, `${say("file.source", {source: one.source})} · ${say("file.as_of", {time: stamp(one.as_of)})}`)

  function card(name, title, iconName, right, ...content) {
    return h("section", {class: `card card-${name}`}, h("div", {class: "h"}, icon(iconName, 17), h("span", {}, title), h("span", {class: "sp"}), right), h("div", {class: "card-body"}, content))
  }

  const notConnected = (name) => h("div", {class: "empty low"}, h("span", {class: "badge s state-none"}, say("file.not_connected")), h("span", {}, say("file.not_connected.text", {name})))

  function header(file) {
    const badge = (kind, text) => (text ? h("span", {class: `badge ${kind}`}, text) : null)
    return h("header", {class: "file-head"},
      h("nav", {class: "crumbs t3 s12", "aria-label": say("file.root")}, button({class: "crumb", onclick: () => { open("enterprise", "") }}, say("file.root")), file.divisions.slice(1, 2).map((name) => [icon("right", 12), h("span", {}, name)]), icon("right", 12), h("span", {class: "t2"}, file.name)),
      h("div", {class: "row g12 file-title"}, h("span", {class: "file-mark"}, icon(file.units.length ? "tank" : "plant", 22)),
        h("div", {class: "sp"}, h("div", {class: "row g8 wrap"}, h("h1", {}, file.name), badge("b-line", file.hazard_level ? say("file.level", {level: file.hazard_level}) : ""), badge(`risk-${file.risk_code}`, file.risk_level ? say("file.risk", {level: file.risk_level}) : ""), badge(`state-${file.state}`, say(`state.${file.state}`))),
          h("div", {class: "t3 s12"}, `${file.address} · ${file.longitude.toFixed(4)}°E ${file.latitude.toFixed(4)}°N · ${say("file.as_of", {time: stamp(file.as_of)})} · ${say("file.source", {source: file.source})}`)),
        h("a", {class: "btn", href: `/?layer=enterprise&id=${encodeURIComponent(file.id)}`}, icon("pin", 15), say("file.locate")),
        h("a", {class: "btn", href: `/api/v1/enterprises/${encodeURIComponent(file.id)}/file`, download: `${file.id}.json`}, icon("save", 15), say("file.export")),
        model.can_report ? h("a", {class: "btn p", href: `/?report=enterprise&id=${encodeURIComponent(file.id)}`}, icon("flag", 15), say("file.report")) : null),
      h("div", {class: "tabs file-tabs", role: "tablist"}, TABS.map((name) => button({class: `tab${name === tab ? " on" : ""}`, role: "tab", "aria-selected": String(name === tab), onclick: () => { tab = name; draw() }}, say(`file.tab.${name}`), count(file, name)))))
  }

  function count(file, name) {
    const lists = file.tabs[name]
    const number = {units: file.units.length, ledger: file.ledgers.length, sensing: file.tags.length + file.cameras.length, around: file.around.length, history: file.versions.length}[name]
      ?? (lists?.some((one) => one.rows) ? lists.reduce((sum, one) => sum + (one.rows?.length ?? 0), 0) : null)
    if (name === "overview") return null
    return h("em", {class: number === null ? "none" : ""}, number === null ? "—" : whole(number))
  }

  function basic(file) {
    return card("basic", say("file.basic"), "document", origin(file), h("dl", {class: "facts"}, file.facts.map((fact) => [h("dt", {}, fact.title), h("dd", {title: `${say("file.source", {source: fact.source})} · ${say("file.as_of", {time: stamp(fact.as_of)})}`}, veiled(fact, fact.value === "" ? "—" : fact.value, say, file.may_unmask, (reason) => model.send_msg({kind: "unmask", layer: file.layer, id: file.id, reason}), veils))]), h("dt", {}, say("overview.division")), h("dd", {}, file.divisions.join(" / "))))
  }

  function place(file) {
    const first = file.workings[0]
    return card("place", say("file.place"), "pin", h("span", {class: "t3 s12"}, say("file.place.ring")), map.node,
      h("div", {class: "row g8 site-foot s12 t3"}, h("span", {}, first ? say("file.place.people", {people: whole(first.people)}) : ""), first?.assumed_m ? h("span", {}, say("file.place.assumed", {metres: whole(first.assumed_m)})) : null, h("span", {class: "sp"}), h("span", {}, ownGround(model, say).credit().approval)))
  }

  function quality(file) {
    const passed = file.checks.filter((check) => check.passed).length
    return card("quality", say("file.quality"), "check", h("span", {class: passed === file.checks.length ? "okc" : "wn"}, h("b", {class: "s16"}, passed), ` / ${file.checks.length}`),
      file.checks.length ? file.checks.map((check) => h("div", {class: "check-row"}, h("span", {class: "sp"}, check.title), h("span", {class: `badge s ${check.passed ? "b-live" : "b-danger"}`}, say(check.passed ? "file.pass" : "file.fail")))) : h("div", {class: "empty low"}, say("file.quality.none")))
  }

  function hazards(file) {
    const cells = (names, tag = "td") => names.map(([text, kind]) => h(tag, {class: kind ?? ""}, text))
    const rows = file.units.flatMap((unit) => {
      const shown = working.has(unit.id), found = file.workings.find((one) => one.id === unit.id)
      return [h("tr", {}, h("td", {}, h("b", {}, unit.name)), cells([[`${unit.substance}${unit.un ? ` UN ${unit.un}` : ""}`], [`${figure(unit.design_max_t, 5)} t`, "r"], [`${figure(unit.stock_t, 5)} t`, unit.over_design ? "r dg" : "r"], [unit.threshold_t === null ? "—" : `${figure(unit.threshold_t)} t`, "r"], [unit.r === null ? "—" : h("b", {}, figure(unit.r, 4)), "r"]]),
        h("td", {class: "r"}, h("span", {class: "badge s b-line"}, unit.level || say("file.gb.not"))), h("td", {class: "r"}, found ? button({class: "btn s", "aria-expanded": String(shown), onclick: () => { if (shown) working.delete(unit.id); else working.add(unit.id); draw() }}, say(shown ? "file.gb.hide" : "file.gb.working")) : null)),
      shown ? h("tr", {class: "working"}, h("td", {colspan: 8}, steps(found))) : null]
    })
    const first = file.workings[0]
    return card("gb", say("file.gb"), "layers", h("span", {class: "t3 s12"}, first ? `${say("file.source", {source: first.people_source || "—"})} · ${say("file.as_of", {time: stamp(file.read_at)})}` : ""),
      file.units.length ? h("table", {class: "grid-table"}, h("thead", {}, h("tr", {}, cells([[say("file.gb.unit")], [say("file.gb.substance")], [say("file.gb.design"), "r"], [say("file.gb.stock"), "r"], [say("file.gb.threshold"), "r"], ["R", "r"], [say("file.gb.level"), "r"], [""]], "th"))), h("tbody", {}, rows)) : h("div", {class: "empty low"}, say("file.gb.none")),
      first ? h("div", {class: "rule"}, icon("document", 15), h("span", {class: "sp"}, say("file.gb.rule", {alpha: first.alpha, people: whole(first.people)})), h("span", {class: "badge s b-warn"}, say("file.gb.trust"))) : null)
  }

  function steps(found) {
    return h("div", {class: "steps-list"}, h("ol", {}, found.steps.map((step) => h("li", {}, h("span", {class: "sp"}, step.text), step.table ? h("span", {class: "t3 s12"}, `${say("work.table", {table: step.table})} · ${say(`trust.${step.trust}`)}`) : null))),
      h("div", {class: `s12 ${found.agrees ? "t3" : "dg"}`}, found.agrees ? say("file.gb.agrees") : say("file.gb.differs", {registered: found.registered || say("file.gb.not"), found: found.level || say("file.gb.not")})))
  }

  function stock(file) {
    const one = file.ledgers[0]
    if (!one) return card("stock", say("file.tab.ledger"), "layers", null, h("div", {class: "empty low"}, say("file.stock.none")))
    const [kind, code] = one.over_design ? ["b-danger", "file.stock.over"] : one.balanced ? ["b-live", "file.stock.agrees"] : ["b-warn", "file.stock.off"]
    return card("stock", say("file.stock", {substance: one.substance, days: one.days.length}), "store", h("span", {class: `badge s ${kind}`}, say(code)), stockChart(one, say))
  }

  function registers(file, name) {
    const lists = file.tabs[name] ?? [], title = say(`file.tab.${name}`)
    if (!lists.length || lists.every((one) => one.rows === null)) return [card(name, title, "document", null, notConnected(title))]
    return lists.map((one) => card(name, one.title, "document", h("span", {class: "t3 s12"}, one.owner), one.rows === null ? notConnected(one.title)
      : one.rows.length ? one.rows.map((row) => h("div", {class: "list-row"}, h("span", {class: "sp cut", title: row.name}, row.name), row.kind ? h("span", {class: "t3 s12"}, row.kind) : null, row.due ? h("span", {class: "t3 s12"}, row.due) : null, row.state ? h("span", {class: "badge s b-line"}, row.state) : null, mending(one, row, file), origin(row))) : h("div", {class: "empty low"}, say("file.none"))))
  }

  // A hidden danger of this enterprise is given to whoever must mend it where all such tasks stand.
  function mending(one, row, file) {
    if (one.key !== "hidden_danger" || !model.can_report) return null
    const asked = new URLSearchParams({tab: "mend", layer: one.key, mend: row.id, what: row.name, owner: file.name})
    return h("a", {class: "btn s", href: `/data?${asked}`}, icon("send", 14), say("mend.open"))
  }

  function sensing(file) {
    const rows = file.tags.map((tag) => h("div", {class: "list-row"}, h("b", {}, tag.name), h("span", {class: "sp cut t2"}, tag.place), h("b", {class: tag.high ? "dg" : ""}, tag.value === null ? "—" : `${figure(tag.value)} ${tag.unit}`), h("span", {class: "t3 s12"}, stamp(tag.at)), h("span", {class: `badge s state-${tag.state}`}, tag.state_text)))
    const cameras = file.cameras.map((camera) => h("div", {class: "list-row"}, icon("camera", 15), h("span", {class: "sp"}, camera.name), h("span", {class: "t3 s12"}, distance(camera.range_m)), h("span", {class: `badge s state-${camera.state}`}, say(`state.${camera.state}`))))
    return card("sensing", say("file.sensing"), "camera", h("span", {class: "t3 s12"}, say("file.sensing.count", {tags: file.tags.length, cameras: file.cameras.length})), rows.length + cameras.length ? [rows, cameras] : h("div", {class: "empty low"}, say("file.sensing.none")))
  }

  function around(file) {
    return card("around", say("file.around", {metres: whole(file.around_m)}), "school", null, file.around.length ? file.around.map((one) => h("div", {class: "list-row"}, h("b", {}, one.name), h("span", {class: "t3 s12"}, one.kind), h("span", {class: "sp"}), h("span", {}, say("file.around.day", {people: whole(one.people)})), h("span", {class: "t2 wide-number"}, distance(one.distance_m)), origin(one))) : h("div", {class: "empty low"}, say("file.around.none")))
  }

  function ledgers(file) {
    if (!file.ledgers.length) return [stock(file)]
    // A node stands in one place only: each table gets heads of its own.
    const heads = () => ["day", "opening", "in", "out", "closing", "off"].map((name) => h("th", {class: name === "day" ? "" : "r"}, say(`file.ledger.${name}`)))
    const number = (value) => (value === null ? "—" : value.toFixed(3))
    const tables = file.ledgers.map((one) => card("ledger", `${one.name} · ${one.substance}`, "store", h("span", {class: `badge s ${one.over_design ? "b-danger" : one.balanced ? "b-live" : "b-warn"}`}, say(one.over_design ? "file.stock.over" : one.balanced ? "file.stock.agrees" : "file.stock.off")), stockChart(one, say),
      h("table", {class: "grid-table"}, h("thead", {}, h("tr", {}, heads())), h("tbody", {}, [...one.days].reverse().map((day) => h("tr", {}, h("td", {}, day.day), [day.opening_t, day.in_t, day.out_t, day.stock_t].map((value) => h("td", {class: "r"}, number(value))), h("td", {class: `r${Math.abs(day.imbalance_t ?? 0) >= 0.001 ? " dg" : ""}`}, number(day.imbalance_t))))))))
    const flows = card("flows", say("file.flows"), "route", null, file.flows.length ? file.flows.map((flow) => h("div", {class: "list-row"}, h("span", {class: "t3"}, flow.day), h("b", {}, `${flow.substance} ${figure(flow.quantity_t, 5)} t`), h("span", {class: "sp cut"}, say(flow.outgoing ? "file.flows.out" : "file.flows.in", {name: flow.other})))) : h("div", {class: "empty low"}, say("file.flows.none")))
    return [...tables, flows]
  }

  // Corrected since, no longer valid, or what holds now.
  function standing(version) {
    const [tone, word, at] = version.superseded_at ? ["b-stale", "over", version.superseded_at]
      : version.valid_to && new Date(version.valid_to) <= now() ? ["b-stale", "ended", version.valid_to] : ["b-live", "now", null]
    return h("span", {class: `badge s ${tone}`}, say(`file.history.${word}`, at ? {time: stamp(at)} : {}))
  }

  function history(file) {
    return card("history", say("file.tab.history"), "clock", null, file.versions.map((one) => h("div", {class: "list-row"}, standing(one), h("b", {}, say("file.history.change", {time: stamp(one.recorded_at)})), h("span", {class: "t2 sp"}, say("file.history.valid", {since: stamp(one.valid_from)})), origin({source: one.source_system, as_of: one.as_of}))))
  }

  function content(file) {
    if (tab === "overview") return h("div", {class: "cards overview"}, basic(file), place(file), quality(file), hazards(file), stock(file), h("div", {class: "stack"}, registers(file, "plans").slice(0, 1)), sensing(file))
    const inside = {units: () => [hazards(file)], ledger: () => ledgers(file), sensing: () => [sensing(file)], around: () => [around(file)], history: () => [history(file)]}[tab]
    return h("div", {class: `cards single tab-${tab}`}, inside ? inside() : registers(file, tab))
  }

  function choosing() {
    return h("div", {class: "file-choose"}, h("div", {class: "empty low"}, icon("document", 28), h("b", {}, say("page.dossier")), h("span", {}, say("file.pick"))), search.node,
      model.choices.length ? h("section", {class: "card"}, h("div", {class: "h"}, icon("tank", 17), say("file.recent"), h("span", {class: "sp"}), h("span", {class: "t3 s12"}, whole(model.choices.length))), h("div", {class: "card-body"}, model.choices.map((one) => button({class: "list-row press", onclick: () => open("enterprise", one.id)}, h("b", {}, one.name), h("span", {class: "t3 s12 sp"}, one.substance), h("span", {class: "t2 s12"}, `R ${figure(one.r, 4)}`), h("span", {class: "badge s b-line"}, one.level || say("file.gb.not")))))) : h("div", {class: "skeleton"}))
  }

  function draw() {
    const file = model.file, at = body.scrollTop
    search.draw()
    if (model.fault) renew(body, h("div", {class: "empty"}, icon("warning", 28), h("b", {}, say("file.failed", {reason: model.fault})), button({class: "btn", onclick: () => model.send_msg({kind: "refresh"})}, icon("redo", 14), say("file.retry")), search.node))
    else if (file) renew(body, header(file), content(file))
    else if (model.wanted) renew(body, h("div", {class: "file-head"}, h("div", {class: "t3"}, say("file.loading"))), h("div", {class: "skeleton"}), h("div", {class: "skeleton"}))
    else renew(body, choosing())
    body.scrollTop = at
    if (file && tab === "overview") requestAnimationFrame(() => map.show(file, ON_MAP))
  }

  node.append(body)
  model.on("msg:custom", (message) => {
    if (message.kind === "hits") search.answer(message)
    if (message.kind === "unmasked" && message.id === model.file?.id) unveil(message.values, veils)
  })
  model.on(["texts", "file", "choices", "fault", "wanted", "theme"], draw)
  life.then(() => map.end())
  draw()
  return node
}
