"""What is on the ground: registers, sensing, population cells and the offline base map."""

from alembic import op

from gis.crs import GEOGRAPHIC_SRID

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Every business row says when it was true, when we knew it, where it came from, whose it is and in which world it is.
# Intervals are half-open and an open end is NULL, so "the row in force" is one partial index away.
ROW = """
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
    CHECK (valid_to IS NULL OR valid_to > valid_from),
    CHECK (superseded_at IS NULL OR superseded_at >= recorded_at)
"""

# world_x and world_y place a point on the unit square of the web-tile pyramid (0..1 from the north-west corner):
# thinning a tile is then integer arithmetic on two columns and needs no projection per request.
WORLD = """
    world_x double precision GENERATED ALWAYS AS ((ST_X(geometry) + 180.0) / 360.0) STORED,
    world_y double precision GENERATED ALWAYS AS (
        0.5 - ln(tan(pi() / 4.0 + radians(ST_Y(geometry)) / 2.0)) / (2.0 * pi())) STORED
"""

POINT_TABLES = {
    "enterprise": """
        name text NOT NULL,
        short_name text NOT NULL,
        pinyin text NOT NULL,
        initials text NOT NULL,
        uscc text NOT NULL CHECK (length(uscc) = 18),
        address text NOT NULL,
        industry text NOT NULL,
        sectors text[] NOT NULL DEFAULT '{}',
        size_class text NOT NULL CHECK (size_class IN ('large', 'medium', 'small', 'micro')),
        above_scale boolean NOT NULL,
        people integer NOT NULL CHECK (people >= 0),
        on_shift integer NOT NULL CHECK (on_shift >= 0),
        safety_head text NOT NULL,
        duty_phone text NOT NULL,
        risk_level smallint CHECK (risk_level BETWEEN 1 AND 4),
        hazard_level smallint CHECK (hazard_level BETWEEN 1 AND 4),
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "hazard_source": """
        name text NOT NULL,
        enterprise_id text NOT NULL,
        enterprise_name text NOT NULL,
        unit_kind text NOT NULL,
        substance text NOT NULL,
        un_number text NOT NULL,
        cas_number text NOT NULL,
        design_max_t numeric(12, 3) NOT NULL CHECK (design_max_t >= 0),
        stock_t numeric(12, 3) NOT NULL CHECK (stock_t >= 0),
        substances jsonb NOT NULL,
        people_within_500m integer NOT NULL CHECK (people_within_500m >= 0),
        s_value numeric(14, 4) NOT NULL,
        r_value numeric(14, 4) NOT NULL,
        is_major boolean NOT NULL,
        hazard_level smallint CHECK (hazard_level BETWEEN 1 AND 4),
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "protection_target": """
        name text NOT NULL,
        pinyin text NOT NULL,
        initials text NOT NULL,
        kind text NOT NULL,
        people integer NOT NULL CHECK (people >= 0),
        people_night integer NOT NULL CHECK (people_night >= 0),
        address text NOT NULL,
        phone text NOT NULL,
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "shelter": """
        name text NOT NULL,
        pinyin text NOT NULL,
        initials text NOT NULL,
        level text NOT NULL,
        kind text NOT NULL,
        capacity integer NOT NULL CHECK (capacity >= 0),
        occupancy integer NOT NULL DEFAULT 0 CHECK (occupancy >= 0),
        effective_area_m2 numeric(12, 1) NOT NULL,
        indoor_gas_tight boolean NOT NULL,
        manager text NOT NULL,
        phone text NOT NULL,
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "rescue_team": """
        name text NOT NULL,
        pinyin text NOT NULL,
        initials text NOT NULL,
        kind text NOT NULL,
        people integer NOT NULL CHECK (people >= 0),
        vehicles integer NOT NULL CHECK (vehicles >= 0),
        status text NOT NULL,
        phone text NOT NULL,
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "store": """
        name text NOT NULL,
        pinyin text NOT NULL,
        initials text NOT NULL,
        owner text NOT NULL,
        manager text NOT NULL,
        phone text NOT NULL,
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "camera": """
        name text NOT NULL,
        enterprise_id text,
        bearing_deg double precision NOT NULL,
        view_deg double precision NOT NULL,
        range_m double precision NOT NULL,
        status text NOT NULL CHECK (status IN ('live', 'stale', 'offline')),
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "tag": """
        name text NOT NULL,
        enterprise_id text,
        place text NOT NULL,
        quantity text NOT NULL,
        unit text NOT NULL,
        threshold double precision,
        threshold_high double precision,
        interval_s integer NOT NULL CHECK (interval_s > 0),
        last_value double precision,
        last_at timestamptz,
        status text NOT NULL CHECK (status IN ('live', 'stale', 'offline')),
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "alarm": """
        tag_id text,
        kind text NOT NULL,
        title text NOT NULL,
        place text NOT NULL,
        value double precision,
        unit text NOT NULL DEFAULT '',
        threshold double precision,
        severity smallint NOT NULL CHECK (severity BETWEEN 0 AND 3),
        state text NOT NULL CHECK (state IN ('open', 'acknowledged', 'cleared')),
        occurred_at timestamptz NOT NULL,
        known_at timestamptz NOT NULL,
        risk_rank smallint NOT NULL DEFAULT 0
    """,
    "weather_observation": """
        station_id text NOT NULL,
        station_name text NOT NULL,
        observed_at timestamptz NOT NULL,
        wind_from_deg double precision NOT NULL CHECK (wind_from_deg >= 0 AND wind_from_deg < 360),
        wind_speed_m_s double precision NOT NULL CHECK (wind_speed_m_s >= 0),
        temperature_c double precision NOT NULL,
        relative_humidity double precision NOT NULL CHECK (relative_humidity BETWEEN 0 AND 1),
        stability text NOT NULL CHECK (stability IN ('A', 'B', 'C', 'D', 'E', 'F')),
        status text NOT NULL CHECK (status IN ('live', 'stale', 'offline')),
        risk_rank smallint NOT NULL DEFAULT 0
    """,
}

