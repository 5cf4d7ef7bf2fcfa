// What lies under everything else? Our own vector map, or a national one with ours wherever its tiles are missing.
import {matrixFor, nationalLayer} from "./nationaltiles.js"
import {viewOn} from "./grids.js"
import {swipe} from "./swipe.js"
import {credited} from "./credit.js"

const KEY = "onemap.basemap"
const GOOD = new Set(["ok", null, undefined])

function remembered() {
  try { return JSON.parse(window.localStorage.getItem(KEY) ?? "{}") } catch { return {} }
}

export function ground(map, model, say, base, changed) {
  const wish = {choice: "own", labels: true, grid: "w", ...remembered(), other: null}
  const line = swipe(map, say)
  const drawn = {left: [], right: []}

  const choices = () => model.basemaps?.choices ?? []
  const find = (id) => choices().find((one) => one.id === id)
  const nodeOf = (id) => (model.basemaps?.nodes ?? []).find((one) => one.id === find(id)?.node)
  const chosen = (side) => (side === "left" ? (find(wish.choice) ? wish.choice : "own") : wish.other)
  // Tiles are missing when one failed, or when the publisher is known not to answer: then ours is drawn at once.
  const troubled = (side) => chosen(side) !== "own" && chosen(side) !== null && (!GOOD.has(nodeOf(chosen(side))?.state) || drawn[side].some((one) => one.missing()))

  function build(side) {
    drawn[side].splice(0).forEach((one) => { one.end(); map.removeLayer(one.drawn) })
    const choice = find(chosen(side))
    if (!choice) return
    choice.layers.forEach((layer, order) => {
      if (order && !wish.labels) return
      const one = nationalLayer(layer, wish.grid, order ? 2.5 : 1, () => { own(); changed() })
      drawn[side].push(one)
      map.addLayer(one.drawn)
    })
  }

  // Ours is seen on the sides that chose it and on those whose tiles are missing.
  function own() {
    const here = {left: chosen("left") === "own" || troubled("left"), right: wish.other !== null && (wish.other === "own" || troubled("right"))}
    base.ground.setVisible(here.left || here.right)
    base.names.setVisible(here.left || here.right)
    const sides = new Map()
    if (wish.other !== null) {
      for (const side of ["left", "right"]) drawn[side].forEach((one) => sides.set(one.drawn, side))
      if (here.left !== here.right) [base.ground, base.names].forEach((layer) => sides.set(layer, here.left ? "left" : "right"))
    }
    line.cut(sides)
  }

  function draw(...sides) {
    sides.forEach(build)
    own()
    changed()
  }

  function keep(change) {
    Object.assign(wish, change)
    window.localStorage.setItem(KEY, JSON.stringify({choice: wish.choice, labels: wish.labels, grid: wish.grid}))
  }

  function view(grid) {
    const now = map.getView()
    const at = {center: now.getCenter(), zoom: now.getZoom()}
    map.setView(viewOn(grid, at))
  }

  // Whole screens without a missing tile: ours may step back.
  map.on("loadend", () => { own() })

  // Above its highest level a map is only blown up: that must be said, or the terrain is taken for precise.
  const beyond = () => {
    const highest = find(chosen("left"))?.layers[0].highest
    return highest !== undefined && map.getView().getZoom() > highest + 0.6 ? highest : null
  }
  let said = null
  map.on("moveend", () => { if (beyond() !== said) { said = beyond(); changed() } })

  let states = ""
  function heard() {
    const now = JSON.stringify((model.basemaps?.nodes ?? []).map((one) => [one.id, one.state]))
    if (now === states) return
    states = now
    for (const side of ["left", "right"]) if (GOOD.has(nodeOf(chosen(side))?.state)) drawn[side].forEach((one) => one.again())
    own()
    changed()
  }

  if (wish.grid === "c") view("c")
  return {
    line, choices, heard, troubled, nodeOf, beyond, wish: () => ({...wish, choice: chosen("left")}),
    start: () => draw("left"),
    choose: (choice) => { keep({choice}); draw("left") },
    label: (labels) => { keep({labels}); draw("left", "right") },
    compare: (other) => { wish.other = other; draw("right") },
    grid(grid) {
      if (grid === wish.grid) return
      keep({grid})
      view(grid)
      draw("left", "right")
    },
    // From a link of somebody else's house: a map that is not offered here leaves the choice as it is.
    adopt(choice, grid) {
      if (grid !== wish.grid) { keep({grid}); view(grid) }
      if (choice === "own" || find(choice)) keep({choice})
      draw("left", "right")
    },
    bent: () => Boolean(find(chosen("left"))?.layers.some((layer) => matrixFor(layer, wish.grid) !== wish.grid)),
    // What must stand at the bottom left: number and source of each map that is drawn, ours too where it fills what is missing.
    credit() {
      const sides = wish.other === null ? ["left"] : ["left", "right"]
      const shown = new Set(sides.flatMap((side) => [chosen(side), ...(troubled(side) ? ["own"] : [])]))
      return credited(model, say, [...shown])
    },
  }
}
