// Which tools has the map? Only those that work; each shows when it is on.
import {h, button, renew} from "./dom.js"
import {icon} from "./icons.js"

const GROUPS = [[["in", "plus"], ["out", "minus"], ["locate", "locate"]], [["layers", "layers"], ["basemap", "globe"], ["views", "pin"], ["measure", "measure"], ["range", "range"], ["within", "area"]], [["threat", "toxic"], ["frames", "wind"], ["closures", "barrier"], ["marks", "pencil"], ["consult", "people"]], [["snapshot", "camera"], ["briefing", "document"], ["print", "printer"]]]

export function toolColumn(say, act) {
  const node = h("div", {class: "float tools", role: "toolbar", "aria-orientation": "vertical"})
  return {
    node,
    draw(on) {
      renew(node, GROUPS.map((group, index) => [index ? h("div", {class: "rule"}) : null, group.map(([name, picture]) => button({
        class: `ib${on[name] ? " on" : ""}`, title: say(`tool.${name}`), "aria-label": say(`tool.${name}`), "aria-pressed": name in on ? String(on[name]) : null,
        onclick: act[name]}, icon(picture, 19)))]))
    },
  }
}
