// How does a sign look in the palette, the list and the legend? A small SVG of the same strokes the map draws.
import {s} from "./dom.js"
import {ornamentsOn} from "./plotornaments.js"

const path = (points, closed) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}${closed ? "z" : ""}`

function pointSign(table, code, size) {
  const look = table.classes[code[0]]
  return s("svg", {width: size, height: size, viewBox: "-2 -2 36 36", "aria-hidden": "true"},
    s("rect", {x: 0.5, y: 0.5, width: 31, height: 31, rx: look.radius_px || 1, fill: "#FFFFFF", stroke: "rgba(10,20,36,.55)", "stroke-width": 4}),
    s("rect", {x: 0.5, y: 0.5, width: 31, height: 31, rx: look.radius_px || 1, fill: "#FFFFFF", stroke: look.edge, "stroke-width": 2.5}),
    s("g", {transform: "translate(5 5) scale(.92)", fill: "none", stroke: look.ink, "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round"},
      (table.glyphs[code] ?? []).map((d) => s("path", {d}))))
}

const BOXES = {line: [[4, 16], [44, 16]], area: [[6, 26], [6, 6], [42, 6], [42, 26], [6, 26]]}

function waySign(table, code, size) {
  const kind = code[0] === "E" ? "line" : "area", sign = table.lines[code], look = table.classes[code[0]], way = BOXES[kind]
  const scale = kind === "area" ? 0.42 : 0.62
  const drawn = ornamentsOn(way, {ornaments: sign.ornaments.map((one) => ({...one, every_px: Math.min(one.every_px, 62)}))}, scale)
  return s("svg", {width: size * 1.4, height: size, viewBox: "0 0 48 32", "aria-hidden": "true"},
    s("rect", {x: 0, y: 0, width: 48, height: 32, rx: 3, fill: "#FFFFFF"}),
    sign.width_px || kind === "area" ? s("path", {d: path(way, kind === "area"), fill: kind === "area" ? look.ink : "none", "fill-opacity": sign.fill_opacity, stroke: look.ink, "stroke-width": 1.6, "stroke-dasharray": sign.dash.join(" ") || null}) : null,
    drawn.flatMap(({ornament, strokes}) => strokes.map((stroke) => s("path", {d: path(stroke, ornament.closed), fill: ornament.closed ? (ornament.solid ? look.ink : "#FFFFFF") : "none", stroke: look.ink, "stroke-width": Math.max(1, ornament.width_px * 0.65)}))))
}

export const signPicture = (table, code, size = 32) => (code[0] in {E: 1, F: 1} ? waySign(table, code, size) : pointSign(table, code, size))
