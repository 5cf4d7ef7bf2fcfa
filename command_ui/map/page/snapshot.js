// How does what I see become a picture? Map, labels, legend, scale, source, time and mode mark, all on one sheet.
import {colour, FONT} from "./palette.js"
import {now, stamp} from "./format.js"
import {tell} from "./bus.js"

const STRIP = 76

function asPicture(svg) {
  const text = new XMLSerializer().serializeToString(svg).replace(/var\(--om-(\w+)\)/g, (_, name) => colour(name))
  const withSpace = text.includes("xmlns=") ? text : text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')
  return new Promise((resolve, reject) => {
    const image = new Image()
    image.onload = () => resolve(image)
    image.onerror = reject
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(withSpace)}`
  })
}

async function legendOnto(c, rows, x, y) {
  let top = y
  for (const [swatch, text] of rows.flat()) {
    const svg = swatch.tagName === "svg" ? swatch : null
    if (svg) c.drawImage(await asPicture(svg), x, top)
    else {
      const canvas = swatch.querySelector("canvas")
      if (canvas) c.drawImage(canvas, x + 6, top - 2, 20, 20)
    }
    c.fillText(text, x + 42, top + 8)
    top += 22
  }
}

export async function snapshot({map, labels, legend, model, say, credit}) {
  const [width, height] = map.getSize(), ratio = 2
  const sheet = document.createElement("canvas")
  sheet.width = width * ratio
  sheet.height = (height + STRIP) * ratio
  const c = sheet.getContext("2d")
  c.scale(ratio, ratio)
  c.fillStyle = colour("mLand")
  c.fillRect(0, 0, width, height + STRIP)
  map.renderSync()
  for (const canvas of map.getViewport().querySelectorAll(".ol-layer canvas, canvas.ol-layer")) {
    if (canvas.width) c.drawImage(canvas, 0, 0, width, height)
  }
  c.drawImage(await asPicture(labels.overlay), 0, 0)
  const rows = legend.rows(), count = rows.flat().length
  c.fillStyle = colour("surface")
  c.globalAlpha = 0.94
  c.fillRect(width - 246, height - count * 22 - 22, 236, count * 22 + 12)
  c.globalAlpha = 1
  c.fillStyle = colour("text")
  c.font = `12px ${FONT}`
  c.textBaseline = "middle"
  await legendOnto(c, rows, width - 236, height - count * 22 - 14)
  c.fillStyle = colour("surface")
  c.fillRect(0, height, width, STRIP)
  c.fillStyle = colour("text")
  c.font = `700 16px ${FONT}`
  c.fillText(model.scene?.incident?.title ?? say("app.name"), 16, height + 22)
  c.font = `12px ${FONT}`
  c.fillStyle = colour("text2")
  c.fillText([say("snapshot.made", {time: stamp(now())}), model.scene?.run ? `${model.scene.run.short} ${stamp(model.scene.run.at)}` : ""].filter(Boolean).join("·"), 16, height + 44)
  c.fillText(`${credit.approval}·${credit.source}·CGCS2000`, 16, height + 62)
  if (model.mode !== "live") {
    c.save()
    c.globalAlpha = 0.16
    c.fillStyle = colour("drill")
    c.font = `700 42px ${FONT}`
    for (let x = 60; x < width; x += 320) for (let y = 120; y < height; y += 220) c.fillText(say(`mode.${model.mode}.mark`), x, y)
    c.restore()
  }
  sheet.toBlob((blob) => {
    const link = document.createElement("a")
    link.href = URL.createObjectURL(blob)
    link.download = `${say("snapshot.file")}-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "")}.png`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
    tell("toast", {code: "snapshot.done"})
  }, "image/png")
}
