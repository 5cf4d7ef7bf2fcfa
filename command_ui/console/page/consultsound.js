// Does the table call? A short tone for a raised hand or a call, until somebody here says 静音.
const KEPT = "onemap.consult.mute"
const TONES = [[880, 0], [1175, 0.16]]

export function consultSound(changed) {
  let muted = false, newest = null, room = null, context = null
  try { muted = localStorage.getItem(KEPT) === "1" } catch { /* then it is asked for anew after a reload */ }

  function ring() {
    if (muted) return
    try {
      context ??= new AudioContext()
      for (const [pitch, after] of TONES) {
        const tone = context.createOscillator(), loud = context.createGain(), at = context.currentTime + after
        tone.frequency.value = pitch
        loud.gain.setValueAtTime(0.0001, at)
        loud.gain.exponentialRampToValueAtTime(0.12, at + 0.02)
        loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.14)
        tone.connect(loud).connect(context.destination)
        tone.start(at)
        tone.stop(at + 0.15)
      }
      window.onemapRung = (window.onemapRung ?? 0) + 1 // for the browser tests
    } catch { /* a browser without sound is no fault */ }
  }

  return {
    muted: () => muted,
    ring,
    toggle() {
      muted = !muted
      try { localStorage.setItem(KEPT, muted ? "1" : "0") } catch { /* as above */ }
      changed()
    },
    // What came before this page was opened rings no more; one's own hand does not either.
    heard(id, minutes, own) {
      const last = minutes.at(-1)?.seq ?? 0
      if (id !== room) { room = id; newest = last; return }
      const calls = minutes.filter((row) => row.seq > newest && row.actor !== own && (row.code === "entry.consultation_spoken.raised" || row.kind === "consultation_called"))
      newest = Math.max(newest, last)
      if (calls.length) ring()
    },
  }
}
