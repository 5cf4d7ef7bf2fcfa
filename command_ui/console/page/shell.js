// What holds the parts of a page that is not the desk? The app bar and the page's own parts side by side below it.
import {h} from "./dom.js"
import {speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {surround} from "./surround.js"

export function render({model, view}) {
  dress(view)
  const say = speaker(model)
  const life = lifetime(model)
  const parts = model.get_child("main")
  const app = h("div", {class: `app shell shell-${model.page}${model.bar ? "" : " bare"}`},
    model.bar ? h("header", {class: "area area-bar"}, model.get_child("bar")) : null,
    h("main", {class: "area area-main"}, parts),
    surround({model, view, say, life, title: () => `${say(`page.${model.page}`)} · ${say("app.name")}`}))
  document.getElementById("onemap-splash")?.remove()
  return app
}
