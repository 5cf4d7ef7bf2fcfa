"""Risk by unit, grid and township as it follows from the registers, views to publish, and a feed of changes."""

from alembic import op

from gis.crs import GEOGRAPHIC_SRID

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The same columns as every business row of 0002.
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

# Rule onemap-risk-1, worded in layers/risk.py. Views, not tables: changing one unit's R recolours its township at once.
RISK = """
CREATE FUNCTION layers.risk_colour(score numeric) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN score >= 100 THEN 1 WHEN score >= 50 THEN 2 WHEN score >= 10 THEN 3 WHEN score > 0 THEN 4
        END::smallint
$$;
-- One number that moves whenever a row behind the risk does: the tiles' version.
CREATE FUNCTION layers.risk_stamp() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (SELECT coalesce(max(row_id), 0) + count(superseded_at) + count(valid_to) FROM layers.hazard_source)
        + (SELECT coalesce(max(row_id), 0) + count(superseded_at) + count(valid_to) FROM layers.enterprise)
$$;
CREATE VIEW layers.risk_unit AS
    SELECT row_id, id, valid_from, valid_to, recorded_at, superseded_at, source_system, as_of, ingested_at,
        division_code, label, mode, enterprise_name || ' ' || name AS name, substance, r_value AS score,
        CASE WHEN is_major THEN layers.risk_colour(r_value) ELSE 4::smallint END AS risk_level,
        CASE WHEN is_major THEN 'R = ' || trim_scale(r_value) ELSE 'S = ' || trim_scale(s_value) || ' < 1' END
            AS working,
        risk_rank, geometry, world_x, world_y
    FROM layers.hazard_source;
CREATE VIEW layers.risk_point AS
    SELECT mode, as_of, division_code, geometry, r_value AS r, 0 AS firms_1, 0 AS firms_2, 0 AS firms_3
    FROM layers.hazard_source WHERE superseded_at IS NULL AND valid_to IS NULL AND is_major
    UNION ALL
    SELECT mode, as_of, division_code, geometry, 0, (risk_level = 1)::int, (risk_level = 2)::int, (risk_level = 3)::int
    FROM layers.enterprise WHERE superseded_at IS NULL AND valid_to IS NULL AND risk_level IN (1, 2, 3);
CREATE FUNCTION layers.risk_working(r numeric, firms_1 bigint, firms_2 bigint, firms_3 bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 'ΣR ' || trim_scale(round(r, 2)) || ' + 20×' || firms_1 || ' + 5×' || firms_2 || ' + 1×' || firms_3
        || ' = ' || trim_scale(round(r + 20 * firms_1 + 5 * firms_2 + firms_3, 2))
$$;
CREATE VIEW layers.risk_grid AS
    WITH cell AS (
        SELECT mode, floor(ST_X(geometry) / 0.0105) AS cx, floor(ST_Y(geometry) / 0.009) AS cy,
            min(division_code) AS division_code, max(as_of) AS as_of, sum(r) AS r, sum(firms_1) AS firms_1,
            sum(firms_2) AS firms_2, sum(firms_3) AS firms_3
        FROM layers.risk_point GROUP BY 1, 2, 3
    )
    SELECT layers.risk_stamp() AS row_id, 'WG-' || cx || '-' || cy AS id, as_of AS valid_from,
        NULL::timestamptz AS valid_to, as_of AS recorded_at, NULL::timestamptz AS superseded_at,
        'layers.risk' AS source_system, as_of, as_of AS ingested_at, division_code, 'internal' AS label, mode,
        '1 km ' || cx || '-' || cy AS name, r + 20 * firms_1 + 5 * firms_2 + firms_3 AS score,
        layers.risk_colour(r + 20 * firms_1 + 5 * firms_2 + firms_3) AS risk_level,
        layers.risk_working(r, firms_1, firms_2, firms_3) AS working,
        ST_MakeEnvelope(cx * 0.0105, cy * 0.009, (cx + 1) * 0.0105, (cy + 1) * 0.009, SRID) AS geometry
    FROM cell;
CREATE VIEW layers.risk_township AS
    SELECT layers.risk_stamp() AS row_id, place.id, place.valid_from, place.valid_to, place.recorded_at,
        place.superseded_at, 'layers.risk' AS source_system, coalesce(held.as_of, place.as_of) AS as_of,
        place.ingested_at, place.division_code, 'internal' AS label, place.mode, place.name,
        held.r + 20 * held.firms_1 + 5 * held.firms_2 + held.firms_3 AS score,
        layers.risk_colour(held.r + 20 * held.firms_1 + 5 * held.firms_2 + held.firms_3) AS risk_level,
        layers.risk_working(held.r, held.firms_1, held.firms_2, held.firms_3) AS working, place.geometry
    FROM layers.division AS place CROSS JOIN LATERAL (
        SELECT max(point.as_of) AS as_of, coalesce(sum(point.r), 0) AS r, coalesce(sum(point.firms_1), 0) AS firms_1,
            coalesce(sum(point.firms_2), 0) AS firms_2, coalesce(sum(point.firms_3), 0) AS firms_3
        FROM layers.risk_point AS point
        WHERE point.mode = place.mode AND point.geometry && place.geometry
            AND ST_Covers(place.geometry, point.geometry)
    ) AS held
    WHERE place.level = 'township' AND place.superseded_at IS NULL;
GRANT SELECT ON layers.risk_unit, layers.risk_point, layers.risk_grid, layers.risk_township TO onemap_app;
CREATE INDEX enterprise_risky ON layers.enterprise USING gist (geometry)
    WHERE superseded_at IS NULL AND valid_to IS NULL AND risk_level IN (1, 2, 3);
CREATE TABLE layers.risk_contour (ROW, name text NOT NULL,
    frequency_per_year double precision NOT NULL CHECK (frequency_per_year > 0),
    units integer NOT NULL CHECK (units >= 0), hours integer NOT NULL CHECK (hours > 0),
    run jsonb NOT NULL, geometry geometry(Geometry, SRID) NOT NULL);
CREATE UNIQUE INDEX ON layers.risk_contour (mode, id) WHERE superseded_at IS NULL AND valid_to IS NULL;
CREATE INDEX ON layers.risk_contour USING gist (geometry) WHERE superseded_at IS NULL;
GRANT SELECT, INSERT ON layers.risk_contour TO onemap_app;
GRANT UPDATE (superseded_at, valid_to) ON layers.risk_contour TO onemap_app;
"""

