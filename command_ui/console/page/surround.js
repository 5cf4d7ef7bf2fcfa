// What lies around every page? The drill watermark, toasts, the key list, the notice of a cut line.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"
import {tell} from "./bus.js"
import {dressDocument} from "./dress.js"
import {setServerNow, time} from "./format.js"
import {listenToKeys, KEYS} from "./keys.js"

const SPREAD_MS = 500, OFTEN_MS = 250, OFTEN_FOR_MS = 10000, SELDOM_MS = 2000, ANSWER_MS = 3000
const BACK = "onemap.back"

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

  // Bokeh's own websocket says when it goes; the figures on the page stay as they were. Whichever process answers has to
  // make the page anew, so it is opened anew, once, as soon as one does, unless a report is being typed, which a reload
  // would lose. Bokeh's own way back is off: it made the page a second time and threw it away.
  let lost_at = null, form_open = false, next = null
  view.model.document?.on_event?.("connection_lost", () => {
    if (lost_at) return
    lost_at = new Date()
    tell("page.lost")
    line.hidden = false
    renew(line, icon("warning", 16), say("line.lost", {time: time(lost_at)}),
      button({class: "btn s", onclick: () => window.location.reload()}, say("line.reload")))
    next = setTimeout(comeBack, Math.random() * SPREAD_MS)  // not everybody in the same moment
  })

  async function comeBack() {
    const answer = form_open ? null
      : await fetch("/healthz", {cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS)}).catch(() => null)
    if (answer?.ok && !form_open) {  // a proxy answers, too, while nobody is behind it
      sessionStorage.setItem(BACK, "1")
      window.location.reload()
    } else next = setTimeout(comeBack, new Date() - lost_at < OFTEN_FOR_MS ? OFTEN_MS : SELDOM_MS)
  }

  life.then(() => clearTimeout(next))
  life.hear("form", ({open}) => { form_open = open })
  life.hear("toast", toast)
  life.hear("keys", () => keys(keyList.hidden))
  life.hear("escape", () => keys(false))
  life.hear("refresh", () => model.send_msg({kind: "refresh"}))
  listenToKeys(life)
  model.on("theme", () => { dressDocument(model.theme); tell("theme", {theme: model.theme}) })
  model.on(["texts", "mode"], language)
  model.on("server_now", () => setServerNow(model.server_now))
  model.on("msg:custom", (message) => tell(message.kind, message))
  language()
  if (sessionStorage.getItem(BACK)) {
    sessionStorage.removeItem(BACK)
    toast({code: "line.back"})
  }
  return [heading, watermark, line, toasts, keyList]
}
