// Which marks are on the map, and which were taken off? Rows that can be chosen, kept, removed and put back.
import {h, button} from "./dom.js"
import {signPicture} from "./plotpicture.js"
import {titleOf} from "./plotmap.js"
import {stamp} from "./format.js"

export function markRows(table, say, lang, act) {
  const facts = (one) => [one.by ? say("mark.by", {name: one.by, time: stamp(one.at)}) : say("mark.own.hint"), one.version > 1 ? say("mark.version", {version: one.version}) : null, one.order_id || null,
    one.state === "expired" ? say("mark.expired") : one.state === "later" ? say("mark.later", {time: stamp(one.from)}) : one.until ? say("mark.until.kept", {time: stamp(one.until)}) : null, one.text || null].filter(Boolean).join(" · ")
  const name = (one) => titleOf(one, table, lang())
  const row = (one, {lit, buttons}) => h("div", {class: `plot-row${lit === one.id ? " on" : ""}`, "data-id": one.id, onmouseenter: () => act.light(one.id), onmouseleave: () => act.light(null)},
    signPicture(table, one.symbol, 26),
    h("button", {class: "sp plot-name", type: "button", title: say("mark.locate"), onfocus: () => act.light(one.id), onblur: () => act.light(null), onclick: () => act.choose(one)}, h("b", {class: "cut"}, name(one)), h("span", {class: "t2 s12 cut"}, facts(one))),
    one.standing === "kept" ? null : h("span", {class: `badge s ${one.standing === "own" ? "b-line" : "b-warn"}`}, say(`mark.${one.standing}`)), buttons)

  return {
    on: (marks, {lit, may}) => (marks.length ? h("div", {class: "plot-rows"}, marks.map((one) => row(one, {lit, buttons: [
      may && one.standing !== "kept" ? button({class: "btn s", "aria-label": say("mark.keep.name", {name: name(one)}), onclick: () => act.keep(one)}, say("mark.keep")) : null,
      may || one.standing === "own" ? button({class: "btn s", "aria-label": say("mark.remove.name", {name: name(one)}), onclick: () => act.remove(one)}, say(one.standing === "own" ? "mark.drop" : "mark.remove")) : null]}))) : h("div", {class: "empty low"}, say("mark.none"))),
    off: (marks, {may}) => (marks.length ? h("div", {class: "plot-rows"}, marks.map((one) => row(one, {lit: null, buttons: may ? button({class: "btn s plot-restore", "aria-label": say("mark.restore.name", {name: name(one)}), onclick: () => act.restore(one)}, say("mark.restore")) : null}))) : h("div", {class: "empty low"}, say("mark.none.removed"))),
  }
}
