-- Sign-ins another system vouches for, and how far the audit has come to its copy on another host.
CREATE TABLE access.used_once (
    digest  bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    ends_at timestamptz NOT NULL
);
CREATE INDEX used_once_ends ON access.used_once (ends_at);
ALTER TABLE access.session ADD COLUMN outside_session text CHECK (length(outside_session) BETWEEN 1 AND 800);
CREATE INDEX session_outside ON access.session (outside_session) WHERE outside_session IS NOT NULL;

CREATE TABLE access.audit_copy (
    target        text PRIMARY KEY CHECK (length(target) BETWEEN 1 AND 300),
    day           date   NOT NULL DEFAULT '2000-01-01',
    seq           bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
    lines         bigint NOT NULL DEFAULT 0 CHECK (lines >= 0),
    copied_at     timestamptz,
    claimed_until timestamptz NOT NULL DEFAULT '2000-01-01',
    fault         text   NOT NULL DEFAULT '' CHECK (length(fault) <= 500)
);

GRANT SELECT, INSERT, DELETE ON access.used_once TO onemap_app;
GRANT SELECT, INSERT, UPDATE ON access.audit_copy TO onemap_app;

COMMENT ON TABLE access.used_once IS 'Hashes of what may be used a single time: answers and farewells of an identity provider';
COMMENT ON COLUMN access.used_once.digest IS 'Hash of kind and value';
COMMENT ON COLUMN access.used_once.ends_at IS 'When it may be forgotten, because the value is worth nothing any more';
COMMENT ON COLUMN access.session.outside_session IS 'Issuer and session at the identity provider, which can end this sign-in; NULL = of this house alone';
COMMENT ON TABLE access.audit_copy IS 'How far the audit has come to each of its copies on other hosts';
COMMENT ON COLUMN access.audit_copy.target IS 'Address of the receiver';
COMMENT ON COLUMN access.audit_copy.day IS 'Day of the newest line the receiver has confirmed';
COMMENT ON COLUMN access.audit_copy.seq IS 'Number of that line within the day';
COMMENT ON COLUMN access.audit_copy.lines IS 'How many lines were confirmed in all';
COMMENT ON COLUMN access.audit_copy.copied_at IS 'When the receiver last confirmed';
COMMENT ON COLUMN access.audit_copy.claimed_until IS 'Until when one process is sending; the others wait';
COMMENT ON COLUMN access.audit_copy.fault IS 'Why the last attempt failed; empty after one that did not';
