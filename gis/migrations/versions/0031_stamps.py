"""A register of points says when it was written, so that its version costs no scan."""

from alembic import op

from gis.migrations import statements

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    statements.run(op.get_bind(), "0031_stamps", "stamps")


def downgrade() -> None:
    """Take back."""
    op.execute(
        """
        DO $$
        DECLARE one record;
        BEGIN
            FOR one IN SELECT tgrelid::regclass AS of, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                WHERE tgname = 'stamped' LOOP
                EXECUTE format('DROP TRIGGER stamped ON %s', one.of);
                EXECUTE format('DROP INDEX layers.%I', one.relname || '_ends');
                EXECUTE format('DROP INDEX layers.%I', one.relname || '_begins');
            END LOOP;
        END
        $$
        """
    )
    op.execute("DROP FUNCTION layers.stamp_register")
    op.execute("DROP TABLE layers.register_stamp")
