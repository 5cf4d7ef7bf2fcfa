"""Search by two characters: a trigram index is no help for 恒泽, and most Chinese words are two characters."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SEARCH = """
CREATE FUNCTION layers.bigrams(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 500 AS $$
    SELECT coalesce(array_agg(DISTINCT substr(words, at, 2)), '{}') FROM generate_series(1, length(words) - 1) AS at
$$;
GRANT EXECUTE ON FUNCTION layers.bigrams(text) TO onemap_app;
CREATE INDEX enterprise_name_bigrams ON layers.enterprise
    USING gin (layers.bigrams(name)) WHERE superseded_at IS NULL;
CREATE INDEX enterprise_address_bigrams ON layers.enterprise
    USING gin (layers.bigrams(address)) WHERE superseded_at IS NULL;
-- What every name holds is found by walking from the riskiest down, not by sorting sixty thousand.
CREATE INDEX enterprise_riskiest ON layers.enterprise (risk_rank DESC, id) WHERE superseded_at IS NULL;
CREATE INDEX enterprise_name_begins ON layers.enterprise (name text_pattern_ops) WHERE superseded_at IS NULL;
"""


def upgrade() -> None:
    """Apply."""
    op.execute(SEARCH)


def downgrade() -> None:
    """Take back."""
    for name in ("name_bigrams", "address_bigrams", "riskiest", "name_begins"):
        op.execute(f"DROP INDEX IF EXISTS layers.enterprise_{name}")
    op.execute("DROP FUNCTION IF EXISTS layers.bigrams(text)")
