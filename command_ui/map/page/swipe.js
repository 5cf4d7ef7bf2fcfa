// Which of two base maps is the better one here? A line to drag, one map on each side of it.
import {getRenderPixel} from "ol/render.js"
import {h} from "./dom.js"

const STEP = 0.02

export function swipe(map, say) {
  const line = h("div", {class: "swipe", role: "slider", tabindex: 0, hidden: true, "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100}, h("span", {class: "swipe-grip", "aria-hidden": "true"}, "◂▸"))
  let share = 0.5, sides = new Map()

  function place() {
    line.style.left = `${share * 100}%`
    line.setAttribute("aria-valuenow", Math.round(share * 100))
    line.setAttribute("aria-label", say("basemap.swipe.handle"))
    map.render()
  }

  function move(to) {
    share = Math.min(0.98, Math.max(0.02, to))
    place()
  }

  function clip(event) {
    const side = sides.get(event.target), c = event.context
    if (!side || line.hidden || !c?.save) return
    const [width, height] = map.getSize(), x = width * share
    const [from, to] = side === "left" ? [0, x] : [x, width]
    const corners = [[from, 0], [to, 0], [to, height], [from, height]].map((pixel) => getRenderPixel(event, pixel))
    c.save()
    c.beginPath()
    corners.forEach(([px, py], index) => (index ? c.lineTo(px, py) : c.moveTo(px, py)))
    c.closePath()
    c.clip()
  }

  function release(event) {
    if (sides.get(event.target) && !line.hidden) event.context?.restore?.()
  }

  line.addEventListener("pointerdown", (event) => { event.preventDefault(); line.focus(); line.setPointerCapture(event.pointerId) })
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return
    const frame = map.getTargetElement().getBoundingClientRect()
    move((event.clientX - frame.left) / frame.width)
  })
  line.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -STEP, ArrowRight: STEP, PageUp: -0.1, PageDown: 0.1}[event.key]
    if (step) { event.preventDefault(); event.stopPropagation(); move(share + step) }
  })

  return {
    node: line, draw: place, share: () => share, isOn: () => !line.hidden,
    // `chosen`: layer -> "left" | "right"; a layer that is on both sides, or on none, is not cut.
    cut(chosen) {
      for (const layer of sides.keys()) { layer.un("prerender", clip); layer.un("postrender", release) }
      sides = chosen
      for (const layer of sides.keys()) { layer.on("prerender", clip); layer.on("postrender", release) }
      line.hidden = !chosen.size
      place()
    },
  }
}
