"""Entries and lines of the audit that wait for one another go in under one commit."""

from alembic import op

from gis.migrations import statements

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0029_together", "together")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION record.append_many")
    op.execute("DROP FUNCTION access.audit_lines")
