"""Sign-ins another system vouches for, and a copy of the audit on another host."""

from alembic import op

from gis.migrations import statements

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0026_outside", "outside")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE access.audit_copy, access.used_once")
    op.execute("ALTER TABLE access.session DROP COLUMN outside_session")
