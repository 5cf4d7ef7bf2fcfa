// Does every script of the page name only what is there, in time and with as many arguments as it takes? Read by tsc.
// `node tests/js/types.mjs [folder of the project]`, from where typescript is installed; see .ci/test-js.
import {spawnSync} from "node:child_process"
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs"
import {dirname, resolve} from "node:path"
import {fileURLToPath} from "node:url"

const home = resolve(dirname(fileURLToPath(import.meta.url)), "../..")
const root = resolve(process.argv[2] ?? home)
const work = resolve(home, "build/js-tests")
const rooms = ["map/page", "console/page", "field/page", "briefing"].map((room) => resolve(root, "command_ui", room))

// Faults that only say that nobody writes types down here: dates are subtracted, objects grow. All others count.
const UNTYPED = new Set([
  2322, 2345, 2353, 2739, 2741, // a value of another shape than the first one had
  2339, 2445, // a property the first value did not have, or one of the map library's own
  2362, 2363, 2365, // arithmetic with dates and with text
])

// What Python writes into the bundle, and what a page finds in the window.
const made = mkdtempSync(resolve(work, "made-"))
process.on("exit", () => rmSync(made, {recursive: true}))
const tokens = readFileSync(resolve(root, "command_ui/console/theme/tokens.json"), "utf8")
writeFileSync(resolve(made, "tokens.js"), `export const tokens = ${tokens}`)
writeFileSync(resolve(made, "sheets.js"), 'export const tokenSheet = "", componentSheet = ""')
writeFileSync(resolve(made, "window.d.ts"), "declare const L: any")

const config = resolve(made, "tsconfig.json")
writeFileSync(config, JSON.stringify({
  compilerOptions: {
    allowJs: true, checkJs: true, noEmit: true, strict: false, noUnusedLocals: true, skipLibCheck: true, types: [],
    target: "esnext", module: "esnext", moduleResolution: "bundler", lib: ["esnext", "dom", "dom.iterable"],
    rootDirs: [...rooms, made], // Panel lays the folders side by side
    paths: {"ol/*": [resolve(home, "build/bundle/node_modules/ol/*")]},
  },
  include: [...rooms, made].map((folder) => `${folder}/*`),
}))

const tsc = resolve(work, "node_modules/typescript/bin/tsc")
const done = spawnSync(process.execPath, [tsc, "-p", config, "--pretty", "false"], {encoding: "utf8"})
const found = [...done.stdout.matchAll(/^(?:(.+)\((\d+),\d+\): )?error TS(\d+): (.+)$/gm)]
if (done.status !== 0 && !found.length) throw new Error(`tsc: ${done.error ?? ""}${done.stdout}${done.stderr}`)
const faults = found.filter(([, , , code]) => !UNTYPED.has(Number(code)))
for (const [, path, line, code, why] of faults) console.error(`${path ? `${resolve(path).replace(`${root}/`, "")}:${line} ` : ""}TS${code} ${why}`)
console.log(faults.length ? `${faults.length} faults in the scripts of the page` : "scripts of the page: nothing used before or without its declaration")
process.exitCode = faults.length ? 1 : 0
