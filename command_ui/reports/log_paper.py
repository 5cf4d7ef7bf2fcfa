"""How does the record of an incident read on paper? Every entry with its number, time, author and hash, in order."""

from datetime import UTC, datetime
from html import escape
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer
from reportlab.platypus.tables import LongTable, TableStyle

from command_ui.console.chronicle import row_of
from command_ui.reports import pdf
from command_ui.reports.fonts import Faces
from command_ui.reports.wording import date_time
from command_ui.words import Language, say
from command_ui.words.speaking import both
from command_ui.words.titles import title_in
from gis.clock import DUTY_ZONE
from scenarios.log import Head
from scenarios.situation import Situation

HASH_SHOWN = 16
_WIDTHS = (11 * mm, 31 * mm, 24 * mm, 92 * mm)


def draw(situation: Situation, head: Head, faces: Faces, language: Language, *, who: str) -> bytes:
    """
    Set the record of an incident as PDF; what was corrected is struck through and stays.

    Raises
    ------
    UnavailableError
        A font cannot be used.
    """
    struck = {refers_to for refers_to, _ in situation.struck}
    rows = [_row(row_of(entry, struck), language) for entry in situation.entries]
    title = say("logpaper.title", language, title=title_in(situation.title, language))
    made = say("paper.made", language, time=date_time(datetime.now(UTC), language, full=True), who=who)
    opened = say(
        "logpaper.opened", language, incident=head.code, who=head.opened_by,
        time=date_time(head.opened_at, language, full=True),
    )  # fmt: skip
    last = say("paper.head", language, incident=head.code, seq=head.seq, hash=head.hash)
    heads = [say(f"logpaper.{name}", language) for name in ("entry", "time", "who", "what")]
    check, mark = say("logpaper.check", language), say(f"mode.{head.mode}.mark", language)
    foot = say("paper.head", language, incident=head.code, seq=head.seq, hash=f"{head.hash[:32]}…")
    texts = [title, made, opened, last, check, mark, foot, *heads, *(part for row in rows for part in row[:5])]
    fixed = [say("paper.page", language, page=0, pages=0), say("paper.drill.note", language)]
    kind = pdf.Type(faces, "".join([*texts, *fixed]))
    try:
        story: list[Flowable] = [Paragraph(escape(title), kind.title), Spacer(1, 6)]
        story += [Paragraph(escape(line), kind.small) for line in (opened, last, made, check)]
        story.append(Spacer(1, 6))
        cells = [[Paragraph(escape(one), kind.small) for one in heads]]
        cells += [_cells(row, kind) for row in rows]
        table = LongTable(cells, colWidths=_WIDTHS, repeatRows=1)
        table.setStyle(TableStyle([pdf.cell_font(kind), *pdf.GRID, ("VALIGN", (0, 1), (-1, -1), "TOP")]))
        story.append(table)
        return pdf.build(story, kind, foot, title=title, author=head.opened_by, mark=mark, language=language)
    finally:
        kind.forget()


def _row(entry: dict[str, Any], language: Language) -> tuple[str, str, str, str, str, bool]:
    recorded = datetime.fromisoformat(entry["recorded_at"]).astimezone(DUTY_ZONE)
    name = say(f"event.{entry['kind']}", language)
    values = {key: _spoken(value, language) for key, value in entry["values"].items()}
    said = both(entry["code"])[language].format(**values) if entry["code"] else ""
    text = "；".join(part for part in dict.fromkeys((said, entry["text"])) if part)
    what = f"{name}：{text}" if text else name
    return (
        str(entry["seq"]), f"{recorded:%Y-%m-%d %H:%M:%S}", entry["actor"], what, f"{entry['hash'][:HASH_SHOWN]}…",
        bool(entry["struck"]),
    )  # fmt: skip


def _spoken(value: Any, language: Language) -> Any:
    return value.get(language, value.get("zh")) if isinstance(value, dict) else value


def _cells(row: tuple[str, str, str, str, str, bool], kind: pdf.Type) -> list[Paragraph]:
    seq, recorded, actor, what, digest, struck = row
    text = f"<strike>{escape(what)}</strike>" if struck else escape(what)
    return [
        Paragraph(escape(seq), kind.cell),
        Paragraph(escape(recorded), kind.small),
        Paragraph(escape(actor), kind.small),
        Paragraph(f'{text}<br/><font size="7.5" color="#55636F">{escape(digest)}</font>', kind.cell),
    ]
