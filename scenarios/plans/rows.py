"""Where do plans stand? In PostGIS, a row a version; what was known at any moment can be read again."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Literal

from sqlalchemy import Connection, text

from gis.clock import DUTY_ZONE
from gis.errors import InputError, MissingError
from scenarios.plans.plan import Plan, as_json, of_json, print_of


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of a plan as it stands in the database; ``papers`` are (name, SHA-256) of PDFs handed in for it."""

    plan: Plan
    version: int
    hash: str
    valid_from: datetime
    valid_to: datetime | None
    recorded_at: datetime
    entered_by: str
    source_system: str
    papers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an import: ``new``, ``changed`` (a new version) or ``unchanged``."""

    plan_id: str
    version: int
    state: Literal["new", "changed", "unchanged"]


def standing(connection: Connection, known_at: datetime | None = None) -> list[Kept]:
    """Plans in force now, or as they were known and in force at `known_at`; by id."""
    moment = known_at or datetime.now(UTC)
    rows = connection.execute(_STANDING, {"moment": moment}).all()
    return [_kept(row) for row in rows]


def versions(connection: Connection, plan_id: str) -> list[Kept]:
    """
    Every version of a plan as it was last written, the latest first.

    Raises
    ------
    MissingError
        There is no such plan.
    """
    rows = connection.execute(_VERSIONS, {"id": plan_id}).all()
    if not rows:
        raise MissingError(f"there is no plan {plan_id}; `onemap plans list` names them")
    return [_kept(row) for row in rows]


def one(connection: Connection, plan_id: str, version: int | None = None) -> Kept:
    """
    Give one version of a plan, the latest where none is named.

    Raises
    ------
    MissingError
        There is no such plan or version.
    """
    found = [kept for kept in versions(connection, plan_id) if version in (None, kept.version)]
    if not found:
        raise MissingError(f"plan {plan_id} has no version {version}")
    return found[0]


def save(connection: Connection, plan: Plan, source: str, at: datetime | None = None) -> Saved:
    """
    Enter a plan: a new one, a new version of one that is there, or nothing where it says the same.

    The version before ceases to hold on the day the new one comes into force; its row is closed and written anew with
    that day, so that what was known before can still be read.

    Parameters
    ----------
    at
        As of when the source said it; now unless given.
    """
    connection.execute(_LOCK)
    moment = at or datetime.now(UTC)
    found = connection.execute(_LATEST, {"id": plan.id}).one_or_none()
    fingerprint = print_of(plan)
    if found is not None and found.content_hash == fingerprint:
        return Saved(plan.id, found.version, "unchanged")
    begins = datetime.combine(plan.issued_on, time(), DUTY_ZONE).astimezone(UTC)
    if found is not None:
        begins = max(begins, found.valid_from.astimezone(UTC))
        connection.execute(_CLOSE, {"row": found.row_id})
        if begins > found.valid_from:
            connection.execute(_REWRITE, {"row": found.row_id, "until": begins})
    version = 1 if found is None else found.version + 1
    content = json.dumps(as_json(plan), ensure_ascii=False)
    connection.execute(
        _ADD,
        {
            "id": plan.id, "version": version, "title": plan.title, "content": content, "hash": fingerprint,
            "from": begins, "source": source, "as_of": moment, "division": plan.division_code,
        },
    )  # fmt: skip
    return Saved(plan.id, version, "new" if found is None else "changed")


def save_all(connection: Connection, plans: Iterable[Plan], source: str) -> list[Saved]:
    """Enter several plans, all or none."""
    return [save(connection, plan, source) for plan in plans]


def attach(connection: Connection, plan_id: str, version: int, name: str, content: bytes) -> str:
    """
    Keep a PDF with a version of a plan and give its SHA-256; the same file twice is kept once.

    Raises
    ------
    InputError
        It is no PDF, or larger than 50 MB.
    MissingError
        There is no such plan or version.
    """
    if not content.startswith(b"%PDF-"):
        raise InputError(f"{name}: is no PDF file")
    if len(content) > 52_428_800:
        raise InputError(f"{name}: larger than 50 MB")
    kept = one(connection, plan_id, version)
    print_ = hashlib.sha256(content).hexdigest()
    connection.execute(
        _ATTACH, {"id": kept.plan.id, "version": kept.version, "name": name[-200:], "hash": print_, "content": content}
    )
    return print_


def paper(connection: Connection, plan_id: str, version: int, sha256: str = "") -> tuple[str, bytes]:
    """
    Name and content of a PDF of a version, the first unless its SHA-256 is given.

    Raises
    ------
    MissingError
        There is none.
    """
    row = connection.execute(_PAPER, {"id": plan_id, "version": version, "hash": sha256}).first()
    if row is None:
        raise MissingError(f"plan {plan_id} version {version} has no PDF")
    return str(row.name), bytes(row.content)


def _kept(row: Any) -> Kept:
    papers = tuple((str(one[0]), str(one[1])) for one in row.papers or ())
    return Kept(
        of_json(row.content), row.version, row.content_hash, row.valid_from, row.valid_to, row.recorded_at,
        row.entered_by, row.source_system, papers,
    )  # fmt: skip


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('planning.plan', 0))")
# What was corrected later is left out, and so is what had ceased to hold: known at, and true at, the same moment.
_STANDING = text(
    "SELECT plan.*, (SELECT json_agg(json_build_array(file.name, file.sha256) ORDER BY file.id) "
    "FROM planning.plan_file AS file WHERE file.plan_id = plan.id AND file.version = plan.version "
    "AND file.mode = plan.mode) AS papers FROM planning.plan AS plan WHERE recorded_at <= :moment "
    "AND (superseded_at IS NULL OR superseded_at > :moment) AND valid_from <= :moment "
    "AND (valid_to IS NULL OR valid_to > :moment) ORDER BY id"
)
# Corrected versions too: a decision may rest on one.
_VERSIONS = text(
    "SELECT DISTINCT ON (plan.version) plan.*, "
    "(SELECT json_agg(json_build_array(file.name, file.sha256) ORDER BY file.id) "
    "FROM planning.plan_file AS file WHERE file.plan_id = plan.id AND file.version = plan.version "
    "AND file.mode = plan.mode) AS papers FROM planning.plan AS plan WHERE id = :id "
    "ORDER BY plan.version DESC, plan.recorded_at DESC, plan.row_id DESC"
)
_LATEST = text(
    "SELECT row_id, version, content_hash, valid_from FROM planning.plan WHERE id = :id AND superseded_at IS NULL "
    "AND valid_to IS NULL"
)
_CLOSE = text("UPDATE planning.plan SET superseded_at = now() WHERE row_id = :row")
_REWRITE = text(
    "INSERT INTO planning.plan (id, version, title, content, content_hash, valid_from, valid_to, source_system, as_of, "
    "division_code, label) SELECT id, version, title, content, content_hash, valid_from, :until, source_system, as_of, "
    "division_code, label FROM planning.plan WHERE row_id = :row"
)
_ADD = text(
    "INSERT INTO planning.plan (id, version, title, content, content_hash, valid_from, source_system, as_of, "
    "division_code) VALUES (:id, :version, :title, CAST(:content AS jsonb), :hash, :from, :source, :as_of, :division)"
)
_ATTACH = text(
    "INSERT INTO planning.plan_file (plan_id, version, name, sha256, content) "
    "VALUES (:id, :version, :name, :hash, :content) ON CONFLICT DO NOTHING"
)
_PAPER = text(
    "SELECT name, content FROM planning.plan_file WHERE plan_id = :id AND version = :version "
    "AND (:hash = '' OR sha256 = :hash) ORDER BY id LIMIT 1"
)
