"""Which columns hold personal data, and what for; and jurisdiction that costs a row no more than its own range."""

from alembic import op

from gis.migrations import statements

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0025_personal", "declared")
    statements.run(op.get_bind(), "0025_personal", "cheaper")


def downgrade() -> None:
    """Take back; the policies of 0022 say the same and stay as they are written now."""
    op.execute("DROP TABLE access.personal_column")
