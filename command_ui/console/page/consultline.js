// How does this page stay on the line of a consultation? Its own light websocket: the newest counts, what is old is dropped.
const PING_MS = 5000
const GONE = new Set([4404, 1000, 1009])
const SOONEST_MS = 500, LATEST_MS = 8000

export function consultLine({id, line, follows, heard, changed, ended}) {
  let socket = null, wait = SOONEST_MS, over = false, timer = null, beat = null, delay = null

  function open() {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws"
    socket = new WebSocket(`${scheme}://${window.location.host}/consultations/${id}/line?line=${line}&follow=${follows() ? "yes" : "no"}`)
    socket.onopen = () => { wait = SOONEST_MS; changed(true); ping(); beat = setInterval(ping, PING_MS) }
    socket.onmessage = ({data}) => {
      const message = JSON.parse(data)
      if (message.kind === "pong") delay = Math.round(performance.now() - message.sent_ms)
      else heard(message)
    }
    socket.onclose = ({code}) => {
      clearInterval(beat)
      changed(false)
      if (over) return
      if (GONE.has(code)) { over = true; ended(code); return }
      timer = setTimeout(open, wait)
      wait = Math.min(wait * 2, LATEST_MS)
    }
  }

  // Whether it went: what is said before the line is up is lost.
  function send(message) {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(message))
    return true
  }

  const ping = () => send({...(delay === null ? {} : {delay_ms: delay}), say: "ping", sent_ms: performance.now()})

  open()
  return {
    send,
    close(leave) {
      over = true
      clearTimeout(timer)
      clearInterval(beat)
      if (leave) send({say: "leave"})
      setTimeout(() => socket.close(), leave ? 200 : 0)
    },
  }
}
