"""Foundation: the extensions, the roles and one schema for each room that keeps rows."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("postgis", "pg_trgm")  # pg_trgm: search by part of a Chinese name, from PostgreSQL's own contrib
SCHEMAS = ("ground", "layers", "record", "roads", "access")

# Roles belong to the whole cluster: another database of it, or a test beside this one, may have made them already.
ROLES = """
DO $$
BEGIN
    BEGIN
        CREATE ROLE onemap_owner NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    BEGIN
        CREATE ROLE onemap_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    -- The owner makes what the rooms' migrations need, further schemas and trusted extensions included.
    EXECUTE format('GRANT CREATE ON DATABASE %I TO onemap_owner', current_database());
    -- Not being a superuser, the migrating login must be a member to act as the owner.
    IF NOT pg_has_role(current_user, 'onemap_owner', 'MEMBER') THEN
        EXECUTE format('GRANT onemap_owner TO %I', current_user);
    END IF;
END
$$
"""

ROLE_SETTINGS = """
DO $$
BEGIN
    -- Two databases of one cluster may be migrated at the same moment; the row then changes under us, to the same.
    ALTER ROLE onemap_app SET timezone = 'UTC';
    ALTER ROLE onemap_app SET idle_in_transaction_session_timeout = '60s';
    ALTER ROLE onemap_app SET lock_timeout = '15s';
EXCEPTION WHEN internal_error THEN NULL;
END
$$
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SELECT pg_advisory_xact_lock(hashtext('onemap roles'))")
    op.execute(ROLES)
    op.execute(ROLE_SETTINGS)
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        op.execute(f"ALTER SCHEMA {schema} OWNER TO onemap_owner")
        op.execute(f"GRANT USAGE ON SCHEMA {schema} TO onemap_app")
    op.execute("ALTER TABLE ground.alembic_version OWNER TO onemap_owner")
    op.execute("GRANT SELECT ON ground.alembic_version TO onemap_app")
    # Nothing is given away by default: each room's migration grants what the program needs, table by table.
    op.execute("ALTER DEFAULT PRIVILEGES FOR ROLE onemap_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def downgrade() -> None:
    """Take back."""
    for schema in reversed(SCHEMAS[1:]):
        op.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
