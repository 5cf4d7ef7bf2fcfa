"""Record: append in one round trip, several kept lines under one commit, the same hashes sooner."""

from alembic import op

from gis.errors import RefusedError
from gis.migrations import statements

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PARTS = ("hashing", "append")


def upgrade() -> None:
    """Apply."""
    for part in PARTS:
        statements.run(op.get_bind(), "0013_record", part)


def downgrade() -> None:
    """Refuse: the record is never thrown away by a program."""
    raise RefusedError("the record is append-only: restore a backup instead of migrating below 0013")
