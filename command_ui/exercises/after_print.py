"""How does the after-action report look as PDF and DOCX? Set like the house's other papers, sealed the same way."""

import io
from html import escape
from pathlib import Path
from typing import Any

from command_ui.exercises.after_action import Account, Block, Table, account
from command_ui.exercises.chart import chart
from command_ui.exercises.looking import Seen
from command_ui.reports.fonts import Faces, faces
from command_ui.reports.press import MEDIA, Format, Printed
from command_ui.words import Language, say
from gis.errors import UnavailableError

INK = {
    "P": "0B6B3F", "S": "0B5CB8", "M": "855000", "U": "B3201F", "met": "0B6B3F", "late": "855000", "missed": "B3201F",
}  # fmt: skip
"""Colour of a rating or result on paper; the letter or word stands there too."""


class AfterActionPress:
    """
    Prints after-action reports.

    Parameters
    ----------
    keys
        Folder of the installation's keys, where the seal lies.
    font
        The font file that is set, or None.
    """

    def __init__(self, keys: Path, font: Path | None = None) -> None:
        self._keys, self._font = keys, font

    def print(self, seen: Seen, wanted: Format, language: Language, who: str) -> Printed:
        """
        Print the report of an exercise as it stands now.

        Raises
        ------
        UnavailableError
            No font with Chinese characters is found; a DOCX is written without one, and without its chart, then.
        """
        said = account(seen, language, who=who)
        try:
            found: Faces | None = faces(self._font)
        except UnavailableError:
            if wanted != "docx":
                raise
            found = None
        picture = chart(said.look, found, language) if found else None
        if wanted == "docx":
            return Printed(f"{said.file_name}.docx", MEDIA[wanted], docx(said, found, picture))
        assert found is not None and picture is not None
        content, name = pdf(said, found, picture), said.file_name
        if wanted == "sealed":
            from command_ui.reports import seal

            content = seal.seal(content, self._keys, reason=f"{said.title} {said.stage}", place=said.issuer)
            name += "-sealed"
        return Printed(f"{name}.pdf", MEDIA[wanted], content)


# -- PDF ---------------------------------------------------------------------------------------------------------------


