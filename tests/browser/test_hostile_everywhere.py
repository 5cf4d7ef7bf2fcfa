"""S6: do words a stranger typed stay words? Every text field of schemas and tables, on every page, in a browser."""

import itertools
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pytest

from command_ui.console.pages import PAGES
from gis.cluster import PrivateCluster
from gis.database import Database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

RUN = "window.__ran.push(1)"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg/onload={RUN}>",
    f"<body onload={RUN}>",
    f'"><img src=x onerror={RUN}>',
    f"'><svg onload={RUN}>",
    f"' autofocus onfocus={RUN} x='",
    f'" onmouseover={RUN} x="',
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<iframe src=javascript:{RUN}>",
    f"<a href=javascript:{RUN}>点此</a>",
    f"<a href='data:text/html,<script>{RUN}</script>'>点</a>",
    "<style>@import 'http://evil.example/x.css'</style>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<img src=http://evil.example/x.png>",
    "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<form action=http://evil.example/><button>确认</button></form>",
    f"<math><mtext><img src=x onerror={RUN}>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<marquee onstart={RUN}>",
    f"<object data=javascript:{RUN}>",
    f"<embed src=javascript:{RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><use href='data:image/svg+xml,<svg onload={RUN}>'/></svg>",
    f"<template><script>{RUN}</script></template>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"<title></title><img src=x onerror={RUN}>",
    f"<textarea></textarea><img src=x onerror={RUN}>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f"<x onclick={RUN} style=position:fixed;inset:0>x</x>",
    f"${{{RUN}}}",
    f"`${{{RUN}}}`",
    f"{{{{{RUN}}}}}",
    f"<%= {RUN} %>",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"';{RUN};//",
    f'";{RUN};//',
    f'\\";{RUN};//',
    f"</script><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"](javascript:{RUN})",
    "![x](http://evil.example/x.png)",
    f"[点](javascript:{RUN})",
    f"javascript:{RUN}",
    f"&lt;img src=x onerror={RUN}&gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"%3Cimg src=x onerror={RUN}%3E",
    f"\\u003cimg src=x onerror={RUN}\\u003e",
    f"<img/src=x\tonerror={RUN}>",
    f"<ＩＭＧ src=x onerror={RUN}>",
    "__proto__",
    "constructor",
    f"<scr<script>ipt>{RUN}</script>",
]

LISTEN = """
window.__ran = []; window.__csp = [];
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => { window.__ran.push(name) };
window.addEventListener("securitypolicyviolation", (event) => {
  window.__csp.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
}, true);
"""
# What a payload would leave behind if it had become markup, in every shadow root of the page.
PLANTED = """
() => {
  const found = [], roots = [document], places = ["href", "src", "data", "action"]
  const bad = ({name, value}) => name.startsWith("on") && value.includes("__ran")
    || places.includes(name) && (/^\\s*javascript:/i.test(value) || value.includes("//evil.example"))
  while (roots.length) {
    for (const one of roots.pop().querySelectorAll("*")) {
      if (one.shadowRoot) roots.push(one.shadowRoot)
      const planted = [...one.attributes].find(bad)
      if (planted) found.push(`<${one.localName} ${planted.name}="${planted.value.slice(0, 80)}">`)
    }
  }
  return found
}
"""

SKIPPED = ("/api/v1/sessions", "/api/v1/accounts", "/api/v1/audit", "/api/v1/nodes/", "/api/v1/uploads", "unmask")
"""Operations that sign somebody in or out, need a file, or keep accounts: they have tests of their own."""
KEYS = (
    "id", "division_code", "label", "mode", "register", "pinyin", "initials", "kind", "status", "state", "level",
    "uscc", "quantity", "unit", "cas_number", "un_number", "substance", "size_class", "stability", "subject",
)  # fmt: skip
"""Columns that name or sort a row: with a payload in them there would be nothing to look at."""


