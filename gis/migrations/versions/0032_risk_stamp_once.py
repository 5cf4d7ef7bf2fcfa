"""The number of a risk view's rows is asked once a question and no longer once a row."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ONCE, EACH = "( SELECT layers.risk_stamp() AS risk_stamp) AS row_id", "layers.risk_stamp() AS row_id"


def upgrade() -> None:
    """Apply."""
    _written(EACH, ONCE)


def downgrade() -> None:
    """Take back."""
    _written(ONCE, EACH)


def _written(before: str, after: str) -> None:
    # As they stand, whatever an earlier migration made of them, and with their options.
    op.execute(
        f"""
        DO $$
        DECLARE one record; said text;
        BEGIN
            FOR one IN SELECT oid::regclass AS name, reloptions FROM pg_class
                WHERE oid IN ('layers.risk_grid'::regclass, 'layers.risk_township'::regclass) LOOP
                said := pg_get_viewdef(one.name, true);
                IF position('{before}' IN said) = 0 THEN
                    RAISE EXCEPTION 'the view % numbers its rows in another way', one.name;
                END IF;
                EXECUTE 'CREATE OR REPLACE VIEW ' || one.name
                    || coalesce(' WITH (' || array_to_string(one.reloptions, ', ') || ')', '') || ' AS '
                    || replace(said, '{before}', '{after}');
            END LOOP;
        END
        $$
        """  # noqa: S608 - both texts stand above
    )
