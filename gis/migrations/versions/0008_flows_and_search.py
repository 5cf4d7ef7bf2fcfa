"""What went from site to site, and the indexes that let a search of 60 000 rows answer at once."""

from alembic import op

from gis.crs import GEOGRAPHIC_SRID

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FLOW = """
CREATE TABLE layers.chemical_flow (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    superseded_at timestamptz,
    source_system text NOT NULL,
    as_of timestamptz NOT NULL,
    ingested_at timestamptz NOT NULL DEFAULT now(),
    division_code text NOT NULL,
    label text NOT NULL DEFAULT 'internal' CHECK (label IN ('public', 'internal', 'restricted')),
    mode text NOT NULL DEFAULT 'live' CHECK (mode IN ('live', 'drill', 'sim')),
    name text NOT NULL,
    from_id text NOT NULL,
    from_name text NOT NULL,
    to_id text NOT NULL,
    to_name text NOT NULL,
    substance text NOT NULL,
    cas_number text NOT NULL DEFAULT '',
    quantity_t numeric(12, 3) NOT NULL CHECK (quantity_t > 0),
    moved_on date NOT NULL,
    geometry geometry(LineString, SRID) NOT NULL,
    CHECK (valid_to IS NULL OR valid_to > valid_from),
    CHECK (superseded_at IS NULL OR superseded_at >= recorded_at),
    CHECK (from_id <> to_id)
);
COMMENT ON TABLE layers.chemical_flow IS '危险化学品流向：一次转移 A consignment between two sites';
CREATE UNIQUE INDEX ON layers.chemical_flow (mode, id) WHERE superseded_at IS NULL AND valid_to IS NULL;
CREATE INDEX ON layers.chemical_flow USING gist (geometry) WHERE superseded_at IS NULL;
CREATE INDEX ON layers.chemical_flow (moved_on) WHERE superseded_at IS NULL;
GRANT SELECT, INSERT ON layers.chemical_flow TO onemap_app;
GRANT UPDATE (superseded_at, valid_to) ON layers.chemical_flow TO onemap_app;
"""

# Names and initials have theirs since 0002; a search also looks into addresses and full pinyin, and one for a
# dangerous substance looks for whoever holds it.
TRIGRAMS = (("enterprise", "pinyin"), ("enterprise", "address"), ("protection_target", "address"))


def upgrade() -> None:
    """Apply."""
    op.execute(FLOW.replace("SRID", str(GEOGRAPHIC_SRID)))
    for table, column in TRIGRAMS:
        op.execute(f"CREATE INDEX ON layers.{table} USING gin ({column} gin_trgm_ops) WHERE superseded_at IS NULL")
    op.execute("CREATE INDEX ON layers.hazard_source (cas_number) WHERE superseded_at IS NULL")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE layers.chemical_flow")
    for table, column in TRIGRAMS:
        op.execute(f"DROP INDEX IF EXISTS layers.{table}_{column}_idx")
    op.execute("DROP INDEX IF EXISTS layers.hazard_source_cas_number_idx")