# What other programs may read: named columns of rows that stand, of the caller's world and divisions, never restricted
# ones. No names of persons and no telephone numbers.
VIEWS = {
    "enterprise": "name, short_name, uscc, address, industry, array_to_string(sectors, ',') AS sectors, size_class, "
    "above_scale, people, on_shift, risk_level, hazard_level",
    "hazard_source": "name, enterprise_id, enterprise_name, unit_kind, substance, un_number, cas_number, design_max_t, "
    "stock_t, people_within_500m, s_value, r_value, is_major, hazard_level",
    "inventory_ledger": "hazard_source_id, substance, ledger_day, in_t, out_t, stock_t",
    "chemical_flow": "name, from_id, from_name, to_id, to_name, substance, cas_number, quantity_t, moved_on",
    "protection_target": "name, kind, people, people_night, address",
    "shelter": "name, level, kind, capacity, occupancy, effective_area_m2, indoor_gas_tight",
    "rescue_team": "name, kind, people, vehicles, status",
    "store": "name, owner",
    "supply_stock": "store_id, code, name, quantity, unit, readiness, expires_on, counted_on",
    "camera": "name, enterprise_id, bearing_deg, view_deg, range_m, status",
    "tag": "name, enterprise_id, place, quantity, unit, threshold, threshold_high, interval_s, last_value, last_at, "
    "status",
    "alarm": "tag_id, kind, title, place, value, unit, threshold, severity, state, occurred_at, known_at",
    "weather_observation": "station_id, station_name, observed_at, wind_from_deg, wind_speed_m_s, temperature_c, "
    "relative_humidity, stability, status",
    "division": "name, level, parent_id",
    "admin_zone": "name, kind",
    "population_cell": "day, night",
    "register_row": "register, name, enterprise_id, uscc, kind, state, due_on",
    "risk_township": "name, score, risk_level, working",
}
WITHOUT_PLACE = frozenset({"inventory_ledger", "supply_stock"})
DERIVED = frozenset({"risk_township"})

