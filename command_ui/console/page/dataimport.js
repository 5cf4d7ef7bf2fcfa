// How does a file come in? Choose it, see how its headers were understood, examine it, import the good rows, take it back.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {listed, stamp, whole} from "./format.js"
import {restored, unsent} from "./unsent.js"

const DATUMS = ["cgcs2000", "wgs84", "gcj02", "bd09"]
const ACCEPTS = ".csv,.txt,.tsv,.xlsx,.xlsm,.geojson,.json,.gpkg,.zip"

export function dataImport(model, say, calls, room) {
  const node = h("div", {class: "scroll data-import"})
  const picker = h("input", {type: "file", accept: ACCEPTS, class: "unseen", "aria-label": say("import.choose"), onchange: () => { if (picker.files[0]) hand(picker.files[0]) }})
  let seen = null, datum = "", mapping = {}, layer = "enterprise", job = null, fault = "", sent = null, past = null, rule = "", over = false, waiting = 0, found = null
  const left = unsent("import")

  const title = (key) => (model.layers ?? []).find((one) => one.key === key)?.title ?? key
  const body = () => ({layer, mapping, datum: datum || null, language: calls.lang()})

  async function attempt(work) {
    fault = ""
    try { await work() } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    draw()
  }

  const hand = (file) => attempt(async () => {
    seen = null; job = null; mapping = {}; sent = 0; rule = ""; found = null
    left.drop()
    draw()
    try {
      const query = new URLSearchParams({name: file.name, layer, language: calls.lang()})
      seen = await calls.send(`/api/v1/uploads?${query}`, file, (share) => { sent = share; draw() })
      mapping = Object.fromEntries(seen.headers.map((header) => [header, seen.matches[header]?.column ?? ""]))
      datum = seen.says_datum ? "" : datum
    } finally {
      sent = null
      picker.value = ""
    }
  })

  const rematch = (kept) => attempt(async () => {
    seen = await calls.json(`/api/v1/uploads/${seen.key}/preview`, {layer, mapping: kept, language: calls.lang()})
    mapping = Object.fromEntries(seen.headers.map((header) => [header, seen.matches[header]?.column ?? ""]))
    job = null
    keep()
  })

  // Which column is what, and in which datum: the file itself lies with the server, and is asked for by its key.
  const keep = () => left.keep({key: seen.key, layer, mapping, datum})
  async function takeUp() {
    const kept = left.read()
    if (!kept || seen || !model.can_import) return
    try {
      layer = kept.value.layer
      seen = await calls.json(`/api/v1/uploads/${kept.value.key}/preview`, {layer, mapping: kept.value.mapping ?? {}, language: calls.lang()})
      mapping = Object.fromEntries(seen.headers.map((header) => [header, seen.matches[header]?.column ?? ""]))
      datum = kept.value.datum ?? ""
      found = kept
    } catch (error) {
      if (error.message !== "offline") left.drop() // the server no longer has the file
    }
  }

  const run = (write) => attempt(async () => {
    job = await calls.json(`/api/v1/uploads/${seen.key}/${write ? "import" : "trial"}`, body())
    draw()
    const mine = ++waiting
    while (job.state === "running" && mine === waiting) {
      await new Promise((resolve) => setTimeout(resolve, 350))
      job = await calls.ask(`/api/v1/uploads/${seen.key}?language=${calls.lang()}`)
      progress()
    }
    if (job.state === "imported") { left.drop(); found = null; await pullPast(); room.changed() }
  })

  async function pullPast() {
    if (!model.can_import) { past = []; return }
    past = await calls.ask("/api/v1/imports?limit=12")
  }

  const undo = (one) => attempt(async () => {
    await calls.json(`/api/v1/imports/${one.id}/undo`, {})
    await pullPast()
    room.changed()
  })

  function drop() {
    return h("div", {class: `data-drop${over ? " over" : ""}`,
      ondragover: (event) => { event.preventDefault(); if (!over) { over = true; draw() } },
      ondragleave: () => { over = false; draw() },
      ondrop: (event) => { event.preventDefault(); over = false; const file = event.dataTransfer.files[0]; if (file) hand(file) }},
    icon("save", 26), h("b", {}, say("import.drop")), h("span", {class: "t3 s12"}, say("import.kinds")),
    h("div", {class: "row g8"},
      h("label", {class: "row g8 s12"}, say("import.into"), layerBox()),
      button({class: "btn p", onclick: () => picker.click(), disabled: sent !== null}, icon("plus", 16), say("import.choose"))),
    sent === null ? null : h("div", {class: "data-progress"}, h("div", {class: "bar1"}, h("i", {style: {width: `${Math.round(sent * 100)}%`}})), h("span", {class: "s12 t2"}, say("import.sending", {share: Math.round(sent * 100)}))))
  }

  function layerBox() {
    const box = h("select", {class: "field s", "aria-label": say("import.into"), onchange: () => { layer = box.value; if (seen) rematch({}) }}, (model.importable ?? []).map((key) => h("option", {value: key, selected: key === layer}, title(key))))
    return box
  }

  function columnBox(header) {
    const box = h("select", {class: `field s${mapping[header] ? "" : " idle"}`, "aria-label": say("import.column_of", {header}), onchange: () => rematch({...mapping, [header]: box.value})},
      h("option", {value: "", selected: !mapping[header]}, say("import.unused")),
      seen.fields.map((one) => h("option", {value: one.column, selected: mapping[header] === one.column}, `${one.title}${one.needed ? " *" : ""}`)))
    return box
  }

  function preview() {
    const datumBox = h("select", {class: `field s${datum || seen.says_datum ? "" : " need"}`, "aria-label": say("import.datum"), onchange: () => { datum = datumBox.value; job = null; keep(); draw() }},
      h("option", {value: "", selected: !datum}, say(seen.says_datum ? "import.datum.file" : "import.datum.choose")),
      DATUMS.map((name) => h("option", {value: name, selected: datum === name}, say(`datum.${name}`))))
    const ready = (datum || seen.says_datum) && !seen.absent.length && job?.state !== "running"
    return h("section", {class: "card"},
      h("div", {class: "h"}, icon("table", 17), h("span", {class: "cut"}, seen.name), h("span", {class: "sp"}), h("span", {class: "t3 s12"}, [say("import.rows", {count: whole(seen.rows)}), seen.format, seen.encoding].filter(Boolean).join(" · ")), button({class: "btn s", onclick: () => picker.click()}, say("import.other"))),
      h("div", {class: "card-body"}, restored(say, found, () => { left.drop(); found = null; seen = null; job = null; mapping = {}; datum = ""; draw() }),
        h("div", {class: "row g12 wrap data-choices"}, h("label", {class: "row g8 s12"}, say("import.into"), layerBox()), h("label", {class: "row g8 s12"}, say("import.datum"), datumBox)),
        seen.absent.length ? h("div", {class: "fault"}, icon("warning", 15), say("import.absent", {names: listed(seen.absent, calls.lang())})) : null,
        h("div", {class: "data-sheet"}, h("table", {},
          h("thead", {}, h("tr", {}, seen.headers.map((header) => h("th", {}, header))), h("tr", {}, seen.headers.map((header) => h("th", {class: "match"}, columnBox(header))))),
          h("tbody", {}, seen.sample.map((row) => h("tr", {}, row.map((cell) => h("td", {class: "cut", title: cell}, cell))))))),
        h("div", {class: "row g8 data-actions"}, h("span", {class: "sp t3 s12"}, say(ready ? "import.hint" : datum || seen.says_datum ? "import.hint.columns" : "import.hint.datum")),
          button({class: "btn", disabled: !ready, onclick: () => run(false)}, icon("search", 15), say("import.examine")),
          button({class: "btn p", disabled: !ready || job?.state !== "examined" || !job.trial?.good, onclick: () => run(true)}, icon("check", 15), job?.trial && job.state === "examined" ? say("import.write", {count: whole(job.trial.good)}) : say("import.write.none")))))
  }

  const bar = h("i", {}), step = h("span", {class: "s12 t2"})
  function progress() {
    bar.style.width = `${Math.round((job?.share ?? 0) * 100)}%`
    step.textContent = say("import.step", {step: say(`import.step.${job?.step || "waiting"}`), share: Math.round((job?.share ?? 0) * 100)})
  }

  function result() {
    if (!job) return null
    if (job.state === "running") { progress(); return h("section", {class: "card"}, h("div", {class: "card-body data-progress", role: "status"}, h("div", {class: "bar1"}, bar), step)) }
    if (job.state === "failed") return h("section", {class: "card"}, h("div", {class: "card-body"}, (job.faults ?? []).map((text) => h("div", {class: "fault"}, icon("warning", 15), text))))
    const trial = job.trial
    const rules = Object.entries(trial.counts)
    const told = trial.told.filter((one) => !rule || one.rule === rule)
    const number = (name, value, kind) => h("div", {class: `data-number ${kind}`}, h("b", {class: "num"}, whole(value)), h("span", {class: "s12 t3"}, say(name)))
    return h("section", {class: "card data-result"},
      h("div", {class: "h"}, icon("check", 17), h("span", {class: "sp"}, say(job.state === "imported" ? "import.done" : "import.examined")),
        h("a", {class: "btn s", href: `/api/v1/uploads/${job.key}/report?language=${calls.lang()}`, download: "report.csv"}, icon("save", 15), say("import.report"))),
      h("div", {class: "card-body"},
        job.done ? h("div", {class: "sentence"}, say(job.done.repeated ? "import.repeated" : "import.summary", {added: whole(job.done.added), changed: whole(job.done.changed), unchanged: whole(job.done.unchanged), aside: whole(job.done.aside)})) : null,
        h("div", {class: "row g12 wrap"}, number("import.n.rows", trial.rows, ""), number("import.n.good", trial.good, "ok"), number("import.n.new", trial.new, ""), number("import.n.known", trial.known, ""), number("import.n.aside", trial.aside, trial.aside ? "bad" : "")),
        rules.length ? h("div", {class: "row g8 wrap data-rules"}, button({class: `chip${rule ? "" : " on"}`, "aria-pressed": String(!rule), onclick: () => { rule = ""; draw() }}, say("data.all_rules")), rules.map(([name, count]) => button({class: `chip${rule === name ? " on" : ""}`, "aria-pressed": String(rule === name), onclick: () => { rule = name; draw() }}, `${say(`rule.${name}`)} ${whole(count)}`))) : h("div", {class: "empty low"}, say("import.clean")),
        told.length ? h("div", {class: "data-sheet tall"}, h("table", {}, h("thead", {}, h("tr", {}, ["report.row", "report.rule", "report.name", "report.reason"].map((code, at) => h("th", {class: at ? null : "num"}, say(code))))),
          h("tbody", {}, told.slice(0, 200).map((one) => h("tr", {class: "hover"}, h("td", {class: "num"}, whole(one.row)), h("td", {}, h("span", {class: "badge s b-warn"}, say(`rule.${one.rule}`))), h("td", {class: "cut"}, one.name || "—"), h("td", {class: "wrap"}, one.said[0])))))) : null,
        trial.reasons > trial.told.length ? h("div", {class: "t3 s12"}, say("import.more", {count: whole(trial.reasons - trial.told.length)})) : null))
  }

  function history() {
    if (!past) return null
    return h("section", {class: "card"}, h("div", {class: "h"}, icon("clock", 17), h("span", {}, say("import.past"))),
      h("div", {class: "card-body"}, past.length ? h("div", {class: "data-sheet"}, h("table", {}, h("thead", {}, h("tr", {}, ["import.p.at", "import.p.layer", "import.p.file", "import.p.added", "import.p.changed", "import.p.aside", "import.p.by", ""].map((code, at) => h("th", {class: at >= 3 && at <= 5 ? "num" : null}, code ? say(code) : "")))),
        h("tbody", {}, past.map((one) => h("tr", {}, h("td", {}, stamp(one.began_at)), h("td", {}, title(one.layer)), h("td", {class: "cut", title: one.file_name}, one.file_name), h("td", {class: "num"}, whole(one.added)), h("td", {class: "num"}, whole(one.changed)), h("td", {class: "num"}, whole(one.aside)), h("td", {}, one.actor),
          h("td", {class: "r"}, one.undone_at ? h("span", {class: "badge s state-stale"}, say("import.undone")) : button({class: "btn s", onclick: () => undo(one)}, icon("undo", 14), say("import.undo")))))))) : h("div", {class: "empty low"}, say("import.past.none"))))
  }

  function draw() {
    const top = node.scrollTop
    renew(node, picker,
      model.can_import ? [seen ? null : drop(), fault ? h("div", {class: "fault data-fault", role: "alert"}, icon("warning", 15), h("span", {class: "sp"}, fault)) : null, seen ? preview() : null, result(), history()]
        : h("div", {class: "empty"}, icon("leave", 28), h("b", {}, say("import.no_right"))))
    node.scrollTop = top
  }

  return {node, draw, load: () => attempt(async () => { await takeUp(); await pullPast() })}
}
