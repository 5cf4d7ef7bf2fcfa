// Which roads are closed, and how do I close one? Drawn, clicked, dragged and lifted on the map; every step can be undone.
import Draw from "ol/interaction/Draw.js"
import Modify from "ol/interaction/Modify.js"
import Collection from "ol/Collection.js"
import Feature from "ol/Feature.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {fromLonLat, toLonLat} from "ol/proj.js"
import {Circle, Fill, Stroke, Style} from "ol/style.js"
import {h, button, isTyping, renew} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {colour, faded} from "./palette.js"
import {closureForm} from "./closureform.js"
import {closureLayers, closureStyle, nameOf, readGeometry, writeGeometry} from "./closuremap.js"
import {figure, now, stamp} from "./format.js"

const MODES = [["road", "route"], ["area", "area"], ["line", "barrier"], ["edit", "nodes"]]
const HINT = {road: "closure.hint.road", area: "closure.hint.area", line: "closure.hint.line", edit: "closure.hint.edit"}

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)) // randomUUID is missing on plain http
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

// Does an outline cross itself? Every edge against every other: outlines drawn by hand are short.
export function crossesItself(ring) {
  const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
  const edges = ring.slice(1).map((end, index) => [ring[index], end])
  return edges.some(([a, b], i) => edges.some(([c, d], j) => j > i + 1 && !(i === 0 && j === edges.length - 1) && side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0))
}

