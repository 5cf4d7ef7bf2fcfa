"""Routing: versions of road networks, closures and edits, each with who, why and how long."""

from alembic import op

from gis.migrations import statements

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0004_routing", "tables")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE IF EXISTS roads.edit, roads.closure, roads.version")
