// Which little pictures does the page use? All drawn here on a 24 px grid; nothing is fetched.
import {s} from "./dom.js"

const circle = (cx, cy, r) => ["circle", {cx, cy, r}]
const rect = (x, y, width, height, rx) => ["rect", {x, y, width, height, rx}]
const path = (d) => ["path", {d}]

export const SHAPES = {
  menu: [path("M3 6h18M3 12h18M3 18h18")],
  layers: [path("M12 3l9 5-9 5-9-5z"), path("M3 12.5l9 5 9-5M3 17l9 5 9-5")],
  person: [circle(12, 8, 4), path("M4 21c1-5 4-7 8-7s7 2 8 7")],
  people: [circle(9, 8, 3.4), path("M2.5 20c.6-4.4 3-6.3 6.5-6.3s5.9 1.9 6.5 6.3"),
    path("M15.5 5a3.2 3.2 0 010 6.2M17.5 14.2c2.3.8 3.6 2.7 4 5.8")],
  bell: [path("M6 16V10a6 6 0 0112 0v6l2 2H4z"), path("M10 20.5h4")],
  warning: [path("M12 3l10 18H2z"), path("M12 10v5M12 17.6v.6")],
  check: [path("M4 12.5l5.5 5.5L20 6.5")],
  link: [path("M10 14a4 4 0 005.7 0l4-4a4 4 0 00-5.7-5.7L12.5 6M14 10a4 4 0 00-5.7 0l-4 4a4 4 0 005.7 5.7L11.5 18")],
  plus: [path("M12 5v14M5 12h14")],
  minus: [path("M5 12h14")],
  report: [path("M6 3h9l4 4v14H6z"), path("M15 3v4h4M9 12h7M9 15.5h7M9 8.5h3")],
  document: [path("M6 3h8l4 4v14H6z"), path("M9 11h6M9 15h6")],
  book: [path("M4 4h7a2 2 0 011 1.700V20a2 2 0 00-1-1H4zM20 4h-7a2 2 0 00-1 1.700V20a2 2 0 011-1h7z")],
  left: [path("M15 5l-7 7 7 7")],
  search: [circle(11, 11, 6.5), path("M16 16l5 5")],
  locate: [circle(12, 12, 6), path("M12 2v4M12 18v4M2 12h4M18 12h4")],
  measure: [path("M3 16L16 3l5 5L8 21z"), path("M7 12l2 2M10 9l2.5 2.5M13 6l2 2")],
  range: [circle(12, 12, 8.5), circle(12, 12, 3)],
  camera: [path("M3 7h4l2-3h6l2 3h4v13H3z"), circle(12, 13, 4)],
  down: [path("M5 9l7 7 7-7")],
  right: [path("M9 5l7 7-7 7")],
  clock: [circle(12, 12, 9), path("M12 7v5l3.5 2")],
  previous: [path("M19 5l-9 7 9 7zM6 5v14")],
  next: [path("M5 5l9 7-9 7zM18 5v14")],
  pause: [path("M8 5v14M16 5v14")],
  play: [path("M7 4.5l12 7.5-12 7.5z")],
  redo: [path("M20 11a8 8 0 10-2 6M20 5v6h-6")],
  school: [path("M2 9l10-5 10 5-10 5z"), path("M6 11.5V17c3 2.5 9 2.5 12 0v-5.5")],
  hospital: [rect(4, 4, 16, 16, 2), path("M12 8v8M8 12h8")],
  route: [circle(6, 19, 2.2), circle(18, 5, 2.2), path("M8.3 19H15a4 4 0 000-8H9a3.5 3.5 0 010-6h6.6")],
  shelter: [path("M3 11l9-8 9 8M6 9.5V20h12V9.5")],
  cross: [path("M5 5l14 14M19 5L5 19")],
  eye: [path("M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7z"), circle(12, 12, 3)],
  hidden: [path("M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7z"), path("M4 3l16 18")],
  truck: [path("M2 6h12v11H2zM14 10h4l4 4v3h-8z"), circle(7, 18, 2), circle(17.5, 18, 2)],
  toxic: [path("M12 3a8 8 0 00-8 8c0 3 1.5 5 3.5 6v3h9v-3c2-1 3.5-3 3.5-6a8 8 0 00-8-8z"),
    circle(9, 11.5, 1.6), circle(15, 11.5, 1.6), path("M11 20v-2M13 20v-2")],
  tank: [path("M7 6h10v14H7z"), path("M9.5 6V3.5h5V6M7 11h10")],
  store: [path("M3 20V9l9-5 9 5v11"), path("M7 20v-8h10v8M7 16h10")],
  plant: [path("M3 20V9l6 4V9l6 4V4h5v16z")],
  flag: [path("M5 21V4h12l-2 4 2 4H5")],
  pin: [path("M12 21c4.5-5 7-8.200 7-11.5a7 7 0 00-14 0C5 12.800 7.5 16 12 21z"), circle(12, 9.5, 2.5)],
  sun: [circle(12, 12, 4), path("M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2")],
  moon: [path("M20 14a8.5 8.5 0 01-10-10 8.5 8.5 0 1010 10z")],
  globe: [circle(12, 12, 9), path("M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18")],
  keyboard: [rect(2, 6, 20, 12, 2), path("M6 10h.5M10 10h.5M14 10h.5M18 10h.5M7 14h10")],
  leave: [path("M14 4H5v16h9"), path("M10 12h11M17 8l4 4-4 4")],
  wall: [rect(2, 4, 20, 13, 1.5), path("M8 21h8M12 17v4M8 4v13M16 4v13")],
  barrier: [rect(3, 8, 18, 6, 1), path("M7 14l3-6M13 14l3-6M6 14v6M18 14v6")],
  area: [path("M5 6l13-2 2 13-9 4-8-6z")],
  nodes: [path("M6 6l12 3-3 10z"), rect(4, 4, 4, 4, 1), rect(16, 7, 4, 4, 1), rect(13, 17, 4, 4, 1)],
  undo: [path("M4 11a8 8 0 112 6M4 5v6h6")],
  printer: [path("M7 8V3h10v5M7 17H4v-8h16v8h-3"), rect(7, 14, 10, 7, 0.5)],
  pencil: [path("M4 20l1-4.500L16.500 4a2 2 0 013.500 3.500L8.500 19z"), path("M14.500 6l3.500 3.500")],
  send: [path("M4 12h13M12 6l6 6-6 6")],
  save: [path("M12 4v11M7 10l5 5 5-5M4 20h16")],
  unplugged: [path("M9 3v5M15 3v5M6 8h12v3a6 6 0 01-6 6 6 6 0 01-3-.8M12 17v4"), path("M3 4l17 17")],
  table: [rect(3, 4, 18, 16, 2), path("M3 9.500h18M3 15h18M9 9.500V20")],
  phone: [path("M6 3h4l1.500 5-2.500 2a13 13 0 005 5l2-2.500 5 1.500v4a2 2 0 01-2 2C10.500 20 4 13.500 4 5a2 2 0 012-2z")],
  wind: [path("M3 8h11a3 3 0 10-3-3M3 13h15a3 3 0 11-3 3M3 18h7")],
}

export function icon(name, size = 18, width = 1.9) {
  const shapes = SHAPES[name] ?? SHAPES.document
  return s("svg", {
    class: "ic", width: size, height: size, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor",
    "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  }, shapes.map(([tag, attributes]) => s(tag, attributes)))
}
