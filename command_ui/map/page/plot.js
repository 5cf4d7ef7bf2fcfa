// How does an officer draw on the map? Signs of GB/T 35649 chosen, placed, dragged, worded, taken back and forth again.
import {kept} from "./kept.js"
import Draw from "ol/interaction/Draw.js"
import Modify from "ol/interaction/Modify.js"
import Translate from "ol/interaction/Translate.js"
import Collection from "ol/Collection.js"
import {Circle, Fill, Stroke, Style} from "ol/style.js"
import {toLonLat} from "ol/proj.js"
import {h, button, isTyping, renew} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {colour, faded} from "./palette.js"
import {crossesItself, newKey} from "./closures.js"
import {readGeometry, writeGeometry} from "./closuremap.js"
import {labelOf, markLayer, titleOf} from "./plotmap.js"
import {findSigns, nameIn, signTable} from "./plotsigns.js"
import {signPicture} from "./plotpicture.js"
import {plotHistory} from "./plothistory.js"
import {markForm} from "./plotform.js"
import {markRows} from "./plotlist.js"
import {markFiles} from "./plotfiles.js"
import {textsOf} from "./speak.js"

const OL_TYPE = {point: "Point", line: "LineString", area: "Polygon"}
const TABS = ["signs", "list", "removed", "file"]
const STANDINGS = ["kept", "shown", "own"]
const RECENT = "onemap.plot.recent"

