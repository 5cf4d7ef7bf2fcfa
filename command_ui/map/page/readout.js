// How is a place written? In decimal degrees, in degrees, minutes and seconds, or in grid metres: a press changes it.
import {gaussKruger} from "./gausskruger.js"

export const WAYS = ["degrees", "dms", "grid"]

function sexagesimal(value, positive, negative) {
  // Counted in tenths of a second, so that 59.96″ becomes the next minute and never 60.0″.
  const tenths = Math.round(Math.abs(value) * 36000)
  const degrees = Math.floor(tenths / 36000), minutes = Math.floor(tenths / 600) % 60, seconds = (tenths % 600) / 10
  return `${degrees}°${String(minutes).padStart(2, "0")}′${seconds.toFixed(1).padStart(4, "0")}″${value < 0 ? negative : positive}`
}

export function written(way, longitude, latitude) {
  if (way === "dms") return `${sexagesimal(longitude, "E", "W")} ${sexagesimal(latitude, "N", "S")}`
  const grid = way === "grid" ? gaussKruger(longitude, latitude) : null
  if (grid) return `X ${grid.x.toFixed(1)} Y ${grid.y.toFixed(1)}`
  return `${Math.abs(longitude).toFixed(4)}°${longitude < 0 ? "W" : "E"} ${Math.abs(latitude).toFixed(4)}°${latitude < 0 ? "S" : "N"}`
}

export const following = (way) => WAYS[(WAYS.indexOf(way) + 1) % WAYS.length]
