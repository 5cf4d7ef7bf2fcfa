// How does the report look on paper? The same order and marks as the print, light in every theme.
import {h} from "./dom.js"

export function paperSheet(model, say) {
  const paper = model.paper, mark = say(`mode.${model.mode}.mark`)
  const line = (one, field) => h("p", {class: one.changed ? "changed" : ""}, one.changed ? h("b", {class: "up"}, "▲") : null, one.changed ? h("u", {}, one.text) : one.text,
    h("sup", {}, one.sources.length ? ` [${one.sources.join(",")}]` : field.edited || field.by_hand ? ` [${say("paper.by_hand")}]` : ""),
    one.was ? h("span", {class: "was"}, say("paper.was", {text: one.was})) : null)
  return h("article", {class: "paper", "aria-label": say("report.preview")},
    mark ? h("div", {class: "paper-mark", "aria-hidden": "true"}, mark) : null,
    mark ? h("div", {class: "paper-note"}, `${mark} · ${say("paper.drill.note")}`) : null,
    h("div", {class: "paper-issuer"}, paper.issuer),
    h("div", {class: "row"}, h("span", {}, say("paper.number", {number: paper.number})), h("span", {class: "sp"}), h("span", {}, `${say("paper.signer")}${say("paper.colon")}${paper.signer || say("paper.not_filled")}`)),
    h("hr", {}),
    h("h2", {}, paper.title), h("div", {class: "paper-stage"}, say("paper.stage", {stage: paper.stage_text})),
    h("div", {class: "paper-to"}, `${say("paper.to")}${say("paper.colon")}${paper.sent_to || say("paper.not_filled")}`),
    paper.since ? h("div", {class: "paper-small"}, say("paper.since", {last: paper.since})) : null,
    paper.fields.map((field, index) => [
      h("h3", {}, field.block ? `${field.block} ` : model.language === "en" ? `${index + 1}. ` : `${say(`report.numeral.${index + 1}`)}、`, field.title),
      field.lines.length ? field.lines.map((one) => line(one, field)) : h("p", {}, say(field.needed ? "paper.not_filled" : "paper.none"))]),
    paper.history.length ? [h("h3", {}, say("paper.history")), h("table", {}, h("thead", {}, h("tr", {}, ["paper.history.report", "paper.history.at", "paper.toll.dead", "paper.toll.seriously", "paper.toll.slightly", "paper.toll.missing", "paper.toll.trapped"].map((code) => h("th", {}, say(code))))),
      h("tbody", {}, paper.history.map(([name, at, counts]) => h("tr", {}, [name, at, ...counts].map((cell) => h("td", {}, cell))))))] : null,
    h("div", {class: "paper-small paper-end"}, say("paper.sources"), h("br", {}), say("paper.filled_from", {seq: paper.seq, hash: paper.hash})))
}
