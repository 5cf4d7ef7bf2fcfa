// What of the presenter does my map show? His view while I follow, his frame and pointer while I look around, and the way back.
import Feature from "ol/Feature.js"
import {fromExtent} from "ol/geom/Polygon.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {intersects} from "ol/extent.js"
import {fromLonLat, toLonLat, transformExtent} from "ol/proj.js"
import {Stroke, Style} from "ol/style.js"
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {colour} from "./palette.js"

const SHOWN_EVERY_MS = 80
const GLIDE_MS = 140
const Z = 70
const round = (value, digits) => Number(value.toFixed(digits))

export function followTool(map, model, say, life, {tree, apply, layers, moved}) {
  const pill = h("div", {class: "float follow-pill", role: "status", hidden: true})
  const lock = h("div", {class: "float follow-lock", hidden: true})
  const source = new VectorSource()
  const frame = new VectorLayer({source, zIndex: Z})
  map.addLayer(frame)
  // Above the labels of the map: what the presenter points at is covered by nothing.
  const tab = h("div", {class: "follow-tab", hidden: true}), hand = h("div", {class: "follow-hand", hidden: true})
  const pinned = new Map([[tab, null], [hand, null]])
  let room = null // {presenting, following, lost, frozen, name} while in a consultation
  let owed = false, restored = false, shown = null, lent = "", timer = null, last = 0, selection = null, pointer = null, picking = null

  const here = () => {
    const view = map.getView(), extent = transformExtent(view.calculateExtent(map.getSize()), "EPSG:3857", "EPSG:4326")
    return {centre: toLonLat(view.getCenter()).map((one) => round(one, 6)), zoom: round(view.getZoom(), 3), extent: extent.map((one) => round(Math.max(-180, Math.min(180, one)), 6)),
      layers: layers().map((spec) => spec.key), only: Object.fromEntries(layers().filter((spec) => spec.only.length).map((spec) => [spec.key, spec.only])), selection, pointer}
  }

  // The newest view, and never more often than anybody sees.
  function show() {
    if (!room?.presenting || timer !== null || !map.getSize()) return
    timer = setTimeout(() => { timer = null; last = performance.now(); if (room?.presenting) tell("consult.view", here()) }, Math.max(0, SHOWN_EVERY_MS - (performance.now() - last)))
  }

  function go(glide) {
    if (!shown || !map.getSize()) return
    owed = false
    const view = map.getView(), extent = transformExtent(shown.extent, "EPSG:4326", "EPSG:3857")
    const target = {center: fromLonLat(shown.centre), resolution: view.getResolutionForExtent(extent, map.getSize())}
    view.cancelAnimations()
    if (glide) view.animate({...target, duration: GLIDE_MS})
    else { view.setCenter(target.center); view.setResolution(target.resolution) }
    lend(shown.layers, shown.only)
  }

  function lend(keys, only = {}) {
    const wanted = keys ? JSON.stringify([keys, only]) : ""
    if (wanted === lent) return
    lent = wanted
    tree.lend(keys, only)
    apply()
  }

  function mark() {
    source.clear()
    const around = room && shown && !room.presenting && !room.following
    pinned.set(tab, around ? fromLonLat([shown.extent[0], shown.extent[3]]) : null)
    if (around) {
      const box = new Feature(fromExtent(transformExtent(shown.extent, "EPSG:4326", "EPSG:3857")))
      box.setStyle(new Style({stroke: new Stroke({color: colour("primary"), width: 2, lineDash: [8, 6]})}))
      source.addFeature(box)
      renew(tab, say("consult.frame"))
    }
    const at = room && !room.presenting ? shown?.pointer : null
    pinned.set(hand, at ? fromLonLat(at) : null)
    if (at) renew(hand, icon("cursor", 22), h("b", {}, room.name))
    stick()
  }

  function stick() {
    for (const [node, at] of pinned) {
      const pixel = at && map.getPixelFromCoordinate(at)
      node.hidden = !pixel
      if (!pixel) continue
      // The name of the frame stays in sight where only a part of the frame does.
      const [x, y] = node === tab && inSight() ? [Math.max(12, pixel[0]), Math.max(24, pixel[1])] : pixel
      node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`
    }
  }

  const inSight = () => intersects(transformExtent(shown.extent, "EPSG:4326", "EPSG:3857"), map.getView().calculateExtent(map.getSize()))

  function draw() {
    const stood = [pill.hidden, lock.hidden].join()
    pill.hidden = !room || room.presenting || (room.following && !room.lost)
    if (!pill.hidden) {
      renew(pill, icon(room.lost ? "unplugged" : "hand", 18), h("span", {}, say(room.lost ? "consult.away.lost" : "consult.away")),
        room.following ? null : button({class: "btn p", onclick: () => tell("consult.return")}, icon("undo", 16), say("consult.back")))
    }
    lock.hidden = !room?.frozen
    if (!lock.hidden) renew(lock, icon("lock", 16), h("b", {}, say("consult.locked")), h("span", {class: "t2"}, say("consult.locked.free")))
    if (stood !== [pill.hidden, lock.hidden].join()) moved()
    mark()
  }

  // A hand on the map is what leaves the follow: never what the program itself moves.
  const leave = () => { if (room && !room.presenting && room.following) tell("consult.left") }
  map.on("pointerdrag", leave)
  for (const kind of ["wheel", "dblclick"]) life.on(map.getViewport(), kind, leave, {passive: true})
  map.on("moveend", show)
  // A panel that folds makes another map of mine: what he shows has to fit it too.
  map.on("change:size", () => { if (owed || (room?.following && !room.presenting)) go(false) })
  map.on("postrender", stick)
  map.getView().on(["change:center", "change:resolution"], show)
  map.on("pointermove", (event) => {
    if (!room?.presenting || event.dragging) return
    pointer = toLonLat(event.coordinate).map((one) => round(one, 6))
    show()
  })
  life.on(map.getViewport(), "mouseleave", () => { if (pointer) { pointer = null; show() } })

  life.hear("consult.room", (now) => {
    const began = now?.presenting && !room?.presenting
    room = now
    if (!room) { shown = null; owed = restored = false }
    if (!room?.following || room.presenting) lend(null)
    if (began) show()
    draw()
  })
  life.hear("consult.show", ({view, glide = true, restore = false}) => {
    shown = view
    if (restore) owed = restored = true // a page that is still being laid out gets it as soon as its map has a size
    if (restore || (room?.following && !room.presenting)) go(glide && !restore)
    mark()
  })
  life.hear("consult.refresh", show)
  life.hear("consult.pick", ({take}) => { picking = take; map.getTargetElement().style.cursor = take ? "crosshair" : "" })
  life.hear("consult.here", ({take}) => take(here()))

  return {
    nodes: [tab, hand, pill, lock], pill, lock, draw, show, leave,
    // The view he left counts more than the first look at the incident.
    restored: () => restored,
    follows: () => Boolean(room?.following && !room.presenting),
    restyle: mark,
    // A card opened by the presenter is part of what he shows.
    chose(layer, id) { selection = layer ? {layer, id: String(id)} : null; show() },
    takesClick(coordinate) {
      if (!picking) return false
      const take = picking
      picking = null
      map.getTargetElement().style.cursor = ""
      take(toLonLat(coordinate))
      return true
    },
  }
}
