"""Which response card belongs to a substance, in which version, and which cards speak of these words?"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

import rfc8785
from sqlalchemy import Connection, text

from gis.database import Caller
from gis.errors import InputError, MissingError
from scenarios.event import Json
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.plans.card_texts import ERG, KINDS, SUBJECTS, Said, Subject
from scenarios.plans.events import CardCited

SECTIONS = ("identity", "hazard", "isolate", "protect", "leak", "fire", "first_aid", "shelter", "limits")
LONGEST = 80
CITED = UUID("5b9c1d4e-7a2f-5c3e-8d6a-1f0e9c8b7a65")
"""Namespace in which incident, card, version and decision name the one entry that cites it."""


@dataclass(frozen=True, slots=True)
class Card:
    """One version of a card; ``statements`` have section, zh, en, source and trust, in the order of `SECTIONS`."""

    id: str
    version: int
    title: str
    title_en: str
    cas: str
    un: str
    guide: str
    statements: tuple[Json, ...]
    hash: str
    recorded_at: datetime
    superseded_at: datetime | None


class CardDesk:
    """Cards of the house; the same in every world. Shared by all pages."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def enter(self, caller: Caller) -> dict[str, int]:
        """Enter what the program brings: new cards, new versions of changed ones; how many of each."""
        with self.journal.database.transaction(caller) as connection:
            return enter(connection)

    def search(self, words: str, caller: Caller) -> list[Card]:
        """Cards that hold every word, or all of them where nothing is asked."""
        with self.journal.database.transaction(caller) as connection:
            return search(connection, words)

    def of_substance(self, cas: str, caller: Caller) -> Card | None:
        """Card of a substance as it stands now."""
        with self.journal.database.transaction(caller) as connection:
            row = connection.execute(_OF, {"cas": cas}).first() if cas else None
        return None if row is None else _card(row)

    def one(self, card_id: str, caller: Caller, version: int | None = None) -> Card:
        """
        Give a card, in the version named or as it stands now.

        Raises
        ------
        MissingError
            There is no such card or version.
        """
        with self.journal.database.transaction(caller) as connection:
            row = connection.execute(_ONE, {"id": card_id, "version": version}).first()
        if row is None:
            raise MissingError(f"there is no card {card_id}" + (f" in version {version}" if version else ""))
        return _card(row)

    def cite(self, incident_id: UUID, card_id: str, version: int, caller: Caller, *, decision_id: str = "") -> Receipt:
        """
        Record that a card was relied on, for a decision where one is named; a second time nothing is added.

        Raises
        ------
        MissingError
            No such incident, card or version.
        InputError
            The incident has no such decision.
        """
        card = self.one(card_id, caller, version)
        known = self.journal.situation(incident_id, caller=caller)
        if decision_id and decision_id not in {one.decision_id for one in known.decisions}:
            raise InputError(f"decision_id: incident has no decision {decision_id}")
        event = CardCited(card.id, card.version, card.title, card.hash, decision_id)
        key = uuid5(CITED, f"{incident_id} {card.id} {card.version} {decision_id}")
        return self.journal.record(incident_id, event, caller, key=key)

    def check(self, wanted: Sequence[tuple[str, int]], caller: Caller) -> None:
        """
        Pass if all these cards are there in these versions: asked before what cites them is written.

        Raises
        ------
        MissingError
            One is not.
        """
        for card_id, version in wanted:
            self.one(card_id, caller, version)


def enter(connection: Connection) -> dict[str, int]:
    """Enter the cards of `card_texts`: what is new or says something else becomes a version."""
    connection.execute(_LOCK)
    done = {"new": 0, "changed": 0, "unchanged": 0}
    for subject in SUBJECTS:
        content = content_of(subject)
        fingerprint = hashlib.sha256(rfc8785.dumps(content)).hexdigest()
        row = connection.execute(_LATEST, {"id": content["id"]}).first()
        state: Literal["new", "changed", "unchanged"]
        state = "new" if row is None else "unchanged" if row.content_hash == fingerprint else "changed"
        done[state] += 1
        if state == "unchanged":
            continue
        if row is not None:
            connection.execute(_CLOSE, {"row": row.row_id})
        connection.execute(
            _ADD,
            {
                "id": content["id"], "version": 1 if row is None else row.version + 1, "cas": content["cas"],
                "un": content["un"], "title": content["title"], "content": json.dumps(content, ensure_ascii=False),
                "hash": fingerprint, "words": _words(content),
            },
        )  # fmt: skip
    return done


