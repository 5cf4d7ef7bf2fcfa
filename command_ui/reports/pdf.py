"""How does a report become a PDF? Set like an official paper, fonts embedded, the head of the record on every page."""

import hashlib
import io
from html import escape
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, HRFlowable, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus.tables import Table, TableStyle

from command_ui.reports.fonts import Faces, cut
from command_ui.reports.paper import TOLL, Paper, PaperField, PaperLine
from command_ui.reports.wording import date_time
from command_ui.words import say
from command_ui.words.speaking import both

RED = HexColor("#B3201F")
INK = HexColor("#11233A")
GREY = HexColor("#55636F")
RULE = HexColor("#B9C4D0")
_LEFT, _RIGHT, _TOP, _BOTTOM = 27 * mm, 25 * mm, 24 * mm, 25 * mm
_WIDTH = A4[0] - _LEFT - _RIGHT
_ALWAYS = "".join(chr(code) for code in range(32, 127)) + "▲·—～…（）【】“”，。：；、℃°²₂≥→#第页共条演练"


class Type:
    """Fonts and styles of one document; its fonts are forgotten again when the document is done."""

    def __init__(self, faces: Faces, characters: str) -> None:
        used = frozenset(character for character in characters + _ALWAYS if character.isprintable())
        self.text = _register(cut(faces.text, used))
        self.strong = _register(cut(faces.strong, used))
        base: dict[str, Any] = {"fontName": self.text, "textColor": INK, "wordWrap": "CJK"}
        self.body = ParagraphStyle("body", fontSize=12, leading=20.5, alignment=TA_JUSTIFY, firstLineIndent=24, **base)
        self.small = ParagraphStyle("small", fontSize=9, leading=13.5, **base | {"textColor": GREY})
        self.was = ParagraphStyle("was", parent=self.small, leftIndent=24)
        self.cell = ParagraphStyle("cell", fontSize=10.5, leading=15, **base)
        bold = base | {"fontName": self.strong}
        self.heading = ParagraphStyle("heading", fontSize=13, leading=20, spaceBefore=7, spaceAfter=1, **bold)
        self.title = ParagraphStyle("title", fontSize=20, leading=29, alignment=TA_CENTER, spaceBefore=10, **bold)
        self.stage = ParagraphStyle("stage", fontSize=14, leading=22, alignment=TA_CENTER, spaceAfter=6, **base)
        self.issuer = ParagraphStyle(
            "issuer", fontSize=25, leading=36, alignment=TA_CENTER, **bold | {"textColor": RED}
        )

    def forget(self) -> None:
        """Take the fonts of this document out of the library's register, which never forgets by itself."""
        for name in (self.text, self.strong):
            font = pdfmetrics._fonts.pop(name, None)  # noqa: SLF001 - the library has no other way
            if font is not None:
                pdfmetrics._dynFaceNames.pop(font.face.name, None)  # noqa: SLF001


def _register(font: bytes) -> str:
    name = f"onemap{hashlib.sha256(font).hexdigest()[:12]}"
    pdfmetrics.registerFont(TTFont(name, io.BytesIO(font)))
    return name


def draw(paper: Paper, faces: Faces, picture: bytes | None, *, who: str, picture_fault: str = "") -> bytes:
    """
    Set a paper as PDF.

    Parameters
    ----------
    picture
        The map as PNG; None where there is none, then `picture_fault` says why if it should be there.
    who
        Who let it be made; printed below.

    Raises
    ------
    UnavailableError
        A font cannot be used.
    """
    kind = Type(faces, _characters(paper, who, picture_fault))
    try:
        story = [*_head(paper, kind), *_fields(paper, kind), *_history(paper, kind), *_end(paper, kind, who)]
        story += _map(paper, kind, picture, picture_fault)
        return build(story, kind, paper_foot(paper), title=f"{paper.title} {paper.stage_text}", author=paper.issuer,
                     mark=say(f"mode.{paper.mode}.mark", paper.language), language=paper.language)  # fmt: skip
    finally:
        kind.forget()


