"""Access: people at the scene sign in for their team."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ROLES = "'operator', 'commander', 'expert', 'viewer', 'wall', 'machine'"


def upgrade() -> None:
    """Apply."""
    op.execute("ALTER TABLE access.account DROP CONSTRAINT account_role_check")
    op.execute(f"ALTER TABLE access.account ADD CONSTRAINT account_role_check CHECK (role IN ({ROLES}, 'field'))")
    op.execute("ALTER TABLE access.account ADD COLUMN unit_id text NOT NULL DEFAULT '' CHECK (length(unit_id) <= 64)")
    op.execute("ALTER TABLE access.account ADD CONSTRAINT field_has_unit CHECK (role <> 'field' OR unit_id <> '')")
    op.execute(
        "COMMENT ON COLUMN access.account.unit_id IS 'Response team this account stands for (layers.rescue_team.id); "
        "empty for everybody who is not at the scene'"
    )


def downgrade() -> None:
    """Take back: accounts of the field go, what they did stays in the record."""
    op.execute("DELETE FROM access.account WHERE role = 'field'")
    op.execute("ALTER TABLE access.account DROP CONSTRAINT field_has_unit")
    op.execute("ALTER TABLE access.account DROP COLUMN unit_id")
    op.execute("ALTER TABLE access.account DROP CONSTRAINT account_role_check")
    op.execute(f"ALTER TABLE access.account ADD CONSTRAINT account_role_check CHECK (role IN ({ROLES}))")
