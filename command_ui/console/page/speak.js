import {kept} from "./kept.js"

// A name known in both languages is said in that of the page.
export const inWords = (value, lang) => (value !== null && typeof value === "object" && "zh" in value ? value[lang === "en" ? "en" : "zh"] : value)

// The words of the page are kept by the browser; a part gets its own when the person chooses another language.
export function textsOf(model) {
  if (model.texts && "lang" in model.texts) return model.texts
  return kept("words")
}

// How does a component speak? It looks codes up in the texts of the language chosen by the user.
export function speaker(model) {
  return (code, values = {}) => {
    const texts = textsOf(model)
    const pattern = texts[code]
    if (pattern === undefined) return code
    return pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(inWords(values[name], texts.lang)) : whole))
  }
}

// A text that may be missing: the second code is tried before the plain fall-back.
export function sayOr(model, code, fallback, values = {}) {
  return code in textsOf(model) ? speaker(model)(code, values) : fallback
}
