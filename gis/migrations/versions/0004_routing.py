"""Routing: versions of road networks, closures and edits, each with who, why and how long."""

from importlib.resources import files

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(files("routing").joinpath("sql", "tables.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE IF EXISTS roads.edit, roads.closure, roads.version")
