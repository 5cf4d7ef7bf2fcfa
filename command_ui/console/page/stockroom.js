// What lies in the stores, how much of it is committed, and how much is left?
import {h, renew} from "./dom.js"
import {icon} from "./icons.js"

export function stockRoom(model, say, calls) {
  const node = h("div", {class: "sp scroll plan-main"}), table = h("div")
  let lines = null, fault = "", words = ""
  const search = h("input", {class: "field", type: "search", style: {"max-width": "360px"}, oninput: () => { words = search.value.trim().toLowerCase(); rows() }})
  const note = h("div", {class: "t3 s12"})
  node.append(h("div", {class: "row g12 wrap"}, search, note), table)

  async function pull() {
    fault = ""
    try { lines = await calls.ask("/api/v1/stock") } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    draw()
  }

  function rows() {
    const shown = (lines ?? []).filter((one) => `${one.name} ${one.code} ${one.store_name}`.toLowerCase().includes(words))
    renew(table, fault ? h("div", {class: "fault", role: "alert"}, icon("warning", 15), fault) : lines === null ? h("div", {class: "skeleton tall"}) : !shown.length ? h("div", {class: "empty"}, icon("store", 26), h("b", {}, say("stock.none")))
      : h("section", {class: "card"}, h("div", {class: "card-body"}, h("table", {}, h("thead", {}, h("tr", {}, [["stock.name"], ["stock.code"], ["stock.store"], ["stock.quantity", 1], ["stock.committed", 1], ["stock.left", 1], ["stock.state"]].map(([code, right]) => h("th", {class: right ? "r" : ""}, say(code))))),
        h("tbody", {}, shown.map((one) => h("tr", {}, h("td", {}, h("b", {}, one.name)), h("td", {class: "mono"}, one.code), h("td", {}, one.store_name), h("td", {class: "r num"}, `${one.quantity} ${one.unit}`), h("td", {class: `r num${Number(one.committed) ? " wn" : " t3"}`}, one.committed), h("td", {class: "r num"}, h("b", {}, one.left)), h("td", {}, h("span", {class: `badge s ${one.state === "ready" ? "b-live" : "b-warn"}`}, say(`stock.s.${one.state}`))))))))))
  }

  function draw() {
    search.placeholder = say("stock.find")
    search.setAttribute("aria-label", say("stock.find"))
    note.textContent = say("stock.rule")
    rows()
  }

  return {node, draw, pull}
}
