// What did I write that the server has not acknowledged yet? Lines wait in the browser, with their keys, until their
// receipts come: they outlive a cut line, a reload and a closed browser, and a key is never used for two lines.
const BASE = "onemap", STORE = "outbox", RETRY_MS = 4000, AT_ONCE = 50

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(BASE, 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, {keyPath: "key"})
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
}

async function inStore(mode, act) {
  const base = await opened()
  try {
    return await new Promise((resolve, reject) => {
      const turn = base.transaction(STORE, mode, {durability: "strict"})
      const answer = act(turn.objectStore(STORE))
      turn.oncomplete = () => resolve(answer?.result)
      turn.onerror = turn.onabort = () => reject(turn.error)
    })
  } finally {
    base.close()
  }
}

// randomUUID is there in secure contexts only, and a duty room may be reached by a plain address.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

// lines: {key, incident, person, text, at, state: "waiting" | "written" | "refused", seq?, reason?}
export function outbox(model, life, changed) {
  let lines = [], sending = false, again = false
  const mine = (one) => one.person === model.person

  async function load() {
    const kept = await inStore("readonly", (store) => store.getAll()).catch(() => [])
    const known = new Set(lines.map((one) => one.key))
    lines = [...kept.filter((one) => mine(one) && !known.has(one.key)), ...lines].sort((a, b) => a.at.localeCompare(b.at))
    if (lines.length) changed()
    send()
  }

  function add(incident, text) {
    const line = {key: newKey(), incident, person: model.person, text, at: new Date().toISOString(), state: "waiting"}
    lines.push(line)
    changed()
    // Kept first, then sent; where the browser keeps nothing (private windows), sending is all there is.
    inStore("readwrite", (store) => store.put(line)).catch(() => {}).then(send)
  }

  async function forget(key) {
    lines = lines.filter((one) => one.key !== key)
    changed()
    await inStore("readwrite", (store) => store.delete(key)).catch(() => {})
  }

  async function settle(line, outcome) {
    if (outcome.receipt) {
      Object.assign(line, {state: "written", seq: outcome.receipt.seq})
      await inStore("readwrite", (store) => store.delete(line.key)).catch(() => {})
    } else {
      Object.assign(line, {state: "refused", reason: outcome.fault})
      await inStore("readwrite", (store) => store.put(line)).catch(() => {})
    }
  }

  // Nobody hangs for ten seconds: who waits for them to the end is told after it.
  async function post(incident, part) {
    const body = {lines: part.map((one) => ({key: one.key, payload: {text: one.text}, occurred_at: one.at}))}
    const answer = await fetch(`/api/v1/incidents/${incident}/kept-lines`, {
      method: "POST", credentials: "same-origin", body: JSON.stringify(body), signal: AbortSignal.timeout(9000),
      headers: {"content-type": "application/json", "x-csrf-token": model.csrf_token},
    })
    if (answer.ok) {
      const {outcomes} = await answer.json()
      await Promise.all(part.map((line, at) => settle(line, outcomes[at])))
      return true
    }
    // Signed out, too busy, or out of order: nothing is wrong with the lines, so they go on waiting.
    if (answer.status === 401 || answer.status === 403 || answer.status === 429 || answer.status >= 500) return false
    const problem = await answer.json().catch(() => ({}))
    await Promise.all(part.map((line) => settle(line, {fault: problem.message ?? `HTTP ${answer.status}`})))
    return true
  }

  async function send() {
    if (sending) { again = true; return }
    sending = true
    try {
      do {
        again = false
        const waiting = lines.filter((one) => one.state === "waiting")
        for (const incident of new Set(waiting.map((one) => one.incident))) {
          const part = waiting.filter((one) => one.incident === incident).slice(0, AT_ONCE)
          if (!(await post(incident, part))) return
          again ||= waiting.length > part.length
          changed()
        }
      } while (again)
    } catch {
      // The line is cut, or the answer was lost: the same lines go again with the same keys.
    } finally {
      sending = false
    }
  }

  life.every(RETRY_MS, () => { if (lines.some((one) => one.state === "waiting")) send() })
  life.on(window, "online", send)
  load()
  return {
    add, forget,
    retry: (key) => { Object.assign(lines.find((one) => one.key === key) ?? {}, {state: "waiting"}); changed(); send() },
    // What was written stays in sight until the record itself shows it.
    of: (incident, last) => {
      lines = lines.filter((one) => one.incident !== incident || one.state !== "written" || one.seq > last)
      return lines.filter((one) => one.incident === incident)
    },
  }
}
