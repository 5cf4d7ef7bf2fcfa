"""Hospitals have beds, and some of them are free."""

from alembic import op

from gis.migrations import statements

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0027_beds", "beds")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE layers.protection_target DROP COLUMN beds_free, DROP COLUMN beds")
