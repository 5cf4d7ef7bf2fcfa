"""A deadline for passing on what another level reported."""

from alembic import op

from gis.errors import RefusedError
from gis.migrations import statements

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0021_forwarding", "policy")


def downgrade() -> None:
    """Refuse: rows of that kind would have no place."""
    raise RefusedError("rows of passed-on reports have no place below 0021: restore a backup instead")
