// What does the browser keep between two visits? Words, symbols and signs: one script, written by the server, before ours.
export const kept = (name) => globalThis.onemapKept?.[name] ?? {}
