// Which route lies under the pointer? It lights on the map, and its row in the list with it.
import {tell} from "./bus.js"

export function hoverRoutes(map, incident) {
  let last = ""
  map.on("pointermove", (event) => {
    if (event.dragging) return
    let hit = null
    map.forEachFeatureAtPixel(event.pixel, (feature) => { hit = {kind: feature.get("lights"), id: feature.get("of")}; return true }, {hitTolerance: 5, layerFilter: (layer) => layer === incident.layers.routes})
    const now = hit ? `${hit.kind}:${hit.id}` : ""
    if (now === last) return
    last = now
    incident.light(hit ?? {})
    tell("lit", hit ?? {kind: null, id: null})
  })
}
