"""How does a report become a DOCX that an office can go on writing in? Real headings, tables, header and footer."""

import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from command_ui.reports.fonts import Faces
from command_ui.reports.paper import TOLL, Paper, PaperField, PaperLine
from command_ui.reports.pdf import paper_foot
from command_ui.reports.typefaces import embed
from command_ui.reports.wording import date_time
from command_ui.words import say

RED, GREY, INK, DRILL = (RGBColor.from_string(one) for one in ("B3201F", "55636F", "11233A", "9C1C6B"))
TEXT, STRONG = "Noto Serif CJK SC", "Noto Sans CJK SC"
"""Names the document asks for; the characters it uses travel inside it, and an office may set it in its own."""


def draw(paper: Paper, faces: Faces | None, picture: bytes | None, *, who: str) -> bytes:
    """
    Set a paper as DOCX.

    Parameters
    ----------
    faces
        Fonts to embed, cut to the characters used; None leaves them to the reader's machine.
    picture
        The map as PNG, or None.
    """
    document = Document()
    _page(document, paper)
    _head(document, paper)
    for number, one in enumerate(paper.fields, 1):
        _field(document, paper, number, one)
    _history(document, paper)
    _end(document, paper, who)
    if picture is not None:
        _heading(document, say("paper.map", paper.language))
        document.add_picture(io.BytesIO(picture), width=Mm(158))
    out = io.BytesIO()
    if faces is not None:
        embed(document, {TEXT: faces.text, STRONG: faces.strong})
    document.save(out)
    return out.getvalue()


