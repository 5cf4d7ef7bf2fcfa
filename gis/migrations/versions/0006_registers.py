"""Full bitemporal rows, one table for every mirrored register, and what was imported, kept aside and undone."""

from alembic import op

from gis.crs import GEOGRAPHIC_SRID

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BUSINESS_TABLES = (
    "enterprise", "hazard_source", "protection_target", "shelter", "rescue_team", "store", "camera", "tag", "alarm",
    "weather_observation", "division", "admin_zone", "population_cell", "supply_stock", "inventory_ledger",
)  # fmt: skip

# The same columns as every business row of 0002; a register's own columns are in `attributes`, named by its mapping.
REGISTER = """
    CREATE TABLE layers.register_row (
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
        register text NOT NULL,
        name text NOT NULL,
        enterprise_id text,
        uscc text NOT NULL DEFAULT '',
        kind text NOT NULL DEFAULT '',
        state text NOT NULL DEFAULT '',
        due_on date,
        attributes jsonb NOT NULL DEFAULT '{}',
        risk_rank smallint NOT NULL DEFAULT 0,
        geometry geometry(Point, SRID),
        world_x double precision GENERATED ALWAYS AS ((ST_X(geometry) + 180.0) / 360.0) STORED,
        world_y double precision GENERATED ALWAYS AS (
            0.5 - ln(tan(pi() / 4.0 + radians(ST_Y(geometry)) / 2.0)) / (2.0 * pi())) STORED,
        CHECK (valid_to IS NULL OR valid_to > valid_from),
        CHECK (superseded_at IS NULL OR superseded_at >= recorded_at)
    );
    CREATE UNIQUE INDEX ON layers.register_row (mode, register, id) WHERE superseded_at IS NULL AND valid_to IS NULL;
    CREATE INDEX ON layers.register_row USING gist (geometry) WHERE superseded_at IS NULL;
    CREATE INDEX ON layers.register_row (register, due_on) WHERE superseded_at IS NULL;
    CREATE INDEX ON layers.register_row (enterprise_id, register) WHERE superseded_at IS NULL;
    GRANT SELECT, INSERT ON layers.register_row TO onemap_app;
    GRANT UPDATE (superseded_at, valid_to) ON layers.register_row TO onemap_app;

    -- Every attempt to fetch a register, failed ones too: the rows stay, the attempt says how old they are.
    CREATE TABLE layers.register_sync (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        register text NOT NULL,
        mode text NOT NULL CHECK (mode IN ('live', 'drill', 'sim')),
        tried_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        succeeded boolean NOT NULL,
        source text NOT NULL,
        as_of timestamptz,
        rows integer NOT NULL DEFAULT 0,
        added integer NOT NULL DEFAULT 0,
        changed integer NOT NULL DEFAULT 0,
        ended integer NOT NULL DEFAULT 0,
        rejected integer NOT NULL DEFAULT 0,
        fault text NOT NULL DEFAULT '',
        actor text NOT NULL
    );
    CREATE INDEX ON layers.register_sync (register, mode, tried_at DESC);
    GRANT SELECT, INSERT ON layers.register_sync TO onemap_app;
"""

IMPORTS = """
    CREATE TABLE layers.data_import (
        id uuid PRIMARY KEY,
        layer text NOT NULL,
        mode text NOT NULL CHECK (mode IN ('live', 'drill', 'sim')),
        file_name text NOT NULL,
        content_key text NOT NULL,
        datum text NOT NULL,
        mapping jsonb NOT NULL,
        began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        rows integer NOT NULL,
        added integer NOT NULL,
        changed integer NOT NULL,
        unchanged integer NOT NULL,
        aside integer NOT NULL,
        actor text NOT NULL,
        undone_at timestamptz,
        undone_by text
    );
    CREATE INDEX ON layers.data_import (mode, began_at DESC);
    -- Which rows an import added and which it closed: enough to take it back without touching what came later.
    CREATE TABLE layers.import_change (
        import_id uuid NOT NULL REFERENCES layers.data_import (id),
        new_row bigint,
        old_row bigint
    );
    CREATE INDEX ON layers.import_change (import_id);
    CREATE TABLE layers.import_aside (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        import_id uuid NOT NULL REFERENCES layers.data_import (id),
        layer text NOT NULL,
        mode text NOT NULL CHECK (mode IN ('live', 'drill', 'sim')),
        row_key text NOT NULL,
        row_number integer NOT NULL,
        name text NOT NULL,
        division_code text NOT NULL,
        owner text NOT NULL,
        rules text[] NOT NULL,
        reasons jsonb NOT NULL,
        raw jsonb NOT NULL,
        kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        settled_at timestamptz,
        geometry geometry(Point, SRID)
    );
    CREATE UNIQUE INDEX ON layers.import_aside (mode, layer, row_key) WHERE settled_at IS NULL;
    CREATE INDEX ON layers.import_aside (import_id);
    CREATE INDEX ON layers.import_aside USING gist (geometry) WHERE settled_at IS NULL;
    GRANT SELECT, INSERT ON layers.data_import, layers.import_change, layers.import_aside TO onemap_app;
    GRANT UPDATE (undone_at, undone_by) ON layers.data_import TO onemap_app;
    GRANT UPDATE (settled_at) ON layers.import_aside TO onemap_app;
"""


def upgrade() -> None:
    """Apply."""
    for table in BUSINESS_TABLES:
        # A change keeps the ended stretch of the old value in force as knowledge; and two worlds may use one id.
        op.execute(f"DROP INDEX layers.{table}_id_idx")
        op.execute(
            f"CREATE UNIQUE INDEX {table}_standing ON layers.{table} (mode, id) "
            "WHERE superseded_at IS NULL AND valid_to IS NULL"
        )
        op.execute(f"CREATE INDEX {table}_history ON layers.{table} (id) WHERE superseded_at IS NOT NULL")
    op.execute(REGISTER.replace("SRID", str(GEOGRAPHIC_SRID)))
    op.execute(IMPORTS.replace("SRID", str(GEOGRAPHIC_SRID)))


def downgrade() -> None:
    """Take back."""
    for table in ("import_aside", "import_change", "data_import", "register_sync", "register_row"):
        op.execute(f"DROP TABLE layers.{table}")
    for table in BUSINESS_TABLES:
        op.execute(f"DROP INDEX layers.{table}_standing")
        op.execute(f"DROP INDEX layers.{table}_history")
        op.execute(f"CREATE UNIQUE INDEX {table}_id_idx ON layers.{table} (id) WHERE superseded_at IS NULL")
