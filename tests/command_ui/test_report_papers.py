"""Does a report say only what the record says, mark what changed, and come out of DOCX and PDF as it went in?"""

import io
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import docx
import pypdf
import pytest
from fontTools.ttLib import TTFont

from command_ui.reports import fonts, log_paper, pdf, seal, word
from command_ui.reports.paper import Paper, as_fields, compose_fields, fields_sent, history_of
from command_ui.reports.typefaces import masked
from command_ui.reports.wording import stage_text
from gis.errors import InputError, UnavailableError
from scenarios.events import (
    CasualtiesReported,
    Correction,
    Entry,
    Event,
    ExposureAssessed,
    HazardForecast,
    IncidentReported,
    Note,
    ResponseLevelSet,
    payload_of,
)
from scenarios.grade import suggest
from scenarios.log import Head
from scenarios.reports.desk import previous
from scenarios.reports.events import ReportSent, Stage
from scenarios.reports.filling import fill
from scenarios.situation import Situation, situation_at

START = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
CASE = {
    "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 3600},
    "weather": {"wind_from_deg": 225, "wind_speed_m_s": 2.8, "temperature_c": 14.2, "stability": "D"},
}


def zone(level: int, name: str, threshold: float, reach_m: float) -> dict[str, Any]:
    properties = {"level": level, "level_name": name, "threshold": threshold, "unit": "ppm", "reach_m": reach_m}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [118.7, 31.4]}, "properties": properties}


def told(*events: Event) -> list[Entry]:
    return [
        Entry(
            UUID(int=7),
            n,
            event.code,
            "演练",
            None,
            START + timedelta(minutes=n),
            payload_of(event),
            (),
            "",
            f"{n:064x}",
        )
        for n, event in enumerate(events, 1)
    ]


STORY: tuple[Event, ...] = (
    IncidentReported(
        "演练化工一厂氯气泄漏", 118.7124, 31.4087, START, START + timedelta(minutes=3), "alarm", "液氯库东侧（演练）",
        "990102", "hazmat_leak", "企业值班室（演练）", "现场目视黄绿色气体", CASE,
    ),
    HazardForecast(
        run_id="R-1", status="ok", seconds=0.7, provenance={"version": "1"}, case=CASE,
        zones={"type": "FeatureCollection", "features": [zone(3, "AEGL-3", 20, 761.99), zone(2, "AEGL-2", 2, 2611.4)]},
        envelope=None, summary={"model": "dense", "substance_zh": "氯"}, notes=("no_terrain",),
    ),
    ExposureAssessed(
        run_id="R-1", status="ok", seconds=0.1, provenance={}, day=True, total_day=1000, total_night=900, outside_day=0,
        outside_night=0,
        bands=(
            {"level": 3, "level_name": "AEGL-3", "people_day": 347, "people_night": 11},
            {"level": 2, "level_name": "AEGL-2", "people_day": 2176, "people_night": 3863},
        ),
        facilities=({"name": "练江三小（演练）", "people": 864, "distance_m": 1210.08, "level_name": "AEGL-2"},),
    ),
    CasualtiesReported(seriously_injured=2, missing=1),
    suggest(CasualtiesReported(seriously_injured=2, missing=1)),
    ResponseLevelSet(3, "氯气泄漏"),
    Note("消防两车到场（演练）"),
    Note("此条记错（演练）"),
    Correction(8, f"{8:064x}", "记错"),
)  # fmt: skip


def paper_of(entries: list[Entry], stage: Stage = "first", **edits: str) -> tuple[Paper, Situation]:
    known = situation_at(entries)
    since = previous(known.reporting, "incident") if stage != "first" else None
    typed = {code: {"text": text, "filled": ""} for code, text in edits.items()}
    fields = compose_fields(fill(known, "incident", stage, since), typed, "zh", since)
    return Paper(
        form="incident", stage=stage, channel="written", number=1, paper_number="YL-2026-0001-R01",
        incident=known.title, code="YL-2026-0001", mode="drill", language="zh", sent_to="市应急局（演练）",
        issuer="演练市应急指挥中心", signer="何静（演练）", contact="", fields=fields, seq=known.seq,
        hash=known.head_hash, made_at=START + timedelta(minutes=20), since="首报" if since else "",
        history=history_of(known.reporting.of_form("incident"), "zh"),
    ), known  # fmt: skip


def sent(paper: Paper) -> ReportSent:
    return ReportSent(
        paper.stage, "written", paper.number, paper.sent_to, START + timedelta(minutes=30), title=paper.title,
        fields=as_fields(paper), known_seq=paper.seq, known_hash=paper.hash,
    )  # fmt: skip


