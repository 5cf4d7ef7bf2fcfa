// Does a picture that is pushed about stand where a new drawing would put it?
import {describe, expect, it} from "vitest"
import {MARGIN_PX, push} from "page/carry.js"

const drawn = {centre: [1000, 2000], resolution: 10, size: [600, 400], pixelRatio: 1}

describe("a picture drawn before", () => {
  it("goes left when the map is looked at further east, and down when further north", () => {
    expect(push(drawn, {...drawn, centre: [1300, 2000]})).toEqual([-30, 0])
    expect(push(drawn, {...drawn, centre: [1000, 2200]})).toEqual([0, 20])
  })

  it("stands on whole pixels of the screen", () => {
    expect(push(drawn, {...drawn, centre: [1004, 2000]})[0]).toBeCloseTo(0)
    expect(push({...drawn, pixelRatio: 2}, {...drawn, pixelRatio: 2, centre: [1004, 2000]})[0]).toBe(-0.5)
  })

  it("is drawn anew when its margin is used up", () => {
    expect(push(drawn, {...drawn, centre: [1000 + 10 * MARGIN_PX, 2000]})).toEqual([-MARGIN_PX, 0])
    expect(push(drawn, {...drawn, centre: [1010 + 10 * MARGIN_PX, 2000]})).toBeNull()
  })

  it.each([["scale", {resolution: 9.9}], ["window", {size: [600, 401]}], ["screen", {pixelRatio: 1.5}]])("is drawn anew on another %s", (_what, other) => {
    expect(push(drawn, {...drawn, ...other})).toBeNull()
  })

  it("is none before the first", () => expect(push(null, drawn)).toBeNull())
})
