// How grave is what a publisher answers? One tone for each state; an unknown one is taken for the worst.
const TONES = {ok: "live", none: "none", no_key: "stale", bad_key: "offline", wrong_key_kind: "offline", not_listed: "offline", too_fast: "stale", placeholder: "stale"}

export const toneOf = (state) => TONES[state ?? "none"] ?? "offline"
