// Which rows of a layer are shown? Conditions as in the data page, `*text` for a part of the name; in addresses `only=layer~condition`.
const MOST = 20

// The filter as the count, the list and the export take it.
export function queryOf(only) {
  const parts = new URLSearchParams()
  for (const one of only) one.startsWith("*") ? parts.set("name", one.slice(1)) : parts.append("where", one)
  return parts
}

// Filters a link asks for: layer -> conditions. A link is somebody else's text: the server says no to what cannot be.
export function askedOnly(search = window.location.search) {
  const found = {}
  for (const text of new URLSearchParams(search).getAll("only").slice(0, MOST)) {
    const at = text.indexOf("~")
    if (at > 0) (found[text.slice(0, at)] ??= []).push(text.slice(at + 1))
  }
  return found
}

export const onlyPairs = (layers) => layers.flatMap((layer) => (layer.only ?? []).map((one) => ["only", `${layer.key}~${one}`]))

const counts = new Map()

// How many rows meet it: asked once for as long as the page and the number of rows stand. `told` hears when it is there.
export function countOf(layer, told) {
  const asked = `${layer.key}?${queryOf(layer.only)}`, key = `${asked}#${layer.count}`
  if (!counts.has(key)) {
    counts.set(key, {count: null, titles: {}, fault: ""})
    fetch(`/api/v1/layers/${layer.key}/count?${queryOf(layer.only)}`, {credentials: "same-origin"})
      .then(async (answer) => { const body = await answer.json(); if (!answer.ok) throw new Error(body?.message ?? String(answer.status)); return body })
      .then(({count, titles}) => counts.set(key, {count, titles, fault: ""}), (error) => { counts.set(key, {count: null, titles: {}, fault: error.message}); setTimeout(() => counts.delete(key), 15000) })
      .then(told)
  }
  return counts.get(key)
}
