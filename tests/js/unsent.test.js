// What of a half-filled form may lie in the browser's storage?
import {describe, expect, it} from "vitest"
import {changed, cleaned} from "page/unsent.js"

describe("what is kept", () => {
  it("keeps words and figures as they were typed", () => {
    expect(cleaned({text: "北门 3 人，UN 1017，2026-11-24 14:00", minutes: 20})).toEqual({text: JSON.stringify({text: "北门 3 人，UN 1017，2026-11-24 14:00", minutes: 20}), hidden: false})
  })
  it("never keeps what is secret by its name, however deep it lies", () => {
    for (const name of ["phone", "duty_phone", "password", "one_time_code", "contact"]) {
      const {text, hidden} = cleaned({person: {[name]: "13900000000x", name: "甲"}})
      expect(JSON.parse(text)).toEqual({person: {name: "甲"}})
      expect(hidden).toBe(true)
    }
  })
  it("hides the numbers of people inside words, in every way of writing them", () => {
    for (const number of ["13912345678", "139 1234 5678", "139-1234-5678", "+86 13912345678", "320411199001011234", "32041119900101123X"]) {
      const {text, hidden} = cleaned({text: `请联系${number}。`})
      expect(text).not.toContain(number)
      expect(text).toMatch(/请联系.{3}\*{4}.{4}。/)
      expect(hidden).toBe(true)
    }
  })
  it("lets other long numbers stand", () => {
    for (const number of ["91990000YL0000017R", "1732435200000", "YL-2026-0002"]) expect(cleaned({text: number}).hidden).toBe(false)
  })
  it("takes only what was changed", () => {
    expect(changed({unit: "u1", text: "去", minutes: 20}, {unit: "u1", minutes: 20})).toEqual({text: "去"})
  })
})
