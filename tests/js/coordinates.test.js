// Are places written as the reference tables have them? Vectors: cgcs2000_gk_vectors.csv (computed with pyproj 3.7.2).
import {describe, expect, it} from "vitest"
import {gaussKruger, zoneOf} from "page/gausskruger.js"
import {following, WAYS, written} from "page/readout.js"

const VECTORS = [
  // place, longitude, latitude, northing X, easting Y with zone (tianditu reference, section 7.1)
  ["常州", 119.97, 31.81, 3520784.6479, 40497159.3755],
  ["常州溧阳", 119.48421, 31.41628, 3477243.6295, 40450954.8374],
  ["吉林市", 126.55, 43.84, 4856191.7102, 42544231.8094],
]

describe("grid metres", () => {
  it.each(VECTORS)("of %s agree with PROJ to a millimetre", (_place, longitude, latitude, x, y) => {
    const grid = gaussKruger(longitude, latitude)
    expect(grid.x).toBeCloseTo(x, 3)
    expect(grid.y).toBeCloseTo(y, 3)
  })

  it("change their zone half way between two meridians", () => {
    expect([zoneOf(118.49), zoneOf(118.5), zoneOf(121.49)]).toEqual([39, 40, 40])
    expect(gaussKruger(120, 0)).toMatchObject({zone: 40, x: 0, y: 40500000})
  })

  it("are not made up outside China", () => {
    expect(gaussKruger(13.4, 52.5)).toBeNull()
    expect(written("grid", 13.4, 52.5)).toBe("13.4000°E 52.5000°N")
  })
})

describe("degrees, minutes and seconds", () => {
  it("never show sixty seconds", () => {
    expect(written("dms", 118.7124, 31.4087)).toBe("118°42′44.6″E 31°24′31.3″N")
    expect(written("dms", 119.99999, -0.016666)).toBe("120°00′00.0″E 0°01′00.0″S")
  })

  it("come round again after the last way of writing", () => {
    expect(WAYS.reduce((way) => following(way), WAYS[0])).toBe(WAYS[0])
    expect(following("nonsense")).toBe(WAYS[0])
  })
})
