// How is an amount of something written that may have decimals of its own?
import {describe, expect, it} from "vitest"
import {amount} from "page/format.js"

describe("an amount", () => {
  it("groups its thousands and keeps its decimals", () => {
    expect(amount("10157")).toBe("10,157")
    expect(amount("2.50")).toBe("2.5")
    expect(amount("0")).toBe("0")
  })
  it("says so where it is no number", () => {
    expect(amount("many")).toBe("—")
    expect(amount(undefined)).toBe("—")
  })
})
