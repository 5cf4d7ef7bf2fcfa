"""Messages: texts and calls that go out through a gateway, with what became of each."""

from alembic import op

from gis.migrations import statements

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0024_messages", "tables")


def downgrade() -> None:
    """Take back: what waited to be sent goes; the record of it stays."""
    op.execute("DROP SCHEMA IF EXISTS messaging CASCADE")
