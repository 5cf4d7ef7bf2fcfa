// Can a cell of ours run in a spreadsheet? OWASP ASVS 5.0, 1.2.10 names the characters that begin a formula.
import {describe, expect, it} from "vitest"
import {cell} from "page/csvcell.js"

describe("a cell", () => {
  for (const text of ["=1+1", "+86 519", "-2", "@SUM(A1)", "\tx", "\rx", "\n=x"]) {
    it(`keeps ${JSON.stringify(text)} from being run`, () => expect(cell(text)).toBe(`"'${text}"`))
  }
  it("keeps quotes and commas in one cell", () => expect(cell('a "b", c')).toBe('"a ""b"", c"'))
  it("writes a number as a number, below zero too", () => expect(cell(-118.5)).toBe("-118.5"))
  it("writes nothing for nothing", () => expect(cell(null)).toBe('""'))
})
