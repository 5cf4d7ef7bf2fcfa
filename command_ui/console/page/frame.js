// What holds the parts of the desk? One full-window grid, with what lies around every page.
import {h} from "./dom.js"
import {speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {surround} from "./surround.js"
import {liveLine} from "./liveline.js"

export function render({model, view}) {
  dress(view)
  const say = speaker(model)
  const life = lifetime(model)
  // The areas are landmarks: a screen reader jumps between them as the eye does.
  const areas = [["bar", "header"], ["queue", "aside"], ["map", "main"], ["timeline", "section"], ["inspector", "aside"], ["consult", "aside"]].map(([name, tag]) =>
    h(tag, {class: `area area-${name}`, "data-area": name}, model.get_child(name)))
  const label = () => { for (const area of areas) area.setAttribute("aria-label", say(`area.${area.dataset.area}`)) }
  model.on("texts", label)
  label()
  const docked = h("section", {class: "area-dialog"}, model.get_child("dialog"))
  const app = h("div", {class: "app"}, areas, docked, surround({model, view, say, life, title: () => say("app.window")}))

  life.hear("consult.mode", ({on, open, presenting, folded}) => {
    for (const [name, is] of [["consulting", on], ["consult-open", open], ["presents", on && presenting], ["consult-folded", on && folded]]) app.classList.toggle(name, Boolean(is))
  })
  liveLine(model, life)
  life.hear("fold", () => app.classList.toggle("folded"))
  const folds = window.matchMedia("(max-width: 1400px)")
  app.classList.toggle("folded", folds.matches)
  life.on(folds, "change", () => app.classList.toggle("folded", folds.matches))
  document.getElementById("onemap-splash")?.remove()
  return app
}
