"""The number of a risk view's rows is asked once a question and no longer once a row."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# As 0011 has them but for the number; a scalar subquery without a reference outside is worked out once.
VIEWS = """
CREATE OR REPLACE VIEW layers.risk_grid AS
    WITH cell AS (
        SELECT mode, floor(ST_X(geometry) / 0.0105) AS cx, floor(ST_Y(geometry) / 0.009) AS cy,
            min(division_code) AS division_code, max(as_of) AS as_of, sum(r) AS r, sum(firms_1) AS firms_1,
            sum(firms_2) AS firms_2, sum(firms_3) AS firms_3
        FROM layers.risk_point GROUP BY 1, 2, 3
    )
    SELECT {number} AS row_id, 'WG-' || cx || '-' || cy AS id, as_of AS valid_from,
        NULL::timestamptz AS valid_to, as_of AS recorded_at, NULL::timestamptz AS superseded_at,
        'layers.risk' AS source_system, as_of, as_of AS ingested_at, division_code, 'internal' AS label, mode,
        '1 km ' || cx || '-' || cy AS name, r + 20 * firms_1 + 5 * firms_2 + firms_3 AS score,
        layers.risk_colour(r + 20 * firms_1 + 5 * firms_2 + firms_3) AS risk_level,
        layers.risk_working(r, firms_1, firms_2, firms_3) AS working,
        ST_MakeEnvelope(cx * 0.0105, cy * 0.009, (cx + 1) * 0.0105, (cy + 1) * 0.009, 4490) AS geometry
    FROM cell;
CREATE OR REPLACE VIEW layers.risk_township AS
    SELECT {number} AS row_id, place.id, place.valid_from, place.valid_to, place.recorded_at,
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
"""


def upgrade() -> None:
    """Apply."""
    op.execute(VIEWS.format(number="(SELECT layers.risk_stamp())"))


def downgrade() -> None:
    """Take back."""
    op.execute(VIEWS.format(number="layers.risk_stamp()"))
