"""Access: who may come in, who is in, and a record of who tried."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE access.account (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name                text NOT NULL UNIQUE CHECK (name = lower(name) AND length(name) BETWEEN 1 AND 64),
    display_name        text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 64),
    role                text NOT NULL CHECK (role IN ('operator', 'commander', 'expert', 'viewer', 'wall', 'machine')),
    division_from       text NOT NULL CHECK (division_from ~ '^[0-9]{6}$'),
    division_to         text NOT NULL CHECK (division_to ~ '^[0-9]{6}$'),
    mode                text NOT NULL DEFAULT 'live' CHECK (mode IN ('live', 'drill', 'sim')),
    password_hash       text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    disabled            boolean NOT NULL DEFAULT false,
    failures            integer NOT NULL DEFAULT 0,
    first_failure_at    timestamptz,
    locked_until        timestamptz,
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    password_changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_sign_in_at     timestamptz,
    CHECK (division_from < division_to)
);
COMMENT ON TABLE access.account IS 'Local accounts; a person or a machine, with the division range it may see';

CREATE TABLE access.session (
    token_sha256  bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
    handle        uuid NOT NULL UNIQUE,
    account_id    bigint NOT NULL REFERENCES access.account (id) ON DELETE CASCADE,
    csrf_token    text NOT NULL,
    address       text NOT NULL,
    opened_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    idle_limit    interval NOT NULL,
    ends_at       timestamptz NOT NULL
);
CREATE INDEX session_account ON access.session (account_id);
CREATE INDEX session_ends ON access.session (ends_at);
COMMENT ON TABLE access.session IS 'Who is signed in; holds only the hash of the cookie, so a copy opens no door';

CREATE TABLE access.door (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    what        text NOT NULL CHECK (what IN ('sign_in', 'refused', 'locked', 'sign_out', 'account_made')),
    name        text NOT NULL,
    address     text NOT NULL,
    request_id  text NOT NULL
);
COMMENT ON TABLE access.door IS 'Every sign-in, refusal and sign-out; the program can add and read, nothing else';
"""


def upgrade() -> None:
    """Apply."""
    op.execute(TABLES)
    op.execute("ALTER TABLE access.account OWNER TO onemap_owner")
    op.execute("ALTER TABLE access.session OWNER TO onemap_owner")
    op.execute("ALTER TABLE access.door OWNER TO onemap_owner")
    op.execute("GRANT SELECT, INSERT, UPDATE ON access.account TO onemap_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON access.session TO onemap_app")
    op.execute("GRANT SELECT, INSERT ON access.door TO onemap_app")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE access.door, access.session, access.account")
