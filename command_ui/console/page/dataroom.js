// What do we hold, how good is it, and how does more come in? The layer tree at the left, five views of it at the right.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {speaker} from "./speak.js"
import {lifetime} from "./bus.js"
import {dress} from "./dress.js"
import {caller} from "./datacalls.js"
import {dataTree} from "./datatree.js"
import {dataImport} from "./dataimport.js"
import {dataQuality} from "./dataquality.js"
import {dataRows} from "./datarows.js"
import {dataRisk} from "./datarisk.js"
import {dataMend} from "./datamend.js"
import {layerChoice} from "./layerchoice.js"

const TABS = [["quality", "check"], ["mend", "pencil"], ["import", "save"], ["rows", "table"]]

export function render({model, view}) {
  dress(view)
  const say = speaker(model), life = lifetime(model), calls = caller(model)
  const tabs = h("div", {class: "tabs data-tabs", role: "tablist"}), main = h("section", {class: "data-main"})
  let tab = new URLSearchParams(window.location.search).get("tab") ?? "quality"
  // The eye and the strength of a layer are the person's: the duty map has the same.
  const choice = layerChoice(model), named = (key) => (model.layers ?? []).find((one) => one.key === key) ?? {key}
  const keep = (key, change) => choice.keep({[key]: {shown: choice.shown(named(key)), opacity: choice.opacity(named(key)), only: choice.only(named(key)), ...change}})
  let fading = 0
  const room = {
    scores: {}, layer: new URLSearchParams(window.location.search).get("layer") ?? "enterprise",
    shown: {has: (key) => choice.shown(named(key))},
    opacity: {get: (key) => Math.round(choice.opacity(named(key)) * 100)},
    choose(key) { room.layer = key; room.tree.draw(); views.rows.draw() },
    toggle(key) { keep(key, {shown: !choice.shown(named(key))}); room.tree.draw(); views.quality.layers() },
    fade(key, percent) { clearTimeout(fading); fading = setTimeout(() => { keep(key, {opacity: percent / 100}); views.quality.layers() }, 120) },
    only: (key) => choice.only(named(key)),
    onMap(key, only) { keep(key, {shown: true, only}); room.tree.draw(); views.quality.layers() },
    changed() { model.send_msg({kind: "refresh"}); views.quality.pull() },
  }
  room.risk = dataRisk(model, say, calls, room)
  room.tree = dataTree(model, say, room)
  const mend = dataMend(model, say, calls, room)
  room.mend = mend
  const views = {quality: dataQuality(model, say, calls, room), mend, import: dataImport(model, say, calls, room), rows: dataRows(model, say, calls, room)}
  const node = h("div", {class: "panel dataroom"}, room.tree.node, h("div", {class: "data-body"}, tabs, main))

  function turn(name) {
    tab = name
    window.history.replaceState(null, "", `/data?tab=${name}`)
    drawTabs()
    renew(main, views[tab].node)
    views.quality.map.resize()
    if (name === "mend") mend.pull()
  }

  function drawTabs() {
    renew(tabs, TABS.map(([name, picture]) => button({class: `tab${tab === name ? " on" : ""}`, role: "tab", "aria-selected": String(tab === name), onclick: () => turn(name)}, icon(picture, 16), say(`data.tab.${name}`))))
  }

  function draw() {
    drawTabs()
    room.tree.draw()
    for (const one of Object.values(views)) one.draw()
    views.quality.layers()
  }

  if (!(tab in views)) tab = "quality"
  model.on(["texts", "layers", "columns"], draw)
  // Titles of columns and the words of a finding come from the server in the language they were asked for.
  model.on("language", () => { views.rows.pull(); views.quality.pull() })
  model.on("home", () => views.quality.map.home())
  model.on("theme", () => views.quality.map.paint())
  life.then(() => { views.quality.map.end(); mend.end(); room.risk.end() })
  draw()
  views.quality.map.paint()
  turn(tab)
  views.quality.pull()
  mend.pull().then(() => views.quality.draw())
  views.import.load()
  return node
}
