// Where does each label stand so that no two texts overlap? Greedy by priority over rings of candidate places; pure.

// Do two segments cross?
function crosses(a, b, c, d) {
  const side = (p, q, r) => Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x))
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)
}

const through = (a, b, box) =>
  crosses(a, b, {x: box.x, y: box.y}, {x: box.x + box.w, y: box.y + box.h}) || crosses(a, b, {x: box.x + box.w, y: box.y}, {x: box.x, y: box.y + box.h})

const overlap = (a, b, margin = 0) =>
  Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x) + margin) * Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y) + margin)

function candidates(label) {
  const {x, y, w, h, gap = 8} = label, places = []
  const push = (left, top, cost) => places.push({x: left, y: top, w, h, cost})
  if (label.beside) {
    push(x + gap, y - h / 2, 0)
    push(x - gap - w, y - h / 2, 1)
    push(x - w / 2, y + gap, 3)
    push(x - w / 2, y - gap - h, 3)
    push(x + gap * 0.7, y + gap * 0.5, 5)
    push(x + gap * 0.7, y - gap * 0.5 - h, 5)
    push(x - gap * 0.7 - w, y + gap * 0.5, 6)
    push(x - gap * 0.7 - w, y - gap * 0.5 - h, 6)
  }
  // a name without a plate must stay close to what it names
  for (const reach of label.nearby ? [gap + 6, gap + 20, gap + 38] : [gap + 10, 44, 72, 104, 144, 190, 240].filter((px) => px <= (label.farthest ?? 110))) {
    for (let turn = 0; turn < 16; turn += 1) {
      const angle = (turn / 16) * 2 * Math.PI, dx = Math.cos(angle), dy = Math.sin(angle)
      // the plate's nearest edge stands `reach` away from the anchor in this direction
      const cx = x + dx * (reach + w / 2 * Math.abs(dx)), cy = y + dy * (reach + h / 2 * Math.abs(dy))
      push(cx - w / 2, cy - h / 2, 8 + reach * 0.45 + (label.away ? 16 * (1 - (dx * label.away[0] + dy * label.away[1])) : 0))
    }
  }
  return places
}

// labels: {id, x, y, w, h, priority, …}; barriers: rectangles no label may touch; soft: points {x, y, weight} better left free.
export function placeLabels(labels, view, barriers, soft) {
  const taken = [...barriers], placed = new Map(), leaders = []
  for (const label of [...labels].sort((a, b) => b.priority - a.priority)) {
    let best = null
    for (const place of candidates(label)) {
      if (place.x < view.x + 4 || place.y < view.y + 4 || place.x + place.w > view.x + view.w - 4 || place.y + place.h > view.y + view.h - 4) continue
      if (best && place.cost >= best.cost) continue
      if (taken.some((other) => other.of !== label.id && overlap(place, other, 3) > 0)) continue
      let cost = place.cost
      for (const point of soft) {
        if (point.x > place.x - 2 && point.x < place.x + place.w + 2 && point.y > place.y - 2 && point.y < place.y + place.h + 2) cost += point.weight
        if (best && cost >= best.cost) break
      }
      // a leader that runs over a plate, a symbol or another leader is hard to follow
      const end = leaderEnd(place, label)
      if (Math.hypot(end.x - label.x, end.y - label.y) > (label.gap ?? 8) + 8) {
        cost += 14 * taken.filter((other) => !inside(label, other) && through(label, end, other)).length
        cost += 18 * leaders.filter(([from, to]) => crosses(label, end, from, to)).length
      }
      if (!best || cost < best.cost) best = {...place, cost}
    }
    if (best) {
      taken.push({x: best.x, y: best.y, w: best.w, h: best.h})
      leaders.push([label, leaderEnd(best, label)])
      placed.set(label.id, best)
    }
  }
  return placed
}

const inside = (point, box) => point.x >= box.x && point.x <= box.x + box.w && point.y >= box.y && point.y <= box.y + box.h

// The nearest point of a plate to its anchor: where the leader line ends.
export function leaderEnd(place, anchor) {
  return {x: Math.min(Math.max(anchor.x, place.x), place.x + place.w), y: Math.min(Math.max(anchor.y, place.y), place.y + place.h)}
}
