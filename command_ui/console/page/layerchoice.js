// Which layers does this person show, how strongly, and which of their rows? One choice for all their maps: what one map changes, the next one has.
export function layerChoice(model) {
  let kept = model.layer_choice ?? {}
  return {
    shown: (layer) => kept[layer.key]?.shown ?? layer.visible ?? false,
    opacity: (layer) => kept[layer.key]?.opacity ?? 1,
    only: (layer) => kept[layer.key]?.only ?? [],
    attempt(changes) { kept = {...kept, ...changes} },
    keep(changes) {
      kept = {...kept, ...changes}
      model.send_msg({kind: "layer_choice", changes})
    },
  }
}
