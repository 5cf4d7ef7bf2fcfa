// What is the desk of the duty officer? The map: ground, layers, the incident, labels, tools; nothing ever dims it.
import {fromLonLat, toLonLat} from "ol/proj.js"
import {h} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr, speaker} from "./speak.js"
import {written} from "./written.js"
import {lifetime, tell} from "./bus.js"
import {dress} from "./dress.js"
import {colour, setTheme} from "./palette.js"
import {around, mapFor} from "./early.js"
import {kept} from "./kept.js"
import {businessLayers} from "./business.js"
import {incidentLayers} from "./incident.js"
import {callouts, labelsOf} from "./callouts.js"
import {chips, footer, legend, north} from "./furniture.js"
import {drawer} from "./drawer.js"
import {searchBox} from "./searchbox.js"
import {dossierCard} from "./dossier.js"
import {arrival} from "./arrival.js"
import {measuring, rings} from "./measure.js"
import {toolColumn} from "./tools.js"
import {snapshot} from "./snapshot.js"
import {takeBriefing} from "./briefing.js"
import {threatTool} from "./threat.js"
import {withinTool} from "./within.js"
import {ground as grounds} from "./ground.js"
import {baseMapChooser} from "./basemaps.js"
import {askedView, viewTools} from "./views.js"
import {framePlayer} from "./frames.js"
import {closureTool} from "./closures.js"
import {closureLabels} from "./closuremap.js"
import {hoverRoutes} from "./routehover.js"
import {confidenceChoice} from "./confidence.js"
import {plotTool} from "./plot.js"
import {printPanel} from "./printing.js"
import {followTool} from "./follow.js"
import {fed, seldom} from "./liveline.js"
import {cameraCoverage} from "./coverage.js"
import {carry} from "./carry.js"

