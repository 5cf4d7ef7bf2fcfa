-- The only way in. Refusals carry SQLSTATEs of our own, because generic retry code repeats 40001, and a refused order must
-- go back to a person: EG401 nobody signed, EG403 wrong world, EG404 no such incident, EG409 the head has moved,
-- EG422 content refused, EG500 the server cannot promise durability.

-- A SET clause on a function ends with the function, before the commit; set_config(…, true) lasts to the commit itself.
CREATE FUNCTION record.require_durable_commit() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('fsync') <> 'on' OR current_setting('full_page_writes') <> 'on' THEN
        RAISE EXCEPTION 'fsync or full_page_writes is off: entries could be lost and are refused' USING ERRCODE = 'EG500';
    END IF;
    PERFORM set_config('synchronous_commit', 'on', true);
END
$$;

-- The actor is whoever the transaction was opened for, never a parameter.
CREATE FUNCTION record.present_actor() RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := nullif(btrim(current_setting('onemap.actor', true)), '');
BEGIN
    IF name IS NULL THEN
        RAISE EXCEPTION 'the transaction names no actor' USING ERRCODE = 'EG401';
    END IF;
    RETURN name;
END
$$;

-- Whether a division lies in the half-open range this transaction was opened for.
CREATE FUNCTION record.in_range(division text) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(division COLLATE "C" >= current_setting('onemap.division_from', true)
                      AND division COLLATE "C" < current_setting('onemap.division_to', true), false) $$;

