// When is a call given up? When nothing has moved for a while, and not because a large photograph takes its time.
export const SILENCE_MS = 9000

// Answers {status, json()}; rejects when the line is cut, or silent for too long. `moved` hears the share that is out.
export function post(path, body, headers, moved = () => {}) {
  return new Promise((done, failed) => {
    const call = new XMLHttpRequest()
    let silent = null
    const heard = () => { clearTimeout(silent); silent = setTimeout(() => { call.abort(); failed(new Error("silent")) }, SILENCE_MS) }
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
