"""Jurisdiction by row-level security on every layer table, with the indexes kept in use."""

from alembic import op

from gis.database import OWNER_ROLE
from gis.migrations import statements

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0022_jurisdiction", "policies")
    # The one thing the owner may not do; without a superuser it is left out and said at every start.
    op.execute("RESET ROLE")
    statements.run(op.get_bind(), "0022_jurisdiction", "leakproof")
    op.execute(f"SET ROLE {OWNER_ROLE}")


def downgrade() -> None:
    """Take back."""
    op.execute(
        """
        DO $$
        DECLARE one regclass;
        BEGIN
            FOR one IN SELECT polrelid::regclass FROM pg_policy WHERE polname = 'jurisdiction' LOOP
                EXECUTE format('DROP POLICY jurisdiction ON %s', one);
                EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', one);
                EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', one);
            END LOOP;
        END
        $$
        """
    )