export function plotTool(map, model, say, life, changed) {
  const table = signTable(kept("signs")), lang = () => textsOf(model).lang ?? "zh"
  const layer = markLayer(map, table, say, lang)
  const head = h("div", {class: "h"}), tabs = h("div", {class: "plot-tabs", role: "tablist"}), said = h("div", {class: "plot-said s12", role: "status", "aria-live": "polite"}), body = h("div", {class: "plot-body"})
  const history = plotHistory()
  const form = markForm(table, say, lang, {incident: () => model.scene?.incident?.id ?? "", save, close: () => select(null), show: (mark) => leave(mark, "shown"), keep: (mark) => (mark.standing === "own" ? leave(mark, "kept") : send({kind: "mark_keep", id: mark.id}, {})), remove, centre: (mark) => reshape(mark, {type: "Point", coordinates: toLonLat(map.getView().getCenter())})})
  const files = markFiles(model, say, {send, done: (text) => sentence(text, "okc"), href: (kind) => `/api/v1/incidents/${model.scene?.incident?.id}/marks.${kind}`})
  const rows = markRows(table, say, lang, {choose: (mark) => { select(mark.id); show(mark) }, light: (id) => layer.light(id ?? form.mark()?.id ?? null), restore: (mark) => send({kind: "mark_restore", id: mark.id}, {then: () => history.did(mark.id, null, mark)}), keep: (mark) => (mark.standing === "own" ? leave(mark, "kept") : send({kind: "mark_keep", id: mark.id}, {})), remove})
  const node = h("section", {class: "float plot", hidden: true, "aria-label": say("mark.title")}, head, tabs, said, form.node, body)
  let on = false, tab = "signs", letter = "", typed = "", standing = "kept", armed = null, drawing = null, editing = [], dragging = null, lastSeq = 0
  const waiting = new Map(), fresh = new Map(), moved = {}, queue = []
  let recent = JSON.parse(window.localStorage.getItem(RECENT) ?? "[]").filter((code) => table.get(code)).slice(0, 5)

  const may = () => Boolean(model.scene?.can_draw)
  const markId = (key) => `M-${key.replaceAll("-", "").slice(0, 12)}` // as the server makes it of the key
  // What was just drawn stands on the map at once; it is told apart no longer when the record knows it.
  const all = () => {
    const known = [...(model.scene?.marks ?? []), ...(model.sketches ?? []).map((one) => ({state: "on", ...one}))]
    return [...known, ...[...fresh.values()].filter((one) => !known.some((other) => other.id === one.id))]
  }
  const find = (id) => all().find((one) => one.id === id) ?? null
  const sentence = (text, tone = "") => { said.className = `plot-said s12 ${tone}`; renew(said, text) }

  // -- talking to the server ----------------------------------------------------------------------------------------

  // One message at a time: a change must find its mark on the server.
  function send(message, {then, fault, key = newKey()} = {}) {
    queue.push({message, key, then, fault})
    form.busy(true)
    sentence(say("mark.busy"))
    pump()
  }

  function pump() {
    if (waiting.size || !queue.length) return
    const {message, key, then, fault} = queue.shift()
    waiting.set(key, {then, fault, id: message.id})
    model.send_msg({...message, key, seen: Math.max(model.scene?.seq ?? 0, lastSeq)})
  }

  function take(message) {
    const one = waiting.get(message.key)
    if (!one) return
    waiting.delete(message.key)
    lastSeq = Math.max(lastSeq, message.seq ?? 0)
    form.busy(queue.length > 0)
    if (message.kind === "mark_file") { files.take(message); pump(); title(); return }
    if (message.step === "fault") {
      sentence(message.text, "dg")
      tell("toast", {text: message.text, tone: "danger"})
      if (one.id) { delete moved[one.id]; history.forget(one.id) }
      fresh.delete(markId(message.key))
      one.fault?.()
      paint()
    } else {
      sentence(message.id?.startsWith("S-") ? say("mark.own.hint") : say("mark.saved"), "okc")
      one.then?.(message.id)
    }
    pump()
    title()
  }

  // -- drawing ------------------------------------------------------------------------------------------------------

  function disarm() {
    if (drawing) map.removeInteraction(drawing)
    drawing = null
    armed = null
    node.classList.remove("drawing")
  }

  function choose(code, {byKey = false} = {}) {
    const sign = table.get(code)
    if (!sign || !may() && standing !== "own") return
    disarm()
    select(null)
    armed = code
    const place = sign.kind === "point" ? "mark.place.hint" : `mark.${sign.kind}.hint`
    sentence(say(place, {name: nameIn(sign, lang())}))
    const ink = table.classes[code[0]].ink
    const ball = new Style({image: new Circle({radius: 6, fill: new Fill({color: colour("surface")}), stroke: new Stroke({color: ink, width: 2.5})})})
    drawing = new Draw({type: OL_TYPE[sign.kind], stopClick: true, style: (feature) => (feature.getGeometry().getType() === "Point" ? ball : [new Style({stroke: new Stroke({color: ink, width: 2.5, lineDash: [8, 5]}), fill: new Fill({color: faded("closed", 0.12)})})])})
    drawing.on("drawend", ({feature}) => place_(code, feature.getGeometry()))
    map.addInteraction(drawing)
    remember(code)
    node.classList.add("drawing")
    draw()
    if (byKey && sign.kind === "point") body.querySelector(".plot-centre")?.focus()
  }

  function remember(code) {
    recent = [code, ...recent.filter((one) => one !== code)].slice(0, 5)
    window.localStorage.setItem(RECENT, JSON.stringify(recent))
  }

  function place_(code, geometry) {
    if (geometry.getType() === "Polygon" && crossesItself(geometry.getCoordinates()[0])) { sentence(say("mark.crossed"), "dg"); return }
    setTimeout(() => { disarm(); if (tab === "signs") palette() }, 0) // the last double-click must not reach the map before drawing is put away
    const state = {symbol: code, geometry: writeGeometry(geometry), label: "", subtype: "", text: "", rotation_deg: 0, opacity: 1, order_id: "", standing}
    add(state)
  }

  function add(state) {
    const key = newKey(), own = state.standing === "own", id = own ? `S-${key.slice(0, 12)}` : markId(key)
    fresh.set(id, {...state, id, state: "on"})
    paint()
    select(id)
    form.focus()
    const then = () => { history.did(id, null, state); title() }, fault = () => { fresh.delete(id); if (form.mark()?.id === id) select(null); paint() }
    send(own ? {...state, kind: "mark_sketch", id} : {...state, kind: "mark"}, {key, then, fault})
  }

  // A sketch becomes something others see: shown for the moment, or part of the map.
  function leave(mark, to) {
    if (!may()) return
    send({...plain(mark), kind: "mark", standing: to, sketch: mark.standing === "own" ? mark.id : null}, {then: (id) => { history.forget(mark.id); history.did(id, null, {...plain(mark), standing: to}); select(id) }})
  }

  const plain = ({symbol, geometry, label = "", subtype = "", text = "", rotation_deg = 0, opacity = 1, from = null, until = null, order_id = "", standing: how}) => ({symbol, geometry, label, subtype, text, rotation_deg, opacity, from, until, order_id, standing: how})

  function change(mark, values) {
    const before = plain(mark), after = {...before, ...values}
    const kind = mark.standing === "own" ? "mark_sketch" : "mark_change"
    send({...after, kind, id: mark.id}, {then: () => { const {until_s: _, ...kept} = after; history.did(mark.id, before, kept); form.saved() }})
  }

  function save(mark, values) { change(find(mark.id) ?? mark, values) }

  function reshape(mark, geometry) {
    moved[mark.id] = readGeometry(geometry)
    moved[mark.id].seen = Math.max(mark.seq ?? 0, lastSeq)
    paint()
    change(mark, {geometry})
  }

  function remove(mark) {
    select(null)
    const kind = mark.standing === "own" ? "mark_sketch_drop" : "mark_remove"
    if (kind === "mark_sketch_drop") { model.send_msg({kind, id: mark.id}); history.did(mark.id, plain(mark), null); return }
    send({kind, id: mark.id}, {then: () => history.did(mark.id, plain(mark), null)})
  }

  function step(which) {
    if (drawing?.getOverlay().getSource().getFeatures().length && which === "undo") { drawing.removeLastPoint(); return }
    const message = history[which]()
    if (!message) { sentence(say(`mark.nothing.${which}`)); return }
    if (message.kind === "mark_sketch_drop") { model.send_msg(message); title(); return }
    if (message.id === form.mark()?.id && message.kind === "mark_remove") select(null)
    send(message, {then: () => title()})
    title()
  }

  // -- the chosen mark ----------------------------------------------------------------------------------------------

  function select(id) {
    editing.forEach((one) => map.removeInteraction(one))
    editing = []
    dragging = null
    const mark = id === null ? null : find(id), feature = id === null ? null : layer.feature(id)
    layer.light(mark ? id : null)
    node.classList.toggle("filling", Boolean(mark))
    if (!mark) { form.close(); if (on) rowsNow(); return }
    form.open(mark, may() || mark.standing === "own")
    if (on) rowsNow()
    if (!feature || !(may() || mark.standing === "own")) return
    const features = new Collection([feature]), ball = new Style({image: new Circle({radius: 6, fill: new Fill({color: colour("surface")}), stroke: new Stroke({color: colour("primary"), width: 2.5})})})
    const begin = () => { dragging = id }
    const end = () => { dragging = null; const now = find(id), geometry = feature.getGeometry(); if (!now) return; if (geometry.getType() === "Polygon" && crossesItself(geometry.getCoordinates()[0])) { sentence(say("mark.crossed"), "dg"); paint(); return } reshape(now, writeGeometry(geometry)) }
    const translate = new Translate({features, hitTolerance: 4})
    translate.on("translatestart", begin)
    translate.on("translateend", end)
    editing = [translate]
    if (feature.getGeometry().getType() !== "Point") {
      const modify = new Modify({features, style: ball, pixelTolerance: 9})
      modify.on("modifystart", begin)
      modify.on("modifyend", end)
      editing.push(modify)
    }
    editing.forEach((one) => map.addInteraction(one))
    if (may()) sentence(say("mark.edit.hint"))
  }

  function show(mark) {
    const extent = readGeometry(mark.geometry).getExtent()
    map.getView().fit(extent, {padding: [110, 120, 140, 400], maxZoom: Math.max(15, map.getView().getZoom()), duration: 300})
  }

  // -- the panel ----------------------------------------------------------------------------------------------------

  function title() {
    const count = (model.scene?.marks ?? []).length
    renew(head, icon("pencil"), say("mark.title"), h("span", {class: "t3 s12 plain cut"}, count ? say("mark.count", {count}) : ""), h("span", {class: "sp"}),
      button({class: "ib small plot-undo", title: `${say("mark.undo")} Ctrl+Z`, "aria-label": say("mark.undo"), disabled: history.canUndo() ? null : true, onclick: () => step("undo")}, icon("undo", 16)),
      button({class: "ib small plot-redo", title: `${say("mark.redo")} Ctrl+Y`, "aria-label": say("mark.redo"), disabled: history.canRedo() ? null : true, onclick: () => step("redo")}, icon("redo", 16)),
      button({class: "ib small", "aria-label": say("common.close"), onclick: end}, icon("cross", 16)))
    const counts = {list: all().length, removed: (model.scene?.marks_removed ?? []).length}
    renew(tabs, TABS.map((name) => button({class: `segment${tab === name ? " on" : ""}`, role: "tab", "aria-selected": String(tab === name), "data-tab": name, onclick: () => { tab = name; draw() }}, say(`mark.tab.${name}`), counts[name] ? ` ${counts[name]}` : "")))
  }

  function palette() {
    const search = h("input", {class: "field sp plot-search", type: "search", placeholder: say("mark.search"), "aria-label": say("mark.search"), oninput: (event) => { typed = event.target.value; grid.replaceChildren(...cells()) }})
    search.value = typed
    const cell = (code) => {
      const sign = table.get(code)
      return button({class: `plot-cell${armed === code ? " on" : ""}`, title: `${code} ${nameIn(sign, lang())}`, "data-code": code, "aria-pressed": String(armed === code), onclick: (event) => choose(code, {byKey: event.detail === 0})}, signPicture(table, code, 32), h("span", {class: "s12"}, lang() === "en" ? sign.en : sign.label))
    }
    const cells = () => { const found = findSigns(table.list, typed, letter); return found.length ? found.map((one) => cell(one.code)) : [h("div", {class: "empty low plot-none"}, say("mark.search.none"))] }
    const grid = h("div", {class: `plot-grid${lang() === "en" ? " wide" : ""}`}, cells())
    const letters = ["", ...Object.keys(table.classes)]
    renew(body,
      h("div", {class: "row g8 plot-line"}, h("span", {class: "s12 t2"}, say("mark.standing")), STANDINGS.map((one) => button({class: `chip${standing === one ? " on" : ""}`, "aria-pressed": String(standing === one), title: say(`mark.${one}.hint`), disabled: one !== "own" && !may() ? true : null, onclick: () => { standing = one; draw() }}, say(`mark.${one}`))),
        armed && table.get(armed).kind === "point" ? button({class: "btn s plot-centre", onclick: () => { const code = armed; disarm(); add({symbol: code, geometry: {type: "Point", coordinates: toLonLat(map.getView().getCenter())}, label: "", subtype: "", text: "", rotation_deg: 0, opacity: 1, order_id: "", standing}) }}, say("mark.centre")) : null),
      h("div", {class: "row plot-line"}, search),
      h("div", {class: "plot-letters", role: "group"}, letters.map((one) => button({class: `chip${letter === one ? " on" : ""}`, "aria-pressed": String(letter === one), onclick: () => { letter = one; draw() }}, one ? `${one} ${lang() === "en" ? table.classes[one].en : table.classes[one].zh}` : say("mark.all")))),
      recent.length && !typed && !letter ? [h("div", {class: "s12 t3 plot-line"}, say("mark.recent")), h("div", {class: `plot-grid${lang() === "en" ? " wide" : ""}`}, recent.map(cell))] : null,
      grid, h("div", {class: "s12 t3 plot-line"}, say("mark.edition")))
  }

  function rowsNow() {
    if (tab === "list") renew(body, rows.on(all(), {lit: form.mark()?.id, may: may()}))
    if (tab === "removed") renew(body, rows.off(model.scene?.marks_removed ?? [], {may: may()}))
  }

  function draw() {
    node.setAttribute("aria-label", say("mark.title"))
    title()
    if (tab === "signs") palette()
    else if (tab === "file") renew(body, files.draw(may()))
    else rowsNow()
    form.speak()
  }

  function paint() {
    layer.draw(all(), moved, dragging)
  }

  function toggle() {
    if (on) { end(); return }
    on = true
    node.hidden = false
    if (!may()) standing = "own"
    sentence(say("mark.pick.hint"))
    draw()
    changed()
    body.querySelector(".plot-search")?.focus()
  }

  function end() {
    on = false
    node.hidden = true
    disarm()
    select(null)
    changed()
  }

  // Esc takes back one thing: the sign in hand, the chosen mark, then the tool.
  function escape() {
    if (!on) return
    if (drawing) { disarm(); sentence(say("mark.pick.hint")); draw(); return }
    if (form.mark()) { select(null); return }
    end()
  }

  life.on(document, "keydown", (event) => {
    if (!on || isTyping(event)) return
    const key = event.key.toLowerCase()
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) { event.preventDefault(); step(key === "y" || event.shiftKey ? "redo" : "undo") }
    if (event.key === "Delete" && form.mark() && (may() || form.mark().standing === "own")) remove(form.mark())
  })
  // Asked for a private sketch the tool draws one, whatever was drawn before; nobody sees it until it is shown.
  life.hear("plot", (asked) => { if (asked?.own) { standing = "own"; if (on) { draw(); return } } toggle() })

  return {
    node, take, toggle, escape, end, draw,
    isOn: () => on,
    isDrawing: () => drawing !== null,
    boxes: layer.boxes,
    table,
    // Whether a click on the map was for this tool: a mark is opened by a click even while the tool is away.
    click(pixel) {
      if (drawing) return true
      const id = layer.at(pixel)
      if (id === null) { const chosen = on && form.mark() !== null; if (chosen) select(null); return chosen }
      if (!on) toggle()
      select(id)
      return true
    },
    hovers: (pixel) => layer.at(pixel) !== null,
    names: () => { const shown = new Map(); for (const one of model.scene?.marks ?? []) if (one.state !== "later") shown.set(one.symbol, (shown.get(one.symbol) ?? 0) + 1); return shown },
    scene() {
      node.dataset.count = String((model.scene?.marks ?? []).length)
      for (const one of [...(model.scene?.marks ?? []), ...(model.scene?.marks_removed ?? [])]) {
        if (moved[one.id] && one.seq > moved[one.id].seen) delete moved[one.id]
        fresh.delete(one.id)
      }
      for (const one of model.sketches ?? []) { delete moved[one.id]; fresh.delete(one.id) }
      paint()
      const chosen = form.mark()
      if (chosen && !dragging) { const now = find(chosen.id); if (now) form.news(now); else select(null) }
      if (on) { title(); rowsNow() }
    },
    restyle: layer.restyle,
  }
}

export {labelOf, titleOf}
