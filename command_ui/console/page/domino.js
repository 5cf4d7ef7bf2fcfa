// Which other hazard sources does the fire or explosion reach, and which of them may carry it on?
import {h} from "./dom.js"
import {icon} from "./icons.js"
import {inWords, sayOr, textsOf} from "./speak.js"
import {tell} from "./bus.js"
import {distance, figure, minutes, unit} from "./format.js"

const right = {class: "r"}

export function dominoSection(model, scene, say) {
  const found = scene.domino
  if (!found) return null
  const rule = found.criteria.map((one) => say(one.code, one.values)).join(say("list.semicolon"))
  const doubt = found.criteria.some((one) => one.unverified) ? h("span", {class: "badge s b-warn"}, say("trust.unverified")) : null
  const soon = (one) => (!one.escalates ? h("span", {class: "t3"}, say("domino.below")) : one.kind === "blast" ? h("b", {class: "dg"}, say("domino.at_once")) : h("b", {class: "dg"}, say("domino.after", {minutes: minutes(one.after_s)})))
  return h("div", {class: "sec"},
    h("div", {class: "sh"}, icon("tank", 15), say("domino.title", {count: found.count}), doubt, h("div", {class: "sp"}), h("span", {class: "t3 s12 plain"}, rule)),
    found.status === "no_data" ? h("div", {class: "sentence"}, say("domino.no_data"))
      : !found.count ? h("div", {class: "sentence"}, say("domino.none"))
        : h("table", {}, h("tr", {}, h("th", {}, say("targets.name")), h("th", {}, say("domino.holds")), h("th", right, say("targets.distance")), h("th", right, say("domino.receives")), h("th", right, say("domino.fails"))),
          found.reached.map((one) => h("tr", {class: "hover press", onclick: () => tell("fly", {longitude: one.longitude, latitude: one.latitude, id: one.id, layer: "hazard_source"})},
            h("td", {}, h("span", {class: "cut block", title: `${one.enterprise_name ?? ""} ${one.name}`}, one.name)),
            h("td", {class: "t2"}, h("span", {class: "cut block"}, [inWords(one.substance, textsOf(model).lang), one.stock_t === null ? "" : `${figure(one.stock_t)} t`].filter(Boolean).join(" "))),
            h("td", {class: "r t2"}, distance(one.distance_m)), h("td", right, `${figure(one.value)} ${unit(one.unit)}`), h("td", right, soon(one))))),
    found.count > found.reached.length ? h("div", {class: "t3 s12 more"}, say("domino.more", {count: found.count - found.reached.length})) : null,
    found.notes.map((note) => h("div", {class: "t3 s12 more"}, sayOr(model, `note.${note.code}`, note.code, note.values))))
}
