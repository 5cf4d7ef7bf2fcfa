// When was how much refused, and whom, from where, at what? Bars by hour or day; a bar or a name narrows the list below.
import {h, button, renew} from "./dom.js"
import {speaker} from "./speak.js"

const ZONE = {timeZone: "Asia/Shanghai"}
const two = (value) => String(value).padStart(2, "0")

// Day and hour of duty, whatever zone the browser stands in.
export function dutyParts(iso) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-CA", {...ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", hourCycle: "h23"}).formatToParts(new Date(iso)).map((one) => [one.type, one.value]))
  return {day: `${parts.year}-${parts.month}-${parts.day}`, hour: two(Number(parts.hour))}
}

export function auditChart(model, {onSlot, onName}) {
  const say = speaker(model), node = h("section", {class: "audit-chart"})

  function edge(slot, unit) {
    const {day, hour} = dutyParts(slot.at)
    return unit === "hour" ? `${day} ${hour}:00` : day
  }

  function bar(slot, highest, unit) {
    const text = say("audit.chart.slot", {when: edge(slot, unit), refused: slot.refused, failed: slot.failed, ok: slot.ok})
    const share = (value) => `height:${value ? Math.max(2, (100 * value) / highest) : 0}%`
    const parts = [h("i", {class: "ac-ok", style: share(slot.ok)}), h("i", {class: "ac-failed", style: share(slot.failed)}), h("i", {class: "ac-refused", style: share(slot.refused)})]
    if (!slot.refused && !slot.failed) return h("span", {class: "ac-bar", title: text}, parts)
    return button({class: "ac-bar", title: text, "aria-label": text, onclick: () => onSlot(slot, unit)}, parts)
  }

  function most(code, names, field) {
    return h("div", {class: "ac-most"}, h("b", {class: "s12 t3"}, say(code)), names.length ? h("ol", {}, names.map((one) => h("li", {}, button({class: "ac-name cut", title: one.name, onclick: () => onName(field, one.name)}, one.name), h("span", {class: "mono s12"}, one.times)))) : h("span", {class: "t3 s12"}, "—"))
  }

  function draw(counts) {
    if (counts === null) { renew(node, h("div", {class: "skeleton ac-waiting"})); return }
    const highest = Math.max(1, ...counts.slots.map((one) => one.ok + one.refused + one.failed))
    const sum = (name) => counts.slots.reduce((total, one) => total + one[name], 0)
    const first = counts.slots[0], last = counts.slots.at(-1)
    renew(node,
      h("div", {class: "ac-left"},
        h("div", {class: "row g12 wrap"}, h("b", {class: "sp"}, say(counts.unit === "hour" ? "audit.chart.hours" : "audit.chart.days")),
          h("span", {class: "s12 ac-key"}, h("i", {class: "ac-refused"}), say("audit.outcome.refused"), h("b", {class: "mono"}, sum("refused"))),
          h("span", {class: "s12 ac-key"}, h("i", {class: "ac-failed"}), say("audit.outcome.failed"), h("b", {class: "mono"}, sum("failed"))),
          h("span", {class: "s12 ac-key"}, h("i", {class: "ac-ok"}), say("audit.outcome.ok"), h("b", {class: "mono"}, sum("ok")))),
        h("div", {class: "ac-bars", role: "group", "aria-label": say("audit.chart.about")}, counts.slots.map((one) => bar(one, highest, counts.unit))),
        first ? h("div", {class: "row s12 t3"}, h("span", {class: "sp mono"}, edge(first, counts.unit)), h("span", {class: "mono"}, edge(last, counts.unit))) : null),
      h("div", {class: "ac-right"}, most("audit.chart.accounts", counts.accounts, "actor"), most("audit.chart.addresses", counts.addresses, "words"), most("audit.chart.objects", counts.objects, "words")))
  }

  draw(null)
  return {node, draw}
}
