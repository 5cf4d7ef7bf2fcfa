// How does a symbol look? White inside, frame in the class colour of GB/T 35649, our own glyph; drawn once, kept as canvas.
import Icon from "ol/style/Icon.js"
import {colour, FONT, themeName} from "./palette.js"
import {tokens} from "./tokens.js"

const kept = new Map()
const SCALE = 2 // canvases are drawn at twice their size so that they stay sharp on dense screens
const INK = {A: "#E60000", B: "#1A1A1A", C: "#1E2FCC", D: "#008A32", none: "#33445A"}
const EDGE = {A: "#E60000", B: "#E8C400", C: "#1E3CFF", D: "#00A53C", none: "#7D8FA3"}

function board(width, height, paint) {
  const canvas = document.createElement("canvas")
  canvas.width = Math.ceil(width * SCALE)
  canvas.height = Math.ceil(height * SCALE)
  const c = canvas.getContext("2d")
  c.scale(SCALE, SCALE)
  paint(c)
  return canvas
}

function strokePaths(c, paths, ink, x, y, side, width) {
  c.save()
  c.translate(x, y)
  c.scale(side / 24, side / 24)
  c.strokeStyle = ink
  c.lineWidth = width
  c.lineCap = c.lineJoin = "round"
  for (const d of paths) c.stroke(new Path2D(d))
  c.restore()
}

// The framed symbol with its dark halo; `share` draws the fill bar of a shelter, `barred` strikes it out.
export function framed(styles, symbol, {size = tokens.symbol.size, share = null, barred = false} = {}) {
  const frame = symbol.frame, radius = tokens.symbol.frame[frame]?.radius ? Math.max(4, tokens.symbol.frame[frame].radius) : 1
  const whole = size + 6
  return board(whole, whole, (c) => {
    c.beginPath()
    c.roundRect(3, 3, size, size, radius)
    c.lineWidth = 5
    c.strokeStyle = "rgba(10,20,36,.5)"
    c.stroke()
    c.fillStyle = "#FFFFFF"
    c.fill()
    c.lineWidth = 2.5
    c.strokeStyle = EDGE[frame] ?? EDGE.none
    c.stroke()
    const side = size * (share === null ? 0.66 : 0.58)
    strokePaths(c, styles.glyphs[symbol.glyph] ?? [], INK[frame] ?? INK.none, 3 + (size - side) / 2, 3 + (share === null ? (size - side) / 2 : size * 0.1), side, 2.2)
    if (frame === "B" && share === null) {
      c.fillStyle = "#FFE000"
      c.fillRect(4.2, size - 2.5, size - 2.4, 4)
    }
    if (share !== null) {
      c.fillStyle = "#D6DEE6"
      c.fillRect(6, size - 4, size - 6, 5)
      c.fillStyle = share >= 1 ? "#C77700" : "#00A53C"
      c.fillRect(6, size - 4, (size - 6) * Math.min(1, share), 5)
    }
    if (barred) {
      c.strokeStyle = "#D81E1E"
      c.lineWidth = 3.5
      c.beginPath()
      c.moveTo(4, 4); c.lineTo(whole - 4, whole - 4); c.moveTo(whole - 4, 4); c.lineTo(4, whole - 4)
      c.stroke()
    }
  })
}

// The small mark that stands for a symbol while the map is zoomed out.
export function small(styles, symbol, fill) {
  if (symbol.glyph === "factory") {
    return board(18, 18, (c) => {
      c.fillStyle = colour(fill)
      c.strokeStyle = colour("halo")
      c.lineWidth = 1.2
      const body = new Path2D("M3 15V3h5v5l7-4v11z")
      c.fill(body)
      c.stroke(body)
    })
  }
  return board(16, 16, (c) => {
    c.fillStyle = symbol.frame === "none" ? colour(fill) : "#FFFFFF"
    c.strokeStyle = symbol.frame === "none" ? colour("halo") : EDGE[symbol.frame]
    c.lineWidth = symbol.frame === "none" ? 1.5 : 3
    c.beginPath()
    if (symbol.shape === "circle") c.arc(8, 8, 5, 0, 2 * Math.PI)
    else if (symbol.shape === "diamond") { c.moveTo(8, 2); c.lineTo(14, 8); c.lineTo(8, 14); c.lineTo(2, 8); c.closePath() }
    else c.roundRect(3.5, 3.5, 9, 9, 1.5)
    c.fill()
    c.stroke()
  })
}