def _page(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(27), Mm(25)
    section.top_margin, section.bottom_margin = Mm(24), Mm(25)
    _font(document.styles["Normal"], TEXT, 12)
    _font(document.styles["Heading 1"], STRONG, 13)
    document.styles["Heading 1"].font.color.rgb = INK
    document.core_properties.title = f"{paper.title} {paper.stage_text}"
    document.core_properties.author = paper.issuer
    document.core_properties.comments = paper_foot(paper)
    mark = say(f"mode.{paper.mode}.mark", paper.language)
    if mark:
        line = section.header.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _run(line, f"{mark} · {say('paper.drill.note', paper.language)}", size=10, strong=True, colour=DRILL)
    foot = section.footer.paragraphs[0]
    _run(foot, f"{paper_foot(paper)}　　", size=8, colour=GREY)
    for code in ("PAGE", "NUMPAGES"):
        _count(foot, code)
        if code == "PAGE":
            _run(foot, " / ", size=8, colour=GREY)


def _head(document: Any, paper: Paper) -> None:
    language = paper.language
    centre = WD_ALIGN_PARAGRAPH.CENTER
    _run(_line(document, centre), paper.issuer, size=25, strong=True, colour=RED)
    numbers = document.add_table(rows=1, cols=2)
    left, right = numbers.rows[0].cells
    _run(left.paragraphs[0], say("paper.number", language, number=paper.paper_number), size=11)
    signer = paper.signer or say("paper.not_filled", language)
    right.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _run(right.paragraphs[0], f"{say('paper.signer', language)}{say('paper.colon', language)}{signer}", size=11)
    title = _line(document, centre)
    _rule(title)
    _run(title, paper.title, size=20, strong=True)
    _run(_line(document, centre), say("paper.stage", language, stage=paper.stage_text), size=14)
    sent = date_time(paper.sent_at, language, full=True) if paper.sent_at else say("paper.draft", language)
    facts = [("paper.to", paper.sent_to or say("paper.not_filled", language)), ("paper.sent_at", sent)]
    if paper.contact:
        facts.append(("paper.contact", paper.contact))
    for code, value in facts:
        _run(_line(document), f"{say(code, language)}{say('paper.colon', language)}{value}", size=10.5)
    if paper.since:
        _run(_line(document), say("paper.since", language, last=paper.since), size=9, colour=GREY)


def _field(document: Any, paper: Paper, number: int, one: PaperField) -> None:
    if one.block:
        title = f"{one.block}　{one.title}"
    elif paper.language == "zh":
        title = f"{say(f'report.numeral.{number}', paper.language)}、{one.title}"
    else:
        title = f"{number}. {one.title}"
    _heading(document, title)
    for line in one.lines:
        _sentence(document, paper, one, line)
    if not one.lines:
        empty = "paper.not_filled" if one.needed and paper.sent_at is None else "paper.none"
        _run(_line(document, indent=True), say(empty, paper.language))


def _sentence(document: Any, paper: Paper, one: PaperField, line: PaperLine) -> None:
    part = _line(document, indent=True)
    if line.changed:
        _run(part, "▲", strong=True, colour=RED)
    _run(part, line.text).underline = line.changed or None
    by_hand = not line.sources and (one.edited or one.by_hand or not line.say)
    note = ",".join(map(str, line.sources)) if line.sources else say("paper.by_hand", paper.language) if by_hand else ""
    if note:
        _run(part, f" [{note}]", size=8, colour=GREY)
    if line.was:
        _run(_line(document, indent=True), say("paper.was", paper.language, text=line.was), size=9, colour=GREY)


def _history(document: Any, paper: Paper) -> None:
    if not paper.history or paper.form != "incident":
        return
    language = paper.language
    _heading(document, say("paper.history", language))
    columns = [say("paper.history.report", language), say("paper.history.at", language)]
    columns += [say(f"paper.toll.{name}", language) for name in TOLL]
    table = document.add_table(rows=1, cols=len(columns))
    table.style = "Table Grid"
    rows = [columns, *([name, at, *map(str, counts)] for name, at, counts in paper.history)]
    for at, row in enumerate(rows):
        cells = table.rows[0].cells if at == 0 else table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            _run(cell.paragraphs[0], text, size=10.5, strong=at == 0)


def _end(document: Any, paper: Paper, who: str) -> None:
    language = paper.language
    made = say("paper.made", language, time=date_time(paper.made_at, language, full=True), who=who)
    lines = [say("paper.sources", language), made]
    if paper.hash:
        lines.append(say("paper.filled_from", language, seq=paper.seq, hash=paper.hash))
    if paper.own is not None:
        lines.append(say("paper.head", language, incident=paper.code, seq=paper.own[0], hash=paper.own[1]))
    for line in lines:
        _run(_line(document), line, size=9, colour=GREY)


# -- pieces ------------------------------------------------------------------------------------------------------------


def _heading(document: Any, text: str) -> None:
    heading = document.add_heading(level=1)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(7), Pt(1)
    _run(heading, text, size=13, strong=True)


def _line(document: Any, alignment: Any = None, *, indent: bool = False) -> Any:
    line = document.add_paragraph()
    line.paragraph_format.space_after = Pt(0)
    line.paragraph_format.line_spacing = 1.4
    if alignment is not None:
        line.alignment = alignment
    if indent:
        line.paragraph_format.first_line_indent = Pt(24)
    return line


def write(line: Any, text: str, *, size: float = 12, strong: bool = False, colour: RGBColor = INK) -> Any:
    """Append text to a paragraph, set in the faces of the house's papers; gives the run."""
    return _run(line, text, size=size, strong=strong, colour=colour)


def _run(line: Any, text: str, *, size: float = 12, strong: bool = False, colour: RGBColor = INK) -> Any:
    run = line.add_run(text)
    _font(run, STRONG if strong else TEXT, size)
    run.font.bold = strong
    run.font.color.rgb = colour
    return run


def _font(bearer: Any, name: str, size: float) -> None:
    bearer.font.name, bearer.font.size = name, Pt(size)
    # Chinese characters have a font setting of their own, which the library leaves alone.
    properties = bearer.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for script in ("w:eastAsia", "w:hAnsi", "w:cs"):
        fonts.set(qn(script), name)


def _rule(line: Any) -> None:
    """Draw the red rule of an official paper above a line."""
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "8"), ("color", "B3201F")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    # The schema wants borders before spacing; python-docx appends spacing when it is first asked for.
    line._p.get_or_add_pPr().insert_element_before(  # noqa: SLF001 - the library has no way to draw a rule
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _count(line: Any, code: str) -> None:
    """Insert a field that Word counts: the page, or how many there are."""
    run = _run(line, "", size=8, colour=GREY)
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)  # noqa: SLF001 - the library has no fields
