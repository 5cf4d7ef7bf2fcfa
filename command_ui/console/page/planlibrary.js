// Which plans are in force, what does each say, and how does a new one come in? List, reading page, import with its faults.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr, textsOf} from "./speak.js"
import {listed, stamp, whole} from "./format.js"
import {veiled} from "./unveil.js"

export function planLibrary(model, say, calls) {
  const node = h("div", {class: "plan-split sp"})
  let plans = null, fault = "", wanted = model.wanted, versions = [], at = 0, words = "", kind = "", trial = null, file = null, busy = false, over = false, done = ""
  const contacts = new Map()
  const picker = h("input", {type: "file", accept: ".yaml,.yml,.xlsx", class: "unseen", "aria-label": say("plans.choose"), onchange: () => { if (picker.files[0]) attempt(picker.files[0]) }})
  const papers = h("input", {type: "file", accept: ".pdf", class: "unseen", "aria-label": say("plans.paper.add"), onchange: () => { if (papers.files[0]) attach(papers.files[0]) }})
  const search = h("input", {class: "field", type: "search", oninput: () => { words = search.value.trim().toLowerCase(); drawList() }})
  const rows = h("div", {class: "scroll"}), main = h("div", {class: "scroll plan-main"}), chips = h("div", {class: "row g4 wrap"})
  const side = h("div", {class: "plan-side"})
  node.append(side, main)

  async function doing(work) {
    fault = ""
    try { await work() } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    busy = false
    draw()
  }

  const pull = () => doing(async () => {
    plans = await calls.ask("/api/v1/plans")
    wanted = wanted || plans[0]?.id || ""
    if (wanted) { versions = await calls.ask(`/api/v1/plans/${encodeURIComponent(wanted)}`); at = 0 }
  })

  const open = (id) => doing(async () => {
    wanted = id; trial = null; done = ""
    model.wanted = id
    window.history.replaceState(null, "", `/plans?tab=plans&id=${encodeURIComponent(id)}`)
    versions = await calls.ask(`/api/v1/plans/${encodeURIComponent(id)}`)
    at = 0
  })

  const attempt = (given) => doing(async () => {
    file = given; trial = null; done = ""
    picker.value = ""
    trial = await calls.send(`/api/v1/plans/trial?name=${encodeURIComponent(given.name)}`, given, () => {})
  })

  const enter = () => doing(async () => {
    busy = true
    const saved = await calls.send(`/api/v1/plans?name=${encodeURIComponent(file.name)}`, file, () => {})
    done = say("plans.entered", {id: saved.plan_id, version: saved.version})
    trial = null; file = null; wanted = saved.plan_id
    plans = await calls.ask("/api/v1/plans")
    versions = await calls.ask(`/api/v1/plans/${encodeURIComponent(wanted)}`)
    at = 0
  })

  const attach = (given) => doing(async () => {
    const one = versions[at]
    await calls.send(`/api/v1/plans/${one.id}/versions/${one.version}/paper?name=${encodeURIComponent(given.name)}`, given, () => {})
    papers.value = ""
    versions = await calls.ask(`/api/v1/plans/${encodeURIComponent(one.id)}`)
  })

  const any = (list, code) => list.length ? listed(list.map((one) => code ? sayOr(model, `${code}.${one}`, String(one)) : one), textsOf(model).lang) : say("plans.any")
  const card = (title, picture, right, ...content) => h("section", {class: "card"}, h("div", {class: "h"}, icon(picture, 17), h("span", {}, title), h("span", {class: "sp"}), right), h("div", {class: "card-body"}, content))

  function drawList() {
    const kinds = [...new Set((plans ?? []).map((one) => one.plan.kind))]
    renew(chips, button({class: `chip${kind ? "" : " on"}`, "aria-pressed": String(!kind), onclick: () => { kind = ""; drawList() }}, `${say("plans.all")} ${plans?.length ?? 0}`),
      kinds.map((one) => button({class: `chip${kind === one ? " on" : ""}`, "aria-pressed": String(kind === one), onclick: () => { kind = one; drawList() }}, `${say(`plans.kind.${one}`)} ${plans.filter((it) => it.plan.kind === one).length}`)))
    const shown = (plans ?? []).filter((one) => (!kind || one.plan.kind === kind) && `${one.title} ${one.id} ${one.plan.issued_by}`.toLowerCase().includes(words))
    renew(rows, plans === null ? [h("div", {class: "skeleton"}), h("div", {class: "skeleton"})] : shown.length ? shown.map((one) => button({class: `plan-row${one.id === wanted && !trial ? " on" : ""}`, "aria-current": String(one.id === wanted), onclick: () => open(one.id)},
      h("b", {}, one.title), h("span", {class: "t3 s12"}, `${one.id} · v${one.version} · ${say(`plans.kind.${one.plan.kind}`)}`), h("span", {class: "t3 s12", style: {display: "block"}}, `${one.plan.issued_by}${one.papers.length ? " · PDF" : ""}`)))
      : h("div", {class: "empty"}, icon("document", 26), h("b", {}, say("plans.none"))))
  }

  function drop() {
    if (!model.can_import) return null
    return h("div", {class: `plan-drop${over ? " over" : ""}`,
      ondragover: (event) => { event.preventDefault(); if (!over) { over = true; draw() } }, ondragleave: () => { over = false; draw() },
      ondrop: (event) => { event.preventDefault(); over = false; if (event.dataTransfer.files[0]) attempt(event.dataTransfer.files[0]) }},
    button({class: "btn p plan-import", onclick: () => picker.click()}, icon("plus", 15), say("plans.import")), h("span", {class: "t3 s12"}, say("plans.import.hint")))
  }

  function preview() {
    const bad = trial.faults.length > 0
    return card(file.name, bad ? "warning" : "check", h("span", {class: `badge ${bad ? "b-danger" : "b-live"}`}, bad ? say("plans.faults", {count: trial.faults.length}) : say(`plans.state.${trial.state}`)),
      bad ? h("table", {class: "plan-faults"}, h("thead", {}, h("tr", {}, ["plans.f.place", "plans.f.column", "plans.f.what"].map((code) => h("th", {}, say(code))))),
        h("tbody", {}, trial.faults.map((one) => h("tr", {}, h("td", {class: "nowrap"}, say("plans.f.row", {sheet: one.sheet || one.file, row: one.row || "—"})), h("td", {}, one.column || "—"), h("td", {}, say(`plans.fault.${one.code}`, one)))))) : body(trial.plan),
      h("div", {class: "row g8"}, h("div", {class: "sp"}), button({class: "btn", onclick: () => { trial = null; draw() }}, say("plans.later")), button({class: "btn", onclick: () => picker.click()}, say("plans.choose")),
        bad ? null : button({class: "btn p plan-enter", disabled: busy || trial.state === "unchanged", onclick: enter}, icon("check", 15), say("plans.enter"))))
  }

  // Whom to call: masked like everything personal. One press shows all contacts of the plan, for they are called together.
  function contact(plan, one, place) {
    const lifted = contacts.get(plan.id)?.[place] ?? one
    const reveal = (reason) => doing(async () => {
      const answer = await calls.json(`/api/v1/plans/${encodeURIComponent(plan.id)}/unmask`, {reason})
      contacts.set(plan.id, answer.values.contacts)
    })
    const number = veiled({personal: contacts.has(plan.id) ? "" : `phone${place}`, title: one.role, mono: true}, lifted.phone, say, model.can_import && place === 0, reveal, new Map())
    return h("div", {class: "plan-line"}, h("b", {}, one.role), ` ${lifted.name} `, number)
  }

  const needName = (need) => (need.kind === "team" ? sayOr(model, `team.${need.code}`, need.code) : need.name || need.code)
  // A code is written behind its name, never in its place.
  const chemical = (cas) => { const named = model.chemicals?.[cas]?.[textsOf(model).lang === "en" ? 1 : 0]; return named ? `${named} ${cas}` : cas }
  const division = (code) => (model.divisions?.[code] ? `${model.divisions[code]} ${code}` : code)
  function body(plan) {
    return [plan.summary ? h("p", {class: "t2"}, plan.summary) : null,
      h("dl", {}, [["plans.issued_by", plan.issued_by], ["plans.division", [division(plan.division_code), plan.enterprise_id].filter(Boolean).join(" · ")], ["plans.valid_from", plan.issued_on], ["plans.review_by", plan.review_by ?? "—"], ["plans.types", any(plan.types, "plans.type")], ["plans.levels", any(plan.levels, "response")], ["plans.chemicals", any(plan.chemicals.map(chemical))], ["plans.processes", any(plan.processes, "plans.process")]].map(([code, value]) => [h("dt", {}, say(code)), h("dd", {}, value)])),
      plan.triggers.length ? [h("div", {class: "sh"}, say("plans.triggers")), plan.triggers.map((one) => h("div", {class: "plan-line"}, `${say(`plans.m.${one.measure}`)} ≥ ${one.at_least}`, one.text ? h("span", {class: "t3"}, ` ${one.text}`) : null))] : null,
      h("div", {class: "sh"}, say("plans.tasks", {count: plan.tasks.length})),
      h("table", {}, h("thead", {}, h("tr", {}, ["plans.task", "plans.owner", "plans.within", "plans.needs"].map((code) => h("th", {}, say(code))))), h("tbody", {}, plan.tasks.map((task) => h("tr", {}, h("td", {}, h("b", {class: "mono"}, task.code), " ", h("b", {}, task.title), h("div", {class: "t3 s12"}, task.text)), h("td", {}, task.owner), h("td", {class: "nowrap"}, `${whole(task.within_min)} ${say("unit.minutes")}`),
        h("td", {}, task.needs.map((need) => h("div", {class: "s12"}, `${needName(need)} × ${whole(need.quantity)} ${need.unit}${need.within_km ? ` · ≤ ${need.within_km} km` : ""}`, need.kind === "team" || !need.name ? null : h("span", {class: "t3"}, ` ${need.code}`)))))))),
      plan.contacts.length ? [h("div", {class: "sh"}, say("plans.contacts")), plan.contacts.map((one, place) => contact(plan, one, place))] : null]
  }

  function reading() {
    const one = versions[at]
    if (!one) return h("div", {class: "empty"}, icon("document", 28), h("b", {}, say("plans.choose_one")))
    const paper = `/api/v1/plans/${one.id}/versions/${one.version}/paper`
    return [h("header", {class: "row g12 wrap"}, h("div", {class: "sp"}, h("h1", {}, one.title), h("div", {class: "t3 s12"}, `${one.id} · ${say(`plans.kind.${one.plan.kind}`)} · ${say("plans.entered_by", {who: one.entered_by, time: stamp(one.recorded_at)})} · ${one.hash.slice(0, 12)}`)),
      h("span", {class: `badge ${one.valid_to ? "b-stale" : "b-live"}`}, say(one.valid_to ? "plans.ended" : "plans.valid")),
      one.papers.length ? [h("a", {class: "btn", href: paper, target: "_blank", rel: "noopener"}, icon("document", 15), say("plans.paper")), h("a", {class: "btn", href: paper, download: `${one.id}-v${one.version}.pdf`}, icon("save", 15), say("plans.paper.save"))] : h("span", {class: "t3 s12"}, say("plans.paper.none")),
      model.can_import ? button({class: "btn", onclick: () => papers.click()}, icon("plus", 15), say("plans.paper.add")) : null),
    h("div", {class: "row g8", role: "group", "aria-label": say("plans.versions")}, h("span", {class: "t3 s12"}, say("plans.versions")), versions.map((it, place) => button({class: `chip${place === at ? " on" : ""}`, "aria-pressed": String(place === at), onclick: () => { at = place; draw() }}, `v${it.version} · ${stamp(it.valid_from)}`))),
    h("section", {class: "card"}, h("div", {class: "card-body"}, body(one.plan)))]
  }

  function draw() {
    search.placeholder = say("plans.find")
    search.setAttribute("aria-label", say("plans.find"))
    if (!side.childNodes.length || over !== null) renew(side, h("div", {class: "top"}, search, chips, drop(), picker, papers), rows)
    drawList()
    renew(main, fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), h("span", {class: "sp"}, fault)) : null, done ? h("div", {class: "sentence okc", role: "status"}, icon("check", 15), done) : null, trial ? preview() : reading())
  }

  return {node, draw, pull}
}