EXCHANGE = """
CREATE SCHEMA publish;
CREATE FUNCTION publish.may_read(row_mode text, row_label text, row_division text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT row_mode = current_setting('onemap.mode', true) AND row_label <> 'restricted' AND (
        row_label = 'public'
        OR (left(row_division, 6) >= current_setting('onemap.division_from', true)
            AND left(row_division, 6) < current_setting('onemap.division_to', true)))
$$;
CREATE SCHEMA exchange;
CREATE TABLE exchange.change (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    dataset text NOT NULL,
    row_id bigint NOT NULL,
    id text NOT NULL,
    action text NOT NULL CHECK (action IN ('put', 'end')),
    division_code text NOT NULL,
    label text NOT NULL,
    mode text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX change_order ON exchange.change (mode, xid, seq);
CREATE TABLE exchange.receipt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text NOT NULL CHECK (length(consumer) BETWEEN 1 AND 64),
    mode text NOT NULL CHECK (mode IN ('live', 'drill', 'sim')),
    cursor text NOT NULL,
    rows integer NOT NULL CHECK (rows >= 0),
    rejected jsonb NOT NULL DEFAULT '[]',
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX receipt_once ON exchange.receipt (consumer, mode, cursor);
-- Written by triggers in the owner's name: the program can read the feed, and add receipts, but not forge a change.
CREATE FUNCTION exchange.note_new() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = exchange, pg_temp AS $$
BEGIN
    INSERT INTO exchange.change (dataset, row_id, id, action, division_code, label, mode)
        SELECT TG_TABLE_NAME, row_id, id, 'put', division_code, label, mode FROM fresh WHERE superseded_at IS NULL;
    RETURN NULL;
END
$$;
CREATE FUNCTION exchange.note_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = exchange, pg_temp AS $$
BEGIN
    INSERT INTO exchange.change (dataset, row_id, id, action, division_code, label, mode)
        VALUES (TG_TABLE_NAME, NEW.row_id, NEW.id, 'end', NEW.division_code, NEW.label, NEW.mode);
    RETURN NULL;
END
$$;
GRANT USAGE ON SCHEMA publish, exchange TO onemap_app;
GRANT SELECT ON exchange.change, exchange.receipt TO onemap_app;
GRANT INSERT ON exchange.receipt TO onemap_app;
"""

VIEW = """
CREATE VIEW publish.NAME AS
    SELECT row_id, id, COLUMNS, division_code, label, mode, valid_from, source_system, as_of, SHAPE
    FROM layers.NAME
    WHERE superseded_at IS NULL
        AND (valid_to IS NULL OR (valid_from <= statement_timestamp() AND valid_to > statement_timestamp()))
        AND publish.may_read(mode, label, division_code)
"""


def upgrade() -> None:
    """Apply."""
    op.execute(RISK.replace("ROW,", f"{ROW},").replace("SRID", str(GEOGRAPHIC_SRID)))
    op.execute(EXCHANGE)
    for name, columns in VIEWS.items():
        shape = "NULL::geometry AS geometry" if name in WITHOUT_PLACE else "geometry"
        op.execute(VIEW.replace("NAME", name).replace("COLUMNS", columns).replace("SHAPE", shape))
        if name in DERIVED:
            continue
        op.execute(
            f"CREATE TRIGGER note_new AFTER INSERT ON layers.{name} REFERENCING NEW TABLE AS fresh "
            "FOR EACH STATEMENT EXECUTE FUNCTION exchange.note_new()"
        )
        op.execute(
            f"CREATE TRIGGER note_end AFTER UPDATE ON layers.{name} FOR EACH ROW WHEN "
            "(OLD.superseded_at IS DISTINCT FROM NEW.superseded_at OR OLD.valid_to IS DISTINCT FROM NEW.valid_to) "
            "EXECUTE FUNCTION exchange.note_end()"
        )
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA publish TO onemap_app")


def downgrade() -> None:
    """Take back."""
    for name in VIEWS:
        if name not in DERIVED:
            op.execute(f"DROP TRIGGER IF EXISTS note_new ON layers.{name}")
            op.execute(f"DROP TRIGGER IF EXISTS note_end ON layers.{name}")
    op.execute("DROP SCHEMA exchange CASCADE")
    op.execute("DROP SCHEMA publish CASCADE")
    op.execute("DROP TABLE layers.risk_contour")
    op.execute("DROP VIEW layers.risk_township, layers.risk_grid, layers.risk_point, layers.risk_unit")
    op.execute("DROP INDEX IF EXISTS layers.enterprise_risky")
    for name in ("risk_working(numeric, bigint, bigint, bigint)", "risk_stamp()", "risk_colour(numeric)"):
        op.execute(f"DROP FUNCTION layers.{name}")
