"""Is this database safe to work on? What would lose an acknowledged entry or pass over rights is named at the start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, text

MUST_BE_ON = ("fsync", "full_page_writes")
"""Without these an acknowledged entry may be gone after a power cut; synchronous_commit is set by the log itself."""

APPEND_ONLY = ("record.entry", "record.incident_head", "access.audit_entry", "access.audit_day")
LEAKPROOF = ("geometry_overlaps", "textlike", "texticlike", "arraycontains", "arrayoverlap", "bigrams")
"""Functions of operators that must not wait for a policy; without the mark searches are right but slow."""
DEFAULT_SECRETS = frozenset(
    {"", "postgres", "password", "onemap", "onemap_app", "admin", "123456", "secret", "changeme"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing looked at.

    Attributes
    ----------
    subject, value
        What was looked at, and how it stands.
    sentence
        What is wrong and what to do; empty when nothing is.
    weight
        ``good``; ``slow`` works and costs time or a comfort; ``fault`` the program refuses to start on it.
    """

    subject: str
    value: str
    sentence: str = ""
    weight: Literal["good", "slow", "fault"] = "good"


def faults(connection: Connection, *, application_role: str, owner_role: str) -> list[str]:
    """One sentence for each reason not to start; empty when the database is sound."""
    found = findings(connection, application_role=application_role, owner_role=owner_role)
    return [one.sentence for one in found if one.weight == "fault"]


def findings(connection: Connection, *, application_role: str, owner_role: str) -> list[Finding]:
    """Everything `onemap db check` shows, in its order."""
    return [
        *_settings(connection),
        *_roles(connection, application_role, owner_role),
        # A database that is not migrated yet has none of what follows.
        *_guarded(connection),
        *_append_only(connection),
        *_functions(connection),
        *_marks(connection),
        *_personal(connection),
        *_versions(connection),
    ]


def weak_secret(password: str | None) -> bool:
    """Tell whether a password of the database's address is one that everybody tries; None = there is none to check."""
    return password is not None and password.lower() in DEFAULT_SECRETS


def _settings(connection: Connection) -> Iterator[Finding]:
    values: dict[str, str] = {row[0]: row[1] for row in connection.execute(_SETTINGS)}
    for name in MUST_BE_ON:
        if values[name] != "on":
            yield Finding(
                name,
                values[name],
                f"{name} is {values[name]}: acknowledged entries could be lost; switch it on and restart",
                "fault",
            )
        else:
            yield Finding(name, "on")
    if values["data_sync_retry"] != "off":
        yield Finding(
            "data_sync_retry",
            values["data_sync_retry"],
            "data_sync_retry is on: a failed fsync would be taken for harmless; switch it off and restart",
            "fault",
        )
    # The log and the audit set it for their own transactions, so a lower default loses nothing that was acknowledged.
    commit = values["synchronous_commit"]
    remark = "" if commit != "off" else "synchronous_commit is off: only the record and the audit wait for the disk"
    yield Finding("synchronous_commit", commit, remark, "slow" if remark else "good")
    sums = values["data_checksums"]
    remark = "" if sums == "on" else "data pages have no checksums: run pg_checksums --enable while the server is down"
    yield Finding("data_checksums", sums, remark, "slow" if remark else "good")


def _roles(connection: Connection, application_role: str, owner_role: str) -> Iterator[Finding]:
    rows = connection.execute(_ROLES, {"owner": owner_role}).all()
    for role in rows:
        right = (
            "a superuser" if role.rolsuper else "exempt from row-level security" if role.rolbypassrls else "the owner"
        )
        yield Finding(
            "role of the program",
            role.rolname,
            f"the program would run as '{role.rolname}', which is {right}; log in as {application_role}",
            "fault",
        )
    if not rows:
        yield Finding("role of the program", str(connection.execute(text("SELECT current_user")).scalar_one()))
    owners = connection.execute(_OWNERS).all()
    for row in owners:
        wrong = row.owner not in (owner_role, "postgres") and row.owner == application_role
        yield Finding(
            f"owner of {row.tables} tables",
            row.owner,
            f"{row.tables} tables belong to {row.owner}, who could switch their policies off: give them to {owner_role}"
            if wrong
            else "",
            "fault" if wrong else "good",
        )


def _guarded(connection: Connection) -> Iterator[Finding]:
    tables = connection.execute(_GUARDED).all()
    bad = [row for row in tables if not (row.enabled and row.forced and row.policies)]
    for row in bad:
        what = "on" if not row.enabled else "forced" if not row.forced else "ruled by any policy"
        yield Finding(
            row.place,
            "open",
            f"row-level security of {row.place} is not {what}: run `onemap db migrate`, or ALTER TABLE … ENABLE, FORCE",
            "fault",
        )
    yield Finding("tables with row-level security forced", f"{len(tables) - len(bad)} of {len(tables)}")