AREA_TABLES = {
    "division": """
        name text NOT NULL,
        level text NOT NULL CHECK (level IN ('city', 'county', 'township')),
        parent_id text
    """,
    "admin_zone": "name text NOT NULL, kind text NOT NULL",
    "population_cell": """
        day integer NOT NULL CHECK (day >= 0),
        night integer NOT NULL CHECK (night >= 0)
    """,
}

PLAIN_TABLES = {
    "supply_stock": """
        store_id text NOT NULL,
        code text NOT NULL CHECK (length(code) = 7),
        name text NOT NULL,
        quantity numeric(14, 2) NOT NULL CHECK (quantity >= 0),
        unit text NOT NULL,
        readiness text NOT NULL,
        expires_on date,
        counted_on date NOT NULL
    """,
    "inventory_ledger": """
        hazard_source_id text NOT NULL,
        substance text NOT NULL,
        ledger_day date NOT NULL,
        in_t numeric(12, 3) NOT NULL CHECK (in_t >= 0),
        out_t numeric(12, 3) NOT NULL CHECK (out_t >= 0),
        stock_t numeric(12, 3) NOT NULL CHECK (stock_t >= 0)
    """,
}

# The base map is drawn for any road network by name; `source_system` and `as_of` stand in its attribution.
BASE = """
    CREATE TABLE layers.base_area (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        network text NOT NULL,
        kind text NOT NULL,
        name text NOT NULL DEFAULT '',
        min_zoom smallint NOT NULL DEFAULT 0,
        source_system text NOT NULL,
        as_of timestamptz NOT NULL,
        geometry geometry(Geometry, SRID) NOT NULL
    );
    CREATE TABLE layers.base_line (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        network text NOT NULL,
        class text NOT NULL,
        name text NOT NULL DEFAULT '',
        bridge boolean NOT NULL DEFAULT false,
        tunnel boolean NOT NULL DEFAULT false,
        min_zoom smallint NOT NULL DEFAULT 0,
        source_system text NOT NULL,
        as_of timestamptz NOT NULL,
        geometry geometry(LineString, SRID) NOT NULL
    );
    CREATE TABLE layers.base_label (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        network text NOT NULL,
        kind text NOT NULL,
        text text NOT NULL,
        rank smallint NOT NULL DEFAULT 5,
        angle_deg double precision NOT NULL DEFAULT 0,
        min_zoom smallint NOT NULL DEFAULT 0,
        max_zoom smallint NOT NULL DEFAULT 30,
        source_system text NOT NULL,
        as_of timestamptz NOT NULL,
        geometry geometry(Point, SRID) NOT NULL
    );
    CREATE INDEX ON layers.base_area USING gist (geometry);
    CREATE INDEX ON layers.base_line USING gist (geometry);
    CREATE INDEX ON layers.base_label USING gist (geometry);
"""

