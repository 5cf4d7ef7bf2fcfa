// How does the cloud pass? A player on the map: the zones of each moment hatched, the cumulative zones as outlines behind.
import GeoJSON from "ol/format/GeoJSON.js"
import Feature from "ol/Feature.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {fromLonLat} from "ol/proj.js"
import {Fill, Stroke, Style} from "ol/style.js"
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {hatch, outline} from "./hatches.js"
import {tell} from "./bus.js"
import {now, time} from "./format.js"

const BEAT_MS = 800
const LATER_S = 600 // from here on nobody needs the seconds
const SIGN_PX = 30 // from the middle of the sign at the source to its edge, and some air
const two = (value) => String(value).padStart(2, "0")
const since = (seconds) => (seconds < LATER_S ? `T+${Math.floor(seconds / 60)}:${two(Math.round(seconds % 60))}` : `T+${Math.round(seconds / 60)} min`)
const format = new GeoJSON({dataProjection: "EPSG:4326", featureProjection: "EPSG:3857"})

export function framePlayer(map, model, say, styles, hush) {
  const node = h("div", {class: "float player", role: "group", hidden: true})
  const source = new VectorSource()
  const layer = new VectorLayer({source, zIndex: 13, updateWhileInteracting: true, visible: false})
  const zoneStyle = Object.fromEntries(styles.zones.map((style) => [style.level, style]))
  layer.setStyle((feature) => {
    const style = zoneStyle[feature.get("level")] ?? zoneStyle[1]
    if (feature.get("kind") === "band") return new Style({fill: new Fill({color: hatch(style)}), zIndex: 2})
    return new Style({stroke: new Stroke(outline(style)), zIndex: 3 + style.level})
  })
  map.addLayer(layer)
  let on = false, passage = null, reason = null, at = 0, beat = null, drawn = []

  function pause() {
    clearInterval(beat)
    beat = null
  }

  function end() {
    if (!on) return
    on = false
    pause()
    source.clear()
    layer.setVisible(false)
    hush("frames", false)
    tell("frames.shown", {on: false})
    draw()
  }

  function begin() {
    on = true
    layer.setVisible(true)
    // While a moment is hatched, what the whole passage reaches stands as outlines only.
    hush("frames", true)
    tell("frames.shown", {on: true})
    ask()
  }

  function ask() {
    reason = null
    if (passage?.run && passage.run === model.scene?.run?.id) return show(nearest())
    passage = null
    source.clear()
    draw()
    model.send_msg({kind: "frames"})
  }

  // Where the cloud should be now, or its beginning where it has long gone.
  function nearest() {
    const gone_s = (now() - new Date(passage.occurred_at)) / 1000, frames = passage.frames
    if (!frames.length || gone_s > frames.at(-1).time_s) return 0
    return frames.reduce((best, frame, index) => (Math.abs(frame.time_s - gone_s) < Math.abs(frames[best].time_s - gone_s) ? index : best), 0)
  }

  function take(message) {
    reason = message.reason ?? null
    passage = reason ? null : {frames: [], ...message}
    if (!on) return
    if (passage?.run && passage.run !== model.scene?.run?.id && !model.scene?.run) return end()
    drawn = (passage?.frames ?? []).map((frame) => frame.zones.flatMap((zone) => [
      new Feature({geometry: zone.band ? format.readGeometry(zone.band) : null, kind: "band", level: zone.level}),
      new Feature({geometry: zone.geometry ? format.readGeometry(zone.geometry) : null, kind: "outline", level: zone.level})]))
    if (!passage?.frames.length) return draw()
    show(nearest())
    slider.focus()
  }

  function show(index) {
    at = Math.max(0, Math.min(passage.frames.length - 1, index))
    source.clear()
    source.addFeatures(drawn[at] ?? [])
    draw()
  }

  function step(by) {
    if (!on || !passage?.frames.length) return
    pause()
    show(at + by)
  }

  function play() {
    if (!on || !passage?.frames.length) return
    if (beat) { pause(); draw(); return }
    if (at >= passage.frames.length - 1) at = -1
    beat = setInterval(() => { if (at >= passage.frames.length - 1) { pause(); draw() } else show(at + 1) }, BEAT_MS)
    show(at + 1)
  }

  // The controls are made once: a slider that is drawn anew while it is dragged would lose the pointer.
  const slider = h("input", {type: "range", min: 0, max: 1, value: 0, class: "sp", oninput: (event) => { pause(); show(Number(event.target.value)) }})
  const moment = h("b", {class: "s14 player-moment"}), clock = h("span", {class: "t2 s12"}), words = h("span", {class: "t2 s12 sp cut"})
  const title = h("b", {class: "t nowrap"}), badge = h("span", {class: "badge s b-sim"})
  // A press with the mouse leaves the focus on the slider, so that Space goes on playing.
  const keep = (event) => event.preventDefault()
  const control = (name, size, act) => button({class: "ib small", onmousedown: keep, onclick: act}, icon(name, size))
  const toggle = button({class: "btn p square", onmousedown: keep, onclick: play}), back = control("previous", 16, () => step(-1)), forward = control("next", 16, () => step(1)), shut = control("cross", 16, end)
  const moving = h("div", {class: "row g8"}, back, toggle, forward, slider)
  node.append(h("div", {class: "row g8"}, title, moment, clock, words, badge, shut), moving)

  const name = (target, text) => { target.title = text; target.setAttribute("aria-label", text) }

  function draw() {
    node.hidden = !on
    if (!on) return
    const frame = passage?.frames?.[at]
    title.textContent = say("frames.title")
    badge.textContent = say("frames.model")
    name(shut, say("common.close"))
    moving.hidden = !frame
    moment.hidden = clock.hidden = !frame
    if (!frame) {
      words.textContent = reason ? say("frames.failed", {reason}) : passage ? say("frames.none") : say("frames.busy")
      return
    }
    const when = new Date(new Date(passage.occurred_at).getTime() + frame.time_s * 1000)
    moment.textContent = since(frame.time_s)
    clock.textContent = time(when)
    words.textContent = frame.zones.length ? [...frame.zones].reverse().map((zone) => zone.name).join(" · ") : say("frames.clear")
    slider.max = passage.frames.length - 1
    slider.value = at
    name(slider, say("frames.slider"))
    slider.setAttribute("aria-valuetext", `${clock.textContent} ${moment.textContent}`)
    name(back, `${say("frames.back")}  [`)
    name(forward, `${say("frames.forward")}  ]`)
    name(toggle, say(beat ? "frames.pause" : "frames.play"))
    renew(toggle, icon(beat ? "pause" : "play", 16, beat ? 3.5 : 2))
  }

  // Where the player would lie on the source, the map moves up by what is missing: the cloud is followed from there.
  function makeRoom(box) {
    const leak = model.scene?.incident, pixel = leak && map.getPixelFromCoordinate(fromLonLat([leak.longitude, leak.latitude]))
    if (!on || !pixel) return
    const missing = pixel[1] + SIGN_PX - box.y
    if (missing <= 0 || pixel[0] < box.x || pixel[0] > box.x + box.w || pixel[1] > box.y + box.h) return
    const view = map.getView(), [x, y] = view.getCenter()
    view.animate({center: [x, y - missing * view.getResolution()], duration: 250})
  }

  return {
    node, end, step, play, take, draw, makeRoom,
    isOn: () => on,
    toggle() { if (on) end(); else if (model.scene?.run) begin() },
    scene() {
      if (!on) return
      if (!model.scene?.run) end()
      else if (passage && passage.run !== model.scene.run.id) { pause(); ask() }
    },
    restyle() { layer.changed(); draw() },
  }
}
