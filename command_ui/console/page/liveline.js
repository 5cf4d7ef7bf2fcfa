// How does the desk stay on the line of its incident? Its own light websocket: every page of equal rights gets the same
// text, and most often only what came in since. What is set here is not sent back to the server.
import {tell} from "./bus.js"

const SOONEST_MS = 500, LATEST_MS = 8000, NO_SUCH_INCIDENT = 4404
const SELDOM_MS = 2000, ANSWER_MS = 4000

// The frame holds the line: the server names the incident, and says when nothing older is still on its way.
export function liveLine(model, life) {
  let socket = null, incident = "", language = "", wait = SOONEST_MS, timer = null, asking = null, ready = false

  const said = (up) => model.send_msg({kind: "line", up, incident})

  function end() {
    clearTimeout(timer)
    clearInterval(asking)
    const was = socket
    socket = null
    ready = false
    was?.close()
  }

  function open() {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws"
    const own = socket = new WebSocket(`${scheme}://${window.location.host}/incidents/${incident}/line?language=${language}`)
    own.onopen = () => {
      if (own !== socket) return
      wait = SOONEST_MS
      said(true)
      // An answer that got lost on its way would leave a page that believes it hears and hears nothing.
      clearInterval(asking)
      asking = setInterval(() => said(true), ANSWER_MS)
    }
    own.onmessage = ({data}) => { if (own === socket && ready) take(JSON.parse(data)) }
    own.onclose = ({code}) => {
      if (own !== socket) return
      if (ready) said(false)
      end()
      if (code === NO_SUCH_INCIDENT) return
      timer = setTimeout(open, wait)
      wait = Math.min(wait * 2, LATEST_MS)
    }
  }

  function take(message) {
    if (message.incident === incident) tell("live", message)
  }

  function turn() {
    const next = model.follows ?? ""
    if (next === incident && language === model.language) return
    end()
    incident = next
    language = model.language
    if (incident) open()
  }

  model.on("msg:custom", (message) => {
    if (message.kind !== "line" || message.incident !== incident || socket?.readyState !== WebSocket.OPEN) return
    clearInterval(asking)
    ready = true
    socket.send("whole")
  })
  model.on(["follows", "language"], turn)
  life.hear("live.lost", () => { if (socket?.readyState === WebSocket.OPEN) socket.send("whole") })
  life.hear("page.lost", end)  // a line for a page that is opened anew would only keep the server busy
  life.then(end)
  turn()
}

// A part says which of its own values it takes of a message; one that lacks entries in between asks for the whole.
export function fed(view, life, chosen, after) {
  const data = view.model.data
  const held = () => (data.properties.record ? data.record : "")
  life.hear("live", (message) => {
    const {values, record, incident, rev} = message
    const found = chosen({...values, at: new Date().toISOString(), ...texts(record)})
    if ("record" in found && found.record === undefined) found.record = grown(held(), message)
    if ("scene" in found && found.scene === undefined && values.part) found.scene = patched(data.scene, message)
    if (found.record === null || found.scene === null) { tell("live.lost"); return }
    const given = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
    if (Object.keys(given).length) data.setv(given, {sync: false})
    after?.(incident, rev)
  })
}

const texts = ({list, line}) => (list ? {list, line} : {})

// The record with what came in since; undefined where it is there already, null where something lies between.
export function grown(text, {incident, record, rev}) {
  const old = text ? JSON.parse(text) : {}
  if (old.incident === incident && old.total >= rev && old.total !== record.after) return undefined
  if (old.incident !== incident || old.total !== record.after || old.struck !== record.struck) return null
  const {rows, dots, first, again, after, ...summary} = record
  const next = {...summary}
  if (old.newest) {
    const kept = [...old.newest.rows, ...rows]
    const skipped = Math.max(0, first - old.newest.first)
    next.newest = {total: summary.total, first: old.newest.first + skipped, rows: kept.slice(skipped)}
  }
  if (old.dots) next.dots = again ? dots : [...old.dots, ...dots]
  return JSON.stringify(next)
}

// The scene with the parts that changed; undefined where the page drew something newer, null where a state lies between.
export function patched(text, {incident, values, record, rev}) {
  const old = text ? JSON.parse(text) : {}
  if (old.incident?.id === incident && (old.seq > rev || (old.seq === rev && record.after !== rev))) return undefined
  if (old.incident?.id !== incident || old.seq !== record.after) return null
  return JSON.stringify({...old, ...values.part})
}

// Do something now, and at most every two seconds while it is asked for again and again.
export function seldom(work) {
  let at = -Infinity, timer = null
  return () => {
    if (timer) return
    timer = setTimeout(() => { timer = null; at = performance.now(); work() }, Math.max(0, at + SELDOM_MS - performance.now()))
  }
}