def _append_only(connection: Connection) -> Iterator[Finding]:
    tables = {"tables": list(APPEND_ONLY)}
    bad = 0
    for row in connection.execute(_NOT_ALWAYS, tables):
        bad += 1
        yield Finding(
            row.tgname,
            "not always",
            f"trigger {row.tgname} of {row.at} does not fire always: lines could be altered; ENABLE ALWAYS it",
            "fault",
        )
    for table in connection.execute(_WRITABLE, tables).scalars():
        bad += 1
        yield Finding(
            table,
            "writable",
            f"{table} may be written past its function: revoke INSERT, UPDATE, DELETE and TRUNCATE",
            "fault",
        )
    if not bad:
        yield Finding("append-only tables", f"{len(APPEND_ONLY)} guarded by triggers and rights")


def _functions(connection: Connection) -> Iterator[Finding]:
    loose = connection.execute(_LOOSE).scalars().all()
    for name in loose:
        yield Finding(
            name,
            "no search_path",
            f"function {name} runs with its owner's rights and no search_path of its own: run `onemap db migrate`",
            "fault",
        )
    if not loose:
        yield Finding("functions with their owner's rights", "all with a search_path of their own")


def _marks(connection: Connection) -> Iterator[Finding]:
    bare = connection.execute(_BARE, {"names": list(LEAKPROOF)}).scalars().all()
    if bare:
        yield Finding(
            "leakproof",
            ", ".join(bare),
            f"{len(bare)} functions are not LEAKPROOF, as after a restore: searches"
            " in a rectangle or for a name read whole tables; ALTER FUNCTION … LEAKPROOF"
            " as a superuser",
            "slow",
        )
    else:
        yield Finding("leakproof", "spatial and text operators use their indexes under row-level security")


def _personal(connection: Connection) -> Iterator[Finding]:
    if connection.execute(text("SELECT to_regclass('access.personal_column')")).scalar_one() is None:
        return
    rows = connection.execute(_PERSONAL).all()
    for row in rows:
        if not row.there:
            yield Finding(
                f"{row.place}.{row.name}",
                "not there",
                f"personal column {row.place}.{row.name} is declared and"
                " not there: what took its place is not masked; declare it",
                "fault",
            )
    yield Finding("personal columns declared", str(len(rows)))
    if not rows:
        yield Finding(
            "personal columns",
            "none",
            "no personal column is declared: names and numbers would go out; restore access.personal_column",
            "fault",
        )


def _versions(connection: Connection) -> Iterator[Finding]:
    yield Finding("PostgreSQL", str(connection.execute(text("SELECT current_setting('server_version')")).scalar_one()))
    for row in connection.execute(text("SELECT extname, extversion FROM pg_extension ORDER BY extname")):
        yield Finding(f"extension {row.extname}", row.extversion)


_SETTINGS = text(
    "SELECT name, current_setting(name) FROM unnest(ARRAY['fsync', 'full_page_writes', 'data_sync_retry',"
    " 'synchronous_commit', 'data_checksums']) AS name"
)
_ROLES = text(
    "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN (current_user, session_user)"
    " AND (rolsuper OR rolbypassrls OR rolname = :owner)"
)
_OWNERS = text(
    "SELECT r.rolname AS owner, count(*) AS tables FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner"
    " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
    " AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public', 'topology') GROUP BY 1 ORDER BY 1"
)
# A table whose rows have a division and a label must be guarded; one with a policy must be forced, whatever it holds.
_GUARDED = text(
    "SELECT c.oid::regclass::text AS place, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,"
    " EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid) AS policies"
    " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_'"
    " AND n.nspname <> 'information_schema' AND (c.relrowsecurity OR n.nspname = 'layers' AND 2 = ("
    "   SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND NOT a.attisdropped"
    "   AND a.attname IN ('division_code', 'label'))) ORDER BY 1"
)
_NOT_ALWAYS = text(
    "SELECT tgname, tgrelid::regclass::text AS at FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'"
    " AND tgrelid = ANY (SELECT to_regclass(one) FROM unnest(CAST(:tables AS text[])) AS one) ORDER BY 1, 2"
)
_WRITABLE = text(
    "SELECT one FROM unnest(CAST(:tables AS text[])) AS one WHERE to_regclass(one) IS NOT NULL"
    " AND has_table_privilege(current_user, to_regclass(one), 'INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1"
)
_LOOSE = text(
    "SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
    " WHERE p.prosecdef AND n.nspname IN ('record', 'access', 'exchange', 'sensing', 'layers', 'publish', 'nodes',"
    " 'planning', 'reporting', 'roads', 'messaging')"
    " AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS said WHERE said LIKE 'search\\_path=%') ORDER BY 1"
)
_BARE = text(
    "SELECT DISTINCT p.proname FROM pg_proc AS p WHERE p.proname = ANY (CAST(:names AS text[]))"
    " AND (p.pronargs = 2 OR p.oid = to_regprocedure('layers.bigrams(text)'))"
    " AND NOT p.proleakproof ORDER BY 1"
)
_PERSONAL = text(
    "SELECT place, name, EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = to_regclass(place)"
    " AND a.attname = personal_column.name AND NOT a.attisdropped) AS there FROM access.personal_column ORDER BY 1, 2"
)
