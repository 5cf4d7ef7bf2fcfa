// How do marks leave the house, and how do they come in? Three kinds of file; what comes in is read on trial first.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"

const KINDS = [["geojson", "GeoJSON"], ["kml", "KML"], ["svg", "SVG"]]
const LARGEST = 1_000_000

function inBase64(bytes) {
  let text = ""
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768))
  return btoa(text)
}

export function markFiles(model, say, {send, done, href}) {
  const trial = h("div", {class: "plot-trial", role: "status", "aria-live": "polite"})
  let chosen = null

  async function read(event) {
    const file = event.target.files[0]
    event.target.value = ""
    if (!file) return
    if (file.size > LARGEST) { renew(trial, h("p", {class: "dg s12"}, say("mark.import.too_large"))); return }
    chosen = {name: file.name, content: inBase64(new Uint8Array(await file.arrayBuffer()))}
    send({...chosen, kind: "mark_file", trial: true})
  }

  function take(message) {
    if (message.fault) { renew(trial, h("p", {class: "dg s12"}, message.fault)); return }
    if (message.ids) {
      chosen = null
      done(say("mark.import.done", {count: message.ids.length}))
      renew(trial, h("p", {class: "okc s12"}, say("mark.import.done", {count: message.ids.length})))
      return
    }
    renew(trial, h("p", {class: "s12"}, chosen?.name ?? "", h("br"), say("mark.import.trial", {good: message.good, bad: message.bad})),
      message.faults?.length ? h("ul", {class: "s12 plot-faults"}, message.faults.map((one) => h("li", {}, one))) : null,
      message.good ? button({class: "btn p plot-import", onclick: () => send({...chosen, kind: "mark_file"})}, say("mark.import.take", {count: message.good})) : null)
    done("")
  }

  return {
    take,
    draw: (may) => h("div", {class: "plot-files"},
      h("b", {}, say("mark.export")), h("div", {class: "row g8"}, KINDS.map(([kind, name]) => h("a", {class: "btn", href: href(kind), download: ""}, icon("save", 14), name))),
      may ? [h("b", {}, say("mark.import")), h("label", {class: "btn plot-choose"}, icon("document", 14), say("mark.import.choose"), h("input", {type: "file", accept: ".geojson,.json,.kml,.svg", class: "plot-file", onchange: read})), trial] : null),
  }
}
