// Which colour does a token have now? The map draws on canvas, where CSS variables do not reach.
import {tokens} from "./tokens.js"

let theme = "dark"

export function setTheme(name) {
  theme = name in tokens.color ? name : "dark"
}

export function colour(token) {
  return tokens.color[theme][token] ?? token
}

export function faded(token, opacity) {
  const hex = colour(token)
  const channel = (at) => parseInt(hex.slice(at, at + 2), 16)
  return `rgba(${channel(1)},${channel(3)},${channel(5)},${opacity})`
}

export const themeName = () => theme
export const FONT = tokens.font.family.map((name) => (name.includes(" ") ? `'${name}'` : name)).join(", ")
