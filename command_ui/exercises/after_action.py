"""What does the after-action report say? The same blocks for DOCX and PDF, filled from the record of the exercise."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from command_ui.exercises import looking
from command_ui.exercises.looking import Seen
from command_ui.exercises.speaking import in_language
from command_ui.reports.wording import date_time
from command_ui.words import Language, say
from scenarios.exercise.clock import shown

Json = dict[str, Any]
Tone = Literal["", "P", "S", "M", "U", "met", "late", "missed"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: titles, rows of texts, share of the width of each column, and which column carries a tone."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    tones: tuple[Tone, ...] = ()
    toned: int = -1


@dataclass(frozen=True, slots=True)
class Block:
    """A section: its heading, plain lines, a table; ``chart`` where the time chart stands."""

    heading: str
    lines: tuple[str, ...] = ()
    table: Table | None = None
    chart: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """
    A whole report, ready to be drawn.

    ``foot`` stands on every page: the head of the exercise's record. ``heads`` are those of all records it stands on.
    """

    title: str
    issuer: str
    number: str
    stage: str
    mode: str
    language: Language
    blocks: tuple[Block, ...]
    foot: str
    heads: tuple[str, ...]
    made: str
    look: Json
    file_name: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text it prints, so that fonts can be cut to what is used."""
        found = [self.title, self.issuer, self.number, self.stage, self.foot, self.made, *self.heads]
        found += [say("aar.heads", self.language)]
        for block in self.blocks:
            found += [block.heading, *block.lines]
            if block.table:
                found += [*block.table.heads, *(cell for row in block.table.rows for cell in row)]
        found += [say(f"drill.axis.{row}", self.language) for row in ("inject", "response", "rating")]
        return (*found, say("aar.legend", self.language), "年月日 0123456789:PSMU")


def account(seen: Seen, language: Language, *, who: str) -> Account:
    """Put the report of an exercise together as it stands now; before its end it is a hot-wash draft."""
    look = looking.whole(seen, language)
    exercise = seen.now.exercise
    ended = exercise.ended_at is not None
    blocks = (
        _overview(seen, look, language), _result(look, language),
        Block(say("aar.chart", language), (say("aar.legend", language),), chart=True), _injects(look, language),
        _hopes(look, language), _capabilities(look, language), *_sheet(look, language),
        _strengths(look, language), _improvements(look, language), _notes(look, language),
    )  # fmt: skip
    head = seen.head
    heads = [
        say("aar.record", language, number=head.code, seq=head.seq, hash=head.hash),
        *(say("aar.incident", language, number=one.code, seq=one.seq, hash=one.hash) for one, _ in seen.incidents),
        say("aar.drill_hash", language, hash=exercise.drill_sha256),
    ]
    return Account(
        title=say("aar.title", language, title=look["title"]), issuer=say("aar.issuer", language),
        number=say("aar.number", language, number=head.code),
        stage=say("aar.final" if ended else "aar.hotwash", language),
        mode=head.mode, language=language, blocks=blocks,
        foot=say("aar.record", language, number=head.code, seq=head.seq, hash=f"{head.hash[:32]}…"), heads=tuple(heads),
        made=say("paper.made", language, time=date_time(datetime.now(UTC), language, full=True), who=who), look=look,
        file_name=f"AAR-{head.code}",
    )  # fmt: skip


def _overview(seen: Seen, look: Json, language: Language) -> Block:
    exercise = seen.now.exercise
    drill = exercise.drill
    end = f" – {date_time(exercise.ended_at, language)}" if exercise.ended_at else ""
    rows = [
        ("aar.kind", say(f"aar.kind.{drill.kind}", language)),
        ("aar.purpose", in_language(drill, "purpose", language)),
        ("aar.place", look["place"]["name"]),
        ("aar.scene_time", date_time(drill.scene.begins_at, language, full=True)),
        ("aar.held", date_time(exercise.started_at, language, full=True) + end),
        ("aar.length", shown(seen.now.elapsed_s)),
        ("aar.roles", _joined((one["name"] for one in look["roles"]), language)),
        ("aar.incidents", _joined((f"{one['code']} {one['title']}" for one in look["incidents"]), language)),
    ]
    table = Table(("", ""), tuple((say(code, language), value) for code, value in rows if value), (0.2, 0.8))
    return Block(say("aar.overview", language), table=table)


