"""Routing: closures carry the name the incident's record knows them by, so that a lift finds its rows."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("ALTER TABLE roads.closure ADD COLUMN known_as text NOT NULL DEFAULT ''")
    op.execute("CREATE INDEX closure_known_as ON roads.closure (known_as) WHERE known_as <> ''")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP INDEX IF EXISTS roads.closure_known_as")
    op.execute("ALTER TABLE roads.closure DROP COLUMN IF EXISTS known_as")
