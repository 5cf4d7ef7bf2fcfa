-- Who did what to the system: sign-ins, refusals, exports, changes, rights. One hash chain a day, each begun with the end of
-- the day before, so that neither a line nor a whole day can go unseen. command_ui/access/audit_verify.py says the same
-- a second time, on its own.
CREATE TABLE access.audit_day (
    day          date        PRIMARY KEY,
    hash_ver     smallint    NOT NULL DEFAULT 1 CHECK (hash_ver IN (1, 2)),   -- 1 = SHA-256, 2 = SM3
    opened_at    timestamptz NOT NULL,
    before_hash  bytea       NOT NULL CHECK (octet_length(before_hash) = 32),
    genesis_hash bytea       NOT NULL CHECK (octet_length(genesis_hash) = 32),
    last_seq     bigint      NOT NULL DEFAULT 0,
    last_hash    bytea       NOT NULL CHECK (octet_length(last_hash) = 32),
    last_at      timestamptz NOT NULL,
    forgotten_at timestamptz
);
CREATE TABLE access.audit_entry (
    day        date        NOT NULL REFERENCES access.audit_day,
    seq        bigint      NOT NULL CHECK (seq > 0),
    at         timestamptz NOT NULL,
    actor      text        NOT NULL CHECK (length(actor) <= 200),
    role       text        NOT NULL CHECK (length(role) <= 32),
    event      text        NOT NULL CHECK (event ~ '^[a-z][a-z_]{1,40}$'),
    outcome    text        NOT NULL CHECK (outcome IN ('ok', 'refused', 'failed')),
    object     text        NOT NULL CHECK (length(object) <= 500),
    address    text        NOT NULL CHECK (length(address) <= 100),
    request_id text        NOT NULL CHECK (length(request_id) <= 64),
    detail     text        NOT NULL CHECK (octet_length(detail) <= 8192),
    prev_hash  bytea       NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash       bytea       NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (day, seq)
);
CREATE INDEX audit_entry_at ON access.audit_entry (at);
CREATE INDEX audit_entry_actor ON access.audit_entry (actor, at);

CREATE FUNCTION access.audit_day_hash(ver smallint, day date, opened_at timestamptz, before_hash bytea)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT record.digest(ver, record.enc_text('onemap.audit-day.1') || int2send(ver)
        || record.enc_text(to_char(day, 'YYYY-MM-DD')) || record.enc_time(opened_at) || before_hash)
