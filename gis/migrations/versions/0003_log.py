"""Log: the append-only record of every incident, its hash chain, its only way in and the rights around it."""

from alembic import op

from gis.errors import RefusedError
from gis.migrations import statements

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PARTS = ("tables", "hashing", "append", "guards")

# For hash version 2 (SM3); a server without PostgreSQL's contrib package still has version 1.
PGCRYPTO = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA ground;
EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege THEN
    RAISE NOTICE 'extension pgcrypto is missing: entries can be hashed with SHA-256 only';
END
$$
"""


def upgrade() -> None:
    """Apply."""
    op.execute(PGCRYPTO)
    for part in PARTS:
        statements.run(op.get_bind(), "0003_log", part)


def downgrade() -> None:
    """Refuse: the record is never thrown away by a program."""
    raise RefusedError("the record is append-only: restore a backup instead of migrating below 0003")
