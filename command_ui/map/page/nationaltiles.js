// How do national tiles get onto the map? Through our own server, asked again when some were missing.
import TileLayer from "ol/layer/Tile.js"
import XYZ from "ol/source/XYZ.js"
import {transformExtent} from "ol/proj.js"
import {projectionOf, tileGrid} from "./grids.js"

const FIRST_WAIT_MS = 5000, LONGEST_WAIT_MS = 60000

// On a grid the publisher does not offer, OpenLayers bends the tiles of the other one.
export const matrixFor = (layer, matrix) => (layer.matrices.includes(matrix) ? matrix : layer.matrices[0])

export function nationalLayer(layer, matrix, zIndex, missed) {
  const grid = matrixFor(layer, matrix), projection = projectionOf(grid)
  const source = new XYZ({projection, tileGrid: tileGrid(grid, layer.highest), url: `/tiles/tianditu/${layer.id}/${grid}/{z}/{x}/{y}`, transition: 120, wrapX: false})
  const drawn = new TileLayer({source, zIndex,
    extent: layer.extent ? transformExtent(layer.extent, "EPSG:4326", projectionOf(matrix)) : undefined})
  let missing = 0, round = 0, wait = FIRST_WAIT_MS, timer = null

  // A new key makes the map ask for every tile in sight again while the old ones stay; the browser has those kept.
  function again() {
    clearTimeout(timer)
    timer = null
    if (!missing) return
    missing = 0
    round += 1
    source.setKey(`${round}`)
  }

  source.on("tileloaderror", () => {
    missing += 1
    if (missing === 1) missed(true)
    if (!timer) {
      timer = setTimeout(again, wait)
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
  })
  source.on("tileloadend", () => { if (!missing) wait = FIRST_WAIT_MS })
  return {drawn, again, missing: () => missing, end: () => clearTimeout(timer)}
}