def content_of(subject: Subject) -> Json:
    """Write a card: who it is by the table of substances, its end-points, and what to do."""
    from plume import criteria, substances

    one = substances.find(subject.key)
    facts: list[Said] = [
        ("identity", f"CAS {one.cas} · UN {one.un} · 摩尔质量 {one.molar_mass_kg_mol * 1000:g} g/mol",
         f"CAS {one.cas} · UN {one.un} · molar mass {one.molar_mass_kg_mol * 1000:g} g/mol", one.source, one.trust),
        ("identity", "别名：" + "、".join(one.aliases), "Also: " + ", ".join((one.key, *one.aliases)), one.source,
         one.trust),
    ]  # fmt: skip
    ppm = [criteria.aegl_ppm(one.cas, level, 60) for level in (1, 2, 3)]
    if any(value is not None for value in ppm):
        said = " / ".join("—" if value is None else f"{value:g}" for value in ppm)
        facts.append(("limits", f"AEGL-1/2/3（60 min）：{said} ppm", f"AEGL-1/2/3 (60 min): {said} ppm",
                      "plume/tables/aegl.csv (US EPA)", "two_sources"))  # fmt: skip
    facts.append(("identity", f"ERG 指南编号 {subject.guide}", f"ERG guide {subject.guide}",
                  ERG.format(guide=subject.guide), "one_source"))  # fmt: skip
    every = [*facts, *subject.extra, *KINDS[subject.kind]]
    every.sort(key=lambda said: SECTIONS.index(said[0]))
    return {
        "id": subject.key.replace(" ", "-"), "title": one.name_zh, "title_en": one.key, "cas": one.cas, "un": one.un,
        "guide": subject.guide,
        "statements": [
            {"section": section, "zh": zh, "en": en, "source": source.replace("{guide}", subject.guide), "trust": trust}
            for section, zh, en, source, trust in every
        ],
    }  # fmt: skip


def search(connection: Connection, words: str, limit: int = 50) -> list[Card]:
    """
    Cards as they stand that hold every word of `words`: names, numbers, aliases and advice in both languages.

    Raises
    ------
    InputError
        More than 80 characters.
    """
    if len(words) > LONGEST:
        raise InputError(f"search for at most {LONGEST} characters")
    terms = words.casefold().split()
    return [_card(row) for row in connection.execute(_SEARCH, {"terms": terms, "limit": limit})]


def _words(content: Json) -> str:
    said = " ".join(f"{one['zh']} {one['en']}" for one in content["statements"])
    return f"{content['title']} {content['title_en']} {content['cas']} un{content['un']} {said}".casefold()


def _card(row: Any) -> Card:
    content = row.content
    return Card(
        row.id, row.version, row.title, content["title_en"], row.cas, row.un, content["guide"],
        tuple(content["statements"]), row.content_hash, row.recorded_at, row.superseded_at,
    )  # fmt: skip


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('planning.card', 0))")
_LATEST = text("SELECT row_id, version, content_hash FROM planning.card WHERE id = :id AND superseded_at IS NULL")
_CLOSE = text("UPDATE planning.card SET superseded_at = now() WHERE row_id = :row")
_ADD = text(
    "INSERT INTO planning.card (id, version, cas, un, title, content, content_hash, words) "
    "VALUES (:id, :version, :cas, :un, :title, CAST(:content AS jsonb), :hash, :words)"
)
_OF = text("SELECT * FROM planning.card WHERE cas = :cas AND superseded_at IS NULL ORDER BY id")
_ONE = text(
    "SELECT * FROM planning.card WHERE id = :id AND (version = CAST(:version AS integer) "
    "OR (CAST(:version AS integer) IS NULL AND superseded_at IS NULL))"
)
# Every term by its pairs of characters through the index, then as it was written: pairs alone know no order.
_SEARCH = text(
    "SELECT * FROM planning.card WHERE superseded_at IS NULL AND NOT EXISTS (SELECT 1 FROM "
    "unnest(CAST(:terms AS text[])) AS term WHERE NOT (layers.bigrams(card.words) @> layers.bigrams(term) "
    "AND position(term IN card.words) > 0)) ORDER BY id LIMIT :limit"
)