class Filler:
    """Writes a body by its schema with the next payload in every free text."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._turn = itertools.cycle(PAYLOADS)
        self.fields = 0

    def body(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """A value the schema takes, as full as it may be."""
        if "$ref" in schema:
            found: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            return self.body(found, depth)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.body(next(one for one in schema[key] if one.get("type") != "null"), depth)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            named = schema.get("properties", {})
            needed = set(schema.get("required", ()))
            return {
                name: self.body(one, depth + 1) for name, one in named.items() if name in needed or self._is_text(one)
            }
        if kind == "array":
            return [self.body(schema.get("items", {}), depth + 1)] if depth < 6 and schema.get("minItems") else []
        if kind == "string":
            return self._text(schema)
        if kind in ("integer", "number"):
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in schema else 1)
        return kind == "boolean" or {}

    def _is_text(self, schema: dict[str, Any]) -> bool:
        return schema.get("type") == "string" and not {"enum", "const", "pattern", "format"} & set(schema)

    def _text(self, schema: dict[str, Any]) -> str:
        if schema.get("format") == "date-time":
            return datetime.now(UTC).isoformat()
        if schema.get("format") == "uuid":
            return str(uuid.uuid4())
        if "pattern" in schema:
            return "990102" if "0-9" in schema["pattern"] else "x"
        self.fields += 1
        return str(next(self._turn))[: schema.get("maxLength", 400)]


@pytest.fixture(scope="module")
def hostile(
    city: tuple[str, dict[str, str]], city_database: Database, cluster: PrivateCluster
) -> tuple[str, dict[str, str], str]:
    """The sample city with a payload in every text field that takes one; its origin, accounts, and the incident."""
    origin, accounts = city
    stored, incident = _tell(origin, accounts)
    written = _plant(cluster.conninfo(database=str(city_database.engine.url.database)))
    assert stored > 40, f"only {stored} fields were taken: the schemas are not understood any more"
    assert written > 60, f"only {written} columns were written"
    return origin, accounts, incident


def _tell(origin: str, accounts: dict[str, str]) -> tuple[int, str]:
    with httpx.Client(base_url=origin, timeout=60, headers={"origin": origin}) as client:
        name = "commander" if "commander" in accounts else next(iter(accounts))
        token = client.post("/api/v1/sessions", json={"name": name, "password": accounts[name]}).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        document = client.get("/api/v1/openapi.json").json()
        filler, taken = Filler(document), 0
        incident = client.get("/api/v1/incidents").json()["incidents"][0]["incident_id"]
        for path, methods in document["paths"].items():
            if "post" not in methods or any(one in path for one in SKIPPED):
                continue
            schema = methods["post"].get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            address = path.replace("{incident_id}", incident)
            if schema is None or "{" in address:
                continue
            for _ in range(3):
                before, body = filler.fields, filler.body(schema)
                answer = client.post(address, json=body, headers={"idempotency-key": str(uuid.uuid4())})
                assert answer.status_code < 500, (address, answer.text)
                taken += (filler.fields - before) * answer.is_success
        for kind in client.get("/api/v1/kinds").json():
            head = client.get(f"/api/v1/incidents/{incident}").json()
            own = Filler(kind["payload"])
            own._turn = filler._turn
            body = {"kind": kind["kind"], "payload": own.body(kind["payload"])}
            if kind["needs_expected_seq"]:
                if kind["kind"] == "incident_closed":
                    continue
                body["expected_seq"] = head.get("seq", head.get("last_seq", 0))
            answer = client.post(f"/api/v1/incidents/{incident}/entries", json=body,
                                 headers={"idempotency-key": str(uuid.uuid4())})  # fmt: skip
            assert answer.status_code < 500, (kind["kind"], answer.text)
            taken += own.fields * answer.is_success
        for words in PAYLOADS:
            client.post(f"/api/v1/incidents/{incident}/entries", json={"kind": "note", "payload": {"text": words}},
                        headers={"idempotency-key": str(uuid.uuid4())})  # fmt: skip
    return taken, str(incident)


def _plant(conninfo: str) -> int:
    """Write payloads into the text columns of every layer; a column whose rule refuses them is left as it is."""
    turn, written = itertools.cycle(PAYLOADS), 0
    with psycopg.connect(conninfo, autocommit=True) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'layers' AND table_type = 'BASE TABLE'"
            " AND data_type = 'text' AND is_generated = 'NEVER' ORDER BY 1, 2"
        ).fetchall()
        for table, column in columns:
            if column in KEYS or column.endswith("_id") or table in ("base_line", "base_area", "population_cell"):
                continue
            where = "hazard_level IS NOT NULL" if table == "enterprise" else "true"
            try:
                connection.execute(f"UPDATE layers.{table} SET {column} = %s WHERE {where}".encode(), [next(turn)])
                written += 1
            except psycopg.errors.CheckViolation:
                continue
    return written


@pytest.fixture
def page(hostile: tuple[str, dict[str, str], str], browser: "Browser") -> Iterator["Page"]:
    """A signed-in page that listens for whatever runs or is stopped."""
    origin, accounts, _ = hostile
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.add_init_script(LISTEN)
    opened = context.new_page()
    opened.goto(f"{origin}/sign-in")
    opened.fill("#name", "duty")
    opened.fill("#password", accounts["duty"])
    opened.click("button[type=submit]")
    opened.wait_for_load_state("domcontentloaded")
    yield opened
    context.close()


def told(page: "Page") -> list[str]:
    """Everything that ran, was stopped by the policy, or became markup."""
    ran, stopped = page.evaluate("() => [window.__ran.map(String), window.__csp]")
    return [f"ran {one}" for one in ran] + [f"stopped {one}" for one in stopped] + page.evaluate(PLANTED)


PLACES = [
    *[one.path for one in PAGES if one.code not in ("accounts", "audit", "guide")],
    "/?layer=enterprise&id={firm}",
    "/dossier?layer=enterprise&id={firm}",
    "/report?incident={incident}&form=minutes",
    "/replay?incident={incident}",
    "/wall?incident={incident}",
    "/plans?tab=stock",
    "/data?tab=mend",
    "/field",
    "/account",
]


@pytest.mark.parametrize("place", PLACES)
def test_words_stay_words_on_every_page(hostile: tuple[str, dict[str, str], str], page: "Page", place: str) -> None:
    origin, _, incident = hostile
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    page.goto(origin + place.format(firm=_firm(origin, page), incident=incident))
    page.wait_for_load_state("load")
    page.wait_for_timeout(4000)
    wrong = told(page)
    for number in range(min(page.locator("[role=tab]").count(), 10)):
        tab = page.locator("[role=tab]").nth(number)
        if tab.is_visible():
            tab.click(force=True)
            page.wait_for_timeout(400)
            wrong += told(page)
    page.keyboard.press("/")
    page.keyboard.type("<img")
    page.wait_for_timeout(600)
    assert wrong + told(page) == []
    assert {one for one in asked if one} == {urlsplit(origin).netloc}


def _firm(origin: str, page: "Page") -> str:
    answer = page.request.get(f"{origin}/api/v1/layers/hazard_source/rows?limit=1")
    row = answer.json()["rows"][0]
    found = page.request.get(f"{origin}/api/v1/layers/hazard_source/{row[0]}").json()
    return next((str(one["value"]) for one in found["fields"] if one["column"] == "enterprise_id"), str(row[0]))


def test_what_is_sent_back_at_once_stays_words(hostile: tuple[str, dict[str, str], str], page: "Page") -> None:
    """Reflected: addresses, queries and wrong names come back in pages of refusal and in forms."""
    origin, _, _ = hostile
    for words in PAYLOADS[:24]:
        said = quote(words, safe="")
        for address in (
            f"/nichts/{said}",
            f"/sign-in?next={said}",
            f"/plans?tab={said}",
            f"/data?mend={said}&what={said}&tab=mend",
            f"/?incident={said}",
        ):
            page.goto(origin + address)
            assert told(page) == [], address


def test_files_that_leave_the_house_hold_words_only(
    hostile: tuple[str, dict[str, str], str], page: "Page", browser: "Browser"
) -> None:
    """The briefing and the replay are opened by people outside, from a disk and without our headers."""
    origin, _, incident = hostile
    for address in (f"/api/v1/incidents/{incident}/briefing", f"/api/v1/incidents/{incident}/replay/file"):
        answer = page.request.get(origin + address)
        assert answer.ok
        outside = browser.new_context()
        outside.add_init_script(LISTEN)
        one = outside.new_page()
        one.set_content(answer.text())
        one.wait_for_timeout(3000)
        assert [line for line in told(one) if not line.startswith("stopped")] == [], address
        outside.close()


def test_one_pane_with_unescaped_text_is_found(hostile: tuple[str, dict[str, str], str], page: "Page") -> None:
    """The test of the test."""
    origin, _, _ = hostile
    for words in (PAYLOADS[1], PAYLOADS[10], PAYLOADS[14]):
        page.goto(f"{origin}/account")
        assert told(page) == []
        page.evaluate("(words) => { document.body.insertAdjacentHTML('beforeend', words) }", words)
        page.wait_for_timeout(300)
        assert told(page) != [], words