$$;
CREATE FUNCTION access.audit_hash(
    ver smallint, day date, seq bigint, at timestamptz, actor text, role text, event text, outcome text, object text,
    address text, request_id text, detail text, prev bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT record.digest(ver, record.enc_text('onemap.audit.1') || int2send(ver)
        || record.enc_text(to_char(day, 'YYYY-MM-DD')) || int8send(seq) || record.enc_time(at)
        || record.enc_text(actor) || record.enc_text(role) || record.enc_text(event) || record.enc_text(outcome)
        || record.enc_text(object) || record.enc_text(address) || record.enc_text(request_id)
        || record.digest(ver, convert_to(detail, 'UTF8')) || prev)
$$;

-- The only way in. Nobody may leave out the time; the rest is what the server knows of the request.
CREATE FUNCTION access.audit(
    p_event text, p_outcome text, p_actor text, p_role text, p_object text, p_address text, p_request_id text, p_detail text
) RETURNS TABLE (o_day date, o_seq bigint, o_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moment timestamptz;
    today  date;
    head   access.audit_day;
    before bytea;
    number bigint;
    link   bytea;
BEGIN
    PERFORM record.require_durable_commit();
    PERFORM pg_advisory_xact_lock(hashtextextended('onemap audit', 0));
    moment := greatest(clock_timestamp(), (SELECT max(last_at) + interval '1 microsecond' FROM access.audit_day));
    today := (moment AT TIME ZONE 'Asia/Shanghai')::date;
    SELECT * INTO head FROM access.audit_day WHERE day = today FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        SELECT last_hash INTO before FROM access.audit_day ORDER BY day DESC LIMIT 1;
        before := coalesce(before, decode(repeat('00', 32), 'hex'));
        link := access.audit_day_hash(1::smallint, today, moment, before);
        INSERT INTO access.audit_day (day, opened_at, before_hash, genesis_hash, last_hash, last_at)
            VALUES (today, moment, before, link, link, moment) RETURNING * INTO head;
        moment := moment + interval '1 microsecond';
    END IF;
    number := head.last_seq + 1;
    link := access.audit_hash(head.hash_ver, today, number, moment, p_actor, p_role, p_event, p_outcome, p_object, p_address,
                              p_request_id, p_detail, head.last_hash);
    INSERT INTO access.audit_entry VALUES (today, number, moment, p_actor, p_role, p_event, p_outcome, p_object, p_address,
                                           p_request_id, p_detail, head.last_hash, link);
    UPDATE access.audit_day SET last_seq = number, last_hash = link, last_at = moment WHERE day = today;
    RETURN QUERY SELECT today, number, link;
END
$$;

-- What is older than the rule may go, never anything of the last 180 days; the heads of the days stay for ever.
CREATE FUNCTION access.forget_audit(p_actor text, p_keep_days int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    edge date := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date - p_keep_days;
    gone bigint;
BEGIN
    IF p_keep_days IS NULL OR p_keep_days < 180 THEN
        RAISE EXCEPTION 'the audit is kept for 180 days at least, not %', p_keep_days USING ERRCODE = 'EG422';
    END IF;
    DELETE FROM access.audit_entry WHERE day < edge;
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE access.audit_day SET forgotten_at = clock_timestamp() WHERE day < edge AND forgotten_at IS NULL;
    IF gone > 0 THEN
        PERFORM access.audit('audit_forgotten', 'ok', p_actor, '', to_char(edge, 'YYYY-MM-DD'), '', '',
                             json_build_object('entries', gone, 'kept_days', p_keep_days)::text);
    END IF;
    RETURN gone;
END
$$;

CREATE FUNCTION access.audit_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.day < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date - 180 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;
CREATE FUNCTION access.audit_day_forward() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.day, NEW.hash_ver, NEW.opened_at, NEW.before_hash, NEW.genesis_hash)
        IS DISTINCT FROM (OLD.day, OLD.hash_ver, OLD.opened_at, OLD.before_hash, OLD.genesis_hash)
       OR NOT ((NEW.last_seq = OLD.last_seq + 1 AND NEW.last_at > OLD.last_at AND OLD.forgotten_at IS NULL)
               OR ((NEW.last_seq, NEW.last_hash, NEW.last_at) IS NOT DISTINCT FROM (OLD.last_seq, OLD.last_hash, OLD.last_at)
                   AND NEW.day < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date - 180))
    THEN
        RAISE EXCEPTION 'the head of an audit day only moves forward by one line' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER stays        BEFORE UPDATE OR DELETE ON access.audit_entry FOR EACH ROW EXECUTE FUNCTION access.audit_stays();
CREATE TRIGGER no_truncate  BEFORE TRUNCATE ON access.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION record.forbid();
CREATE TRIGGER no_delete    BEFORE DELETE ON access.audit_day FOR EACH ROW EXECUTE FUNCTION record.forbid();
CREATE TRIGGER no_truncate  BEFORE TRUNCATE ON access.audit_day FOR EACH STATEMENT EXECUTE FUNCTION record.forbid();
CREATE TRIGGER only_forward BEFORE UPDATE ON access.audit_day FOR EACH ROW EXECUTE FUNCTION access.audit_day_forward();
ALTER TABLE access.audit_entry ENABLE ALWAYS TRIGGER stays;
ALTER TABLE access.audit_entry ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE access.audit_day   ENABLE ALWAYS TRIGGER no_delete;
ALTER TABLE access.audit_day   ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE access.audit_day   ENABLE ALWAYS TRIGGER only_forward;

REVOKE ALL ON access.audit_day, access.audit_entry FROM PUBLIC;
REVOKE ALL ON FUNCTION access.audit, access.forget_audit, access.audit_hash, access.audit_day_hash FROM PUBLIC;
GRANT SELECT ON access.audit_day, access.audit_entry TO onemap_app;
GRANT EXECUTE ON FUNCTION access.audit, access.forget_audit, access.audit_hash, access.audit_day_hash TO onemap_app;

COMMENT ON TABLE access.audit_day IS 'Head of each day''s audit chain; stays when the lines of the day are forgotten';
COMMENT ON COLUMN access.audit_day.day IS 'Day of duty, China time';
COMMENT ON COLUMN access.audit_day.hash_ver IS '1 = SHA-256, 2 = SM3';
COMMENT ON COLUMN access.audit_day.opened_at IS 'When the first line of the day was written';
COMMENT ON COLUMN access.audit_day.before_hash IS 'Last hash of the day before it';
COMMENT ON COLUMN access.audit_day.genesis_hash IS 'Hash the day begins with';
COMMENT ON COLUMN access.audit_day.last_seq IS 'Number of the newest line';
COMMENT ON COLUMN access.audit_day.last_hash IS 'Hash of the newest line';
COMMENT ON COLUMN access.audit_day.last_at IS 'Time of the newest line';
COMMENT ON COLUMN access.audit_day.forgotten_at IS 'When the lines were dropped after their time; NULL = they are there';
COMMENT ON TABLE access.audit_entry IS 'Lines of the audit: append-only, kept for 180 days at least';
COMMENT ON COLUMN access.audit_entry.day IS 'Day of duty, China time';
COMMENT ON COLUMN access.audit_entry.seq IS 'Number within the day, without gaps';
COMMENT ON COLUMN access.audit_entry.at IS 'When, by the clock of the database; never goes back';
COMMENT ON COLUMN access.audit_entry.actor IS 'Account that acted, or the name somebody typed';
COMMENT ON COLUMN access.audit_entry.role IS 'Role it acted in; empty before a sign-in';
COMMENT ON COLUMN access.audit_entry.event IS 'Kind of event: sign_in, denied, change, export, grant …';
COMMENT ON COLUMN access.audit_entry.outcome IS 'ok, refused or failed';
COMMENT ON COLUMN access.audit_entry.object IS 'What it was done to: an account, an address of the interface, a field';
COMMENT ON COLUMN access.audit_entry.address IS 'Network address it came from';
COMMENT ON COLUMN access.audit_entry.request_id IS 'Number of the request, as in the answer and the log';
COMMENT ON COLUMN access.audit_entry.detail IS 'What else there is to know, as JSON; its text is hashed as it stands';
COMMENT ON COLUMN access.audit_entry.prev_hash IS 'Hash of the line before, or of the day';
COMMENT ON COLUMN access.audit_entry.hash IS 'Hash of this line';

-- What the door wrote so far goes into the chain; its own time stands in the detail.
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN SELECT * FROM access.door ORDER BY id LOOP
        PERFORM access.audit(
            CASE old.what WHEN 'refused' THEN 'sign_in' WHEN 'locked' THEN 'sign_in' ELSE old.what END,
            CASE WHEN old.what IN ('refused', 'locked') THEN 'refused' ELSE 'ok' END,
            left(old.name, 200), '', '', left(old.address, 100), left(old.request_id, 64),
            json_build_object('seen_at', old.at, 'was', old.what)::text);
    END LOOP;
END
$$;
DROP TABLE access.door;
