"""What is shown in a consultation now, and who is on its line."""

from alembic import op

from gis.migrations import statements

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0018_consultation", "tables")


def downgrade() -> None:
    """Take back; what was said in consultations stays in the record."""
    op.execute("DROP SCHEMA IF EXISTS consultation CASCADE")
