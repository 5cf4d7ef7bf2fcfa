"""Does the log of the desk scroll through fifty thousand entries, and what does a jump in it cost?"""

import statistics
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from gis.database import Caller, Database
from scenarios import log
from scenarios.events import CasualtiesReported, Note

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

OFFICER = Caller("duty", "990100", "990200", "drill")
ENTRIES = 50_000
PATIENCE = 120_000
JUMPS = 40
ALIVE = 700
"""Rows in the page at any time: what is seen and a little on either side."""

SHOWN = """() => { const find = (root) => { for (const one of root.querySelectorAll('*')) {
    if (one.matches?.('.record-list')) return one
    if (one.shadowRoot) { const found = find(one.shadowRoot); if (found) return found } } return null }
  window.onemapList = find(document); return Boolean(window.onemapList) }"""
# Jumps to a share of the list and waits until a row stands in the middle of what is seen; frames are timed meanwhile.
JUMP = """async (share) => {
  const list = window.onemapList, box = list.closest('.scroll'), frames = []
  let last = performance.now(), on = true
  const beat = (now) => { frames.push(now - last); last = now; if (on) requestAnimationFrame(beat) }
  requestAnimationFrame(beat)
  const began = performance.now()
  box.scrollTop = share * (box.scrollHeight - box.clientHeight)
  const rect = box.getBoundingClientRect(), root = list.getRootNode()
  const row = () => root.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height * 0.6)?.closest('.entry')
  while (!row() && performance.now() - began < 60000) await new Promise((then) => setTimeout(then, 8))
  const shown = performance.now() - began
  await new Promise((then) => setTimeout(then, 120))
  on = false
  const seq = row()?.querySelector('.seq')?.textContent
  return {shown, frames: frames.slice(1), seq, rows: list.querySelectorAll('.entry').length} }"""


@pytest.fixture(scope="module")
def grown(city_database: Database) -> int:
    """The open incident of the city, grown to fifty thousand entries before anybody looks."""
    with city_database.transaction(OFFICER) as connection:
        head = next(one for one in reversed(log.heads(connection, mode="drill")))
    for start in range(head.seq, ENTRIES, 500):
        numbers = range(start + 1, min(start + 500, ENTRIES) + 1)
        said = [
            CasualtiesReported(slightly_injured=n % 40) if n % 250 == 5 else Note(f"第 {n} 行：巡查正常（演练）")
            for n in numbers
        ]
        log.append_kept(city_database, OFFICER, head.incident_id, [log.Kept(one, uuid4()) for one in said])
    return ENTRIES


def test_the_list_scrolls_through_fifty_thousand(
    grown: int, city: tuple[str, dict[str, str]], browser: "Browser", repository: "Path", city_database: Database
) -> None:
    origin, accounts = city
    with city_database.transaction(OFFICER) as connection:
        code = next(one.code for one in log.heads(connection, mode="drill") if one.seq >= grown)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page: Page = context.new_page()
    page.goto(f"{origin}/sign-in")
    page.fill("#name", "duty")
    page.fill("#password", accounts["duty"])
    page.click("button[type=submit]")
    began = time.perf_counter()
    page.wait_for_selector(".incident", timeout=PATIENCE)
    page.locator(".incident", has_text=code).first.click()
    page.keyboard.press("5")
    page.wait_for_selector(".record-list .entry", timeout=PATIENCE)
    page.wait_for_selector(f".timeline .chip:text-matches('全部 {grown // 1000}')", timeout=PATIENCE)
    cold_s = time.perf_counter() - began
    page.wait_for_timeout(1500)
    assert page.evaluate(SHOWN)
    assert page.locator(".timeline svg.axis circle").count() < 1500
    found: list[dict[str, Any]] = []
    for n in range(JUMPS):
        # to and fro over the whole record, never to a place seen before
        share = (n / JUMPS + (0.5 if n % 2 else 0.0)) % 1.0
        found.append(page.evaluate(JUMP, share))
    first = page.evaluate(JUMP, 1.0)
    last = page.evaluate(JUMP, 0.0)
    assert first["seq"] is not None and int(first["seq"][1:]) < 60
    assert last["seq"] is not None and int(last["seq"][1:]) > grown - 60
    assert all(one["seq"] for one in found), "a jump ended on an empty list"
    assert max(one["rows"] for one in found) < ALIVE
    shown = sorted(one["shown"] for one in found)
    frames = sorted(frame for one in found for frame in one["frames"])
    figure = (
        f"{grown} entries: desk, log and timeline of a server and a browser that knew nothing in {cold_s:.1f} s; "
        f"{JUMPS} jumps over the whole list, rows there after p50 {statistics.median(shown):.0f} ms, "
        f"p95 {shown[int(0.95 * len(shown))]:.0f} ms; frames p50 {statistics.median(frames):.0f} ms, "
        f"p95 {frames[int(0.95 * len(frames))]:.0f} ms, worst {frames[-1]:.0f} ms; "
        f"at most {max(one['rows'] for one in found)} rows alive\n"
    )
    folder = repository / "artefacts"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / "record-fifty-thousand.png")
    (folder / "record-fifty-thousand.txt").write_text(figure, encoding="utf-8")
    context.close()
