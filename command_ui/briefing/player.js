// Plays the frames of a saved replay: no network, no library but Leaflet, texts only as text.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent)
  const {frames, pool, paint, words} = data, by = (id) => document.getElementById(id)
  const map = L.map("map", {zoomControl: true, attributionControl: false, preferCanvas: false})
  for (const [style, geometry] of data.ground) L.geoJSON(geometry, {style, interactive: false}).addTo(map)
  const layers = {}, shown = {}
  const told = (layer, text) => { const said = document.createElement("span"); said.textContent = text; return layer.bindTooltip(said, {sticky: true}) }
  const line = (geometry, style, text) => { const made = L.geoJSON(geometry, {style, pointToLayer: (_, at) => L.circleMarker(at, {radius: 7, color: style.color})}); return text ? told(made, text) : made }
  const sign = (at, text, kind, label) => { const node = document.createElement("i"); node.className = `mark ${kind}`; node.textContent = text; return told(L.marker(at, {icon: L.divIcon({html: node, className: "", iconSize: [30, 30], iconAnchor: [15, 15]})}), label) }
  const dashes = {3: null, 2: "9 5", 1: "3 4"}
  const draw = {
    zones: (one) => line(one.geometry, {color: paint[`z${one.level}l`], weight: 2, dashArray: dashes[one.level], className: `zone-${one.level}`}, one.text),
    envelope: (one) => line(one, {color: "#526173", weight: 2, dashArray: "1 7", fill: false}),
    routes: (one) => L.layerGroup([line(one.geometry, {color: paint.rescue, weight: 5}, one.text), sign(one.at, one.rank, "team", one.text)]),
    moves: (one) => line(one.geometry, {color: paint.evac, weight: 4}, one.text),
    closed: (one) => line(one, {color: paint.closed, weight: 3, dashArray: "2 7"}),
    targets: (one) => sign(one.at, one.sign, "target", one.text),
    shelters: (one) => sign(one.at, one.out ? "✕" : "安", one.out ? "shelter out" : "shelter", one.text),
    closures: (one) => line(one.geometry, {color: paint.closed, weight: 4, dashArray: "6 4", fillOpacity: 0.15}, one.text),
    marks: (one) => line(one.geometry, {color: paint.sim, weight: 3, fillOpacity: 0.1}, one.text),
  }
  if (data.place[0] !== null) sign(data.place, "☠", "scene", data.title).addTo(map)

  // A part two frames share is drawn once and stays while both are shown.
  function put(frame) {
    for (const [name, key] of Object.entries(frame.parts)) {
      if (shown[name] === key) continue
      if (shown[name]) map.removeLayer(layers[name + shown[name]])
      layers[name + key] ??= L.layerGroup(pool[key].map(draw[name]))
      layers[name + key].addTo(map)
      shown[name] = key
    }
  }

  let at = 0, beat = null, speed = 1
  const bar = by("bar"), play = by("play"), choose = by("speed")
  bar.max = frames.length - 1
  for (const one of [0.5, 1, 2, 5, 10, 30, 60]) choose.add(new Option(`${one}×`, one, one === 1, one === 1))
  for (const id of ["back", "forward"]) by(id).title = words[id]
  bar.setAttribute("aria-label", words.speed)
  choose.setAttribute("aria-label", words.speed)

  function show(index) {
    at = Math.max(0, Math.min(frames.length - 1, index))
    const frame = frames[at]
    put(frame)
    bar.value = at
    by("when").textContent = frame.at
    by("said").textContent = frame.said
    by("count").textContent = data.count.replace("{seq}", frame.seq).replace("{total}", frames.at(-1).seq)
    by("facts").replaceChildren(...frame.facts.map(([name, value]) => { const row = document.createElement("tr"); for (const text of [name, value]) row.insertCell().textContent = text; return row }))
    document.body.dataset.frame = at
  }

  // The time between two frames is that of the record, shortened to what somebody still waits for.
  function next() {
    if (at >= frames.length - 1) return pause()
    beat = setTimeout(() => { show(at + 1); next() }, Math.min(4000, Math.max(350, (frames[at + 1].ms - frames[at].ms) / speed)))
  }

  function pause() { clearTimeout(beat); beat = null; play.textContent = words.play }
  function toggle() { if (beat) return pause(); if (at >= frames.length - 1) show(0); play.textContent = words.pause; next() }
  const step = (by_) => { pause(); show(at + by_) }

  play.onclick = toggle
  by("back").onclick = () => step(-1)
  by("forward").onclick = () => step(1)
  bar.oninput = () => { pause(); show(Number(bar.value)) }
  choose.onchange = () => { speed = Number(choose.value); if (beat) { clearTimeout(beat); next() } }
  document.addEventListener("keydown", (event) => {
    if (event.target === choose) return
    const act = {" ": toggle, ArrowLeft: () => step(-1), ArrowRight: () => step(1), Home: () => step(-frames.length), End: () => step(frames.length)}[event.key]
    if (!act || (event.key === " " && event.target.tagName === "BUTTON")) return
    event.preventDefault()
    act()
  })

  const framed = new Set(frames.flatMap((frame) => [frame.parts.zones, frame.parts.routes]))
  const drawn = [...framed].flatMap((key) => pool[key].map((one) => one.geometry))
  const box = drawn.length ? L.geoJSON(drawn.map((geometry) => ({type: "Feature", properties: {}, geometry}))).getBounds() : null
  if (box?.isValid()) map.fitBounds(box, {padding: [20, 20]})
  else map.setView(data.place, 14)
  play.textContent = words.play
  show(0)
})()
