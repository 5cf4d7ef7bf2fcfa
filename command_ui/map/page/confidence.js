// How sure are the zones? A choice in the legend: nothing, the P90 line, or bands of probability, with what was varied.
import GeoJSON from "ol/format/GeoJSON.js"
import Feature from "ol/Feature.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {Fill, Stroke, Style} from "ol/style.js"
import {h, button} from "./dom.js"
import {lineSwatch} from "./swatch.js"
import {sayOr} from "./speak.js"
import {colour, faded} from "./palette.js"
import {distance} from "./format.js"

const KEY = "onemap.confidence"
const MODES = ["off", "line", "bands"]
// Share of the members that exceed the level there: the line around a tenth holds nine of ten zones.
const BANDS = {90: {opacity: 0.42, dash: undefined, swatch: "likely", text: "confidence.likely"}, 50: {opacity: 0.26, dash: [9, 5], swatch: "even", text: "confidence.even"}, 10: {opacity: 0.12, dash: [0.1, 6.5], swatch: "rare", text: "confidence.rare"}}
const LINE = 10
const format = new GeoJSON({dataProjection: "EPSG:4326", featureProjection: "EPSG:3857"})

export function confidenceChoice(map, model, say, styles, hush, changed) {
  const source = new VectorSource()
  map.addLayer(new VectorLayer({source, zIndex: 14, updateWhileInteracting: true, style: (feature) => {
    const share = feature.get("share"), line = styles.lines.confidence
    if (feature.get("kind") === "fill") return new Style({fill: new Fill({color: faded("env", BANDS[share].opacity)}), zIndex: 1})
    const dash = feature.get("kind") === "line" ? line.dash : BANDS[share].dash
    return new Style({stroke: new Stroke({color: colour(line.colour), width: line.width_px, lineDash: dash, lineCap: "round"}), zIndex: 2})
  }}))
  let kept = {}
  try { kept = JSON.parse(window.localStorage.getItem(KEY) ?? "{}") } catch { kept = {} }
  let mode = MODES.includes(kept.mode) ? kept.mode : "line", level = kept.level ?? null, asked = null

  const found = () => model.scene?.confidence ?? null
  const chosen = () => found()?.levels.find((one) => one.level === level) ?? found()?.levels.at(-1) ?? null
  const wind = () => model.scene?.envelope?.[0] ?? null
  const read = (geometry) => (geometry ? format.readGeometry(geometry) : null)

  function keep(change) {
    mode = change.mode ?? mode
    level = change.level ?? level
    window.localStorage.setItem(KEY, JSON.stringify({mode, level}))
    draw()
    changed()
  }

  function put(kind, geometry, share) {
    if (geometry) source.addFeature(new Feature({geometry: read(geometry), kind, share}))
  }

  function draw() {
    source.clear()
    const one = chosen(), bands = mode === "bands" && one
    hush("confidence", Boolean(bands))
    if (mode === "off" || !model.scene?.run) return
    if (bands) for (const band of one.bands) { put("fill", band.band, band.share); put("edge", band.geometry, band.share) }
    else if (one) put("line", one.bands.find((band) => band.share === LINE)?.geometry, LINE)
    else if (wind()) put("line", wind().geometry, LINE)
  }

  // Where the lines are named on the map.
  function labels() {
    const one = chosen()
    if (mode === "off" || !model.scene?.run) return []
    if (!one) return wind()?.label_at ? [{at: wind().label_at, text: say("label.envelope", {value: percent(wind())})}] : []
    if (mode === "line") return one.bands.filter((band) => band.share === LINE).map((band) => ({at: band.label_at, text: say("label.confidence", {name: one.name})}))
    return one.bands.map((band) => ({at: band.label_at, text: say(band.share === LINE ? "label.share.named" : "label.share", {name: one.name, value: band.share})}))
  }

  const percent = (envelope) => (envelope.confidence ? `P${Math.round(envelope.confidence * 100)}` : "")

  // Rows of the legend: only what is drawn now.
  function rows() {
    const one = chosen()
    if (mode === "off" || !model.scene?.run) return []
    if (mode === "bands" && one) return [90, 50, 10].filter((share) => one.bands.some((band) => band.share === share)).map((share) => [lineSwatch(BANDS[share].swatch), say(BANDS[share].text)])
    if (one) return [[lineSwatch("envelope"), say("legend.confidence", {name: one.name})]]
    return wind() ? [[lineSwatch("envelope"), say("legend.envelope", {value: percent(wind())})]] : []
  }

  const segment = (options, value, act, label) => h("div", {class: "segments", role: "group", "aria-label": label}, options.map(([code, text, off]) =>
    button({class: `segment${code === value ? " on" : ""}`, "aria-pressed": String(code === value), disabled: Boolean(off), onclick: () => act(code)}, text)))

  // The choice itself, at the foot of the legend; on a narrow map the reach alone, what was varied at a hover.
  function control(brief = false) {
    const scene = model.scene, one = chosen()
    if (!scene?.run || (!found() && !wind() && !scene.may_doubt)) return null
    const modes = segment(MODES.map((name) => [name, say(`confidence.${name}`), name === "bands" && !found()]), mode, (name) => keep({mode: name}), say("confidence.title"))
    const levels = found() && mode !== "off" ? segment([...found().levels].map((each) => [each.level, each.name]), one.level, (next) => keep({level: next}), say("confidence.level")) : null
    const reach = found() && mode !== "off" && one.reach_m.p10 !== undefined ? say("confidence.reach", {low: distance(one.reach_m.p10), high: distance(one.reach_m.p90)}) : null
    const foot = found() && mode !== "off" ? [say("confidence.members", {count: found().members}), found().varied.map((part) => sayOr(model, part.code, "", part.values)).join(say("list.of")), reach].filter(Boolean).join(" · ")
      : scene.may_doubt && mode !== "off" ? say("confidence.waiting") : null
    const waiting = scene.may_doubt && scene.can_run ? (asked === scene.run.id ? h("span", {class: "s12 t3"}, say("confidence.busy"))
      : button({class: "btn s", onclick: () => { asked = scene.run.id; model.send_msg({kind: "confidence"}); changed() }}, say("confidence.ask"))) : null
    return h("div", {class: "confidence"}, h("div", {class: "row g8 wrap"}, h("b", {class: "s12"}, say("confidence.title")), modes, levels, waiting, brief && reach ? h("span", {class: "s12 t3", title: foot}, reach) : null), foot && !(brief && reach) ? h("div", {class: "s12 t3 confidence-foot"}, foot) : null)
  }

  return {draw, labels, rows, control, failed: () => { asked = null; changed() }, restyle: () => source.changed()}
}