def numbers_in(value: Any) -> set[float]:
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, int | float):
        return {float(value)}
    if isinstance(value, dict):
        return set().union(*map(numbers_in, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(numbers_in, value))
    return set()


def test_every_number_stands_in_the_entries_that_are_named() -> None:
    entries = told(*STORY)
    by_seq = {entry.seq: entry for entry in entries}
    known = situation_at(entries)
    lines = [
        line for form in ("incident", "ics209", "minutes") for one in fill(known, form, "first") for line in one.lines
    ]  # type: ignore[arg-type]
    assert len(lines) > 40
    for line in lines:
        found = set().union(*(numbers_in(by_seq[seq].payload) | {float(seq)} for seq in line.sources), set())
        bands = [band for seq in line.sources for band in by_seq[seq].payload.get("bands") or []]
        # Bands are disjoint, so the people in all zones are their sum: the one figure worked out here.
        found |= {float(sum(band[name] for band in bands)) for name in ("people_day", "people_night") if bands}
        rounded = {round(number, 4) for number in found}
        assert numbers_in(line.values) <= rounded | found, line
        assert line.sources or not numbers_in(line.values), line


def test_the_fields_of_order_493_are_there_and_what_is_struck_is_not() -> None:
    paper, _ = paper_of(told(*STORY))
    said = {one.code: one.text for one in paper.fields}
    assert list(said)[:4] == ["unit", "when_where", "course", "toll"]
    assert "死亡 0 人，重伤（含急性中毒）2 人，轻伤 0 人，失联 1 人，被困 0 人。" in said["toll"]
    assert "接报时间：2026年11月24日14:03，报告人：企业值班室（演练）（告警）。" in said["when_where"]
    assert "最远 762 米" in said["impact"]
    assert "白天 2523 人，夜间 3874 人" in said["impact"]
    assert "消防两车到场" in said["course"]
    assert "此条记错" not in said["course"]
    assert "已启动Ⅲ 级应急响应。" in said["measures"]
    assert "建议疏散" not in said["measures"], "what is only proposed is no measure taken"
    assert paper.missing == ()


def test_a_follow_up_marks_what_changed_and_says_what_stood_there() -> None:
    first, _ = paper_of(told(*STORY))
    more = CasualtiesReported(dead=1, seriously_injured=2)
    entries = told(*STORY, sent(first), more, suggest(more), Note("遇难者身份核实中（演练）"))
    paper, _ = paper_of(entries, "follow_up")
    lines = {line.text: line for one in paper.fields for line in one.lines}
    changed = lines["死亡 1 人，重伤（含急性中毒）2 人，轻伤 0 人，失联 0 人，被困 0 人。"]
    assert changed.changed
    assert changed.was == "死亡 0 人，重伤（含急性中毒）2 人，轻伤 0 人，失联 1 人，被困 0 人。"
    assert changed.sources == (11,)
    assert not lines["事发时间：2026年11月24日14:00。"].changed
    course = next(one for one in paper.fields if one.code == "course")
    assert [line.sources for line in course.lines] == [(11,), (13,)], "a follow-up tells what came after"
    assert paper.history == (("首报", "11月24日14:30", (0, 2, 0, 1, 0)),)


def test_what_a_person_wrote_stays_and_loses_its_source_where_he_changed_it() -> None:
    filled, _ = paper_of(told(*STORY))
    old = next(one.text for one in filled.fields if one.code == "when_where").splitlines()
    paper, _ = paper_of(told(*STORY), when_where="\n".join([old[0], "现场已拉警戒线（演练）。"]), trend="可控。")
    found = {one.code: one for one in paper.fields}
    assert [line.sources for line in found["when_where"].lines] == [(1,), ()]
    assert found["when_where"].edited
    assert found["when_where"].moved, "the record says something else than when he wrote"
    assert found["trend"].text == "可控。"
    assert found["trend"].by_hand


def test_what_was_sent_reads_back_word_for_word() -> None:
    paper, _ = paper_of(told(*STORY), trend="可控。")
    again = fields_sent(sent(paper), "zh")
    assert [(one.code, one.text, [line.sources for line in one.lines]) for one in again] == [
        (one.code, one.text, [line.sources for line in one.lines]) for one in paper.fields
    ]


def test_a_small_hand_of_names() -> None:
    assert [stage_text("incident", stage, n, "zh") for stage, n in (("first", 1), ("follow_up", 3), ("final", 1))] == [
        "首报", "续报三", "终报",
    ]  # fmt: skip
    assert stage_text("ics209", "follow_up", 2, "en") == "Update 2"


def found_faces() -> fonts.Faces:
    try:
        return fonts.faces()
    except UnavailableError:
        pytest.skip("this machine has no font with Chinese characters")


@pytest.fixture(scope="module")
def printed() -> tuple[Paper, bytes, bytes]:
    first, _ = paper_of(told(*STORY))
    more = CasualtiesReported(dead=1, seriously_injured=2)
    entries = told(*STORY, sent(first), more, suggest(more))
    paper, _ = paper_of(entries, "follow_up", trend="风险可控，继续稀释中和（演练）。")
    paper = replace(paper, own=(13, "ab" * 32), sent_at=START + timedelta(minutes=40))
    faces = found_faces()
    return paper, pdf.draw(paper, faces, None, who="演练"), word.draw(paper, faces, None, who="演练")


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_pdf_says_it_all_with_every_font_embedded(printed: tuple[Paper, bytes, bytes]) -> None:
    paper, made, _ = printed
    reader = pypdf.PdfReader(io.BytesIO(made))
    pages = [flat(page.extract_text()) for page in reader.pages]
    whole = "".join(pages)
    for one in paper.fields:
        assert flat(one.title) in whole
        for line in one.lines:
            # A mark in the margin or the end of a page may stand in between: sentence by sentence is enough.
            assert flat(line.text)[:16] in whole, line.text
    assert "演练化工一厂氯气泄漏事故快报" in whole
    assert all("本件为演练材料" in page for page in pages), "every page of a drill says so"
    assert all("指挥日志YL-2026-0001第13条" in page for page in pages), "every page carries the head of the record"
    assert "ab" * 32 in whole
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            assert "/FontFile2" in font.get_object()["/FontDescriptor"].get_object()


def test_the_docx_opens_again_with_its_fonts_inside(printed: tuple[Paper, bytes, bytes]) -> None:
    paper, _, made = printed
    document = docx.Document(io.BytesIO(made))
    said = "\n".join(part.text for part in document.paragraphs)
    for one in paper.fields:
        assert one.title in said
        for line in one.lines:
            assert line.text in said
    assert [[cell.text for cell in row.cells] for row in document.tables[-1].rows][1][2:] == ["0", "2", "0", "1", "0"]
    changed = [run.text for part in document.paragraphs for run in part.runs if run.underline]
    assert "死亡 1 人，重伤（含急性中毒）2 人，轻伤 0 人，失联 0 人，被困 0 人。" in changed
    archive = zipfile.ZipFile(io.BytesIO(made))
    table = archive.read("word/fontTable.xml").decode()
    keys = re.findall(r'fontKey="\{([0-9A-F-]+)\}"', table)
    assert len(keys) == 2
    for number, key in enumerate(keys, 1):
        font = TTFont(io.BytesIO(masked(archive.read(f"word/fonts/font{number}.odttf"), UUID(key))))
        assert ord("报") in font.getBestCmap()


def test_a_font_that_is_not_there_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"ONEMAP_REPORT_FONT names gone\.ttf, which is not there"):
        fonts.faces(tmp_path / "gone.ttf")


