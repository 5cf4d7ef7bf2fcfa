// Are the national tile grids those of the reference? Figures: tile_matrix.csv and tile_indices.csv of the shared data.
import {afterEach, describe, expect, it} from "vitest"
import {clearUserProjection, fromLonLat, getUserProjection, toLonLat, transform} from "ol/proj.js"
import {HIGHEST, projectionOf, tileGrid, viewOn} from "page/grids.js"

// place, longitude, latitude, level, column and row on `c`, column and row on `w`
const INDICES = [
  ["常州", 119.974, 31.811, 12, [3413, 662], [3413, 1665]],
  ["常州", 119.974, 31.811, 18, [218434, 42371], [218434, 106617]],
  ["吉林", 126.54944, 43.83784, 12, [3487, 525], [3487, 1491]],
  ["北京", 116.39748, 39.90873, 12, [3372, 569], [3372, 1552]],
]

afterEach(() => clearUserProjection())

describe("tile grids", () => {
  it.each(INDICES)("%s %f %f level %i", (_place, longitude, latitude, level, onC, onW) => {
    const index = (matrix) => tileGrid(matrix).getTileCoordForCoordAndZ(transform([longitude, latitude], "EPSG:4326", projectionOf(matrix)), level)
    expect(index("c")).toEqual([level, ...onC])
    expect(index("w")).toEqual([level, ...onW])
  })

  it("have the published resolutions, and none at level 0", () => {
    const grid = tileGrid("c")
    expect(grid.getMinZoom()).toBe(1)
    expect(grid.getMaxZoom()).toBe(HIGHEST)
    // 0.703125 and 5.364418029785156e-06 degrees per pixel at levels 1 and 18
    const perDegree = transform([1, 0], "EPSG:4326", projectionOf("c"))[0]
    expect(grid.getResolution(1) / perDegree).toBeCloseTo(0.703125, 9)
    expect(grid.getResolution(18) / perDegree).toBeCloseTo(5.364418029785156e-6, 15)
    expect(tileGrid("w").getResolution(1)).toBeCloseTo(78271.51696402031, 8)
    expect(tileGrid("w", 14).getMaxZoom()).toBe(14)
  })
})

describe("a view", () => {
  const here = {center: fromLonLat([118.7124, 31.4087]), zoom: 13.25}

  it.each(["w", "c"])("on grid %s keeps place and zoom, and the rest of the map thinks in Mercator", (matrix) => {
    const view = viewOn(matrix, here)
    expect(view.getZoom()).toBeCloseTo(13.25, 9)
    const [longitude, latitude] = toLonLat(view.getCenter())
    expect(longitude).toBeCloseTo(118.7124, 8)
    expect(latitude).toBeCloseTo(31.4087, 8)
    expect(getUserProjection()?.getCode() ?? null).toBe(matrix === "c" ? "EPSG:3857" : null)
  })

  it("draws a degree of latitude as long as one of longitude on the grid of degrees", () => {
    const [x0, y0] = transform([118, 31], "EPSG:4326", projectionOf("c"))
    const [x1, y1] = transform([119, 32], "EPSG:4326", projectionOf("c"))
    expect(x1 - x0).toBeCloseTo(y1 - y0, 6)
  })
})
