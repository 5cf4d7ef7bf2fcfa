// Which crossings must the traffic police guard so that nobody drives in? The fewest, numbered, to copy and to take away.
import {h, button} from "./dom.js"
import {icon} from "./icons.js"
import {sayOr} from "./speak.js"
import {tell} from "./bus.js"
import {cell} from "./csvcell.js"

const SHORT = 5

export function guardPanel(model, say, redraw) {
  let all = false, onMap = false

  const title = (one) => one.name || sayOr(model, `road.${one.class}`, say("closure.unnamed_road"))

  function table() {
    const rows = (model.scene.guards ?? []).map((one) => [one.number, cell(say(`guard.${one.kind}`)), cell(title(one)), one.longitude.toFixed(6), one.latitude.toFixed(6)].join(","))
    return [say("guard.columns"), ...rows].join("\r\n")
  }

  async function copy() {
    const text = table()
    if (navigator.clipboard && window.isSecureContext) await navigator.clipboard.writeText(text)
    else {
      // Plain http has no clipboard: the old way through a field.
      const field = h("textarea", {}, text)
      document.body.append(field)
      field.select()
      document.execCommand("copy")
      field.remove()
    }
    tell("toast", {code: "guard.copied"})
  }

  function csv() {
    const link = document.createElement("a")
    link.href = URL.createObjectURL(new Blob(["\ufeff", table()], {type: "text/csv;charset=utf-8"})) // the mark lets a spreadsheet read Chinese
    link.download = `${say("guard.file")}-${model.scene.incident.number}.csv`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }

  function show() {
    onMap = !onMap
    tell("guard", {on: onMap})
    redraw()
  }

  return {
    draw() {
      const guards = model.scene.guards ?? []
      if (!guards.length) return null
      const light = (number) => () => tell("guard", {on: true, number}), dark = () => tell("guard", {on: onMap})
      return h("div", {class: "sec guards"},
        h("div", {class: "sh"}, icon("flag", 15), say("guard.title"), h("span", {class: "t3 s12 plain"}, say("guard.note", {count: guards.length})), h("div", {class: "sp"}),
          button({class: `ib small${onMap ? " on" : ""}`, "aria-pressed": String(onMap), title: say("guard.legend"), "aria-label": say("guard.legend"), onclick: show}, icon(onMap ? "eye" : "hidden", 16)),
          button({class: "btn s", onclick: copy}, say("guard.copy")), button({class: "btn s", onclick: csv}, say("guard.csv"))),
        h("table", {}, (all ? guards : guards.slice(0, SHORT)).map((one) => h("tr", {class: "hover press", "data-guard": one.number, tabindex: 0, onmouseenter: light(one.number), onmouseleave: dark, onfocus: light(one.number), onblur: dark,
          onclick: () => tell("fly", {longitude: one.longitude, latitude: one.latitude, id: one.number, layer: "guards"})},
          h("td", {class: "guard-no"}, h("span", {class: "guard-ball"}, one.number)), h("td", {}, h("span", {class: "cut guard-name", title: title(one)}, title(one))), h("td", {class: "r t2"}, say(`guard.${one.kind}`))))),
        guards.length > SHORT ? button({class: "more s12 pr", "aria-expanded": String(all), onclick: () => { all = !all; redraw() }}, all ? say("team.fewer") : say("guard.more", {count: guards.length - SHORT})) : null)
    },
  }
}
