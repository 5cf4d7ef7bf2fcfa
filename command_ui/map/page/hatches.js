// How is a zone filled? One canvas tile holds colour and hatch together, so a zone is never told by colour alone.
import {colour, faded, themeName} from "./palette.js"

const kept = new Map()

// One repeating tile per zone style, drawn at the screen's own pixel ratio.
export function hatch(style, ratio = window.devicePixelRatio || 1) {
  const key = `${themeName()}:${style.level ?? style.key}:${style.fill}:${ratio}`
  if (!kept.has(key)) kept.set(key, draw(style, ratio))
  return kept.get(key)
}

function draw(style, ratio) {
  // A 45° line repeats after tile·√2; whole device pixels keep the joints of the tiles invisible.
  const step = style.hatch === "diagonal" ? style.hatch_tile_px * Math.SQRT2 : style.hatch_tile_px
  const size = Math.max(4, Math.round(step * ratio))
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = size
  const c = canvas.getContext("2d")
  c.fillStyle = faded(style.fill, style.fill_opacity)
  c.fillRect(0, 0, size, size)
  c.strokeStyle = c.fillStyle = faded(style.fill, style.hatch_opacity ?? (style.hatch === "diagonal" ? 0.75 : 0.95))
  c.lineWidth = style.hatch_width_px * ratio
  if (style.hatch === "dots") {
    for (const [x, y] of [[0.27, 0.27], [0.77, 0.77]]) {
      c.beginPath()
      c.arc(x * size, y * size, style.hatch_width_px * ratio, 0, 2 * Math.PI)
      c.fill()
    }
  } else if (style.hatch !== "none") {
    c.beginPath()
    for (const shift of [-size, 0, size]) {
      c.moveTo(shift, style.hatch === "back" ? 0 : size)
      c.lineTo(shift + size, style.hatch === "back" ? size : 0)
      if (style.hatch === "cross") {
        c.moveTo(shift, 0)
        c.lineTo(shift + size, size)
      }
    }
    c.stroke()
  }
  return c.createPattern(canvas, "repeat")
}

// Heat is drawn magenta and blast purple, with a double line: neither is ever taken for gas.
const FIRE = {thermal: "thermal", overpressure: "over"}

export const fireToken = (kind) => FIRE[kind] ?? null

export function zoneStyleOf(styles, level, kind) {
  const style = styles.zones.find((one) => one.level === level) ?? styles.zones.at(-1), token = fireToken(kind)
  return token ? {...style, fill: token, line: token, double: true} : style
}

export const outline = (style) => ({color: colour(style.line), width: style.line_width_px, lineDash: style.dash?.length ? style.dash : undefined})
