// What does one mark say? Its words, turn, time and order; what was typed stays until it is saved or put away.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {signPicture} from "./plotpicture.js"
import {nameIn} from "./plotsigns.js"
import {stamp} from "./format.js"
import {restored, unsent} from "./unsent.js"

const HOURS = [1, 2, 6, 12, 24, 72]

export function markForm(table, say, lang, act) {
  const node = h("form", {class: "plot-form", hidden: true, onsubmit: (event) => { event.preventDefault(); save() }})
  let mark = null, typed = {}, busy = false, mayDraw = false, found = null
  const left = () => unsent(`mark-${mark.id}`, act.incident())

  const keep = (name, number = false) => (event) => { typed[name] = number ? Number(event.target.value) : event.target.value; left().keep(typed); if (name === "opacity") event.target.title = `${event.target.value}%` }
  const field = (label, control) => h("label", {class: "plot-field"}, h("span", {class: "t2 s12"}, say(label)), control)
  const value = (name) => (name in typed ? typed[name] : mark[name] ?? "")

  function input(name, hint, most) {
    const made = h("input", {class: "field", maxlength: most, placeholder: hint ? say(hint) : null, disabled: mayDraw ? null : true, oninput: keep(name)})
    made.value = value(name)
    return made
  }

  function select(name, options) {
    const made = h("select", {class: "field", disabled: mayDraw ? null : true, onchange: keep(name)}, options.map(([of, text]) => h("option", {value: of}, text)))
    made.value = value(name)
    return made
  }

  function save() {
    if (!mark || busy) return
    const {until_choice: choice, opacity, ...rest} = typed
    const time = choice === undefined || choice === "kept" ? {} : choice === "open" ? {until: null} : {until: null, until_s: Number(choice) * 3600}
    act.save(mark, {...rest, ...time, ...(opacity === undefined ? {} : {opacity: opacity / 100})})
  }

  function draw() {
    node.hidden = !mark
    if (!mark) return
    const sign = table.get(mark.symbol), point = sign.kind === "point"
    const until = h("select", {class: "field", disabled: mayDraw ? null : true, onchange: keep("until_choice")}, mark.until ? h("option", {value: "kept"}, say("mark.until.kept", {time: stamp(mark.until)})) : null,
      h("option", {value: "open"}, say("mark.until.open")), HOURS.map((one) => h("option", {value: one}, say("mark.until.hours", {value: one}))))
    until.value = typed.until_choice ?? (mark.until ? "kept" : "open")
    const opacity = h("input", {type: "range", min: 20, max: 100, step: 5, disabled: mayDraw ? null : true, oninput: keep("opacity", true)})
    opacity.value = "opacity" in typed ? typed.opacity : Math.round((mark.opacity ?? 1) * 100)
    const turn = h("input", {class: "field", type: "number", min: 0, max: 359, step: 15, disabled: mayDraw ? null : true, oninput: keep("rotation_deg", true)})
    turn.value = value("rotation_deg") || 0
    renew(node,
      h("div", {class: "row g8"}, signPicture(table, mark.symbol, 28), h("b", {class: "cut sp"}, nameIn(sign, lang())), h("span", {class: "t3 s12"}, mark.version ? say("mark.version", {version: mark.version}) : say("mark.own")),
        button({class: "ib small", "aria-label": say("common.close"), onclick: act.close}, icon("cross", 14))),
      mayDraw ? restored(say, found, () => { left().drop(); typed = {}; found = null; draw() }) : null,
      mark.by ? h("div", {class: "t3 s12 cut"}, say("mark.by", {name: mark.by, time: stamp(mark.at)})) : null,
      field("mark.label", input("label", "mark.label.hint", 24)),
      sign.subtypes.length ? field("mark.subtype", select("subtype", [["", say("mark.subtype.none")], ...sign.subtypes.map((one) => [one, one])])) : null,
      field("mark.text", input("text", "mark.text.hint", 500)),
      h("div", {class: "plot-pair"}, field("mark.until", until), point ? field("mark.rotation", turn) : null),
      h("div", {class: "plot-pair"}, field("mark.order", input("order_id", "mark.order.hint", 80)), field("mark.opacity", opacity)),
      mayDraw ? h("div", {class: "row g8 wrap"}, h("button", {type: "submit", class: "btn p sp plot-save", disabled: busy || null}, say("mark.save")),
        mark.standing === "own" ? button({class: "btn", onclick: () => act.show(mark)}, say("mark.show")) : null,
        mark.standing !== "kept" ? button({class: "btn plot-keep", onclick: () => act.keep(mark)}, say("mark.keep")) : null,
        point ? button({class: "btn", title: say("mark.centre"), "aria-label": say("mark.centre"), onclick: () => act.centre(mark)}, icon("locate", 14)) : null,
        button({class: "btn plot-remove", onclick: () => act.remove(mark)}, say(mark.standing === "own" ? "mark.drop" : "mark.remove"))) : null)
  }

  return {
    node,
    open(one, may) {
      const other = mark?.id !== one.id
      mark = one
      mayDraw = may
      if (other) { found = may ? left().read() : null; typed = {...found?.value} }
      draw()
    },
    // News of the same mark: what is being typed stays.
    news(one) { if (mark && one && (one.version !== mark.version || one.standing !== mark.standing)) { mark = one; if (!Object.keys(typed).length && !node.contains(node.getRootNode().activeElement)) draw(); else mark = one } },
    saved() { if (mark) left().drop(); typed = {}; found = null; draw() },
    close() { mark = null; typed = {}; found = null; draw() },
    busy(now) { busy = now; const save = node.querySelector(".plot-save"); if (save) save.disabled = now },
    mark: () => mark,
    speak: draw,
    focus: () => node.querySelector("input")?.focus(),
  }
}
