// How does the page open where there is no line? Its own files are kept; data never are, they lie in the page's store.
const KEPT = "onemap-field-2"
const FILES = ["/field", "/field/field.js", "/field/cards.js", "/field/outbox.js", "/field/sending.js", "/field/unsent.js", "/field/format.js", "/field/fieldmap.js", "/field/dom.js", "/field/icons.js", "/field/field.css", "/field/tokens.css", "/field/words.json"]

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FILES)).then(() => self.skipWaiting()))
})

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((one) => one !== KEPT).map((one) => caches.delete(one)))).then(() => self.clients.claim()))
})

// The server first, so that a new version comes by itself; what is kept only where the server does not answer.
async function fromServer(request, path) {
  try {
    const answer = await fetch(request)
    if (answer.ok && !answer.redirected) (await caches.open(KEPT)).put(path, answer.clone())
    return answer
  } catch (problem) {
    const kept = await caches.match(path)
    if (kept) return kept
    throw problem
  }
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url)
  if (event.request.method !== "GET" || address.origin !== location.origin || !FILES.includes(address.pathname)) return
  event.respondWith(fromServer(event.request, address.pathname))
})
