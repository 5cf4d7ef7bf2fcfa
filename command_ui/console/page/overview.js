// What was reported? Who told us, where, what leaks, in which weather; what a person must still confirm.
import {h} from "./dom.js"
import {icon} from "./icons.js"
import {inWords, sayOr, textsOf} from "./speak.js"
import {cameraList} from "./cameralist.js"
import {hospitalList} from "./hospitallist.js"
import {levels} from "./orderboard.js"
import {figure, place, stamp, whole} from "./format.js"

function block(name, title, rows) {
  const kept = rows.filter((row) => row && row[1] !== null && row[1] !== undefined && row[1] !== "")
  if (!kept.length) return null
  return h("div", {class: "sec"}, h("div", {class: "sh"}, icon(name, 15), title),
    h("div", {class: "facts-list"}, kept.map(([label, value]) => [h("span", {class: "t3"}, label), h("span", {}, value)])))
}

export function overview(model, say, _beats, dialogs) {
  const one = model.scene.incident, source = one.release ?? {}, weather = one.weather ?? {}
  const amount = source.rate_kg_s ? `${figure(source.rate_kg_s)} kg/s` : source.mass_kg ? `${whole(source.mass_kg)} kg` : null
  return [
    block("flag", say("overview.report"), [
      [say("overview.number"), one.number], [say("overview.place"), one.place], [say("overview.division"), one.division],
      [say("overview.position"), place(one.longitude, one.latitude)], [say("overview.occurred"), stamp(one.occurred_at)],
      [say("overview.known"), stamp(one.known_at)], [say("overview.channel"), one.channel ? sayOr(model, `channel.${one.channel}`, one.channel) : null],
      [say("overview.reporter"), one.reported_by], [say("overview.text"), one.text]]),
    block("toxic", say("overview.source"), [
      [say("overview.substance"), inWords(source.substance_name, textsOf(model).lang) ?? source.substance], [say("overview.kind"), source.kind ? sayOr(model, `release.${source.kind}`, source.kind) : null],
      [say("overview.amount"), amount], [say("overview.duration"), source.duration_s ? say("overview.minutes", {value: figure(source.duration_s / 60)}) : null],
      [say("overview.height"), source.height_m === undefined ? null : `${figure(source.height_m)} m`]]),
    block("wind", say("overview.weather"), [
      [say("overview.wind"), weather.wind_from_deg === undefined ? null : `${Math.round(weather.wind_from_deg)}° · ${figure(weather.wind_speed_m_s, 2)} m/s`],
      [say("overview.stability"), weather.stability], [say("overview.temperature"), weather.temperature_c === undefined ? null : `${figure(weather.temperature_c)} ℃`],
      [say("overview.humidity"), weather.relative_humidity === undefined ? null : `${Math.round(weather.relative_humidity * 100)}%`]]),
    hospitalList(model, say),
    cameraList(model, say),
    levels(model, say, dialogs),
    h("div", {class: "sec"}, h("a", {class: "btn to-report", href: `/report?incident=${one.id}`}, icon("report", 16), say("report.title"))),
  ]
}