def test_two_papers_after_one_another_do_not_share_characters(printed: tuple[Paper, bytes, bytes]) -> None:
    paper, _, _ = printed
    other = pdf.draw(replace(paper, issuer="龘靐齉（演练）"), found_faces(), None, who="演练")
    assert "龘靐齉" in flat(pypdf.PdfReader(io.BytesIO(other)).pages[0].extract_text())


def test_a_sealed_paper_shows_every_change(printed: tuple[Paper, bytes, bytes], tmp_path: Path) -> None:
    _, made, _ = printed
    sealed = seal.seal(made, tmp_path / "keys", reason="续报一", place="演练市")
    certificate = seal.make(tmp_path / "keys")
    (found,) = seal.check(sealed, certificate)
    assert found.ok
    assert seal.check(made, certificate) == []
    (behind,) = seal.check(sealed + b"\n% more\n", certificate)
    assert (behind.ok, behind.whole) == (False, False)
    for at in range(200, len(made), max(1, len(made) // 12)):
        altered = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        try:
            verdicts = seal.check(altered, certificate)
        except InputError:
            continue
        assert not verdicts or not all(one.ok for one in verdicts), f"byte {at} was changed and nobody noticed"
    (foreign,) = seal.check(sealed, seal.make(tmp_path / "others"))
    assert (foreign.intact, foreign.ours) == (True, False)
    assert (tmp_path / "keys" / seal.KEY).stat().st_mode & 0o077 == 0


def test_the_command_says_whether_a_seal_holds(printed: tuple[Paper, bytes, bytes], tmp_path: Path) -> None:
    sealed = seal.seal(printed[1], tmp_path / "keys", reason="续报一", place="演练市")
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(sealed)
    bad.write_bytes(sealed[:900] + bytes([sealed[900] ^ 1]) + sealed[901:])
    for file, code in ((good, 0), (bad, 1)):
        command = [Path(sys.executable).parent / "onemap", "report", "verify", file, "--certificate",
                   tmp_path / "keys" / seal.CERTIFICATE]  # fmt: skip
        assert subprocess.run(command, capture_output=True, check=False).returncode in (code, 2 * code)


def test_the_record_reads_on_paper_with_what_was_struck_and_its_head() -> None:
    entries = told(*STORY)
    known = situation_at(entries)
    head = Head(UUID(int=7), "YL-2026-0001", "990102", "drill", "演练", START, known.seq, known.head_hash, START)
    made = log_paper.draw(known, head, found_faces(), "zh", who="演练")
    reader = pypdf.PdfReader(io.BytesIO(made))
    text = flat("".join(page.extract_text() for page in reader.pages))
    for entry in entries:
        assert entry.hash[:16] in text
    assert flat("此条记错（演练）") in text, "what is struck through is still there"
    assert known.head_hash in text
    assert "YL-2026-0001" in text