CREATE FUNCTION record.open_incident(p_incident uuid, p_division text, p_hash_ver smallint DEFAULT 1)
RETURNS TABLE (o_code text, o_hash bytea, o_opened_at timestamptz, o_replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    who    text := record.present_actor();
    world  text := current_setting('onemap.mode', true);
    old    record.incident_head;
    moment timestamptz;
    series text;
    this   int;
    number int;
    name   text;
    first  bytea;
BEGIN
    PERFORM record.require_durable_commit();
    PERFORM pg_advisory_xact_lock(hashtextextended('onemap incident ' || p_incident::text, 0));
    SELECT * INTO old FROM record.incident_head WHERE incident_id = p_incident;
    IF FOUND THEN
        IF (old.opened_by, old.division_code, old.mode) IS DISTINCT FROM (who, p_division, world) THEN
            RAISE EXCEPTION 'the key of this report was used for another incident, %', old.code USING ERRCODE = 'EG422';
        END IF;
        RETURN QUERY SELECT old.code, old.genesis_hash, old.opened_at, true;
        RETURN;
    END IF;
    IF world IS NULL OR world NOT IN ('live', 'drill', 'sim') THEN
        RAISE EXCEPTION 'the transaction names no mode (live, drill or sim)' USING ERRCODE = 'EG403';
    END IF;
    IF p_division IS NULL OR p_division !~ '^[0-9]{6,12}$' THEN
        RAISE EXCEPTION 'division code ''%'' is not six to twelve digits', coalesce(p_division, '') USING ERRCODE = 'EG422';
    END IF;
    IF NOT record.in_range(p_division) THEN
        RAISE EXCEPTION 'division % lies outside the range of this account', p_division USING ERRCODE = 'EG403';
    END IF;
    moment := clock_timestamp();
    series := CASE world WHEN 'live' THEN 'SJ' WHEN 'drill' THEN 'YL' ELSE 'MN' END;   -- 事件, 演练, 模拟
    this   := extract(year FROM moment AT TIME ZONE 'Asia/Shanghai')::int;
    INSERT INTO record.incident_number AS n (prefix, year, last) VALUES (series, this, 1)
        ON CONFLICT (prefix, year) DO UPDATE SET last = n.last + 1
        RETURNING last INTO number;
    name  := format('%s-%s-%s', series, this, lpad(number::text, greatest(4, length(number::text)), '0'));
    first := record.genesis_hash(p_hash_ver, p_incident, name, p_division, world, who, moment);
    INSERT INTO record.incident_head (incident_id, code, division_code, mode, opened_by, opened_at, hash_ver,
                                      genesis_hash, last_hash, last_at)
    VALUES (p_incident, name, p_division, world, who, moment, p_hash_ver, first, first, moment);
    RETURN QUERY SELECT name, first, moment, false;
END
$$;

-- p_expected: NULL = append at the end whatever it is; a number = refuse unless the head is exactly there.
CREATE FUNCTION record.append_entry(
    p_incident uuid, p_expected bigint, p_kind text, p_key uuid, p_occurred timestamptz, p_caused_by bigint[], p_payload text
) RETURNS TABLE (o_seq bigint, o_hash bytea, o_recorded_at timestamptz, o_replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    who    text := record.present_actor();
    head   record.incident_head;
    old    record;
    print  bytea;
    number bigint;
    moment timestamptz;
    link   bytea;
BEGIN
    PERFORM record.require_durable_commit();
    -- Before the row lock, and before this transaction has an id: waiting writers get their ids in the order of their
    -- turns, so the feed over (xid, pos) keeps the order of seq within an incident.
    PERFORM pg_advisory_xact_lock(hashtextextended('onemap incident ' || p_incident::text, 0));
    -- FOR NO KEY UPDATE excludes every other writer just as well and lets the foreign key of entry through.
    SELECT * INTO head FROM record.incident_head WHERE incident_id = p_incident FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no incident %', p_incident USING ERRCODE = 'EG404';
    END IF;
    IF head.mode IS DISTINCT FROM current_setting('onemap.mode', true) THEN
        RAISE EXCEPTION 'incident % belongs to mode %, this session to %', head.code, head.mode,
            coalesce(nullif(current_setting('onemap.mode', true), ''), 'none') USING ERRCODE = 'EG403';
    END IF;
    print := record.fingerprint(who, p_kind, p_caused_by, p_occurred, p_payload);
    SELECT seq, hash, recorded_at, idem_print INTO old
        FROM record.entry WHERE incident_id = p_incident AND idem_key = p_key;
    IF FOUND THEN
        IF old.idem_print <> print THEN
            RAISE EXCEPTION 'the idempotency key was used for other content, entry % of %', old.seq, head.code
                USING ERRCODE = 'EG422';
        END IF;
        RETURN QUERY SELECT old.seq, old.hash, old.recorded_at, true;
        RETURN;
    END IF;
    IF p_expected IS NOT NULL AND p_expected <> head.last_seq THEN
        RAISE EXCEPTION 'incident % stands at entry %, not %', head.code, head.last_seq, p_expected USING ERRCODE = 'EG409';
    END IF;
    IF octet_length(p_payload) > 1048576 THEN
        RAISE EXCEPTION 'payload of % bytes: an entry holds at most 1048576', octet_length(p_payload) USING ERRCODE = 'EG422';
    END IF;
    IF EXISTS (SELECT FROM unnest(p_caused_by) WITH ORDINALITY AS part (n, place)
               WHERE n < 1 OR n > head.last_seq OR (place > 1 AND n <= p_caused_by[place - 1])) THEN
        RAISE EXCEPTION 'caused_by % must name earlier entries of incident % in ascending order', p_caused_by, head.code
            USING ERRCODE = 'EG422';
    END IF;

    number := head.last_seq + 1;
    moment := greatest(clock_timestamp(), head.last_at + interval '1 microsecond');
    link   := record.entry_hash(head.hash_ver, p_incident, number, head.division_code, head.mode, who, p_kind, p_caused_by,
                                p_key, p_occurred, moment, p_payload, head.last_hash);
    INSERT INTO record.entry (incident_id, seq, division_code, mode, actor, kind, caused_by, idem_key, idem_print,
                              occurred_at, recorded_at, payload_canon, hash_ver, prev_hash, hash)
    VALUES (p_incident, number, head.division_code, head.mode, who, p_kind, p_caused_by, p_key, print,
            p_occurred, moment, p_payload, head.hash_ver, head.last_hash, link);
    UPDATE record.incident_head SET last_seq = number, last_hash = link, last_at = moment WHERE incident_id = p_incident;
    -- A hint, not a message: who listens pulls by seq, who missed it polls. Never from bulk sensor ingest.
    PERFORM pg_notify('onemap_log', p_incident::text || ':' || number::text);
    RETURN QUERY SELECT number, link, moment, false;
END
$$;

-- Feed over all incidents. Only transactions that can no longer change, and the cursor is the pair (xid, pos): a cursor on
-- pos alone passes over a transaction with the lower id and the later commit for ever.
CREATE FUNCTION record.feed_after(p_xid xid8, p_pos bigint, p_limit int DEFAULT 500)
RETURNS SETOF record.entry LANGUAGE sql STABLE
AS $$
    SELECT * FROM record.entry
    WHERE (xid, pos) > (p_xid, p_pos) AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, pos LIMIT p_limit
$$;
