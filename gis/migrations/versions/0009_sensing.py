"""Sensing: gateways, points, observations by day, the latest of each, what was put aside, roll-calls, alarm rows."""

from alembic import op

from gis.migrations import statements

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
    statements.run(op.get_bind(), "0009_sensing", "tables")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP SCHEMA IF EXISTS sensing CASCADE")
    for column in ALARM_COLUMNS:
        op.execute(f"ALTER TABLE layers.alarm DROP COLUMN IF EXISTS {column}")
