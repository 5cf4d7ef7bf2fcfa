-- Which bytes are hashed. Every variable field carries its length, every optional field a tag byte, every hash a domain
-- with a version: no two different records give the same bytes. scenarios/verify.py says the same a second time, on its own.
CREATE FUNCTION record.enc_text(t text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT int4send(octet_length(convert_to(t, 'UTF8'))) || convert_to(t, 'UTF8') $$;

CREATE FUNCTION record.enc_time(t timestamptz) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN t IS NULL THEN '\x00'::bytea
                  ELSE '\x01'::bytea || int8send((extract(epoch FROM t) * 1000000)::bigint) END $$;

CREATE FUNCTION record.enc_numbers(numbers bigint[]) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT int4send(cardinality(numbers))
             || coalesce((SELECT string_agg(int8send(n), ''::bytea ORDER BY place)
                          FROM unnest(numbers) WITH ORDINALITY AS part (n, place)), ''::bytea) $$;

-- SM3 is OpenSSL's, reached through pgcrypto where that extension is installed; its schema differs between servers.
CREATE FUNCTION record.digest(ver smallint, bytes bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    home  text;
    value bytea;
BEGIN
    IF ver = 1 THEN
        RETURN sha256(bytes);
    ELSIF ver = 2 THEN
        SELECT extnamespace::regnamespace::text INTO home FROM pg_extension WHERE extname = 'pgcrypto';
        IF home IS NULL THEN
            RAISE EXCEPTION 'hash version 2 (SM3) needs the extension pgcrypto' USING ERRCODE = 'EG500';
        END IF;
        EXECUTE format('SELECT %s.digest($1, ''sm3'')', home) INTO value USING bytes;
        RETURN value;
    END IF;
    RAISE EXCEPTION 'hash version % is unknown', ver USING ERRCODE = 'EG500';
END
$$;

CREATE FUNCTION record.genesis_hash(
    ver smallint, incident uuid, code text, division text, mode text, opener text, opened_at timestamptz
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT record.digest(ver, record.enc_text('onemap.genesis.1') || int2send(ver) || uuid_send(incident)
        || record.enc_text(code) || record.enc_text(division) || record.enc_text(mode) || record.enc_text(opener)
        || record.enc_time(opened_at))
$$;

CREATE FUNCTION record.entry_hash(
    ver smallint, incident uuid, seq bigint, division text, mode text, actor text, kind text, caused_by bigint[],
    idem_key uuid, occurred_at timestamptz, recorded_at timestamptz, payload text, prev bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT record.digest(ver, record.enc_text('onemap.entry.1') || int2send(ver) || uuid_send(incident) || int8send(seq)
        || record.enc_text(division) || record.enc_text(mode) || record.enc_text(actor) || record.enc_text(kind)
        || record.enc_numbers(caused_by) || uuid_send(idem_key)
        || record.enc_time(occurred_at) || record.enc_time(recorded_at)
        || record.digest(ver, convert_to(payload, 'UTF8')) || prev)
$$;

-- What an idempotency key was used for: the same key with other content is refused, not answered.
CREATE FUNCTION record.fingerprint(actor text, kind text, caused_by bigint[], occurred_at timestamptz, payload text)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT sha256(record.enc_text('onemap.fingerprint.1') || record.enc_text(actor) || record.enc_text(kind)
        || record.enc_numbers(caused_by) || record.enc_time(occurred_at) || record.enc_text(payload))
$$;
