// How does the data page ask the interface? Same origin, with the token of the session; faults come back as sentences.
export function caller(model) {
  const lang = () => (model.language === "en" ? "en" : "zh")

  async function ask(path, options = {}) {
    const headers = {"x-csrf-token": model.csrf_token, ...(options.headers ?? {})}
    let answer
    try {
      answer = await fetch(path, {...options, headers, credentials: "same-origin"})
    } catch {
      throw new Error("offline")
    }
    const kind = answer.headers.get("content-type") ?? ""
    const body = kind.includes("json") ? await answer.json() : await answer.text()
    if (!answer.ok) throw new Error(body?.message ?? `HTTP ${answer.status}`)
    return body
  }

  const json = (path, body) => ask(path, {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)})

  // With progress, which fetch does not tell about what is sent.
  function send(path, file, told) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open("POST", path)
      request.setRequestHeader("x-csrf-token", model.csrf_token)
      request.setRequestHeader("content-type", "application/octet-stream")
      request.upload.onprogress = (event) => told(event.lengthComputable ? event.loaded / event.total : 0)
      request.onerror = () => reject(new Error("offline"))
      request.onload = () => {
        let body = null
        try { body = JSON.parse(request.responseText) } catch { body = null }
        if (request.status >= 200 && request.status < 300) resolve(body)
        else reject(new Error(body?.message ?? `HTTP ${request.status}`))
      }
      request.send(file)
    })
  }

  return {ask, json, send, lang}
}
