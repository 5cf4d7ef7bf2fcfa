// Does what came in since give the very record the server would have sent whole, and is a gap told from a repetition?
import {describe, expect, it, vi} from "vitest"

vi.hoisted(() => { globalThis.window ??= globalThis })
const {grown, patched, seldom} = await import("page/liveline.js")

const rows = (from, until) => Array.from({length: until - from}, (_, at) => ({seq: from + at + 1}))
const summary = (total) => ({incident: "one", total, struck: 0, from_ms: 1, until_ms: total, counts: {note: total}})
const list = (total, first) => ({...summary(total), newest: {total, first, rows: rows(first, total)}})
const line = (total) => ({...summary(total), dots: rows(0, total)})
const step = (after, total, first) => ({incident: "one", rev: total, record: {after, ...summary(total), first, rows: rows(after, total), dots: rows(after, total)}})

describe("a record that grew", () => {
  it("is the record as it would have come whole", () => {
    expect(JSON.parse(grown(JSON.stringify(list(70, 0)), step(70, 73, 0)))).toEqual(list(73, 0))
    expect(JSON.parse(grown(JSON.stringify(list(99, 0)), step(99, 103, 50)))).toEqual(list(103, 50))
    expect(JSON.parse(grown(JSON.stringify(line(70)), step(70, 73, 0)))).toEqual(line(73))
  })

  it("takes the heaps of the timeline where they were made again", () => {
    const message = step(70, 73, 0)
    message.record = {...message.record, again: true, dots: [{count: 73}]}
    expect(JSON.parse(grown(JSON.stringify(line(70)), message)).dots).toEqual([{count: 73}])
  })

  it("is left alone where it is there already, and asked for whole where something lies between", () => {
    expect(grown(JSON.stringify(list(73, 0)), step(70, 73, 0))).toBe(undefined)
    expect(grown(JSON.stringify(list(74, 0)), step(70, 73, 0))).toBe(undefined)
    expect(grown(JSON.stringify(list(69, 0)), step(70, 73, 0))).toBe(null)
    expect(grown("", step(70, 73, 0))).toBe(null)
    const struck = step(70, 73, 0)
    struck.record.struck = 1
    expect(grown(JSON.stringify(list(70, 0)), struck)).toBe(null)
  })
})

describe("a scene of which parts changed", () => {
  const scene = (seq) => JSON.stringify({incident: {id: "one"}, seq, orders: [seq], run: "R"})
  const message = {incident: "one", rev: 8, values: {part: {seq: 8, orders: [8]}}, record: {after: 7}}

  it("is what the server would have sent whole, or asked for whole, or left alone", () => {
    expect(JSON.parse(patched(scene(7), message))).toEqual(JSON.parse(scene(8)))
    expect(patched(scene(8), message)).toBe(undefined)
    expect(patched(scene(9), message)).toBe(undefined)
    expect(patched(scene(6), message)).toBe(null)
    expect(patched("", message)).toBe(null)
    expect(JSON.parse(patched(scene(8), {...message, record: {after: 8}})).orders).toEqual([8]) // only time went by
  })
})

describe("seldom", () => {
  it("works at once, and then once for many", () => {
    vi.useFakeTimers()
    const work = vi.fn(), asked = seldom(work)
    asked(); asked()
    vi.advanceTimersByTime(0)
    expect(work).toHaveBeenCalledTimes(1)
    asked(); asked()
    vi.advanceTimersByTime(1000)
    expect(work).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1500)
    expect(work).toHaveBeenCalledTimes(2)
    vi.useRealTimers()
  })
})
