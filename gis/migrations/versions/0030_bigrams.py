"""Searches for two characters use their index under row-level security."""

from alembic import op

from gis.database import OWNER_ROLE
from gis.migrations import statements

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    # What the owner may not do, as in 0022.
    op.execute("RESET ROLE")
    statements.run(op.get_bind(), "0030_bigrams", "leakproof")
    op.execute(f"SET ROLE {OWNER_ROLE}")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER FUNCTION layers.bigrams(text) NOT LEAKPROOF")
