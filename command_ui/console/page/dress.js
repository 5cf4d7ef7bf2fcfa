// Where do a component's styles come from? From the bundle: one constructed sheet shared by every shadow root.
import {tokenSheet, componentSheet} from "./sheets.js"

let shared = null

export function dress(view) {
  shared ??= (() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(componentSheet)
    return sheet
  })()
  const root = view.shadow_el
  if (root instanceof ShadowRoot && !root.adoptedStyleSheets.includes(shared)) root.adoptedStyleSheets.push(shared)
}

export function dressDocument(theme) {
  if (!document.getElementById("onemap-tokens")) {
    const style = document.createElement("style")
    style.id = "onemap-tokens"
    style.textContent = tokenSheet
    document.head.append(style)
  }
  document.documentElement.dataset.theme = theme
}
