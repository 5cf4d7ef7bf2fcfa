// How does the warning leave for other systems, and is one that came in sound? CAP 1.2 and EDXL-DE; nothing in it is followed.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {stamp} from "./format.js"
import {caller} from "./datacalls.js"

const LARGEST = 900000
const WHY = [[/DOCTYPE|entity/, "cap.why.doctype"], [/not well-formed|cannot be read as XML|not UTF-8/, "cap.why.broken"], [/begins with/, "cap.why.other"], [/ line \d+:/, "cap.why.schema"]]

export function capBox(model, say) {
  const calls = caller(model), node = h("div", {class: "report-sent cap-box"}), found = h("div", {role: "status"})
  let last = null
  const pick = h("input", {type: "file", accept: ".xml,.cap,application/xml", hidden: true, onchange: check})

  async function check() {
    const file = pick.files[0]
    if (!file) return
    last = {name: file.name, busy: true}
    draw()
    try {
      if (file.size > LARGEST) throw new Error(say("cap.too_large"))
      last = {name: file.name, said: await calls.json("/api/v1/alerts/check", {content: await file.text()})}
    } catch (problem) {
      last = {name: file.name, fault: problem.message === "offline" ? say("data.offline") : problem.message}
    }
    pick.value = ""
    draw()
  }

  function outcome() {
    if (!last) return null
    if (last.busy) return h("div", {class: "t3 s12"}, say("cap.checking"))
    if (last.fault) {
      const why = WHY.find(([said]) => said.test(last.fault))?.[1]
      // The sentence of the reader stands below: who sent the message mends it by the line it names.
      return h("div", {class: "fault"}, icon("warning", 14), h("span", {}, h("b", {}, say("cap.bad", {name: last.name})), " ", why ? say(why) : "", h("div", {class: "t2 s12"}, last.fault)))
    }
    const info = last.said.alert?.info?.[0]
    return h("div", {class: "s12"}, h("div", {class: "row g8 wrap"}, icon("check", 14), h("b", {}, say("cap.good", {name: last.name})), h("span", {class: "badge s b-line"}, last.said.kind), h("span", {class: `badge s ${last.said.status === "Actual" ? "b-danger" : "b-warn"}`}, last.said.status ?? "—"), h("span", {class: "t3"}, last.said.sent ? stamp(last.said.sent) : "")),
      info ? h("div", {class: "say"}, [info.event, info.headline, info.description].filter(Boolean).join("·")) : null, h("div", {class: "t3 mono cut"}, last.said.identifier ?? ""))
  }

  function draw() {
    const incident = model.chosen?.incident
    renew(found, outcome())
    renew(node, h("div", {class: "sh"}, icon("bell", 15), say("cap.title")),
      h("div", {class: "row g8 wrap"}, incident ? [h("a", {class: "btn s cap-out", href: `/api/v1/incidents/${incident}/alert`, download: ""}, say("cap.out")), h("a", {class: "btn s", href: `/api/v1/incidents/${incident}/alert?envelope=true`, download: ""}, say("cap.envelope"))] : null,
        button({class: "btn s cap-in", onclick: () => pick.click()}, say("cap.in")), pick), found)
    return node
  }

  return {draw}
}
