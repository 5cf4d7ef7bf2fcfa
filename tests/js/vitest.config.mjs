// Where do the page's modules find each other outside their bundle? Panel lays both folders of scripts side by side.
import {existsSync, readFileSync} from "node:fs"
import {dirname, resolve} from "node:path"
import {fileURLToPath} from "node:url"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..")
const folders = [resolve(root, "command_ui/map/page"), resolve(root, "command_ui/console/page")]

const TOKENS = "\0tokens"

const sideBySide = {
  name: "side-by-side",
  enforce: "pre",
  resolveId(name) {
    const file = name.startsWith("./") ? name.slice(2) : name.startsWith("page/") ? name.slice(5) : null
    if (file === "tokens.js") return TOKENS // written by Python into the bundle, from the same file
    return file ? folders.map((folder) => resolve(folder, file)).find((path) => existsSync(path)) : undefined
  },
  load: (id) => (id === TOKENS ? `export const tokens = ${readFileSync(resolve(root, "command_ui/console/theme/tokens.json"), "utf8")}` : undefined),
}

export default {
  root,
  cacheDir: resolve(root, "build/js-tests/cache"),
  plugins: [sideBySide],
  resolve: {alias: {ol: resolve(root, "build/bundle/node_modules/ol")}},
  server: {fs: {strict: false}},
  // A limit is only paid for by what never ends.
  test: {include: ["tests/js/*.test.js"], environment: "node", testTimeout: 60_000, hookTimeout: 60_000},
}
