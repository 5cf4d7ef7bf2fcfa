"""Accounts by role, division and label, a second factor, and an audit in a chain of its own."""

from alembic import op

from gis.errors import RefusedError
from gis.migrations import statements

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for part in ("audit", "accounts"):
        statements.run(op.get_bind(), "0020_accounts", part)


def downgrade() -> None:
    """Refuse: the audit is never thrown away by a program."""
    raise RefusedError("the audit is append-only: restore a backup instead of migrating below 0020")
