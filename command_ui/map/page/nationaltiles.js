// How do national tiles get onto the map? Through our own server, asked again when some were missing.
import TileLayer from "ol/layer/Tile.js"
import XYZ from "ol/source/XYZ.js"
import {transformExtent} from "ol/proj.js"
import {projectionOf, tileGrid} from "./grids.js"
import {themeName} from "./palette.js"

const FIRST_WAIT_MS = 5000, LONGEST_WAIT_MS = 60000

// On a grid the publisher does not offer, OpenLayers bends the tiles of the other one.
export const matrixFor = (layer, matrix) => (layer.matrices.includes(matrix) ? matrix : layer.matrices[0])

const BRIGHT = new Set(["vec", "ter"]), SHADE = "rgba(8, 18, 36, 0.42)"

// On a dark desk a bright map would outshine the zones upon it: its drawn pixels are shaded, nothing else.
function shade(event) {
  const c = event.context
  if (themeName() !== "dark" || !c?.fillRect) return
  c.save()
  c.setTransform(1, 0, 0, 1, 0, 0)
  c.globalCompositeOperation = "source-atop"
  c.fillStyle = SHADE
  c.fillRect(0, 0, c.canvas.width, c.canvas.height)
  c.restore()
}

export function nationalLayer(layer, matrix, zIndex, missed) {
  const grid = matrixFor(layer, matrix), projection = projectionOf(grid)
  const source = new XYZ({projection, tileGrid: tileGrid(grid, layer.highest), url: `/tiles/tianditu/${layer.id}/${grid}/{z}/{x}/{y}`, transition: 120, wrapX: false})
  // A canvas of its own, so that the shade falls on this map alone.
  const drawn = new TileLayer({source, zIndex, ...(BRIGHT.has(layer.id) ? {className: "ol-layer national"} : {}),
    extent: layer.extent ? transformExtent(layer.extent, "EPSG:4326", projectionOf(matrix)) : undefined})
  if (BRIGHT.has(layer.id)) drawn.on("postrender", shade)
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
