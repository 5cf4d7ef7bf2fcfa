// Which photographs and papers go with it? Handed in at once, each under its hash; the order names them.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {caller} from "./datacalls.js"

const LARGEST = 10 * 1024 * 1024, MOST = 10

// Made once a dialog; what was handed in lies in `values.files` as the interface named it.
export function filePicker(model, say, values) {
  const calls = caller(model), node = h("div", {class: "row g8 wrap"})
  let waiting = 0, fault = ""
  const pick = h("input", {type: "file", multiple: true, hidden: true, accept: "image/jpeg,image/png,image/webp,image/heic,video/mp4,application/pdf", onchange: take})

  async function take() {
    const files = [...pick.files].slice(0, MOST - (values.files ?? []).length)
    pick.value = ""
    fault = ""
    for (const file of files) {
      waiting += 1
      draw()
      try {
        if (file.size > LARGEST) throw new Error(say("order.file.large", {name: file.name}))
        const kept = await calls.send(`/api/v1/incidents/${model.scene.incident.id}/attachments?name=${encodeURIComponent(file.name.slice(-120))}`, file, () => {})
        values.files = [...(values.files ?? []).filter((one) => one.sha256 !== kept.sha256), kept]
      } catch (problem) {
        fault = problem.message === "offline" ? say("data.offline") : problem.message
      }
      waiting -= 1
      told()
    }
  }

  // The form it stands in keeps what is chosen as it keeps what is typed.
  function told() { draw(); node.dispatchEvent(new Event("input", {bubbles: true})) }

  function draw() {
    renew(node, (values.files ?? []).map((one) => h("span", {class: "badge b-info"}, icon("document", 12), one.name || one.media_type,
      button({class: "ib s", "aria-label": say("order.file.drop", {name: one.name}), onclick: () => { values.files = values.files.filter((it) => it !== one); told() }}, icon("cross", 12)))),
    button({class: "btn s", disabled: waiting > 0, onclick: () => pick.click()}, icon("document", 13), say(waiting ? "order.file.sending" : "order.file.add")), pick,
    fault ? h("span", {class: "wn s12", role: "alert"}, fault) : null)
    return node
  }

  return draw()
}
