"""Plans and their papers, response cards, hand-overs of the duty, and who holds which resource."""

from alembic import op

from gis.migrations import statements

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0016_plans", "tables")


def downgrade() -> None:
    """Take back: plans, cards and hand-overs go; what was adopted and committed stays in the record."""
    op.execute("DROP INDEX IF EXISTS record.entry_resources")
    op.execute("DROP SCHEMA IF EXISTS planning CASCADE")
