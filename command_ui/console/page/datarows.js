// Which rows does this filter show, and how do they leave? The count is what the list shows and what the file holds.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {whole} from "./format.js"
import {queryOf} from "./only.js"

const OPERATORS = ["=", "~", "!=", ">=", "<=", ">", "<"]

export function dataRows(model, say, calls, room) {
  const node = h("div", {class: "data-rows"})
  let conditions = [], name = "", found = null, count = null, fault = "", layer = "", asked = 0, timer = 0

  const only = () => [...(name ? [`*${name}`] : []), ...conditions.filter((one) => one.column && (one.value !== "" || one.operator === "=")).map((one) => `${one.column}${one.operator}${one.value}`)]
  const query = () => queryOf(only())
  const same = (one, two) => JSON.stringify(one) === JSON.stringify(two)

  // What the map shows of the layer is where the list begins.
  function adopt(kept) {
    name = kept.find((one) => one.startsWith("*"))?.slice(1) ?? ""
    conditions = kept.map((one) => /^(\w+)(!=|<=|>=|=|<|>|~)([^]*)$/.exec(one)).filter(Boolean).map(([, column, operator, value]) => ({column, operator, value}))
  }

  async function pull() {
    const mine = ++asked
    try {
      const [counted, listed] = await Promise.all([calls.ask(`/api/v1/layers/${layer}/count?${query()}`), calls.ask(`/api/v1/layers/${layer}/rows?limit=100&language=${calls.lang()}&${query()}`)])
      if (mine !== asked) return
      count = counted.count; found = listed; fault = ""
    } catch (error) {
      if (mine !== asked) return
      fault = error.message
    }
    drawTable()
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(pull, 350) }

  function condition(one, at) {
    const columns = model.columns?.[layer] ?? []
    const column = h("select", {class: "field s", "aria-label": say("rows.column"), onchange: () => { one.column = column.value; soon() }}, columns.map((c) => h("option", {value: c.column, selected: c.column === one.column}, c.title)))
    const operator = h("select", {class: "field s narrow", "aria-label": say("rows.operator"), onchange: () => { one.operator = operator.value; soon() }}, OPERATORS.map((o) => h("option", {value: o, selected: o === one.operator}, say(`rows.op.${o}`))))
    const value = h("input", {class: "field s", value: one.value, "aria-label": say("rows.value"), placeholder: say("rows.value"), oninput: () => { one.value = value.value; soon() }})
    return h("div", {class: "row g8 rows-condition"}, column, operator, value, button({class: "ib", title: say("rows.drop"), "aria-label": say("rows.drop"), onclick: () => { conditions.splice(at, 1); draw(); pull() }}, icon("cross", 14)))
  }

  const table = h("div", {class: "data-sheet rows-table"})
  const counted = h("span", {class: "num"})
  const exits = h("div", {class: "row g8"})
  const trouble = h("div", {})
  function drawTable() {
    renew(trouble, fault ? h("div", {class: "fault data-fault", role: "alert"}, icon("warning", 15), h("span", {class: "sp"}, fault)) : null)
    counted.textContent = count === null ? "—" : say("rows.count", {count: whole(count)})
    const spec = (model.layers ?? []).find((one) => one.key === layer)
    const kinds = spec?.geometry === "none" ? ["csv", "xlsx"] : ["csv", "xlsx", "geojson", "gpkg"]
    const onMap = spec && spec.geometry !== "none" ? room.only(layer) : null, mine = only()
    renew(exits, onMap && mine.length && !same(onMap, mine) ? button({class: "btn s p", disabled: Boolean(fault) || count === null, onclick: () => { room.onMap(layer, mine); drawTable() }}, icon("funnel", 14), say("filter.show")) : null,
      onMap?.length ? h("span", {class: "row g4 s12 rows-on-map"}, icon("funnel", 14), same(onMap, mine) ? say("filter.shown") : say("filter.other"),
        h("a", {class: "pr", href: "/"}, say("filter.go")), button({class: "ib small", title: say("filter.clear", {name: spec.title}), "aria-label": say("filter.clear", {name: spec.title}), onclick: () => { room.onMap(layer, []); drawTable() }}, icon("cross", 14))) : null,
      kinds.map((kind) => h("a", {class: `btn s${fault || !count ? " dead" : ""}`, href: `/api/v1/layers/${layer}/export?format=${kind}&language=${calls.lang()}&${query()}`, download: `${layer}.${kind}`}, icon("save", 14), {csv: "CSV", xlsx: "Excel", geojson: "GeoJSON", gpkg: "GeoPackage"}[kind])))
    renew(table, found?.rows.length ? h("table", {}, h("thead", {}, h("tr", {}, found.columns.map((one) => h("th", {}, one)))), h("tbody", {}, found.rows.map((row) => h("tr", {class: "hover"}, row.map((cell) => h("td", {class: typeof cell === "number" ? "num cut" : "cut", title: cell ?? ""}, cell ?? ""))))))
      : h("div", {class: "empty"}, found ? say("rows.none") : say("data.loading")))
  }

  function draw() {
    const spec = (model.layers ?? []).find((one) => one.key === room.layer && one.connected)
    if (!spec) { renew(node, h("div", {class: "empty"}, icon("layers", 28), h("b", {}, say("rows.choose")))); return }
    if (layer !== spec.key) { layer = spec.key; adopt(room.only(layer)); found = null; count = null; pull() }
    const box = h("input", {class: "field s", type: "search", value: name, placeholder: say("rows.name"), "aria-label": say("rows.name"), oninput: () => { name = box.value.trim(); soon() }})
    renew(node,
      h("div", {class: "rows-head"}, h("div", {class: "row g12"}, h("b", {class: "s16"}, spec.title), counted, h("span", {class: "sp"}), exits),
        h("div", {class: "row g8 wrap"}, box, conditions.map(condition), button({class: "btn s", onclick: () => { conditions.push({column: model.columns?.[layer]?.[0]?.column ?? "id", operator: "~", value: ""}); draw() }}, icon("plus", 14), say("rows.add")))),
      trouble, table)
    drawTable()
  }

  return {node, draw, pull: () => { if (layer) pull() }}
}