# Only an owner may gather statistics; the program asks for them after a bulk load, so that the first search and the
# first tiles are not planned for empty tables.
STATISTICS = """
    CREATE FUNCTION layers.refresh_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = layers, pg_temp AS $$
    BEGIN
        ANALYZE layers.enterprise, layers.population_cell, layers.protection_target, layers.base_area, layers.base_line;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION layers.refresh_statistics() FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION layers.refresh_statistics() TO onemap_app;
"""

SEARCHED = ("enterprise", "protection_target", "shelter", "rescue_team", "store")


def upgrade() -> None:
    """Apply."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE SCHEMA IF NOT EXISTS layers")
    for table, columns in POINT_TABLES.items():
        _create(table, f"{ROW}, {columns}, geometry geometry(Point, SRID) NOT NULL, {WORLD}")
        op.execute(f"CREATE INDEX ON layers.{table} USING gist (geometry) WHERE superseded_at IS NULL")
    for table, columns in AREA_TABLES.items():
        _create(table, f"{ROW}, {columns}, geometry geometry(Geometry, SRID) NOT NULL")
        op.execute(f"CREATE INDEX ON layers.{table} USING gist (geometry) WHERE superseded_at IS NULL")
    for table, columns in PLAIN_TABLES.items():
        _create(table, f"{ROW}, {columns}")
    for table in SEARCHED:
        for column in ("name", "initials"):
            op.execute(f"CREATE INDEX ON layers.{table} USING gin ({column} gin_trgm_ops) WHERE superseded_at IS NULL")
    op.execute("CREATE INDEX ON layers.enterprise USING gin (sectors) WHERE superseded_at IS NULL")
    op.execute("CREATE INDEX ON layers.enterprise (uscc text_pattern_ops) WHERE superseded_at IS NULL")
    op.execute("CREATE INDEX ON layers.supply_stock (store_id) WHERE superseded_at IS NULL")
    op.execute("CREATE INDEX ON layers.inventory_ledger (hazard_source_id, ledger_day) WHERE superseded_at IS NULL")
    op.execute("CREATE INDEX ON layers.alarm (occurred_at) WHERE superseded_at IS NULL")
    op.execute(BASE.replace("SRID", str(GEOGRAPHIC_SRID)))
    op.execute(STATISTICS)
    # The program may read, add, and close a row that a correction replaces; it may never delete history
    # nor touch any other column of a row that stands.
    op.execute("GRANT USAGE ON SCHEMA layers TO onemap_app")
    op.execute("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA layers TO onemap_app")
    for table in (*POINT_TABLES, *AREA_TABLES, *PLAIN_TABLES):
        op.execute(f"GRANT UPDATE (superseded_at, valid_to) ON layers.{table} TO onemap_app")
    # The base map and the sensors' latest values are not history: they are replaced as a whole.
    op.execute("GRANT DELETE ON layers.base_area, layers.base_line, layers.base_label TO onemap_app")
    op.execute("GRANT UPDATE (last_value, last_at, status) ON layers.tag TO onemap_app")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP SCHEMA layers CASCADE")


def _create(table: str, columns: str) -> None:
    op.execute(f"CREATE TABLE layers.{table} ({columns})".replace("SRID", str(GEOGRAPHIC_SRID)))
    # One standing row per business id: a correction closes the old row before the new one enters.
    op.execute(f"CREATE UNIQUE INDEX ON layers.{table} (id) WHERE superseded_at IS NULL")
