// On which grid does the map lie? Web Mercator (w) and degrees of CGCS2000 (c), with the national tile matrices of both.
import TileGrid from "ol/tilegrid/TileGrid.js"
import Projection from "ol/proj/Projection.js"
import View from "ol/View.js"
import {addCoordinateTransforms, addProjection, clearUserProjection, fromLonLat, get, setUserProjection, toLonLat, transform} from "ol/proj.js"

const EDGE = 20037508.3427892, COARSEST = 156543.03392804062
export const HIGHEST = 18

// The degrees of EPSG:4490 drawn square, counted in metres along the equator instead of in degrees: the same picture and
// the same tiles, and a resolution means the same on both grids, so that no style need know on which one it draws.
const METRES_PER_DEGREE = EDGE / 180
const square = new Projection({code: "CGCS2000-SQUARE", units: "m", global: true, extent: [-EDGE, -EDGE / 2, EDGE, EDGE / 2], worldExtent: [-180, -90, 180, 90]})
const toSquare = ([longitude, latitude]) => [longitude * METRES_PER_DEGREE, latitude * METRES_PER_DEGREE]
const fromSquare = ([x, y]) => [x / METRES_PER_DEGREE, y / METRES_PER_DEGREE]
let known = false

function register() {
  if (known) return
  known = true
  addProjection(square)
  addCoordinateTransforms("EPSG:4326", square, toSquare, fromSquare)
  addCoordinateTransforms("EPSG:3857", square, (at) => toSquare(toLonLat(at)), (at) => fromLonLat(fromSquare(at)))
}

export function projectionOf(matrix) {
  register()
  return matrix === "c" ? square : get("EPSG:3857")
}

// Written down and not derived from capabilities: those of the publisher name a wrong corner and 96 dpi. Level 0 is not
// offered; the index of a resolution stays the number of its level.
export function tileGrid(matrix, highest = HIGHEST) {
  return new TileGrid({origin: [-EDGE, matrix === "c" ? EDGE / 2 : EDGE], minZoom: 1, tileSize: 256,
    resolutions: Array.from({length: highest + 1}, (_, level) => COARSEST / 2 ** level)})
}

// Everything that draws on the map thinks in Web Mercator; on the other grid OpenLayers carries it over by itself.
export function viewOn(matrix, {center, zoom}) {
  const projection = projectionOf(matrix)
  clearUserProjection()
  const view = new View({projection, center: transform(center, "EPSG:3857", projection), zoom, minZoom: 7, maxZoom: 18.5, enableRotation: false, constrainResolution: false})
  if (matrix === "c") setUserProjection("EPSG:3857")
  return view
}
