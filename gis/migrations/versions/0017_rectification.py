"""Tasks to mend what is wrong in the registers and on site, by whom and by when."""

from alembic import op

from gis.migrations import statements

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0017_rectification", "tables")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE IF EXISTS layers.rectification")
    op.execute(
        "CREATE INDEX IF NOT EXISTS enterprise_address_idx ON layers.enterprise USING gin (address gin_trgm_ops)"
        " WHERE superseded_at IS NULL"
    )
