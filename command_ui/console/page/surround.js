// What lies around every page? The drill watermark, toasts, the key list, the notice of a cut line.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {dressDocument} from "./dress.js"
import {setServerNow, time} from "./format.js"
import {listenToKeys, KEYS} from "./keys.js"

export function surround({model, view, say, life, title}) {
  dressDocument(model.theme)
  setServerNow(model.server_now)
  const watermark = h("div", {class: "watermark", "aria-hidden": "true"})
  const toasts = h("div", {class: "toasts", role: "status", "aria-live": "polite"})
  const line = h("div", {class: "line-notice", role: "alert", hidden: true})
  const heading = h("h1", {class: "unseen"})
  const keyList = h("div", {class: "key-list", role: "dialog", hidden: true})

  function language() {
    document.documentElement.lang = model.language === "en" ? "en" : "zh-CN"
    document.title = heading.textContent = title()
    watermark.dataset.mode = model.mode
    renew(watermark, model.mode === "live" ? null : Array.from({length: 28}, () => h("span", {class: "watermark-word"}, say(`mode.${model.mode}.mark`))))
  }

  function toast({code, text, values, tone = "info"}) {
    const shown = h("div", {class: `toast ${tone}`},
      icon(tone === "danger" ? "warning" : "check", 16), h("span", {}, text ?? say(code, values)))
    toasts.append(shown)
    setTimeout(() => shown.remove(), tone === "danger" ? 9000 : 5000)
  }

  function keys(open) {
    keyList.hidden = !open
    if (!open) return
    renew(keyList,
      h("div", {class: "h"}, icon("keyboard"), say("keys.title"), h("span", {class: "sp"}),
        button({class: "ib small", "aria-label": say("common.close"), onclick: () => keys(false)}, icon("cross", 16))),
      h("table", {}, KEYS.map(([key, code]) => h("tr", {}, h("td", {}, h("span", {class: "kbd"}, key)), h("td", {}, say(code))))))
    keyList.querySelector("button").focus()
  }

  // Bokeh's own websocket says when it goes and comes back; its figures on the page stay as they were.
  const bokehDocument = view.model.document
  let lost_at = null, form_open = false
  bokehDocument?.on_event?.("connection_lost", () => {
    lost_at ??= new Date()
    line.hidden = false
    renew(line, icon("warning", 16), say("line.lost", {time: time(lost_at)}),
      button({class: "btn s", onclick: () => window.location.reload()}, say("line.reload")))
    tell("line", {lost: true})
  })
  bokehDocument?.on_event?.("client_reconnected", () => {
    // Another process answered and made the page anew: what is on the screen talks to nobody any more.
    if (!view.model.document) { if (!form_open) window.location.reload(); return }
    lost_at = null
    line.hidden = true
    toast({code: "line.back"})
    tell("line", {lost: false})
    model.send_msg({kind: "refresh"})
  })

  // When the process that kept this page is gone, its page is gone for good: it is opened anew, at another process, as
  // soon as one answers, unless a report is being typed, which a reload would lose. Not everybody in the same moment.
  const patience = 1500 + Math.random() * 1500
  life.every(500, async () => {
    if (!lost_at || form_open || new Date() - lost_at < patience) return
    const answer = await fetch("/healthz", {cache: "no-store"}).catch(() => null)
    if (answer && lost_at) window.location.reload()
  })

  life.hear("form", ({open}) => { form_open = open })
  life.hear("toast", toast)
  life.hear("keys", () => keys(keyList.hidden))
  life.hear("escape", () => keys(false))
  life.hear("refresh", () => model.send_msg({kind: "refresh"}))
  listenToKeys(life, (step) => tell("step", {step}))
  model.on("theme", () => { dressDocument(model.theme); tell("theme", {theme: model.theme}) })
  model.on(["texts", "mode"], language)
  model.on("server_now", () => setServerNow(model.server_now))
  model.on("msg:custom", (message) => tell(message.kind, message))
  language()
  return [heading, watermark, line, toasts, keyList]
}
