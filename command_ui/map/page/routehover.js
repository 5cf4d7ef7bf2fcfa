// Which route lies under the pointer? It lights on the map, and its row in the list with it.
import {tell} from "./bus.js"

export function hoverRoutes(map, incident, life) {
  let last = "", pixel = null

  function look() {
    let hit = null
    if (pixel) map.forEachFeatureAtPixel(pixel, (feature) => { hit = {kind: feature.get("lights"), id: feature.get("of")}; return true }, {hitTolerance: 5, layerFilter: (layer) => layer === incident.layers.routes})
    const now = hit ? `${hit.kind}:${hit.id}` : ""
    if (now === last) return
    last = now
    incident.light(hit ?? {})
    tell("lit", hit ?? {kind: null, id: null})
  }

  map.on("pointermove", (event) => {
    if (event.dragging) return
    pixel = event.pixel
    look()
  })
  life.on(map.getViewport(), "pointerleave", () => { pixel = null; look() })
  // The list was drawn anew under a resting pointer: what lies there is lit again, on the map and in the new rows.
  life.hear("redrawn", () => {
    if (!pixel) return
    last = ""
    look()
  })
}
