-- One row per incident. Its row lock is the only point of serialisation: other incidents are never blocked.
CREATE TABLE record.incident_head (
    incident_id   uuid        PRIMARY KEY,
    code          text        NOT NULL UNIQUE,          -- what people say on the telephone: YL-2026-0114
    division_code text        NOT NULL COLLATE "C" CHECK (division_code ~ '^[0-9]{6,12}$'),
    mode          text        NOT NULL CHECK (mode IN ('live', 'drill', 'sim')),
    opened_by     text        NOT NULL,
    opened_at     timestamptz NOT NULL,
    hash_ver      smallint    NOT NULL DEFAULT 1 CHECK (hash_ver IN (1, 2)),   -- 1 = SHA-256, 2 = SM3
    genesis_hash  bytea       NOT NULL CHECK (octet_length(genesis_hash) = 32),
    last_seq      bigint      NOT NULL DEFAULT 0,
    last_hash     bytea       NOT NULL CHECK (octet_length(last_hash) = 32),
    last_at       timestamptz NOT NULL
);
CREATE INDEX incident_head_division ON record.incident_head (mode, division_code);

-- Running number of the codes, one series a year and world. Not part of any chain.
CREATE TABLE record.incident_number (
    prefix text NOT NULL,
    year   int  NOT NULL,
    last   int  NOT NULL,
    PRIMARY KEY (prefix, year)
);

CREATE SEQUENCE record.entry_pos;

CREATE TABLE record.entry (
    pos           bigint      NOT NULL UNIQUE DEFAULT nextval('record.entry_pos'),
    xid           xid8        NOT NULL DEFAULT pg_current_xact_id(),   -- with pos: the cursor over all incidents
    incident_id   uuid        NOT NULL REFERENCES record.incident_head,
    seq           bigint      NOT NULL CHECK (seq > 0),
    division_code text        NOT NULL COLLATE "C",
    mode          text        NOT NULL,
    actor         text        NOT NULL,
    kind          text        NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{1,62}$'),
    caused_by     bigint[]    NOT NULL DEFAULT '{}',    -- earlier entries of the same incident, ascending
    idem_key      uuid        NOT NULL,                 -- chosen by the client, kept over retries
    idem_print    bytea       NOT NULL,                 -- fingerprint of what the key was first used for
    occurred_at   timestamptz                           -- what a person or device says; may be unknown
        CHECK (occurred_at BETWEEN '1970-01-01 00:00:00+00' AND '2200-01-01 00:00:00+00'),
    recorded_at   timestamptz NOT NULL,                 -- what this server says; never goes back within an incident
    payload_canon text        NOT NULL                  -- RFC 8785 text: the very bytes that were hashed
        CHECK (octet_length(payload_canon) <= 1048576),
    payload       jsonb       NOT NULL GENERATED ALWAYS AS (payload_canon::jsonb) STORED
        CHECK (jsonb_typeof(payload) = 'object'),
    hash_ver      smallint    NOT NULL,
    prev_hash     bytea       NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash          bytea       NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (incident_id, seq),
    UNIQUE (incident_id, idem_key)
);
CREATE INDEX entry_feed ON record.entry (xid, pos);
