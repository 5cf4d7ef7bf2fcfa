// What is on the screen before the desk is? Our own ground where the desk will open; the desk takes it over as it stands.
import OlMap from "ol/Map.js"
import View from "ol/View.js"
import {defaults as interactions} from "ol/interaction/defaults.js"
import {buffer, getHeight, getWidth} from "ol/extent.js"
import {fromLonLat, transformExtent} from "ol/proj.js"
import {baseMap} from "./basemap.js"
import {setTheme} from "./palette.js"
import {askedView} from "./views.js"
import {kept} from "./kept.js"
import {h} from "./dom.js"

const PHONE_PX = 1000
let early = null

function newMap(styles, longitude, latitude, zoom) {
  const map = new OlMap({
    controls: [], interactions: interactions({altShiftDragRotate: false, pinchRotate: false}),
    view: new View({center: fromLonLat([longitude, latitude]), zoom, minZoom: 7, maxZoom: 18.5, enableRotation: false, constrainResolution: false}),
  })
  const base = baseMap(styles)
  map.addLayer(base.ground)
  map.addLayer(base.names)
  return {map, base, target: h("div", {class: "ol-target"})}
}

// A third more than the zones, so that the ways in and the near shelters are seen with them.
export const around = (zones) => buffer(zones, Math.max(getWidth(zones), getHeight(zones)) * 0.16)

export function mapFor(model, styles) {
  const taken = early ?? newMap(styles, ...model.home.centre, model.home.zoom)
  const begun = early !== null
  early = null
  // The ground stays in sight until its new place stands in the page.
  return {...taken, begun, settle(panel) { panel.prepend(taken.target); document.getElementById("onemap-early")?.remove() }}
}

function otherGrid() {
  try { return JSON.parse(window.localStorage.getItem("onemap.basemap") ?? "{}").grid === "c" } catch { return false }
}

function begin() {
  const said = document.getElementById("onemap-first")
  if (!said || early || askedView() || otherGrid() || window.innerWidth < PHONE_PX) return
  const look = JSON.parse(said.textContent), styles = kept("symbology")
  setTheme(look.theme)
  early = newMap(styles, ...look.centre, look.zoom)
  early.base.dress(early.map)
  const narrow = window.innerWidth <= 1400, big = window.innerWidth >= 2500
  // The desk's own grid: bar above, queue to the left, inspector to the right, timeline below.
  const stand = h("div", {id: "onemap-early", "aria-hidden": "true", style: {position: "fixed", inset: `56px ${narrow ? 400 : 464}px 192px ${narrow ? 56 : 320}px`, ...(big ? {zoom: "1.25"} : {})}}, early.target)
  Object.assign(early.target.style, {position: "absolute", inset: "0"})
  document.body.prepend(stand)
  early.map.setTarget(early.target)
  if (look.extent) {
    // Clear of what will float over it: on a narrow map the states stand in two lines and the legend across its foot.
    const [width, height] = early.map.getSize() ?? [600, 600], padding = width < 1000 ? [116, 76, Math.min(189, height * 0.4), 60] : [64, 76, 78, 60]
    early.map.getView().fit(around(transformExtent(look.extent, "EPSG:4326", "EPSG:3857")), {padding, maxZoom: 15})
  }
}

if (typeof document !== "undefined" && document.getElementById("onemap-first")) {
  if (globalThis.onemapKept) begin()
  else addEventListener("onemap-kept", begin, {once: true})
}
