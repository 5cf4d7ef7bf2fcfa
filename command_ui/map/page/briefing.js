// How does the situation leave the room? As one HTML file the server writes; the browser saves it.
import {h} from "./dom.js"
import {tell} from "./bus.js"

export function takeBriefing(model) {
  const one = model.scene?.incident
  if (!one) {
    tell("toast", {code: "brief.none", tone: "danger"})
    return
  }
  // A link and not fetch: the file goes to the browser's downloads with the name the server gives it.
  const link = h("a", {href: `/api/v1/incidents/${one.id}/briefing?language=${document.documentElement.lang === "en" ? "en" : "zh"}`, download: ""})
  document.body.append(link)
  link.click()
  link.remove()
  tell("toast", {code: "brief.coming"})
}
