// Is a link made long ago still understood, and is what is no link refused?
import {describe, expect, it} from "vitest"
import {linkOf, viewOf} from "page/viewlink.js"
import {matrixFor} from "page/nationaltiles.js"
import {toneOf} from "page/tones.js"

// Links handed out by earlier versions: never change a line here, only add.
const OLD = [["1~118.71240~31.40870~13.50~own~w", {longitude: 118.7124, latitude: 31.4087, zoom: 13.5, ground: "own", grid: "w"}],
  ["1~126.54944~43.83784~9.00~js-blue~c", {longitude: 126.54944, latitude: 43.83784, zoom: 9, ground: "js-blue", grid: "c"}]]

describe("links", () => {
  it.each(OLD)("%s", (text, view) => expect(viewOf(text)).toEqual(view))

  it("lead back to the view they were made from", () => {
    const view = {longitude: 118.7, latitude: 31.4, zoom: 12.25, ground: "img", grid: "c"}
    expect(viewOf(linkOf(view))).toEqual(view)
  })

  it.each(["", null, "2~118~31~12~own~w", "1~31~118~12~own~w", "1~118~31~99~own~w", "1~118~31~12~<img>~w", "1~118~31~12~own~x", "1~118~31~12~own~w~more", "1~1e9~31~12~own~w", "1~NaN~31~12~own~w"])("%s is no view", (text) => expect(viewOf(text)).toBeNull())
})

describe("national layers", () => {
  it("are taken on the map's grid where they are published on it, else bent", () => {
    expect(matrixFor({matrices: ["w", "c"]}, "c")).toBe("c")
    expect(matrixFor({matrices: ["c"]}, "w")).toBe("c")
  })

  it("have a tone for every state, the bad ones never the good tone", () => {
    expect(toneOf("ok")).toBe("live")
    expect(toneOf(null)).toBe("none")
    for (const state of ["offline", "timeout", "bad_key", "too_fast", "no_key", "something new"]) expect(toneOf(state)).not.toBe("live")
  })
})
