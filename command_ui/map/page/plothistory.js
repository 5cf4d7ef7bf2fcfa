// What does one step back, or forward again, ask the server for? A step is a mark before and after; null is "not on the map".

const MOST = 100

// The message that brings a mark from one state to the other.
export function messageFor(id, from, to) {
  const own = (to ?? from).standing === "own"
  if (to === null) return {kind: own ? "mark_sketch_drop" : "mark_remove", id}
  if (own) return {...to, kind: "mark_sketch", id}
  return from === null ? {kind: "mark_restore", id} : {...to, kind: "mark_change", id}
}

export function plotHistory() {
  let done = [], undone = []
  return {
    did(id, before, after) {
      done = [...done, {id, before, after}].slice(-MOST)
      undone = []
    },
    undo() {
      const step = done.pop()
      if (!step) return null
      undone.push(step)
      return messageFor(step.id, step.after, step.before)
    },
    redo() {
      const step = undone.pop()
      if (!step) return null
      done.push(step)
      return messageFor(step.id, step.before, step.after)
    },
    // A step that was refused is gone: the mark is no longer what it was.
    forget(id) {
      done = done.filter((step) => step.id !== id)
      undone = undone.filter((step) => step.id !== id)
    },
    clear() { done = []; undone = [] },
    canUndo: () => done.length > 0,
    canRedo: () => undone.length > 0,
  }
}