def pdf(said: Account, found: Faces, picture: bytes) -> bytes:
    """Set the report as PDF, its fonts embedded, the head of the record on every page."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.units import mm
    from reportlab.platypus import CondPageBreak, Flowable, HRFlowable, Image, KeepTogether, Paragraph, Spacer

    from command_ui.reports import pdf as paper

    mark = say(f"mode.{said.mode}.mark", said.language)
    fixed = [say("paper.page", said.language, page=0, pages=0), say("paper.drill.note", said.language), mark]
    kind = paper.Type(found, "".join([*said.texts, *fixed]))
    wide = 158 * mm
    try:
        story: list[Flowable] = [
            Paragraph(escape(said.issuer), kind.issuer), Paragraph(escape(said.number), kind.cell),
            HRFlowable(width="100%", thickness=1.6, color=paper.RED, spaceBefore=2, spaceAfter=8),
            Paragraph(escape(said.title), kind.title), Paragraph(escape(said.stage), kind.stage),
        ]  # fmt: skip
        for block in said.blocks:
            body: list[Flowable] = [Paragraph(escape(line), kind.cell) for line in block.lines if not block.chart]
            if block.chart:
                body.append(Image(io.BytesIO(picture), width=wide, height=wide * 0.42))
                body += [Paragraph(escape(line), kind.small) for line in block.lines]
            if block.table:
                body += [Spacer(1, 2), _pdf_table(block.table, kind, wide, said.language)]
            heading = Paragraph(escape(block.heading), kind.heading)
            story += [CondPageBreak(30 * mm), *([KeepTogether([heading, *body])] if block.chart else [heading, *body])]
            story.append(Spacer(1, 4))
        story += [Spacer(1, 8), HRFlowable(width="100%", thickness=0.5, color=HexColor("#B9C4D0"), spaceAfter=4)]
        end = (say("aar.heads", said.language), *said.heads, said.made)
        story += [Paragraph(escape(line), kind.small) for line in end]
        return paper.build(story, kind, said.foot, title=f"{said.title} {said.stage}", author=said.issuer, mark=mark,
                           language=said.language)  # fmt: skip
    finally:
        kind.forget()


def _pdf_table(table: Table, kind: Any, wide: float, language: Language) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph
    from reportlab.platypus.tables import LongTable, TableStyle

    from command_ui.reports import pdf as paper

    # Chinese may break after any character, an English word may not.
    wrap = "CJK" if language == "zh" else None
    cell = ParagraphStyle("drill-cell", parent=kind.cell, fontSize=9, leading=13, wordWrap=wrap)
    head = ParagraphStyle("drill-head", parent=cell, fontName=kind.strong)
    titled = any(table.heads)

    def toned(row: int, column: int, text: str) -> Any:
        tone = table.tones[row] if column == table.toned and row < len(table.tones) else ""
        words = escape(text)
        if tone:
            words = f'<font name="{kind.strong}" color="#{INK[tone]}">{words}</font>'
        return Paragraph(words, cell if titled or column else head)

    rows = [[Paragraph(escape(text), head) for text in table.heads]] if titled else []
    rows += [[toned(at, column, text) for column, text in enumerate(row)] for at, row in enumerate(table.rows)]
    made = LongTable(rows, colWidths=[wide * share for share in table.widths], repeatRows=1 if titled else 0)
    grid = [one for one in paper.GRID if titled or one[0] != "BACKGROUND"]
    made.setStyle(TableStyle([paper.cell_font(kind), *grid, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return made


# -- DOCX --------------------------------------------------------------------------------------------------------------


def docx(said: Account, found: Faces | None, picture: bytes | None) -> bytes:
    """Set the report as DOCX with real headings and tables that an office can go on writing in."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    from command_ui.reports import word
    from command_ui.reports.typefaces import embed

    document = Document()
    _page(document, said, word)
    centre = WD_ALIGN_PARAGRAPH.CENTER
    for text, size, strong, colour in (
        (said.issuer, 22, True, word.RED), (said.number, 11, False, word.INK), (said.title, 20, True, word.INK),
        (said.stage, 14, False, word.INK),
    ):  # fmt: skip
        line = document.add_paragraph()
        line.alignment = centre
        line.paragraph_format.space_after = Pt(2)
        word.write(line, text, size=size, strong=strong, colour=colour)
    for block in said.blocks:
        _docx_block(document, block, picture, word)
    word.write(document.add_paragraph(), say("aar.heads", said.language), size=9, strong=True)
    for line_text in (*said.heads, said.made):
        line = document.add_paragraph()
        line.paragraph_format.space_after = Pt(0)
        word.write(line, line_text, size=9, colour=word.GREY)
    for table in document.tables:
        table.autofit = False
        for row in table.rows:
            for cell in row.cells:
                for paragraph in cell.paragraphs:
                    paragraph.paragraph_format.space_after = Mm(0)
    out = io.BytesIO()
    if found is not None:
        embed(document, {word.TEXT: found.text, word.STRONG: found.strong})
    document.save(out)
    return out.getvalue()


def _page(document: Any, said: Account, word: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(26), Mm(26)
    section.top_margin, section.bottom_margin = Mm(24), Mm(22)
    document.core_properties.title = f"{said.title} {said.stage}"
    document.core_properties.author = said.issuer
    document.core_properties.comments = said.foot
    mark = say(f"mode.{said.mode}.mark", said.language)
    if mark:
        line = section.header.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        note = f"{mark} · {say('paper.drill.note', said.language)}"
        word.write(line, note, size=10, strong=True, colour=word.DRILL)
    word.write(section.footer.paragraphs[0], said.foot, size=8, colour=word.GREY)


def _docx_block(document: Any, block: Block, picture: bytes | None, word: Any) -> None:
    from docx.shared import Mm, Pt

    heading = document.add_heading(level=1)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(8), Pt(2)
    word.write(heading, block.heading, size=13, strong=True)
    if block.chart and picture is not None:
        document.add_picture(io.BytesIO(picture), width=Mm(158))
    for text in block.lines:
        line = document.add_paragraph()
        line.paragraph_format.space_after = Pt(2)
        word.write(line, text, size=9 if block.chart else 10.5, colour=word.GREY if block.chart else word.INK)
    if block.table is not None:
        _docx_table(document, block.table, word)


def _docx_table(document: Any, table: Table, word: Any) -> None:
    from docx.shared import Mm, RGBColor

    titled = any(table.heads)
    rows = ([table.heads] if titled else []) + list(table.rows)
    made = document.add_table(rows=len(rows), cols=len(table.widths))
    made.style = "Table Grid"
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            cell, number = made.cell(at, column), at - (1 if titled else 0)
            cell.width = Mm(158 * table.widths[column])
            toned = column == table.toned and 0 <= number < len(table.tones) and table.tones[number]
            colour = RGBColor.from_string(INK[toned]) if toned else word.INK
            strong = bool((titled and at == 0) or (not titled and column == 0) or toned)
            word.write(cell.paragraphs[0], text, size=9, strong=strong, colour=colour)
