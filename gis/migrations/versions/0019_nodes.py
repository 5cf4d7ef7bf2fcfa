"""Nodes: neighbours of other levels, what goes to them, what came from them, and what they witnessed."""

from alembic import op

from gis.migrations import statements

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0019_nodes", "tables")


def downgrade() -> None:
    """Take back: what waited to be sent and what came from elsewhere goes; our own record stays."""
    op.execute("DROP SCHEMA IF EXISTS nodes CASCADE")