def build(story: list[Flowable], kind: Type, foot: str, *, title: str, author: str, mark: str, language: str) -> bytes:
    """Lay the story out on A4 pages with a foot, page numbers and, for a drill, its mark across every page."""
    out = io.BytesIO()

    class Numbered(Canvas):  # type: ignore[misc]
        """A canvas that knows at the end how many pages there are."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs | {"initialFontName": kind.text})
            self.setTitle(title)
            self.setAuthor(author)
            self.setCreator("EGIS 应急管理一张图")
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            count = len(self._pages)
            for page in self._pages:
                self.__dict__.update(page)
                _surround(self, kind, foot, mark, language, count)
                super().showPage()
            super().save()

    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_LEFT, rightMargin=_RIGHT, topMargin=_TOP, bottomMargin=_BOTTOM, title=title,
        author=author, lang="zh-CN" if language == "zh" else "en",
    )  # fmt: skip
    document.build(story, canvasmaker=Numbered)
    return out.getvalue()


def _surround(canvas: Canvas, kind: Type, foot: str, mark: str, language: str, count: int) -> None:
    canvas.saveState()
    if mark:
        canvas.saveState()
        canvas.setFillColor(Color(0.61, 0.11, 0.42, alpha=0.075))
        canvas.setFont(kind.strong, 120)
        canvas.translate(A4[0] / 2, A4[1] / 2)
        canvas.rotate(38)
        canvas.drawCentredString(0, -40, mark)
        canvas.restoreState()
        canvas.setFillColor(HexColor("#9C1C6B"))
        canvas.setFont(kind.strong, 11)
        note = say("paper.drill.note", "en" if language == "en" else "zh")
        canvas.drawRightString(A4[0] - _RIGHT, A4[1] - 14 * mm, f"{mark} · {note}")
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT, 18 * mm, A4[0] - _RIGHT, 18 * mm)
    canvas.setFillColor(GREY)
    canvas.setFont(kind.text, 8)
    canvas.drawString(_LEFT, 13.5 * mm, foot)
    # `_pageNumber` was restored with the state of the page
    said = say("paper.page", "en" if language == "en" else "zh", page=canvas.getPageNumber(), pages=count)
    canvas.drawRightString(A4[0] - _RIGHT, 13.5 * mm, said)
    canvas.restoreState()


def paper_foot(paper: Paper) -> str:
    """Head of the record as it stands below every page: its own entry once sent, else the one it was filled from."""
    if paper.own is not None:
        seq, digest = paper.own
        return say("paper.head", paper.language, incident=paper.code, seq=seq, hash=f"{digest[:32]}…")
    return say("paper.filled_from", paper.language, seq=paper.seq, hash=f"{paper.hash[:32]}…" if paper.hash else "—")


# -- parts -----------------------------------------------------------------------------------------------------------


def _head(paper: Paper, kind: Type) -> list[Flowable]:
    language = paper.language
    left = say("paper.number", language, number=paper.paper_number)
    signer = paper.signer or say("paper.not_filled", language)
    right = f"{say('paper.signer', language)}{say('paper.colon', language)}{signer}"
    numbers = Table([[_p(left, kind.cell), _p(right, _right(kind.cell))]], colWidths=[_WIDTH / 2] * 2)
    numbers.setStyle(
        TableStyle([cell_font(kind), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)])
    )
    sent = date_time(paper.sent_at, language, full=True) if paper.sent_at else say("paper.draft", language)
    facts = [
        (say("paper.to", language), paper.sent_to or say("paper.not_filled", language)),
        (say("paper.sent_at", language), sent),
        *([(say("paper.contact", language), paper.contact)] if paper.contact else []),
    ]
    story: list[Flowable] = [
        _p(paper.issuer, kind.issuer),
        numbers,
        HRFlowable(width="100%", thickness=1.6, color=RED, spaceBefore=2, spaceAfter=8),
        _p(paper.title, kind.title),
        _p(say("paper.stage", language, stage=paper.stage_text), kind.stage),
        *(_p(f"{name}{say('paper.colon', language)}{value}", kind.cell) for name, value in facts),
        Spacer(1, 4),
    ]
    if paper.since:
        story.append(_p(say("paper.since", language, last=paper.since), kind.small))
    return story


def _right(style: ParagraphStyle) -> ParagraphStyle:
    return ParagraphStyle(f"{style.name}-right", parent=style, alignment=2)


def _fields(paper: Paper, kind: Type) -> list[Flowable]:
    story: list[Flowable] = []
    for number, one in enumerate(paper.fields, 1):
        heading = _p(f"{_ordinal(number, one, paper)}{one.title}", kind.heading)
        lines = [part for line in one.lines for part in _line(line, one, paper, kind)]
        if not lines:
            empty = "paper.not_filled" if one.needed and paper.sent_at is None else "paper.none"
            lines = [_p(say(empty, paper.language), kind.body)]
        # A heading never stands alone at the foot of a page.
        story += [KeepTogether([heading, lines[0]]), *lines[1:]]
    return story


def _ordinal(number: int, one: PaperField, paper: Paper) -> str:
    if one.block:
        return f"{one.block}　"
    return f"{say(f'report.numeral.{number}', paper.language)}、" if paper.language == "zh" else f"{number}. "


def _line(line: PaperLine, one: PaperField, paper: Paper, kind: Type) -> list[Flowable]:
    by_hand = not line.sources and (one.edited or one.by_hand or not line.say)
    note = ",".join(str(seq) for seq in line.sources) if line.sources else (
        say("paper.by_hand", paper.language) if by_hand else ""
    )  # fmt: skip
    text = escape(line.text)
    if line.changed:
        text = f'<font name="{kind.strong}" color="#B3201F">▲</font><u>{text}</u>'
    source = f' <font size="8" color="#55636F">[{escape(note)}]</font>' if note else ""
    parts: list[Flowable] = [Paragraph(text + source, kind.body)]
    if line.was:
        parts.append(_p(say("paper.was", paper.language, text=line.was), kind.was))
    return parts


def _history(paper: Paper, kind: Type) -> list[Flowable]:
    if not paper.history or paper.form != "incident":
        return []
    language = paper.language
    columns = [say(f"paper.toll.{name}", language) for name in TOLL]
    heads = [say("paper.history.report", language), say("paper.history.at", language), *columns]
    rows = [[_p(one, kind.cell) for one in heads]]
    rows += [[_p(one, kind.cell) for one in (name, at, *map(str, counts))] for name, at, counts in paper.history]
    table = Table(rows, colWidths=[_WIDTH * share for share in (0.18, 0.27, 0.11, 0.11, 0.11, 0.11, 0.11)])
    table.setStyle(TableStyle([cell_font(kind), *GRID]))
    return [KeepTogether([_p(say("paper.history", language), kind.heading), Spacer(1, 3), table])]


def _end(paper: Paper, kind: Type, who: str) -> list[Flowable]:
    language = paper.language
    made = say("paper.made", language, time=date_time(paper.made_at, language, full=True), who=who)
    lines = [say("paper.sources", language), made]
    if paper.hash:
        lines.append(say("paper.filled_from", language, seq=paper.seq, hash=paper.hash))
    if paper.own is not None:
        lines.append(say("paper.head", language, incident=paper.code, seq=paper.own[0], hash=paper.own[1]))
    return [
        Spacer(1, 8),
        HRFlowable(width="100%", thickness=0.5, color=RULE, spaceAfter=4),
        *(_p(line, kind.small) for line in lines),
    ]


def _map(paper: Paper, kind: Type, picture: bytes | None, fault: str) -> list[Flowable]:
    if picture is None:
        return [_p(say("paper.map.none", paper.language, reason=fault), kind.small)] if fault else []
    wide, high = ImageReader(io.BytesIO(picture)).getSize()
    image = Image(io.BytesIO(picture), width=_WIDTH, height=_WIDTH * high / wide)
    return [KeepTogether([_p(say("paper.map", paper.language), kind.heading), Spacer(1, 3), image])]


def _p(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text), style)


GRID = [
    ("GRID", (0, 0), (-1, -1), 0.5, RULE),
    ("BACKGROUND", (0, 0), (-1, 0), HexColor("#EEF2F7")),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]


def cell_font(kind: Type) -> tuple[Any, ...]:
    """Font of cells: without it the library names one that is not embedded."""
    return ("FONT", (0, 0), (-1, -1), kind.text, 9)


def _characters(paper: Paper, *more: str) -> str:
    """Every character the paper can print: its texts and the fixed words of its language."""
    words = "".join(_pattern(code, paper.language) for code in _WORDS)
    parts = [
        paper.title, paper.stage_text, paper.paper_number, paper.code, paper.sent_to, paper.issuer, paper.signer,
        paper.contact, paper.since, paper.hash, words, *more, *(row[0] + row[1] for row in paper.history),
        "年月日 一二三四五六七八九十", *(say(f"paper.toll.{name}", paper.language) for name in TOLL),
        say(f"mode.{paper.mode}.mark", paper.language),
    ]  # fmt: skip
    for one in paper.fields:
        parts += [one.title, one.block, one.text, *(line.was for line in one.lines)]
    return "".join(parts)


def _pattern(code: str, language: str) -> str:
    """Pattern of a text, its values still open."""
    return both(code)["en" if language == "en" else "zh"]


_WORDS = (
    "paper.number", "paper.to", "paper.issuer", "paper.signer", "paper.contact", "paper.sent_at", "paper.draft",
    "paper.none", "paper.not_filled", "paper.since", "paper.was", "paper.sources", "paper.by_hand", "paper.history",
    "paper.history.report", "paper.history.at", "paper.map", "paper.map.none", "paper.made", "paper.head",
    "paper.filled_from", "paper.page", "paper.drill", "paper.drill.note", "paper.stage",
)  # fmt: skip