export function closureTool(map, model, say, life, changed) {
  const layers = closureLayers(map)
  const sketch = new VectorSource()
  const vertex = new Style({image: new Circle({radius: 6, fill: new Fill({color: colour("surface")}), stroke: new Stroke({color: colour("closed"), width: 2.5})})})
  map.addLayer(new VectorLayer({source: sketch, zIndex: 62, style: (feature, resolution) => closureStyle(feature.getGeometry(), resolution, {strong: true})}))
  const head = h("div", {class: "h"}), modes = h("div", {class: "closure-modes", role: "toolbar"}), said = h("div", {class: "closure-said s12", role: "status", "aria-live": "polite"})
  const list = h("div", {class: "closure-list"})
  const form = closureForm(say, {incident: () => model.scene?.incident?.id ?? "", save, cancel: () => { drop(); arm() }, again: (values) => ask(pending.place, values)})
  const node = h("section", {class: "float closures", hidden: true, "aria-label": say("closure.title")}, head, modes, said, form.node, list)
  let on = false, mode = "road", pending = null, drawing = null, modify = null, dragging = false, seq = 0, working = 0, undone = []
  const waiting = new Map(), moved = {}

  const may = () => Boolean(model.scene?.can_close)
  const sentence = (text, tone = "") => { said.className = `closure-said s12 ${tone}`; renew(said, text) }

  function send(message, {then, fault} = {}) {
    const key = newKey()
    waiting.set(key, {then, fault, sent_at: performance.now()})
    working += 1
    model.send_msg({...message, key, seen: model.scene?.seq ?? 0})
    title()
    sentence(say("closure.busy"))
  }

  // Answers of the server: recorded, followed by new routes, or a fault with its sentence.
  function take(message) {
    if (message.kind === "road") { found(message); return }
    if (message.kind === "way") { layers.alternatives(message.alternatives ?? []); return }
    const one = waiting.get(message.key)
    if (!one) return
    if (message.step === "recorded") { one.then?.(message); return }
    waiting.delete(message.key)
    working -= 1
    title()
    if (message.step === "fault") {
      sentence(message.text, "dg")
      tell("toast", {text: message.text, tone: "danger"})
      one.fault?.()
      layers.draw(model.scene, moved)
      return
    }
    node.dataset.seconds = String(message.seconds)
    sentence(message.run ? say("closure.done", {seconds: figure(message.seconds, 2)}) : say("closure.recorded"), "okc")
  }

  // -- drawing ----------------------------------------------------------------------------------------------------

  function disarm() {
    if (drawing) map.removeInteraction(drawing)
    if (modify) map.removeInteraction(modify)
    drawing = modify = null
  }

  function drop() {
    pending = null
    node.classList.remove("filling")
    sketch.clear()
    form.close()
  }

  function arm() {
    disarm()
    if (!on || !may() || pending) return
    sentence(say(HINT[mode]))
    if (mode === "area" || mode === "line") {
      drawing = new Draw({type: mode === "area" ? "Polygon" : "LineString", stopClick: true, style: (feature) => (feature.getGeometry().getType() === "Point" ? vertex : [new Style({stroke: new Stroke({color: colour("closed"), width: 2.5, lineDash: [8, 5]}), fill: new Fill({color: faded("closed", 0.14)})})])})
      drawing.on("drawend", ({feature}) => drawn(feature.getGeometry()))
      map.addInteraction(drawing)
    }
    if (mode === "edit") {
      const features = layers.closures.getSource().getFeatures().filter((one) => one.get("shape") !== "road")
      modify = new Modify({features: new Collection(features), style: vertex, pixelTolerance: 12})
      modify.on("modifystart", () => { dragging = true })
      modify.on("modifyend", ({features: changedOnes}) => { dragging = false; changedOnes.forEach(reshaped) })
      map.addInteraction(modify)
    }
  }

  function drawn(geometry) {
    if (geometry.getType() === "Polygon" && crossesItself(geometry.getCoordinates()[0])) {
      sentence(say("closure.area.crossed"), "dg")
      return
    }
    pending = {shape: mode, geometry: writeGeometry(geometry)}
    sketch.clear()
    sketch.addFeature(new Feature(geometry.clone()))
    // The last double-click must not reach the map before drawing is put away.
    setTimeout(disarm, 0)
    node.classList.add("filling")
    form.open(pending)
  }

  function ask(place, {whole = false} = {}) {
    seq += 1
    pending = {...(pending?.shape === "road" ? pending : {}), shape: "road", place, whole}
    model.send_msg({kind: "road_at", seq, longitude: place[0], latitude: place[1], whole})
  }

  function found(message) {
    if (message.seq !== seq || !on) return
    if (message.fault) {
      if (!pending?.road) pending = null
      sentence(message.fault, "dg")
      return
    }
    const fresh = !pending.road
    pending.road = message.road
    sketch.clear()
    sketch.addFeature(new Feature(readGeometry(message.road.geometry)))
    node.classList.add("filling")
    form.open(pending, {keep: !fresh})
  }

  function save(values) {
    const one = pending
    if (!one) return
    const message = {kind: "closure", shape: one.shape, reason: values.reason, text: values.text, by: values.by, until_s: values.until_s}
    if (one.shape === "road") Object.assign(message, {longitude: one.place[0], latitude: one.place[1], whole: values.whole, direction: values.direction})
    else message.geometry = one.geometry
    form.busy(true)
    send(message, {
      then: ({id}) => { form.busy(false); form.clear(); drop(); undone.push({kind: "lift", id}); arm(); title() },
      fault: () => { form.busy(false) },
    })
  }

  function reshaped(feature) {
    const id = feature.get("id"), before = model.scene?.closures?.find((one) => one.id === id)
    if (!before) return
    const geometry = feature.getGeometry()
    if (geometry.getType() === "Polygon" && crossesItself(geometry.getCoordinates()[0])) {
      sentence(say("closure.area.crossed"), "dg")
      layers.draw(model.scene, moved)
      arm()
      return
    }
    move(id, writeGeometry(geometry), {kind: "move", id, geometry: before.geometry})
  }

  function move(id, geometry, step) {
    const seen = model.scene?.closures?.find((one) => one.id === id)?.seq ?? 0
    moved[id] = readGeometry(geometry)
    moved[id].seen = seen
    layers.draw(model.scene, moved)
    send({kind: "closure_move", id, geometry}, {then: () => { if (step) undone.push(step); title() }, fault: () => { delete moved[id] }})
    arm()
  }

  function lift(one) {
    send({kind: "closure_lift", id: one.id}, {then: () => { undone.push({kind: "again", id: one.id}); title() }})
  }

  function undo() {
    if (drawing && drawing.getOverlay().getSource().getFeatures().length) { drawing.removeLastPoint(); return }
    const step = undone.pop()
    if (!step) { sentence(say("closure.nothing")); return }
    if (step.kind === "lift") send({kind: "closure_lift", id: step.id, text: say("closure.undo")})
    if (step.kind === "again") send({kind: "closure_again", id: step.id})
    if (step.kind === "move") move(step.id, step.geometry, null)
    title()
  }

  // -- the panel --------------------------------------------------------------------------------------------------

  function title() {
    const count = (model.scene?.closures ?? []).filter((one) => one.state === "open").length
    renew(head, icon("barrier"), say("closure.title"), h("span", {class: "t3 s12 plain cut"}, count ? say("closure.count", {count}) : ""), h("span", {class: "sp"}),
      working > 0 ? h("span", {class: "badge s b-warn", role: "status"}, icon("redo", 12), say("closure.follows")) : null,
      button({class: "ib small", "aria-label": say("common.close"), onclick: end}, icon("cross", 16)))
    renew(modes, may() ? [MODES.map(([name, picture]) => button({class: `chip${mode === name ? " on" : ""}`, "aria-pressed": String(mode === name), onclick: (event) => choose(name, event.detail === 0)}, icon(picture, 14), say(`closure.${name}`))),
      button({class: "ib small", title: `${say("closure.undo")} Ctrl+Z`, "aria-label": say("closure.undo"), disabled: undone.length ? null : true, onclick: undo}, icon("undo", 16))] : null)
    modes.hidden = !may()
  }

  // By keyboard a road is chosen at the middle of the map: the map is moved there, and Enter on the chip takes it.
  function choose(name, byKey = false) {
    if (byKey && name === "road" && mode === "road" && !pending) { ask(toLonLat(map.getView().getCenter())); return }
    mode = name
    drop()
    title()
    arm()
  }

  function rows() {
    const all = model.scene?.closures ?? []
    renew(list, all.length ? all.map((one) => h("div", {class: `closure-row${layers.lit() === one.id ? " on" : ""}`, "data-id": one.id, onmouseenter: () => layers.light(one.id), onmouseleave: () => layers.light(null)},
      h("span", {class: "closure-mark", "aria-hidden": "true"}, "✕"),
      h("button", {class: "sp closure-name", type: "button", title: say("closure.show"), onfocus: () => layers.light(one.id), onblur: () => layers.light(null), onclick: () => show(one)},
        h("b", {class: "cut"}, nameOf(one, say)), h("span", {class: "t2 s12 cut"}, [say(`closure.reason.${one.reason}`), one.text || null, say("closure.since", {time: stamp(one.since)}), one.state === "expired" ? say("closure.expired") : one.until ? say("closure.till", {time: stamp(one.until)}) : null].filter(Boolean).join(" · "))),
      may() ? button({class: "btn s", "aria-label": say("closure.lift.name", {name: nameOf(one, say)}), onclick: () => lift(one)}, say("closure.lift")) : null)) : h("div", {class: "empty low"}, say("closure.none")))
  }

  function show(one) {
    const extent = readGeometry(one.geometry).getExtent()
    map.getView().fit(extent, {padding: [110, 120, 140, 380], maxZoom: 15.5, duration: 300})
  }

  function draw() {
    node.setAttribute("aria-label", say("closure.title"))
    title()
    rows()
    form.speak()
  }

  function toggle() {
    on = !on
    node.hidden = !on
    if (!on) { end(); return }
    if (may()) model.send_msg({kind: "closures_ready"})
    draw()
    arm()
    changed()
    modes.querySelector("button")?.focus()
  }

  function end() {
    on = false
    node.hidden = true
    disarm()
    drop()
    layers.light(null)
    changed()
  }

  // Esc takes back one thing: first what is being drawn or filled in, then the tool.
  function escape() {
    if (!on) return
    if (pending || drawing?.getOverlay().getSource().getFeatures().length) { drop(); arm(); return }
    end()
  }

  // A closure that begins or ends by the clock changes the routes like any other; each is said once.
  const due = new Set()
  life.every(5000, () => {
    if (!may()) return
    for (const one of model.scene.closures ?? []) {
      const ended = one.until && new Date(one.until) <= now(), began = new Date(one.since) <= now()
      const mark = ended ? `${one.id}:ended` : one.state === "later" && began ? `${one.id}:began` : null
      if (!mark || due.has(mark)) continue
      due.add(mark)
      model.send_msg({kind: "closures_due"})
    }
  })
  life.on(document, "keydown", (event) => {
    if (!on || isTyping(event)) return
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") { event.preventDefault(); undo() }
    if (event.key === "Delete" && layers.lit() && may()) {
      const one = model.scene?.closures?.find((item) => item.id === layers.lit())
      if (one) lift(one)
    }
  })
  life.hear("closures", toggle)
  life.hear("guard", ({on: shown, number}) => layers.guard(shown, number ?? null))
  life.hear("stay", ({on: listed, id}) => layers.stay(listed, id ?? null))
  life.hear("neck", ({index}) => layers.necks(index ?? null))
  life.hear("ways", ({alternatives}) => layers.alternatives(alternatives ?? []))

  return {
    node, take, toggle, escape, draw, end,
    isOn: () => on,
    // Whether a click on the map was for this tool.
    click(lonlat, pixel) {
      if (!on) return false
      if (!may()) return true
      if (mode === "road") {
        if (pending && !pending.road) return true
        if (pending) drop()
        ask(lonlat)
      }
      if (mode === "edit") {
        const hit = map.forEachFeatureAtPixel(pixel, (feature) => feature.get("id"), {hitTolerance: 6, layerFilter: (layer) => layer === layers.closures})
        layers.light(hit ?? null)
        rows()
      }
      return true
    },
    scene() {
      node.dataset.run = model.scene?.run?.id ?? ""
      for (const one of model.scene?.closures ?? []) if (moved[one.id] && one.seq > moved[one.id].seen) delete moved[one.id]
      if (!dragging) {
        layers.draw(model.scene, moved)
        if (on && mode === "edit") arm()
      }
      if (on) { title(); rows() }
    },
    restyle: layers.restyle,
    fly: (place) => map.getView().animate({center: fromLonLat(place), duration: 300}),
  }
}
