"""Numbers and words that wait to go out are masked like every other number."""

from alembic import op

from gis.migrations import statements

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0028_told", "declared")


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM access.personal_column WHERE place = 'messaging.outbox'")
