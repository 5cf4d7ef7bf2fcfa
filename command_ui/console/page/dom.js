// How is a piece of the page made? Text enters only as text nodes, so no data can become markup.
const SVG = "http://www.w3.org/2000/svg"

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value)
    else if (name === "style" && typeof value === "object") {
      for (const [property, setting] of Object.entries(value)) node.style.setProperty(property, setting)
    } else node.setAttribute(name, value === true ? "" : String(value))
  }
  add(node, children)
  return node
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue
    node.append(child instanceof Node ? child : document.createTextNode(String(child)))
  }
}

export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children)
}

export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children)
}

export function renew(node, ...children) {
  const kept = document.createDocumentFragment()
  add(kept, children)
  node.replaceChildren(kept)
  return node
}

export function button(attributes, ...children) {
  return h("button", {type: "button", ...attributes}, ...children)
}

// The element that really has the focus, through nested shadow roots.
export function focused() {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active
}

export function isTyping(event) {
  const target = event.composedPath()[0]
  if (!(target instanceof HTMLElement)) return false
  // a slider takes the arrow keys, and nothing can be typed into it
  return target.isContentEditable || (["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) && target.type !== "range")
}
