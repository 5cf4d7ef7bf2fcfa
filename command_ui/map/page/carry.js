// What moves while a hand drags the map? The picture drawn last, with a margin round it: only its place changes.
//
// Without a graphics card every drawing of all layers costs more than a frame of 60 a second. So a drag draws the map
// once with a margin, pushes that picture about, and draws it anew when the margin is used up or it grows old.
import ViewHint from "ol/ViewHint.js"
import {getForViewAndSize} from "ol/extent.js"
import {create} from "ol/transform.js"

export const MARGIN_PX = 160
const OLDEST_MS = 400

// How far the picture drawn round `drawn.centre` has to be pushed to stand right round `centre`; null: it has to be drawn anew.
export function push(drawn, {centre, resolution, size, pixelRatio}, margin = MARGIN_PX) {
  if (!drawn || drawn.resolution !== resolution || drawn.pixelRatio !== pixelRatio || drawn.size[0] !== size[0] || drawn.size[1] !== size[1]) return null
  const whole = (px) => Math.round(px * pixelRatio) / pixelRatio // a picture between two pixels is a blurred one
  const across = whole((drawn.centre[0] - centre[0]) / resolution), down = whole((centre[1] - drawn.centre[1]) / resolution)
  return Math.max(Math.abs(across), Math.abs(down)) <= margin ? [across, down] : null
}

// `allowed` says no while something on the map is cut by pixels of the window (the line between two base maps).
export function carry(map, allowed = () => true) {
  const renderer = map.getRenderer(), draw = renderer.renderFrame.bind(renderer)
  const sheet = map.getViewport().querySelector(".ol-layers")
  let drawn = null, before = null

  // The picture with its margin: the same frame for a larger window.
  function wide(frame, stand) {
    const size = frame.size.map((px) => px + 2 * MARGIN_PX), {center, resolution, rotation} = frame.viewState
    const larger = {...frame, size, extent: getForViewAndSize(center, resolution, rotation, size), coordinateToPixelTransform: create(), pixelToCoordinateTransform: create()}
    draw(larger)
    frame.animate ||= larger.animate
    drawn = {...stand, at: frame.time, wanted: frame.wantedTiles, used: frame.usedTiles}
  }

  renderer.renderFrame = (frame) => {
    const stand = frame && {centre: frame.viewState.center, resolution: frame.viewState.resolution, size: frame.size, pixelRatio: frame.pixelRatio}
    const moved = before && stand && before.resolution === stand.resolution && (before.centre[0] !== stand.centre[0] || before.centre[1] !== stand.centre[1])
    const held = frame && (frame.viewHints[ViewHint.INTERACTING] > 0 || frame.viewHints[ViewHint.ANIMATING] > 0) && !frame.viewState.rotation
    before = stand
    // A frame asked for without a move has something new to show; so has one after a zoom.
    if (!held || !(moved || drawn) || !allowed()) {
      if (drawn) sheet.style.transform = ""
      drawn = null
      return draw(frame)
    }
    let by = moved && drawn && frame.time - drawn.at < OLDEST_MS ? push(drawn, stand) : null
    if (by) {
      // What the map knows of its frame stays true: places and pixels, and the tiles still on their way.
      renderer.calculateMatrices2D(frame)
      Object.assign(frame.wantedTiles, drawn.wanted)
      Object.assign(frame.usedTiles, drawn.used)
    } else {
      wide(frame, stand)
      renderer.calculateMatrices2D(frame)
      by = [0, 0]
    }
    sheet.style.transform = `translate(${by[0] - MARGIN_PX}px, ${by[1] - MARGIN_PX}px)`
  }
}
