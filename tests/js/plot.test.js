// Do ornaments stand where they should, does a step back undo exactly one thing, and is a sign found by what one types?
import {describe, expect, it} from "vitest"
import {ornamentsOn, turning} from "page/plotornaments.js"
import {messageFor, plotHistory} from "page/plothistory.js"
import {findSigns} from "page/plotsigns.js"

const CROSS = {ornaments: [{strokes: [[[-3, -3], [3, 3]]], every_px: 8, place: "along"}]}
const ARROW = {ornaments: [{strokes: [[[-12, 4], [0, 0], [-12, -4]]], every_px: 0, place: "end"}]}
const FOUR = {ornaments: [{strokes: [[[-7, 0], [0, 20], [7, 0]]], every_px: 0, place: "four"}]}
const SQUARE = [[0, 0], [400, 0], [400, 400], [0, 400], [0, 0]]

describe("ornaments", () => {
  it("stand evenly along the line, in the units of the map", () => {
    const [{strokes}] = ornamentsOn([[0, 0], [160, 0]], CROSS, 2)
    expect(strokes).toHaveLength(10)
    expect(strokes.map(([[x0], [x1]]) => (x0 + x1) / 2)).toEqual([8, 24, 40, 56, 72, 88, 104, 120, 136, 152])
  })

  it("end in an arrow that points on", () => {
    const [{strokes: [[, tip]]}] = ornamentsOn([[0, 0], [0, 100]], ARROW, 1)
    expect(tip[0]).toBeCloseTo(0)
    expect(tip[1]).toBeCloseTo(100)
  })

  it.each([[SQUARE], [[...SQUARE].reverse()]])("point into an area whichever way it was drawn", (ring) => {
    const [{strokes}] = ornamentsOn(ring, FOUR, 1)
    expect(strokes).toHaveLength(4)
    for (const [, [x, y]] of strokes) expect(x > 0 && x < 400 && y > 0 && y < 400).toBe(true)
  })

  it("never run away with a line of no length", () => {
    expect(ornamentsOn([[1, 1], [1, 1]], CROSS, 1)).toEqual([])
    expect(turning(SQUARE)).toBeGreaterThan(0)
  })
})

describe("history", () => {
  const a = {symbol: "D10100", label: "a", standing: "kept"}, b = {...a, label: "b"}

  it("takes back one thing at a time and gives it again", () => {
    const history = plotHistory()
    history.did("M-1", null, a)
    history.did("M-1", a, b)
    history.did("M-1", b, null)
    expect(history.undo()).toEqual({kind: "mark_restore", id: "M-1"})
    expect(history.undo()).toMatchObject({kind: "mark_change", label: "a"})
    expect(history.undo()).toEqual({kind: "mark_remove", id: "M-1"})
    expect(history.undo()).toBeNull()
    expect(history.redo()).toEqual({kind: "mark_restore", id: "M-1"})
    expect(history.redo()).toMatchObject({kind: "mark_change", label: "b"})
    expect(history.canRedo()).toBe(true)
    history.did("M-2", null, a)
    expect(history.redo()).toBeNull()
  })

  it("forgets what was refused", () => {
    const history = plotHistory()
    history.did("M-1", null, a)
    history.did("M-2", null, a)
    history.forget("M-1")
    expect(history.undo().id).toBe("M-2")
    expect(history.undo()).toBeNull()
  })

  it("keeps a private sketch away from the record", () => {
    const own = {...a, standing: "own"}
    expect(messageFor("S-1", null, own).kind).toBe("mark_sketch")
    expect(messageFor("S-1", own, null).kind).toBe("mark_sketch_drop")
  })
})

describe("search", () => {
  const list = [
    {code: "A20400", zh: "危险化学品事故", en: "Hazardous chemicals accident", label: "危化品", subtypes: ["泄漏"], pinyin: "weixianhuaxuepinshigu wxhxpsg weihuapin whp"},
    {code: "D10100", zh: "现场指挥部", en: "On-scene command post", label: "现场指挥", subtypes: [], pinyin: "xianchangzhihuibu xczhb xianchangzhihui xczh"},
  ]
  it.each([["whp", "A20400"], ["xczhb", "D10100"], ["指挥", "D10100"], ["泄漏", "A20400"], ["a204", "A20400"], ["command", "D10100"]])("%s finds %s", (typed, code) => expect(findSigns(list, typed)[0].code).toBe(code))
  it("keeps to the class chosen and finds nothing where nothing is", () => {
    expect(findSigns(list, "", "D").map((one) => one.code)).toEqual(["D10100"])
    expect(findSigns(list, "zzz")).toEqual([])
  })
})
