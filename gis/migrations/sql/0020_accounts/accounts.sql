-- Accounts: role x division x label, second factor, rules of passwords, three administrators who are three persons.
ALTER TABLE access.account
    ADD COLUMN person              text    NOT NULL DEFAULT '' CHECK (length(person) <= 64),
    ADD COLUMN clearance           text    NOT NULL DEFAULT 'restricted' CHECK (clearance IN ('public', 'internal', 'restricted')),
    ADD COLUMN demo                boolean NOT NULL DEFAULT false,
    ADD COLUMN must_change         boolean NOT NULL DEFAULT false,
    ADD COLUMN second_factor       bytea,
    ADD COLUMN second_factor_step  bigint  NOT NULL DEFAULT 0,
    ADD COLUMN reopened_at         timestamptz,
    ADD COLUMN made_by             text    NOT NULL DEFAULT '' CHECK (length(made_by) <= 64),
    ADD COLUMN granted_by          text    NOT NULL DEFAULT '' CHECK (length(granted_by) <= 64),
    ADD COLUMN outside_subject     text    UNIQUE CHECK (length(outside_subject) BETWEEN 1 AND 500);
ALTER TABLE access.account DROP CONSTRAINT account_role_check;
ALTER TABLE access.account ADD CONSTRAINT account_role_check CHECK (role IN (
    'pending', 'operator', 'commander', 'expert', 'viewer', 'wall', 'machine', 'field', 'enterprise', 'controller',
    'evaluator', 'system_admin', 'security_admin', 'audit_admin'));
-- One person holds one of the three offices at most, and whoever holds one is known by number.
ALTER TABLE access.account ADD CONSTRAINT administrator_is_a_person CHECK (
    role NOT IN ('system_admin', 'security_admin', 'audit_admin') OR person <> '');
CREATE UNIQUE INDEX one_office_a_person ON access.account (person)
    WHERE role IN ('system_admin', 'security_admin', 'audit_admin');

CREATE TABLE access.recovery_code (
    account_id  bigint NOT NULL REFERENCES access.account (id) ON DELETE CASCADE,
    code_sha256 bytea  NOT NULL CHECK (octet_length(code_sha256) = 32),
    used_at     timestamptz,
    PRIMARY KEY (account_id, code_sha256)
);
CREATE TABLE access.password_past (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id    bigint NOT NULL REFERENCES access.account (id) ON DELETE CASCADE,
    password_hash text   NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    until         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX password_past_account ON access.password_past (account_id, id);
CREATE TABLE access.set_up_link (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at      timestamptz NOT NULL,
    used_at      timestamptz
);
CREATE TABLE access.rule (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     text NOT NULL CHECK (name IN ('password_days', 'unused_days', 'failures', 'locked_minutes', 'idle_minutes')),
    value    integer NOT NULL CHECK (value >= 0),
    set_by   text NOT NULL CHECK (length(set_by) <= 64),
    set_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE access.session ADD COLUMN second_factor boolean NOT NULL DEFAULT false;

GRANT SELECT, INSERT, UPDATE, DELETE ON access.recovery_code TO onemap_app;
GRANT SELECT, INSERT, DELETE ON access.password_past TO onemap_app;
GRANT SELECT, INSERT, UPDATE ON access.set_up_link TO onemap_app;
GRANT SELECT, INSERT ON access.rule TO onemap_app;

COMMENT ON COLUMN access.account.person IS 'Number of the person in the service (工号); ties the accounts of one person together';
COMMENT ON COLUMN access.account.clearance IS 'Highest label of rows it may see: public, internal or restricted';
COMMENT ON COLUMN access.account.demo IS 'Account of the sample city: its password is printed, no second factor, no rotation';
COMMENT ON COLUMN access.account.must_change IS 'The password was set by an administrator and must be changed at the next sign-in';
COMMENT ON COLUMN access.account.second_factor IS 'Secret of the time-based code (RFC 6238), encrypted with a key outside the database';
COMMENT ON COLUMN access.account.second_factor_step IS 'Last time step used, so that no code opens twice';
COMMENT ON COLUMN access.account.reopened_at IS 'When an account shut for lack of use was opened again';
COMMENT ON COLUMN access.account.made_by IS 'Who made the account';
COMMENT ON COLUMN access.account.granted_by IS 'Who gave it role, divisions and label last';
COMMENT ON COLUMN access.account.outside_subject IS 'Issuer and subject of the sign-in elsewhere (OpenID Connect) it belongs to';
COMMENT ON COLUMN access.session.second_factor IS 'Whether a second factor was shown at the sign-in';
COMMENT ON TABLE access.recovery_code IS 'Hashes of the codes that stand in for a lost second factor, each once';
COMMENT ON COLUMN access.recovery_code.account_id IS 'Account it belongs to';
COMMENT ON COLUMN access.recovery_code.code_sha256 IS 'Hash of the code';
COMMENT ON COLUMN access.recovery_code.used_at IS 'When it was used; NULL = still good';
COMMENT ON TABLE access.password_past IS 'Hashes of passwords an account had before, which it may not take again';
COMMENT ON COLUMN access.password_past.id IS 'Order';
COMMENT ON COLUMN access.password_past.account_id IS 'Account it belongs to';
COMMENT ON COLUMN access.password_past.password_hash IS 'argon2id hash';
COMMENT ON COLUMN access.password_past.until IS 'When it was replaced';
COMMENT ON TABLE access.set_up_link IS 'Links of the first start, by which the three administrators are made once';
COMMENT ON COLUMN access.set_up_link.token_sha256 IS 'Hash of the token in the link';
COMMENT ON COLUMN access.set_up_link.made_at IS 'When it was printed';
COMMENT ON COLUMN access.set_up_link.ends_at IS 'When it ends';
COMMENT ON COLUMN access.set_up_link.used_at IS 'When it was used; NULL = not yet';
COMMENT ON TABLE access.rule IS 'Rules of the door as the security administrator set them; the newest of a name holds';
COMMENT ON COLUMN access.rule.id IS 'Order';
COMMENT ON COLUMN access.rule.name IS 'Which rule';
COMMENT ON COLUMN access.rule.value IS 'Its value, in the unit its name says; 0 = never';
COMMENT ON COLUMN access.rule.set_by IS 'Who set it';
COMMENT ON COLUMN access.rule.set_at IS 'When';
