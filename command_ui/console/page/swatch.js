// How does a legend or a table show a zone, a route, a symbol? As the map draws it: fill, hatch and outline together.
import {s} from "./dom.js"

const DASH = {3: null, 2: "6 2", 1: "3 2"}
const FILL = {3: 0.35, 2: 0.25, 1: 0.2}
const variable = (name) => `var(--om-${name})`

// Heat is magenta and blast purple with a double line, as on the map.
const FIRE = {thermal: "thermal", overpressure: "over"}

function hatch(level, width, height, token) {
  const colour = variable(token)
  if (level === 1) {
    const dots = []
    for (let row = 0; row * 5.5 + 4 < height; row += 1) {
      for (let x = row % 2 ? 7.5 : 4; x < width - 1; x += 7) dots.push(s("circle", {cx: x, cy: row * 5.5 + 4, r: 1.3}))
    }
    return s("g", {fill: colour}, dots)
  }
  const lines = []
  for (let x = -height; x < width + height; x += 8) {
    lines.push(`M${x} ${height}L${x + height} 0`)
    if (level === 3) lines.push(`M${x} 0L${x + height} ${height}`)
  }
  return s("path", {d: lines.join(""), stroke: colour, "stroke-width": level === 3 ? 1.1 : 2})
}

export function zoneSwatch(level, width = 32, height = 16, kind = "toxic") {
  const fire = FIRE[kind], fill = fire ?? `z${level}`, line = fire ?? `z${level}l`
  return s("svg", {class: "ic", width, height, "aria-hidden": "true"},
    s("rect", {x: 1, y: 1, width: width - 2, height: height - 2, fill: variable(fill), "fill-opacity": FILL[level]}),
    s("svg", {x: 1, y: 1, width: width - 2, height: height - 2}, hatch(level, width - 2, height - 2, fill)),
    s("rect", {x: 1, y: 1, width: width - 2, height: height - 2, fill: "none", stroke: variable(line),
      "stroke-width": fire ? 3 : 1.6, "stroke-dasharray": fire ? null : DASH[level]}),
    fire ? s("rect", {x: 1, y: 1, width: width - 2, height: height - 2, fill: "none", stroke: variable("surface"), "stroke-width": 1}) : null)
}

export function lineSwatch(kind) {
  const path = (d, more) => s("path", {d, ...more})
  const drawn = {
    envelope: [path("M1 8h30", {stroke: variable("env"), "stroke-width": 2.6, "stroke-dasharray": ".1 5.5", "stroke-linecap": "round"})],
    likely: [s("rect", {x: 1, y: 2, width: 30, height: 12, fill: variable("env"), "fill-opacity": 0.5, stroke: variable("env"), "stroke-width": 1.6})],
    even: [s("rect", {x: 1, y: 2, width: 30, height: 12, fill: variable("env"), "fill-opacity": 0.3, stroke: variable("env"), "stroke-width": 1.6, "stroke-dasharray": "6 3"})],
    rare: [s("rect", {x: 1, y: 2, width: 30, height: 12, fill: variable("env"), "fill-opacity": 0.14, stroke: variable("env"), "stroke-width": 2, "stroke-dasharray": ".1 4", "stroke-linecap": "round"})],
    domino: [path("M1 8h22", {stroke: variable("thermal"), "stroke-width": 2}), path("M20 2L31 8L20 14z", {fill: variable("thermal")})],
    range: [path("M1 8h30", {stroke: variable("closed"), "stroke-width": 2, "stroke-dasharray": "8 2 1.5 2"})],
    history: [path("M1 8h30", {stroke: variable("history"), "stroke-width": 2, "stroke-dasharray": "9 5"})],
    rescue: [path("M1 8h24", {stroke: variable("rescue"), "stroke-width": 4.5}), path("M20 2L31 8L20 14z", {fill: variable("rescue")})],
    evacuation: [path("M1 8h24", {stroke: variable("evac"), "stroke-width": 5.5}), path("M20 1L31 8L20 15z", {fill: variable("evac")})],
    review: [path("M1 8h24", {stroke: variable("warn"), "stroke-width": 4.5, "stroke-dasharray": "10 5"}), path("M20 2L31 8L20 14z", {fill: variable("warn")})],
    closed: [path("M5 4l8 8m0-8l-8 8M19 4l8 8m0-8l-8 8", {stroke: variable("closed"), "stroke-width": 2.6, "stroke-linecap": "round"})],
  }
  return s("svg", {class: "ic", width: 32, height: 16, fill: "none", "aria-hidden": "true"}, drawn[kind])
}
