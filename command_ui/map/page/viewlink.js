// How does a view travel in an address? With the number of its form, so that old links are understood for ever.
const FORM = "1"
const GROUNDS = /^[a-z][a-z-]{1,15}$/

export function linkOf({longitude, latitude, zoom, ground = "own", grid = "w"}) {
  return [FORM, longitude.toFixed(5), latitude.toFixed(5), zoom.toFixed(2), ground, grid].join("~")
}

// Null for what is no view: a link is somebody else's text and may say anything.
export function viewOf(text) {
  const [form, east, north, zoom, ground, grid, ...more] = String(text ?? "").split("~")
  if (form !== FORM || more.length || ![east, north, zoom].every((part) => /^-?\d{1,3}(\.\d{1,6})?$/.test(part ?? ""))) return null
  const view = {longitude: Number(east), latitude: Number(north), zoom: Number(zoom), ground, grid}
  if (Math.abs(view.longitude) > 180 || Math.abs(view.latitude) > 85 || view.zoom < 1 || view.zoom > 20) return null
  if (!GROUNDS.test(ground ?? "") || !["w", "c"].includes(grid)) return null
  return view
}
