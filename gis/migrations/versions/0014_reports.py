"""Reports: by when they are due, what is being written, and the issues that belong to no single incident."""

from alembic import op

from gis.migrations import statements

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0014_reports", "tables")


def downgrade() -> None:
    """Take back: drafts and rows of policy go; what was sent stays in the record."""
    op.execute("DROP SCHEMA IF EXISTS reporting CASCADE")
