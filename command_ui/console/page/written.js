// How does a large value travel? As text, which neither side walks through piece by piece; here it is read, once a change.
// A value of several texts is put together from what each holds; it is there as soon as its own text is.
import {inWords, textsOf} from "./speak.js"

export function written(model, values) {
  const kept = new Map(), parsed = new Map()
  const parse = (text) => (text ? JSON.parse(text) : null)
  function part(name) {
    const text = model[name]
    if (parsed.get(name)?.text !== text) parsed.set(name, {text, value: parse(text)})
    return parsed.get(name).value
  }
  function read(name) {
    const texts = [name, ...values[name]].map((one) => model[one]), known = kept.get(name), {lang} = textsOf(model)
    if (known && known.lang === lang && known.texts.every((text, at) => text === texts[at])) return known.value
    const own = part(name), whole = own && values[name].length ? Object.assign({}, ...values[name].map(part), own) : own
    // A title and a place the house worded by itself come in both languages.
    const {title, place} = whole?.incident ?? {}, said = {title: inWords(title, lang), place: inWords(place, lang)}
    const value = said.title === title && said.place === place ? whole : {...whole, incident: {...whole.incident, ...said}}
    kept.set(name, {texts, lang, value})
    return value
  }
  return new Proxy(model, {get: (target, name) => (Object.hasOwn(values, name) ? read(name) : target[name])})
}