export function render({model: told, view}) {
  const model = written(told, {scene: ["drawn"]})
  dress(view)
  setTheme(model.theme)
  const say = speaker(model)
  const life = lifetime(model)
  const panel = h("div", {class: "panel map"}), styles = kept("symbology")
  const {map, base, target, begun, settle} = mapFor(model, styles)
  const ground = grounds(map, model, say, base, () => { status.draw(); foot.draw(); maps.draw(); tools.draw(state()); labels.arrange() })
  const maps = baseMapChooser(model, say, ground, () => { tools.draw(state()); labels.arrange() })
  const views = viewTools(map, panel, model, say, ground, show, () => { tools.draw(state()); labels.arrange() })
  let held = askedView() // a link says where to look; the incident does not take the map away from there
  let inScene = new Set()
  const business = businessLayers(map, styles, (layer, id) => inScene.has(`${layer}:${id}`), () => model.moment)
  const incident = incidentLayers(map, styles, {envelope: false})
  const labels = callouts(map, incident)
  const ruler = measuring(map)
  const cameras = cameraCoverage(map, say)
  const ring = rings(map, say, () => model.scene?.incident)
  const threat = threatTool(map, model, say)
  const player = framePlayer(map, model, say, styles, incident.hush)
  const sureness = confidenceChoice(map, model, say, styles, incident.hush, () => { keys.draw(); name() })
  const roads = closureTool(map, model, say, life, () => { tools.draw(state()); labels.arrange() })
  const within = withinTool(map, model, say, () => { tools.draw(state()); labels.arrange() })
  const plot = plotTool(map, model, say, life, () => { if (plot.isOn()) { within.end(); threat.end(); ruler.end(); roads.end(); tree.close() } tools.draw(state()); labels.arrange() })
  const paper = printPanel(map, model, say, () => tree.layers().filter((spec) => spec.shown && spec.connected && spec.geometry !== "none").map((spec) => spec.key), ground, () => tools.draw(state()))
  const hint = h("div", {class: "float pick-hint", hidden: true})
  const tree = drawer(model, say, styles, apply, () => keys.draw())
  const follow = followTool(map, model, say, life, {tree, apply, layers: () => tree.layers().filter((spec) => spec.shown && spec.connected), moved: () => labels.arrange()})
  const search = searchBox(model, say, life, (hit) => { fly(hit); if (hit.layer) model.send_msg({kind: "dossier", layer: hit.layer, id: hit.id}) }, () => toLonLat(map.getView().getCenter()))
  const card = dossierCard(model, say, styles, (place) => fly(place))
  const arrived = arrival(model, fly)
  const status = chips(model, say, maps)
  const foot = footer(map, model, say, ground)
  const keys = legend(model, say, styles, () => tree.earlierShown(), sureness, () => plot)
  const points = north(model, say)
  const tools = toolColumn(say, {
    in: () => zoom(1), out: () => zoom(-1), locate: () => { follow.leave(); frame(true, true) }, consult: () => tell("consult"), layers: () => { tree.toggle(); tools.draw(state()) },
    measure: () => { within.end(); ruler.toggle(); tools.draw(state()) }, range: () => { ring.toggle(); tools.draw(state()); keys.draw() },
    threat: () => { within.end(); threat.toggle(); tools.draw(state()) }, frames: () => { player.toggle(); tools.draw(state()) },
    within: () => { ruler.end(); threat.end(); roads.end(); plot.end(); within.toggle(); tools.draw(state()); labels.arrange() },
    closures: () => { within.end(); threat.end(); ruler.end(); tree.close(); plot.end(); roads.toggle() },
    marks: () => plot.toggle(),
    basemap: () => { views.close(); maps.toggle() }, views: () => { maps.close(); views.toggle() },
    briefing: () => takeBriefing(model),
    print: () => paper.toggle(),
    snapshot: () => snapshot({map, labels, legend: keys, model, say, credit: ground.credit()}),
  })
  const state = () => ({layers: tree.isOpen(), basemap: maps.isOpen(), views: views.isOpen(), measure: ruler.isOn(), range: ring.isOn(), threat: threat.isOn(), frames: player.isOn(), closures: roads.isOn(), marks: plot.isOn(), print: paper.isOn(), within: within.isOn()})
  panel.append(ground.line.node, labels.overlay, maps.node, views.node, h("div", {class: "map-top"}, search.node, status.node), h("div", {class: "map-right"}, tools.node, points.node), h("div", {class: "map-bottom"}, player.node, keys.node, foot.node), tree.node, card.node, hint, threat.hint, threat.node, within.node, roads.node, plot.node, paper.node, ...follow.nodes)
  const boxOf = (node) => {
    const frame = panel.getBoundingClientRect(), box = node.getBoundingClientRect()
    const scale = frame.width / panel.offsetWidth || 1 // large screens are zoomed by CSS; the map counts unzoomed pixels
    return {x: (box.left - frame.left) / scale - 6, y: (box.top - frame.top) / scale - 6, w: box.width / scale + 12, h: box.height / scale + 12}
  }
  labels.avoid(() => [search.node, status.node, tools.node, points.node, foot.node, keys.node, tree.node, maps.node, views.node, card.node, player.node, threat.node, within.node, roads.node, plot.node, follow.pill, follow.lock].map(boxOf).filter((box) => box.w > 14).concat(plot.boxes()))

  function zoom(step) {
    follow.leave()
    map.getView().animate({zoom: Math.round(map.getView().getZoom() * 2) / 2 + step, duration: 200})
  }

  function fly({longitude: lon, latitude: lat, zoom: wanted}) {
    if (lon === undefined || lon === null) return
    follow.leave()
    map.getView().animate({center: fromLonLat([lon, lat]), zoom: wanted ?? Math.max(map.getView().getZoom(), 14.5), duration: 300})
  }

  // A kept or handed-over view: its place, and its ground where this house has it.
  function show({longitude, latitude, zoom: wanted, ground: choice, grid}, duration = 300) {
    ground.adopt(choice, grid)
    map.getView().animate({center: fromLonLat([longitude, latitude]), zoom: wanted, duration})
  }

  // The whole incident in sight, clear of the panels that float over the map.
  function frame(animated, asked = false) {
    if (follow.follows() || (!asked && follow.restored())) return
    const zones = incident.extent(["zones"])
    const extent = zones ? around(zones) : incident.extent(["symbols"])
    if (!model.scene?.incident || !extent) {
      map.getView().animate({center: fromLonLat(model.home.centre), zoom: model.home.zoom, duration: animated ? 300 : 0})
      return
    }
    const size = map.getSize() ?? [900, 700], top = boxOf(status.node)
    const low = size[0] < 1000 ? size[1] - boxOf(keys.node).y : 72
    map.getView().fit(extent, {padding: [top.y + top.h + 6, 76, Math.min(low + 6, size[1] * 0.4), tree.isOpen() ? 420 : 60], maxZoom: 15, duration: animated ? 300 : 0})
  }

  function apply() {
    tree.layers().forEach((spec, order) => business.show(spec, spec.shown && spec.connected && (spec.kept || !model.moment), spec.opacity, order, spec.only))
    earlier()
    keys.draw()
    labels.arrange()
    follow.show()
  }

  // Zones of earlier runs stay on the map until they are put away in the layer drawer.
  function earlier() {
    const shown = tree.earlierShown()
    if (incident.layers.history.getVisible() === shown) return
    incident.layers.history.setVisible(shown)
    scene()
  }

  let framed = null
  function scene() {
    const shown = model.scene
    inScene = new Set([...(shown?.exposure?.facilities ?? []).map((one) => `protection_target:${one.id}`),
      ...(shown?.evacuation?.shelters ?? []).filter((one) => one.shown).map((one) => `shelter:${one.id}`),
      ...(shown?.routes ?? []).filter((one) => one.drawn).map((one) => `rescue_team:${one.id}`),
      ...(shown?.domino?.reached ?? []).map((one) => `hazard_source:${one.id}`)])
    incident.draw(shown)
    sureness.draw()
    ring.draw()
    threat.scene()
    player.scene()
    roads.scene()
    plot.scene()
    tree.draw()
    tools.draw(state())
    business.recede(Boolean(shown?.run))
    status.draw()
    keys.draw()
    const key = shown?.incident ? `${shown.incident.id}:${shown.basis?.fingerprint ?? ""}` : "none"
    const fresh = key !== framed, first = framed === null
    framed = key
    if (fresh) card.close()
    // The first view is there at once: on the way to it, tiles of two scales would be fetched and thrown away.
    // A ground that was begun early already lies where the incident will be.
    if (fresh && !held && (shown?.incident || !first || !begun)) frame(!first)
    if (held && shown?.incident) held = null
    name()
  }

  function name() {
    const shown = {...model.scene, doubts: sureness.labels()}
    labels.set([...closureLabels(shown, say), ...labelsOf(tree.earlierShown() ? shown : {...shown, history: []}, say, (code, fallback, values) => sayOr(model, code, fallback, values))])
  }

  // Topmost wanted layer first: what stands on the map is asked before the areas below it.
  function hitAt(pixel) {
    let hit = null
    map.forEachFeatureAtPixel(pixel, (feature, layer) => {
      const spec = layer === incident.layers.symbols ? {key: feature.get("layer")} : business.specOf(layer)
      if (!spec) return false
      // Where a reader may not look, the township says so, whatever layer was clicked.
      hit = {layer: feature.get("unseen") ? "risk_township" : spec.key, id: String(feature.get("id") ?? feature.getId?.() ?? ""), name: feature.get("name"), count: Number(feature.get("count") ?? 1),
        coordinate: feature.getFlatCoordinates?.() ?? feature.getGeometry?.().getFlatCoordinates?.()}
      return true
    }, {hitTolerance: 4, layerFilter: (layer) => layer === incident.layers.symbols || business.isPoints(layer)})
    return hit
  }

  map.on("singleclick", (event) => {
    if (ruler.isOn() || within.isDrawing() || follow.takesClick(event.coordinate)) return
    const [lon, lat] = toLonLat(event.coordinate)
    if (!model.picking && roads.click([lon, lat], event.pixel)) return
    if (!model.picking && !threat.isOn() && plot.click(event.pixel)) return
    const hit = hitAt(event.pixel)
    if (threat.isOn() && !model.picking) { threat.ask([lon, lat]); labels.arrange(); return }
    if (model.picking) {
      model.send_msg({kind: "pick", longitude: lon, latitude: lat, layer: hit && hit.count <= 1 ? hit.layer : null, id: hit && hit.count <= 1 ? hit.id : null})
      return
    }
    if (!hit) { card.close(); follow.chose(null); return }
    if (hit.count > 1) {
      map.getView().animate({center: event.coordinate, zoom: map.getView().getZoom() + 1.6, duration: 300})
      return
    }
    if (hit.layer === "incident") { tell("tab", {index: 0}); return }
    model.send_msg({kind: "dossier", layer: hit.layer, id: hit.id})
  })
  map.on("pointermove", (event) => {
    if (event.dragging) return
    target.style.cursor = model.picking || ruler.isOn() || threat.isOn() || roads.isOn() || plot.isDrawing() || within.isDrawing() ? "crosshair" : plot.hovers(event.pixel) || hitAt(event.pixel) ? "pointer" : ""
  })

  function restyle() {
    setTheme(model.theme)
    panel.style.background = target.style.background = colour("mLand")
    base.dress(map)
    business.restyle()
    incident.restyle()
    threat.restyle()
    within.restyle()
    player.restyle()
    sureness.restyle()
    roads.restyle()
    plot.restyle()
    views.restyle()
    ring.draw()
    follow.restyle()
    labels.arrange()
    keys.draw()
    points.draw()
  }

  function picking() {
    hint.hidden = !model.picking
    hint.replaceChildren(icon("pin", 16), say("map.pick"))
    incident.layers.symbols.changed()
  }

  model.on("scene", scene)
  fed(view, life, ({drawn, scene: text}) => ({drawn, scene: text}), () => sensedSoon())
  model.on("theme", restyle)
  model.on("picking", picking)
  model.on("layers", () => { tree.draw(); apply() })
  model.on("basemaps", ground.heard)
  model.on("views", views.draw)
  model.on("sketches", plot.scene)
  model.on(["weather", "mode"], () => { status.draw(); points.draw() })
  model.on("texts", () => { search.draw(); status.draw(); foot.draw(); points.draw(); tree.draw(); maps.draw(); views.draw(); ground.line.draw(); tools.draw(state()); picking(); threat.draw(); within.draw(); player.draw(); roads.draw(); plot.draw(); paper.draw(); scene() })
  const sensed = () => tree.layers().filter((spec) => spec.cadence_s <= 60).forEach((spec) => business.refresh(spec.key))
  const sensedSoon = seldom(sensed)
  model.on("revision", sensed)
  model.on("moment", () => { business.rewind(); apply() })
  model.on("msg:custom", (message) => {
    if (message.kind === "hits") search.answer(message)
    if (message.kind === "threat") { threat.take(message); labels.arrange() }
    if (message.kind === "unmasked") card.unmasked(message)
    if (message.kind === "within") { within.take(message); labels.arrange() }
    if (message.kind === "frames") { player.take(message); labels.arrange() }
    if (["closure", "road", "way"].includes(message.kind)) roads.take(message)
    if (["mark", "mark_file"].includes(message.kind)) plot.take(message)
    if (message.kind === "confidence") sureness.failed()
    if (message.kind === "coverage") cameras.take(message)
    if (message.kind === "sensed") sensed()
    if (message.kind === "dossier") { card.show(message); follow.chose(message.dossier?.layer, message.dossier?.id); arrived(message); labels.arrange() }
  })
  life.hear("fly", fly)
  life.hear("light", incident.light)
  hoverRoutes(map, incident, life)
  life.hear("frame", ({id}) => { const extent = incident.routeExtent(id); if (extent) map.getView().fit(extent, {padding: [90, 100, 120, 100], maxZoom: 15.5, duration: 300}) })
  life.hear("measure", () => { ruler.toggle(); tools.draw(state()) })
  life.hear("within", () => { ruler.end(); threat.end(); roads.end(); plot.end(); within.toggle(); tools.draw(state()); labels.arrange() })
  life.hear("threat", () => { threat.toggle(); tools.draw(state()) })
  life.hear("frames", () => { player.toggle(); tools.draw(state()); labels.arrange() })
  life.hear("frames.step", ({step}) => player.step(step))
  life.hear("frames.play", () => player.play())
  life.hear("frames.shown", () => tools.draw(state()))
  life.hear("basemap", () => { views.close(); maps.toggle() })
  life.hear("views", () => { maps.close(); views.toggle() })
  life.hear("layers", () => { tree.toggle(); tools.draw(state()) })
  life.hear("escape", () => { ruler.end(); cameras.end(); threat.end(); within.end(); player.end(); roads.escape(); plot.escape(); if (paper.isOn()) paper.close(); card.close(); tree.close(); maps.close(); views.close(); tools.draw(state()) })
  life.hear("line", status.line)
  life.hear("consult.mode", ({on}) => keys.strip(on))
  // The tools end above whatever stands at the foot of a narrow map; in a low window they are scrolled.
  const footing = new ResizeObserver(() => {
    const narrow = panel.clientWidth <= 1000, low = narrow ? panel.clientHeight - boxOf(keys.node.hidden ? foot.node : keys.node).y : 60
    panel.style.setProperty("--low", `${Math.max(60, Math.round(low))}px`)
  })
  footing.observe(keys.node)
  footing.observe(target)
  const under = new ResizeObserver(() => { if (!follow.follows()) player.makeRoom(boxOf(player.node)) })
  under.observe(player.node)
  const watcher = new ResizeObserver(() => { map.updateSize(); keys.draw() })
  watcher.observe(target)
  life.then(() => { watcher.disconnect(); footing.disconnect(); under.disconnect(); map.setTarget(null) })
  ground.start()
  if (held) show(held, 0)
  window.onemapMap = map // for the browser tests and the console of an administrator
  tools.draw(state())
  restyle()
  tree.draw()
  picking()
  // The panel gets its size only after it stands in the page.
  model.on("after_layout", () => { map.updateSize() })
  // The map is shown with its first view settled: before that it would fetch tiles nobody is going to look at.
  requestAnimationFrame(() => { settle(panel); map.setTarget(target); carry(map, () => !ground.line.isOn()); map.updateSize(); apply(); scene() })
  return panel
}
