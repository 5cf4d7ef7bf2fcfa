// Did another page send us here for something? `/?layer=…&id=…` shows a row, `/?report=…&id=…` reports an incident there.
export function arrival(model, fly) {
  const asked = new URLSearchParams(window.location.search)
  const id = asked.get("id"), report = asked.get("report"), layer = report ?? asked.get("layer")
  let waiting = Boolean(id && layer)
  if (waiting) {
    setTimeout(() => model.send_msg({kind: "dossier", layer, id}), 400)
    window.history.replaceState(null, "", "/")
  }
  return (message) => {
    const one = message.dossier
    if (!waiting || !one || String(one.id) !== id) return
    waiting = false
    fly(one)
    if (report && model.can_report) model.send_msg({kind: "report_here", layer: one.layer, id: one.id, name: one.name, longitude: one.longitude, latitude: one.latitude})
  }
}
