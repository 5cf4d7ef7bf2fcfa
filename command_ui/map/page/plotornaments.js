// Where do the ornaments of a line or area sign stand? Pure geometry: a way in any flat unit, `unit` of it being one pixel.

const MOST = 4000 // ornaments of one kind on one line; beyond this nobody sees them apart

function lengths(points) {
  const at = [0]
  for (let i = 1; i < points.length; i += 1) at.push(at[i - 1] + Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]))
  return at
}

// The point at a distance along a way, and the direction of the way there.
function pointAt(points, at, wanted) {
  let i = 1
  while (i < points.length - 1 && at[i] < wanted) i += 1
  const [x0, y0] = points[i - 1], [x1, y1] = points[i], step = at[i] - at[i - 1]
  const share = step > 0 ? (wanted - at[i - 1]) / step : 0
  return {x: x0 + share * (x1 - x0), y: y0 + share * (y1 - y0), angle: Math.atan2(y1 - y0, x1 - x0)}
}

// Twice the area of a ring, positive when it is drawn counter-clockwise (y upwards).
export const turning = (ring) => ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i][0] * y - x * ring[i][1], 0)

function distances(total, ornament, unit) {
  if (ornament.place === "end") return [total]
  if (ornament.place === "four") return [0.125, 0.375, 0.625, 0.875].map((share) => share * total)
  const gap = ornament.every_px * unit, count = Math.min(MOST, Math.floor(total / gap))
  if (count < 1) return [total / 2] // a short line carries at least one, so that it is still told from others
  const first = (total - (count - 1) * gap) / 2
  return Array.from({length: count}, (_, i) => first + i * gap)
}

// Every ornament of a sign on a way: for each kind its strokes, in the units of the way.
export function ornamentsOn(points, sign, unit) {
  const at = lengths(points), total = at[at.length - 1]
  if (!(total > 0)) return []
  const flip = turning(points) < 0 ? -1 : 1 // y of an area's ornament points inwards, whichever way round it was drawn
  return sign.ornaments.map((ornament) => ({ornament, strokes: distances(total, ornament, unit).flatMap((wanted) => {
    const {x, y, angle} = pointAt(points, at, wanted), c = Math.cos(angle) * unit, s = Math.sin(angle) * unit, side = ornament.place === "four" ? flip : 1
    return ornament.strokes.map((stroke) => stroke.map(([px, py]) => [x + px * c - side * py * s, y + px * s + side * py * c]))
  })}))
}
