// When is a call given up? When nothing has moved for a while, and not because a large photograph takes its time.
export const SILENCE_MS = 9000, LONGEST_MS = 72000

// How long the answer to a photograph may stay away, at this attempt. The system's own buffer may hold what a poor line
// still carries away long after the last byte has left the page: each attempt waits twice as long, up to a bound, for
// what else is on the list waits behind it.
export const patience = (attempt) => Math.min(SILENCE_MS * 2 ** attempt, LONGEST_MS)

// Answers {status, json()}; rejects when the line is cut, or silent for too long. `moved` hears the share that is out.
export function post(path, body, headers, moved = (_share) => {}, silence_ms = SILENCE_MS) {
  return new Promise((done, failed) => {
    const call = new XMLHttpRequest()
    let silent = null
    const heard = () => { clearTimeout(silent); silent = setTimeout(() => { call.abort(); failed(new Error("silent")) }, silence_ms) }
    call.open("POST", path)
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value)
    // Every byte that leaves and every byte that comes back starts the wait anew.
    call.upload.onprogress = (event) => { heard(); if (event.lengthComputable) moved(event.loaded / event.total) }
    call.upload.onload = call.onprogress = call.onreadystatechange = () => { if (call.readyState < 4) heard() }
    call.onload = () => { clearTimeout(silent); done({status: call.status, json: async () => JSON.parse(call.responseText)}) }
    call.onerror = call.onabort = () => { clearTimeout(silent); failed(new Error("line")) }
    heard()
    call.send(body)
  })
}
