// Which grid metres has a place in its 3-degree zone? Gauss-Krueger on the CGCS2000 ellipsoid, series of Krueger (1912).
const A = 6378137, F = 1 / 298.257222101, N = F / (2 - F)
const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64)
// Krueger's coefficients to the fourth power of the third flattening: less than 0.1 mm inside a zone.
const ALPHA = [
  N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180,
  (13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440,
  (61 * N ** 3) / 240 - (103 * N ** 4) / 140,
  (49561 * N ** 4) / 161280,
]
const ECCENTRICITY = Math.sqrt(F * (2 - F)), FALSE_EASTING = 500000

export const zoneOf = (longitude) => Math.floor(longitude / 3 + 0.5)

// X counts north from the equator, Y east and carries the zone in front; null outside the zones of China (25 to 45).
export function gaussKruger(longitude, latitude) {
  const zone = zoneOf(longitude)
  if (zone < 25 || zone > 45) return null
  const phi = (latitude * Math.PI) / 180, lambda = ((longitude - zone * 3) * Math.PI) / 180
  const conformal = Math.sinh(Math.atanh(Math.sin(phi)) - ECCENTRICITY * Math.atanh(ECCENTRICITY * Math.sin(phi)))
  const xi = Math.atan2(conformal, Math.cos(lambda)), eta = Math.asinh(Math.sin(lambda) / Math.hypot(conformal, Math.cos(lambda)))
  let north = xi, east = eta
  ALPHA.forEach((alpha, index) => {
    const k = 2 * (index + 1)
    north += alpha * Math.sin(k * xi) * Math.cosh(k * eta)
    east += alpha * Math.cos(k * xi) * Math.sinh(k * eta)
  })
  return {zone, x: RADIUS * north, y: zone * 1e6 + FALSE_EASTING + RADIUS * east}
}
