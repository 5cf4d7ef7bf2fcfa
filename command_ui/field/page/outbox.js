// How does an act outlive a cut line, a closed page and an empty battery? It is on the phone before anything is sent.
import {patience, post} from "./sending.js"

const STORE = "onemap-field", TOLD_MS = 1000

function open() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(STORE, 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("acts", {keyPath: "key"})
      asked.result.createObjectStore("kept")
    }
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => failed(asked.error)
  })
}

async function within(name, mode, work) {
  const base = await open()
  try {
    return await new Promise((done, failed) => {
      const turn = base.transaction(name, mode), asked = work(turn.objectStore(name))
      turn.oncomplete = () => done(asked?.result)
      turn.onerror = turn.onabort = () => failed(turn.error)
    })
  } finally {
    base.close()
  }
}

export const keep = (name, value) => within("kept", "readwrite", (store) => store.put(value, name))
export const kept = (name) => within("kept", "readonly", (store) => store.get(name))

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

// Acts in the order in which they were made; each keeps its key, its words and its time over every retry.
export function outbox({token, changed, signedOut}) {
  let acts = [], sending = false, share = null, told = 0, tries = 0

  async function load() {
    acts = (await within("acts", "readonly", (store) => store.getAll())) ?? []
    acts.sort((a, b) => a.number - b.number)
    changed()
  }

  async function add(act) {
    const one = {...act, key: newKey(), number: Date.now() + acts.length / 1000, fault: ""}
    await within("acts", "readwrite", (store) => store.put(one))
    acts.push(one)
    changed()
    send()
    return one
  }

  async function drop(one) {
    await within("acts", "readwrite", (store) => store.delete(one.key))
    acts = acts.filter((other) => other.key !== one.key)
    changed()
  }

  async function mark(one, fault) {
    one.fault = fault
    await within("acts", "readwrite", (store) => store.put(one))
    changed()
  }

  const give = (path, body, headers, ...rest) => post(path, body, {"x-csrf-token": token(), ...headers}, ...rest)

  // How far the photograph is, said at most once a second: the page is drawn anew for it.
  function moved(part) {
    share = part
    if (Date.now() - told < TOLD_MS) return
    told = Date.now()
    changed()
  }

  // True when the act is done with; false when the line or the server must come back first.
  async function sent(one) {
    const body = {...one.body}
    for (const photo of one.photos ?? []) {
      if (photo.kept) { body.attachments = [...(body.attachments ?? []), photo.kept]; continue }
      const handed = await give(`${one.incident}/attachments?name=${encodeURIComponent(photo.name)}`, photo.file, {"content-type": photo.file.type || "application/octet-stream"}, moved, patience(tries))
      share = null
      tries = 0
      if (handed.status === 401) { signedOut(); return false }
      if (handed.status !== 201) {
        if (handed.status >= 500 || handed.status === 429 || handed.status === 403) return false
        await mark(one, (await handed.json().catch(() => ({}))).message ?? String(handed.status))
        return true
      }
      // What is over stays over: a line that breaks at the fourth photograph sends the first three no second time.
      photo.kept = await handed.json()
      await within("acts", "readwrite", (store) => store.put(one))
      body.attachments = [...(body.attachments ?? []), photo.kept]
    }
    const answer = await give(`${one.incident}${one.path}`, JSON.stringify(body), {"content-type": "application/json", "idempotency-key": one.key})
    if (answer.status === 401) { signedOut(); return false }
    // 403 here is a token of an older sign-in: the next look at the orders brings the new one.
    if (answer.status >= 500 || answer.status === 429 || answer.status === 403) return false
    if (answer.status === 201) await drop(one)
    else await mark(one, (await answer.json().catch(() => ({}))).message ?? String(answer.status))
    return true
  }

  async function send() {
    if (sending || !token()) return false
    sending = true
    let any = false
    try {
      for (const one of [...acts]) {
        if (one.fault) continue
        if (!(await sent(one))) break
        any = true
      }
    } catch {
      // no line: everything stays where it is; the next attempt is given more time
      tries = share === null ? 0 : tries + 1
    } finally {
      sending = false
      share = null
    }
    return any
  }

  return {load, add, drop, send, get share() { return share }, get acts() { return acts }, get waiting() { return acts.filter((one) => !one.fault) }}
}
