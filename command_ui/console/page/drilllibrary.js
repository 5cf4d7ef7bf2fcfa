// Which exercises are on the shelf, how did they end last time, and which are running?
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {inWords} from "./speak.js"
import {stamp} from "./format.js"
import {newKey} from "./closures.js"
import {elapsed} from "./drillclock.js"

export function drillLibrary(room) {
  const {say, calls, model} = room
  const node = h("div", {class: "scroll drill-shelf"})
  const picker = h("input", {type: "file", accept: ".xlsx", hidden: true, class: "drill-file"})
  let shelf = null, runs = [], fault = "", faults = [], found = null, into = "", asking = ""
  const lang = () => (model.language === "en" ? "en" : "zh")
  const told = (value) => inWords(value, lang()) ?? ""

  async function pull() {
    try {
      [shelf, runs] = await Promise.all([calls.ask("/api/v1/drills"), calls.ask(`/api/v1/exercises?language=${lang()}`)])
      fault = ""
    } catch (error) { fault = error.message === "offline" ? say("data.offline") : error.message }
    room.look = null
    draw()
  }

  async function start(one) {
    asking = one.name
    draw()
    try {
      const made = await calls.ask("/api/v1/exercises", {method: "POST", headers: {"content-type": "application/json", "idempotency-key": newKey()}, body: JSON.stringify({drill: one.name})})
      asking = ""
      room.go(made.id, "control")
    } catch (error) {
      asking = ""
      fault = error.message === "offline" ? say("data.offline") : error.message
      draw()
    }
  }

  picker.addEventListener("change", () => { if (picker.files[0]) read(picker.files[0]) })

  // A workbook is looked at first: all its faults at once, or what it would put on the shelf.
  async function read(file) {
    faults = []
    found = null
    try {
      const answer = await calls.send(`/api/v1/drills/${encodeURIComponent(into)}/msel?name=${encodeURIComponent(file.name)}`, file, () => {})
      faults = answer.faults
      found = answer.faults.length ? null : {...answer, file: file.name}
      if (found) await pull()
    } catch (error) { faults = [{sheet: "", row: 0, column: "", message: error.message === "offline" ? say("data.offline") : error.message}] }
    picker.value = ""
    draw()
  }

  function trouble(list) {
    return h("ul", {class: "drill-faults", role: "alert"}, list.map((one) => (typeof one === "string" ? h("li", {}, one) : h("li", {}, one.row ? h("b", {}, say("drill.fault.at", {sheet: one.sheet, row: one.row, column: one.column || "—"}), " ") : null, one.message))))
  }

  function box(one) {
    const broken = one.faults.length > 0, last = one.last, busy = asking === one.name
    return h("article", {class: `drill-box${broken ? " broken" : ""}`, "data-drill": one.name},
      h("div", {class: "row g8"}, h("span", {class: "badge s b-drill"}, say("mode.drill")), h("span", {class: "mono t3 cut"}, one.name), h("span", {class: "sp"}),
        broken ? h("span", {class: "badge s b-danger"}, icon("warning", 13), say("drill.broken", {count: one.faults.length})) : one.running ? h("span", {class: "badge s b-live"}, h("span", {class: "dot"}), say("drill.state.running")) : null),
      h("h2", {}, told(one.title) || one.name),
      broken ? trouble(one.faults) : [h("p", {}, told(one.scene)),
        h("div", {class: "facts"}, [["drill.duration", say("drill.minutes", {count: Math.round(one.duration_s / 60)})], ["drill.injects", one.injects], ["drill.expectations", one.expectations], ["drill.last", last ? `${Math.round(last.percent)}%` : "—"]].map(([code, value]) => h("div", {}, h("b", {class: "num"}, value), h("span", {}, say(code))))),
        h("div", {class: "row g4 wrap"}, one.roles.map((role) => h("span", {class: "badge s b-line"}, told(role)))),
        last ? h("div", {class: "t3 s12"}, say("drill.last.line", {time: stamp(last.at), met: last.met, of: last.of})) : null],
      h("div", {class: "acts"},
        model.may_conduct && !broken ? (one.running ? button({class: "btn p drill-open", onclick: () => room.go(one.running, "control")}, icon("flag", 15), say("drill.go_on")) : button({class: "btn p drill-start", disabled: busy, onclick: () => start(one)}, icon("play", 15), say(busy ? "drill.starting" : "drill.start"))) : null,
        !model.may_conduct && one.running ? button({class: "btn p drill-join", onclick: () => room.go(one.running, "play")}, icon("person", 15), say("drill.join")) : null,
        model.may_conduct && !broken ? h("a", {class: "btn", href: `/api/v1/drills/${encodeURIComponent(one.name)}/msel?language=${lang()}`, download: ""}, icon("table", 15), say("drill.msel.out")) : null,
        model.may_conduct && !broken ? button({class: "btn drill-in", onclick: () => { into = one.name; picker.click() }}, icon("redo", 15), say("drill.msel.in")) : null))
  }

  function past() {
    if (!runs.length) return null
    return h("section", {class: "wide drill-runs"}, h("div", {class: "h"}, icon("clock", 17), say("drill.runs", {count: runs.length})),
      h("table", {}, h("thead", {}, h("tr", {}, ["number", "title", "state", "begun", "length", "score", "open"].map((code) => h("th", {class: ["length", "score"].includes(code) ? "r" : ""}, say(`drill.run.${code}`))))),
        h("tbody", {}, runs.map((one) => h("tr", {class: "hover", "data-run": one.id}, h("td", {class: "mono"}, one.number), h("td", {}, one.title), h("td", {}, h("span", {class: `badge s ${one.state === "running" ? "b-live" : one.state === "ended" ? "b-line" : "b-warn"}`}, say(`drill.state.${one.state}`))),
          h("td", {}, stamp(one.begun_at)), h("td", {class: "r"}, elapsed(one.elapsed_s)), h("td", {class: "r"}, one.score ? `${one.score.met} / ${one.score.of}` : "—"),
          h("td", {}, h("div", {class: "row g8"}, model.may_conduct || one.state === "ended" ? button({class: "btn s drill-show", onclick: () => (one.state === "ended" ? room.go(one.id, "judge", true) : room.go(one.id, "control"))}, say(one.state === "ended" ? "drill.lesson" : "drill.view.control")) : null,
            button({class: "btn s", onclick: () => room.go(one.id, "play")}, say("drill.view.play"))))))))) 
  }

  function draw() {
    renew(node, picker,
      h("div", {class: "wide row g12 wrap"}, h("b", {class: "s16"}, say("drill.library")), h("span", {class: "t3 s12"}, say("drill.library.hint"))),
      fault ? h("div", {class: "wide fault", role: "alert"}, icon("warning", 15), fault, button({class: "btn s", onclick: pull}, say("file.retry"))) : null,
      faults.length ? h("div", {class: "wide"}, h("div", {class: "row g8"}, h("b", {}, say("drill.msel.faults", {count: faults.length, name: into})), h("span", {class: "sp"}), button({class: "btn s", onclick: () => { faults = []; draw() }}, say("common.close"))), trouble(faults)) : null,
      found ? h("div", {class: "wide drill-drop", role: "status"}, icon("check", 16), h("span", {}, say("drill.msel.taken", {file: found.file, name: found.name, count: found.injects})), h("span", {class: "sp"}), button({class: "btn s", onclick: () => { found = null; draw() }}, say("common.close"))) : null,
      shelf === null ? [h("div", {class: "skeleton tall"}), h("div", {class: "skeleton tall"})] : shelf.length ? shelf.map(box) : h("div", {class: "wide empty"}, icon("book", 28), h("b", {}, say("drill.none"))), past())
  }

  return {node, draw, pull}
}
