// How are numbers, times and distances written? Exact, 24 h, tabular, in the zone of the duty room.
const ZONE = "Asia/Shanghai"
let offset_ms = 0

export function setServerNow(iso) {
  if (iso) offset_ms = new Date(iso).getTime() - Date.now()
}

export const now = () => new Date(Date.now() + offset_ms)

// What is drawn by `work` counts from another moment than the present: a replay's countdowns are those of its time.
export function asOf(when_ms, work) {
  const kept = offset_ms
  offset_ms = when_ms - Date.now()
  try { return work() } finally { offset_ms = kept }
}

// Things named one after another, as each language sets them.
export const listed = (values, language) => values.join(language === "en" ? ", " : "、")

const parts = (options) => {
  const writer = new Intl.DateTimeFormat("en-GB", {timeZone: ZONE, hourCycle: "h23", ...options})
  return (when) => Object.fromEntries(writer.formatToParts(new Date(when)).map((part) => [part.type, part.value]))
}
const clockParts = parts({hour: "2-digit", minute: "2-digit", second: "2-digit"})
const dateParts = parts({year: "numeric", month: "numeric", day: "numeric", weekday: "short"})

export function time(when, seconds = true) {
  if (!when) return "—"
  const {hour, minute, second} = clockParts(when)
  return seconds ? `${hour}:${minute}:${second}` : `${hour}:${minute}`
}

export function date(when, say) {
  const {year, month, day, weekday} = dateParts(when)
  return say("format.date", {year, month, day, weekday: say(`weekday.${weekday}`)})
}

export function stamp(when, reference = now()) {
  if (!when) return "—"
  const a = dateParts(when), b = dateParts(reference)
  if (a.day === b.day && a.month === b.month && a.year === b.year) return time(when)
  return `${String(a.month).padStart(2, "0")}-${String(a.day).padStart(2, "0")} ${time(when, false)}`
}

export function whole(value) {
  if (value === null || value === undefined || Number.isNaN(Number(value))) return "—"
  return Math.round(Number(value)).toLocaleString("en-US")
}

// An amount with its own decimals, such as 10,157 or 2.5.
export function amount(value) {
  const number = Number(value)
  return Number.isFinite(number) ? number.toLocaleString("en-US", {maximumFractionDigits: 3}) : "—"
}

export function figure(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return "—"
  const number = Number(value)
  if (number !== 0 && Math.abs(number) < 1e-3) return number.toExponential(1)
  return String(Number(number.toPrecision(digits)))
}

export function distance(metres) {
  if (metres === null || metres === undefined || !Number.isFinite(Number(metres))) return "—"
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(2)} km`
}

export function minutes(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(Number(seconds))) return "—"
  return String(Math.max(1, Math.round(seconds / 60)))
}

// Units as they are written for people.
export const unit = (text) => String(text ?? "").replace("m2", "m²").replace("m3", "m³")

// A level with its value, once: levels of heat are named by their value.
export function zoneText(zone) {
  const value = `${figure(zone.threshold)} ${unit(zone.unit)}`
  return unit(zone.name) === value ? value : `${unit(zone.name)}·${value}`
}

const two = (value) => String(value).padStart(2, "0")

// Seconds as 04:14, 01:02:03, or days where an incident has been open for long.
export function span(seconds, say) {
  const total = Math.max(0, Math.floor(seconds))
  const days = Math.floor(total / 86400)
  const hours = Math.floor((total % 86400) / 3600)
  const rest = `${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`
  if (days > 0) return say("format.days", {days, hours: two(hours)})
  return hours > 0 ? `${two(hours)}:${rest}` : rest
}

// Time left: red below 5 min, amber below 10 min; nothing is said by the colour alone, the figure stands there.
export function urgency(seconds) {
  if (seconds < 300) return "dg"
  return seconds < 600 ? "wn" : ""
}

export function place(longitude, latitude) {
  const east = longitude >= 0 ? "E" : "W", north = latitude >= 0 ? "N" : "S"
  return `${Math.abs(longitude).toFixed(4)}°${east} ${Math.abs(latitude).toFixed(4)}°${north}`
}

export function windName(say, degrees) {
  const points = ["n", "ne", "e", "se", "s", "sw", "w", "nw"]
  return say(`wind.${points[Math.round((((degrees % 360) + 360) % 360) / 45) % 8]}`)
}