const LEVELS = {1: "I", 2: "II", 3: "III", 4: "IV"}

// A unit by its risk: the colour, and the level in figures no count is written in, so that nothing is told by colour alone.
function risky(level, token) {
  return board(24, 22, (c) => {
    c.beginPath()
    c.roundRect(2, 2, 20, 18, 3)
    c.fillStyle = colour(token)
    c.fill()
    c.lineWidth = 1.6
    c.strokeStyle = "#FFFFFF"
    c.stroke()
    c.fillStyle = level === 2 || level === 3 ? "#11233A" : "#FFFFFF"
    c.font = `700 12px ${FONT}`
    c.textAlign = "center"
    c.textBaseline = "middle"
    c.fillText(LEVELS[level] ?? "", 12, 11.5)
  })
}

// A counted cluster stays quieter than a symbol: what it stands for is one step of the zoom away. Framed classes are square,
// as their symbols are; enterprises are round.
function cluster(count, edge, square) {
  const text = count >= 10000 ? `${Math.round(count / 1000)}k` : String(count)
  const radius = Math.min(18, 8.5 + Math.log10(count) * 3.2)
  return board(2 * radius + 4, 2 * radius + 4, (c) => {
    const middle = radius + 2
    c.beginPath()
    if (square) c.roundRect(2, 2, 2 * radius, 2 * radius, 3)
    else c.arc(middle, middle, radius, 0, 2 * Math.PI)
    c.fillStyle = colour("surface")
    c.globalAlpha = 0.86
    c.fill()
    c.globalAlpha = 1
    c.lineWidth = 1.6
    c.strokeStyle = edge
    c.stroke()
    c.fillStyle = colour("text2")
    c.font = `400 12px ${FONT}`
    c.textAlign = "center"
    c.textBaseline = "middle"
    c.fillText(text, middle, middle + 0.5)
  })
}

// Symbols are always drawn; names, which share their declutter group, give way to them.
function icon(key, make) {
  const whole = `${themeName()}:${key}`
  if (!kept.has(whole)) {
    const canvas = make()
    kept.set(whole, new Icon({img: canvas, size: [canvas.width, canvas.height], scale: 1 / SCALE, declutterMode: "obstacle"}))
  }
  return kept.get(whole)
}

export const framedIcon = (styles, symbol, options = {}) =>
  icon(`f:${symbol.key}:${options.size ?? ""}:${options.share === null || options.share === undefined ? "" : Math.round(options.share * 20)}:${options.barred ?? ""}`, () => framed(styles, symbol, options))
export const smallIcon = (styles, symbol, fill) => icon(`s:${symbol.key}:${fill}`, () => small(styles, symbol, fill))
export const riskIcon = (styles, level) => icon(`r:${level}`, () => risky(level, styles.risk[String(level)]))
export const clusterIcon = (symbol, count) => icon(`c:${symbol.frame}:${symbol.fill}:${count}`, () => cluster(count, symbol.frame === "none" ? colour(symbol.fill) : themeName() === "dark" && symbol.frame === "C" ? "#6C82FF" : EDGE[symbol.frame], symbol.frame !== "none"))

// One arrow in 64 directions: the screen shows no finer turn at this size.
export function arrowIcon(token, size, angle) {
  const turn = Math.round((angle / (2 * Math.PI)) * 64) & 63
  const made = icon(`a:${token}:${size}:${turn}`, () => arrow(token, size))
  made.setRotation((turn / 64) * 2 * Math.PI)
  return made
}

const arrow = (token, size) => board(size, size, (c) => {
  c.scale(size / 14, size / 14)
  const shape = new Path2D("M1.5 1L13 7L1.5 13L4.5 7z")
  c.fillStyle = colour(token)
  c.strokeStyle = colour("halo")
  c.lineWidth = 0.9
  c.fill(shape)
  c.stroke(shape)
})

// A symbol for the legend and the layer tree, at its own small size.
export function picture(styles, symbol) {
  return sized(symbol.frame === "none" ? small(styles, symbol, symbol.fill) : framed(styles, symbol, {size: 20}))
}

export const riskPicture = (styles, level) => sized(risky(Number(level), styles.risk[String(level)]))

function sized(canvas) {
  canvas.style.width = `${canvas.width / SCALE}px`
  canvas.style.height = `${canvas.height / SCALE}px`
  return canvas
}