def _result(look: Json, language: Language) -> Block:
    score = look["score"]
    took = [one["took_s"] for one in _all_hopes(look) if one["took_s"] is not None]
    texts = {one["id"]: one["text"] for one in _all_hopes(look)}
    lines = [
        say(
            "aar.sentence", language, of=score["of"], met=score["met"], late=score["late"], missed=score["missed"],
            points=f"{score['points']:g}", of_points=f"{score['of_points']:g}", percent=round(score["percent"]),
        ),
        say("aar.failed", language, list=_joined((texts[name] for name in score["failed"]), language))
        if score["failed"] else say("aar.passed", language),
    ]  # fmt: skip
    if took:
        lines.append(say("aar.mean", language, time=_short(sum(took) / len(took))))
    return Block(say("aar.result", language), tuple(lines))


def _injects(look: Json, language: Language) -> Block:
    rows = tuple(
        (
            one["number"], shown(one["sent_s"]) if one["sent_s"] is not None else "—",
            _named(one, language), one["to"],
            say(f"aar.how.{one['how'] if one['sent_s'] is not None else ''}", language), one["rating"] or "—",
        )
        for one in look["injects"]
    )  # fmt: skip
    tones: tuple[Tone, ...] = tuple(one["rating"] or "" for one in look["injects"])
    heads = _heads(("number", "at", "what", "to", "how", "rating"), language)
    return Block(say("aar.injects", language), table=Table(heads, rows, (0.07, 0.12, 0.37, 0.19, 0.14, 0.11), tones, 5))


def _named(one: Json, language: Language) -> str:
    """Kind and title of an inject, and whether it was improvised or changed in play."""
    what = ("：" if language == "zh" else ": ").join((say(f"drill.kind.{one['kind']}", language), one["title"]))
    if one["improvised"] or one["changed"]:
        return say("aar.improvised" if one["improvised"] else "aar.changed", language, what=what)
    return what


def _hopes(look: Json, language: Language) -> Block:
    hopes, only = _all_hopes(look), _only_incident(look)
    rows = tuple(
        (
            one["text"] + (_aside(say("drill.essential", language), language) if one["essential"] else ""), one["role"],
            _short(one["within_s"]), _short(one["took_s"]), say(f"drill.hope.{one['state']}", language),
            f"{one['points']:g}/{one['worth']}", _proofs(one, only),
        )
        for one in hopes
    )  # fmt: skip
    tones: tuple[Tone, ...] = tuple(one["state"] if one["state"] in ("met", "late", "missed") else "" for one in hopes)
    judged = tuple(
        f"{one['text']}：{say('drill.judged', language, who=one['judged']['by'], reason=one['judged']['reason'])}"
        for one in hopes
        if one["judged"]
    )
    heads = _heads(("expected", "who", "window", "took", "verdict", "points", "evidence"), language)
    table = Table(heads, rows, (0.26, 0.14, 0.115, 0.095, 0.12, 0.105, 0.165), tones, 4)
    told = (say("aar.evidence", language, number=only),) if only else ()
    return Block(say("aar.hopes", language), (*told, *judged), table)


def _capabilities(look: Json, language: Language) -> Block:
    rows: list[tuple[str, ...]] = []
    tones: list[Tone] = []
    only = _only_incident(look)
    for one in look["capabilities"]:
        for part, indent in ((one, ""), *((task, "　") for task in one["tasks"])):
            target = _aside(one["target"], language) if part is one and one["target"] else ""
            rating: Tone = part["rating"] or part["suggested"] or ""
            spoken = rating if part["rating"] else say("aar.suggested", language, rating=rating) if rating else "—"
            grounds = _all_proofs(part["hopes"], only)
            rows.append(
                (f"{indent}{part['title']}{target}", spoken, part["reason"], grounds if part is not one else "")
            )
            tones.append(rating)
    heads = _heads(("capability", "rating", "reason", "evidence"), language)
    key = ("；" if language == "zh" else "; ").join(say(f"drill.rating.{letter}", language) for letter in "PSMU")
    table = Table(heads, tuple(rows), (0.42, 0.15, 0.22, 0.21), tuple(tones), 1)
    return Block(say("aar.capabilities", language), (key,), table)


