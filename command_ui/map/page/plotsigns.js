// Which signs are there, and which does a person mean? Names in both languages, pinyin, initials, code, subtypes.

export function signTable(catalogue) {
  const list = catalogue?.signs ?? []
  const byCode = new Map(list.map((one) => [one.code, one]))
  return {list, get: (code) => byCode.get(code), classes: catalogue?.classes ?? {}, glyphs: catalogue?.glyphs ?? {}, lines: catalogue?.lines ?? {}}
}

export const nameIn = (sign, lang) => (lang === "en" ? sign.en : sign.zh)

// Signs of a class (or all) that answer to what was typed, the best first.
export function findSigns(list, typed, letter = "") {
  const wanted = typed.trim().toLowerCase()
  const of = list.filter((one) => !letter || one.code.startsWith(letter))
  if (!wanted) return of
  const rank = (one) => {
    if (one.code.toLowerCase().startsWith(wanted) || one.zh.startsWith(wanted) || one.label.startsWith(wanted)) return 0
    if (one.zh.includes(wanted) || one.label.includes(wanted)) return 1
    if (one.pinyin.split(" ").some((part) => part.startsWith(wanted))) return 2
    if (one.en.toLowerCase().includes(wanted) || one.subtypes.some((part) => part.includes(wanted))) return 3
    return one.pinyin.includes(wanted) ? 4 : 9
  }
  return of.map((one) => [rank(one), one]).filter(([at]) => at < 9).sort((a, b) => a[0] - b[0]).map(([, one]) => one)
}
