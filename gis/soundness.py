"""Is this database safe to work on? What would lose an acknowledged entry or pass over rights is named at the start."""

from sqlalchemy import Connection, text

MUST_BE_ON = ("fsync", "full_page_writes")
"""Without these an acknowledged entry may be gone after a power cut; synchronous_commit is set by the log itself."""

APPEND_ONLY = ("record.entry", "record.incident_head", "access.audit_entry", "access.audit_day")
DEFAULT_SECRETS = frozenset(
    {"", "postgres", "password", "onemap", "onemap_app", "admin", "123456", "secret", "changeme"}
)


def faults(connection: Connection, *, application_role: str, owner_role: str) -> list[str]:
    """One sentence for each reason not to start; empty when the database is sound."""
    found = []
    for name in MUST_BE_ON:
        value = connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one()
        if value != "on":
            found.append(f"{name} is {value}: acknowledged entries could be lost; switch it on and restart")
    for role in connection.execute(_ROLES, {"owner": owner_role}):
        right = (
            "a superuser" if role.rolsuper else "exempt from row-level security" if role.rolbypassrls else "the owner"
        )
        found.append(f"the program would run as '{role.rolname}', which is {right}; log in as {application_role}")
    # A database that is not migrated yet has none of what follows.
    found += [
        f"row-level security of {table} is not forced: run `onemap db migrate`, or ALTER TABLE … FORCE"
        for table in connection.execute(_NOT_FORCED).scalars()
    ]
    tables = {"tables": list(APPEND_ONLY)}
    found += [
        f"trigger {row.tgname} of {row.at} does not fire always: lines could be altered; ENABLE ALWAYS it"
        for row in connection.execute(_NOT_ALWAYS, tables)
    ]
    found += [
        f"{table} may be written past its function: revoke INSERT, UPDATE, DELETE and TRUNCATE"
        for table in connection.execute(_WRITABLE, tables).scalars()
    ]
    return found


def weak_secret(password: str | None) -> bool:
    """Tell whether a password of the database's address is one that everybody tries; None = there is none to check."""
    return password is not None and password.lower() in DEFAULT_SECRETS


_ROLES = text(
    "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN (current_user, session_user)"
    " AND (rolsuper OR rolbypassrls OR rolname = :owner)"
)
_NOT_FORCED = text(
    "SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
    " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) ORDER BY 1"
)
_NOT_ALWAYS = text(
    "SELECT tgname, tgrelid::regclass::text AS at FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'"
    " AND tgrelid = ANY (SELECT to_regclass(one) FROM unnest(CAST(:tables AS text[])) AS one) ORDER BY 1, 2"
)
_WRITABLE = text(
    "SELECT one FROM unnest(CAST(:tables AS text[])) AS one WHERE to_regclass(one) IS NOT NULL"
    " AND has_table_privilege(current_user, to_regclass(one), 'INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1"
)