def _sheet(look: Json, language: Language) -> tuple[Block, ...]:
    if not look["sheet"]:
        return ()
    rows, only = [], _only_incident(look)
    for one in look["sheet"]:
        guess = one["suggested"]
        suggested = say("aar.suggested", language, rating=f"{guess:g}") if guess is not None else "—"
        points = f"{one['given']:g}" if one["given"] is not None else suggested
        evidence, reached = _all_proofs(one["hopes"], only), f"{points} / {one['points']}"
        rows.append((one["item"], one["criterion"], evidence, reached, one["comment"], one["by"]))
    given = sum(one["given"] if one["given"] is not None else one["suggested"] or 0 for one in look["sheet"])
    whole = sum(one["points"] for one in look["sheet"])
    rows.append((say("aar.sum", language), "", "", f"{given:g} / {whole}", "", ""))
    heads = (*_heads(("item", "criterion", "evidence", "points", "comment"), language), say("drill.sheet.by", language))
    table = Table(heads, tuple(rows), (0.17, 0.25, 0.15, 0.15, 0.14, 0.14))
    return (Block(say("aar.sheet", language), (say("drill.sheet.note", language),), table),)


def _strengths(look: Json, language: Language) -> Block:
    found = _standing(look["strengths"])
    lines = tuple(f"{at}. {one['text']}{_about(one, language)}" for at, one in enumerate(found, 1))
    return Block(say("aar.strengths", language), lines or (say("aar.none", language),))


def _improvements(look: Json, language: Language) -> Block:
    rows = tuple(
        (str(at), one["text"], one["cause"], one["about"], one["owner"], one["due"])
        for at, one in enumerate(_standing(look["improvements"]), 1)
    )
    if not rows:
        return Block(say("aar.improvements", language), (say("aar.none", language),))
    heads = _heads(("number", "improvement", "cause", "objective", "owner", "due"), language)
    return Block(say("aar.improvements", language), table=Table(heads, rows, (0.07, 0.29, 0.22, 0.15, 0.14, 0.13)))


def _standing(found: list[Json]) -> list[Json]:
    """Those nobody took back."""
    return [one for one in found if not one["withdrawn"]]


def _text(one: Json, language: Language) -> str:
    """What was noted, and why it was taken back."""
    back = one["withdrawn"]
    if back is None:
        return str(one["text"])
    return say("aar.withdrawn", language, text=one["text"], who=back["by"], reason=back["reason"])


def _notes(look: Json, language: Language) -> Block:
    taken_back = [one for code in ("strengths", "improvements") for one in look[code] if one["withdrawn"]]
    noted = sorted([*look["notes"], *taken_back], key=lambda one: int(one["seq"]))
    lines = tuple(f"{shown(one['at_s'])} {one['by']}：{_text(one, language)}" for one in noted)
    return Block(say("aar.notes", language), lines or (say("aar.none", language),))


def _all_hopes(look: Json) -> list[Json]:
    """Every expectation once, in the order in which it was asked for."""
    found = {hope["id"]: hope for one in look["injects"] for hope in one["hopes"]}
    found |= {hope["id"]: hope for hope in look["loose"]}
    return sorted(found.values(), key=lambda one: (one["deadline_s"] is None, one["deadline_s"] or 0))


def _heads(codes: tuple[str, ...], language: Language) -> tuple[str, ...]:
    return tuple(say(f"aar.col.{code}", language) for code in codes)


def _only_incident(look: Json) -> str:
    """The incident all evidence lies in; its number need not be said with every entry."""
    found = {proof["code"] for hope in _all_hopes(look) for proof in hope["evidence"]}
    return str(found.pop()) if len(found) == 1 else ""


def _proofs(hope: Json, only: str) -> str:
    return " ".join(f"{'' if one['code'] == only else one['code']}#{one['seq']}" for one in hope["evidence"][:4])


def _all_proofs(hopes: list[Json], only: str) -> str:
    return " ".join(dict.fromkeys(part for one in hopes for part in _proofs(one, only).split(" ") if part))


def _about(one: Json, language: Language) -> str:
    return _aside(one["about"], language) if one["about"] else ""


def _aside(text: str, language: Language) -> str:
    return f"（{text}）" if language == "zh" else f" ({text})"


def _joined(parts: Any, language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(parts)


def _short(seconds: float | None) -> str:
    return "—" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
