"""Sensing: gateways, points, observations by day, the latest of each, what was put aside, roll-calls, alarm rows."""

from importlib.resources import files

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ALARM_COLUMNS = (
    "subject", "level", "peak", "seen_to", "cleared_at", "acknowledged_at", "acknowledged_by", "reason", "escalated_at",
    "escalated_by", "incident_id",
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(files("layers.sensors").joinpath("sql", "tables.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take back."""
    op.execute("DROP SCHEMA IF EXISTS sensing CASCADE")
    for column in ALARM_COLUMNS:
        op.execute(f"ALTER TABLE layers.alarm DROP COLUMN IF EXISTS {column}")
