// How do two parts of one page talk without asking the server? One event target on the window.
const bus = (window.onemapBus ??= new EventTarget())

export function tell(kind, detail = {}) {
  bus.dispatchEvent(new CustomEvent(kind, {detail}))
}

export function hear(kind, callback) {
  const listener = (event) => callback(event.detail)
  bus.addEventListener(kind, listener)
  return () => bus.removeEventListener(kind, listener)
}

// Listeners and timers of one component, ended together when its view goes.
export function lifetime(model) {
  const ends = []
  model.on("remove", () => ends.splice(0).forEach((end) => end()))
  return {
    hear: (kind, callback) => ends.push(hear(kind, callback)),
    every: (ms, callback) => {
      const timer = setInterval(callback, ms)
      ends.push(() => clearInterval(timer))
    },
    on: (target, kind, callback, options) => {
      target.addEventListener(kind, callback, options)
      ends.push(() => target.removeEventListener(kind, callback, options))
    },
    then: (end) => ends.push(end),
  }
}
