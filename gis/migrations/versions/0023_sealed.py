"""The record of an exercise is seen by its cell only while the exercise goes on."""

from alembic import op

from gis.migrations import statements

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0023_sealed", "sealed")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP POLICY sealed ON record.entry")
    op.execute("DROP POLICY sealed ON record.incident_head")
    op.execute("DROP TRIGGER seal ON record.entry")
    op.execute("DROP FUNCTION record.seal()")
    op.execute("DROP TABLE record.sealed")
