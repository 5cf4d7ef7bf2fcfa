// How do reported closures, the crossings to guard, full roads and other ways of a team look on the map?
import GeoJSON from "ol/format/GeoJSON.js"
import Feature from "ol/Feature.js"
import Point from "ol/geom/Point.js"
import MultiPoint from "ol/geom/MultiPoint.js"
import VectorLayer from "ol/layer/Vector.js"
import VectorSource from "ol/source/Vector.js"
import {fromLonLat} from "ol/proj.js"
import {Circle, Fill, RegularShape, Stroke, Style, Text} from "ol/style.js"
import {along} from "./incident.js"
import {colour, faded, FONT} from "./palette.js"
import {stamp} from "./format.js"

const format = new GeoJSON({dataProjection: "EPSG:4326", featureProjection: "EPSG:3857"})
export const readGeometry = (geometry) => format.readGeometry(geometry)
export const writeGeometry = (geometry) => JSON.parse(format.writeGeometry(geometry, {decimals: 6}))

export const nameOf = (one, say) => one.name || (one.shape === "road" ? say("closure.unnamed_road") : say("closure.unnamed", {number: one.number}))

function linesOf(geometry) {
  const kind = geometry.getType()
  if (kind === "Polygon") return geometry.getLinearRings()
  if (kind === "MultiPolygon") return geometry.getPolygons().flatMap((one) => one.getLinearRings())
  return kind === "MultiLineString" ? geometry.getLineStrings() : [geometry]
}

// Red crosses along roads and outlines (product rule: shape beside colour), a quiet fill inside areas.
export function closureStyle(geometry, resolution, {state = "open", strong = false, one_way = false} = {}) {
  const token = state === "open" ? "closed" : "stale"
  const points = linesOf(geometry).flatMap((line) => along(line, strong ? 14 : 18, resolution, 7)).map((point) => point.at)
  if (!points.length) points.push(linesOf(geometry)[0].getFirstCoordinate())
  const cross = new RegularShape({points: 4, radius: strong ? 7.5 : 6, radius2: 0, angle: Math.PI / 4, stroke: new Stroke({color: colour(token), width: strong ? 3 : 2.4})})
  const halo = new RegularShape({points: 4, radius: strong ? 8.5 : 7, radius2: 0, angle: Math.PI / 4, stroke: new Stroke({color: colour("halo"), width: strong ? 6 : 5})})
  const area = geometry.getType().endsWith("Polygon")
  return [
    new Style({stroke: new Stroke({color: faded(token, strong ? 0.9 : 0.6), width: strong ? 3.5 : 2.5, lineDash: state !== "open" ? [4, 6] : one_way ? [14, 6] : undefined}), fill: area ? new Fill({color: faded(token, strong ? 0.24 : 0.14)}) : undefined, zIndex: 1}),
    new Style({geometry: new MultiPoint(points), image: halo, zIndex: 2}),
    new Style({geometry: new MultiPoint(points), image: cross, zIndex: 3}),
  ]
}

export function closureLayers(map) {
  const layer = (zIndex, style) => {
    const made = new VectorLayer({source: new VectorSource(), zIndex, style, updateWhileInteracting: true, updateWhileAnimating: true})
    map.addLayer(made)
    return made
  }
  let lit = null, guarding = false, staying = false
  const others = layer(21, () => [new Style({stroke: new Stroke({color: colour("halo"), width: 4.5})}), new Style({stroke: new Stroke({color: colour("rescue"), width: 2, lineDash: [2, 6], lineCap: "round"})})])
  const full = layer(23, (feature) => [new Style({stroke: new Stroke({color: colour("halo"), width: feature.get("lit") ? 13 : 10})}), new Style({stroke: new Stroke({color: colour("warn"), width: feature.get("lit") ? 9 : 6})})])
  const closures = layer(25, (feature, resolution) => closureStyle(feature.getGeometry(), resolution, {state: feature.get("state"), strong: feature.get("id") === lit, one_way: feature.get("one_way")}))
  const guards = layer(52, (feature) => {
    const strong = feature.get("number") === feature.get("lit")
    return new Style({
      image: new Circle({radius: strong ? 14 : 11, fill: new Fill({color: colour(strong ? "closed" : "surface")}), stroke: new Stroke({color: colour("closed"), width: 2.5})}),
      text: new Text({text: String(feature.get("number")), font: `700 12px ${FONT}`, fill: new Fill({color: colour(strong ? "onDanger" : "text")})}), zIndex: strong ? 2 : 1,
    })
  })
  // Those told to stay indoors: a house with its roof up, red and filled where indoors is not safe either.
  const homes = layer(53, (feature) => {
    const first = feature.get("advice") === "rescue_first", strong = feature.get("lit"), token = first ? "closed" : "evac"
    return new Style({image: new RegularShape({points: 5, radius: strong ? 14 : 10, fill: new Fill({color: colour(first || strong ? token : "surface")}), stroke: new Stroke({color: colour(first || strong ? "halo" : token), width: 2.5})}), zIndex: strong ? 2 : 1})
  })
  let shown = null

  return {
    closures, guards,
    draw(scene, override = {}) {
      shown = scene
      const source = closures.getSource()
      source.clear()
      for (const one of scene?.closures ?? []) {
        const feature = new Feature(override[one.id] ?? readGeometry(one.geometry))
        feature.setProperties({id: one.id, state: one.state, shape: one.shape, one_way: one.one_way})
        source.addFeature(feature)
      }
      others.getSource().clear()
      full.getSource().clear()
      this.stay(staying)
      this.guard(guarding)
    },
    light(id) { lit = id; closures.changed() },
    lit: () => lit,
    guard(on, number = null) {
      guarding = on
      guards.getSource().clear()
      if (!on) return
      for (const one of shown?.guards ?? []) {
        const feature = new Feature(new Point(fromLonLat([one.longitude, one.latitude])))
        feature.setProperties({number: one.number, lit: number})
        guards.getSource().addFeature(feature)
      }
    },
    guarding: () => guarding,
    stay(on, id = null) {
      staying = on
      homes.getSource().clear()
      if (!on) return
      for (const one of shown?.evacuation?.clearance?.left ?? []) {
        if (one.longitude === undefined || one.longitude === null) continue
        const feature = new Feature(new Point(fromLonLat([one.longitude, one.latitude])))
        feature.setProperties({advice: one.advice, lit: one.id === id})
        homes.getSource().addFeature(feature)
      }
    },
    alternatives(list) {
      others.getSource().clear()
      for (const one of list) if (one.geometry) others.getSource().addFeature(new Feature(readGeometry(one.geometry)))
    },
    necks(index) {
      full.getSource().clear()
      const roads = shown?.evacuation?.clearance?.bottlenecks ?? []
      roads.forEach((one, at) => {
        if (index === null || !one.geometry) return
        const feature = new Feature(readGeometry(one.geometry))
        feature.set("lit", at === index)
        full.getSource().addFeature(feature)
      })
    },
    restyle() { [closures, guards, homes, others, full].forEach((one) => one.changed()) },
  }
}

export function closureLabels(scene, say) {
  return (scene?.closures ?? []).map((one) => ({
    id: `closure-${one.id}`, at: one.label_at, priority: 89, token: one.state === "open" ? "closed" : "stale",
    lines: [say("closure.label", {name: nameOf(one, say), time: stamp(one.since)}), [say(`closure.reason.${one.reason}`), one.state === "expired" ? say("closure.expired") : one.until ? say("closure.till", {time: stamp(one.until)}) : null].filter(Boolean).join("·")],
  }))
}
