"""Log: the append-only record of every incident, its hash chain, its only way in and the rights around it."""

from importlib.resources import files

from alembic import op

from gis.errors import RefusedError

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
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    for part in PARTS:
        # Straight to the driver, without parameters: several statements in a file, colons and percents as they stand.
        driver.execute(files("scenarios").joinpath("sql", f"{part}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Refuse: the record is never thrown away by a program."""
    raise RefusedError("the record is append-only: restore a backup instead of migrating below 0003")
