-- One statement, one round trip, one commit. The settings of the caller last to the end of the transaction that the
-- statement is; whoever may call this could set them just as well himself, and append_entry reads them as ever.
CREATE FUNCTION record.append_as(
    p_actor text, p_division_from text, p_division_to text, p_mode text,
    p_incident uuid, p_expected bigint, p_kind text, p_key uuid, p_occurred timestamptz, p_caused_by bigint[], p_payload text
) RETURNS TABLE (o_seq bigint, o_hash bytea, o_recorded_at timestamptz, o_replayed boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('onemap.actor', p_actor, true), set_config('onemap.division_from', p_division_from, true),
            set_config('onemap.division_to', p_division_to, true), set_config('onemap.mode', p_mode, true);
    RETURN QUERY SELECT * FROM record.append_entry(p_incident, p_expected, p_kind, p_key, p_occurred, p_caused_by, p_payload);
END
$$;

-- Several lines of one incident under one commit, each taken or refused by itself: what a desk or a field device kept
-- while its line was cut. One incident only, so that two batches can never wait for each other.
CREATE FUNCTION record.append_lines(
    p_actor text, p_division_from text, p_division_to text, p_mode text,
    p_incident uuid, p_kind text[], p_key uuid[], p_occurred timestamptz[], p_payload text[]
) RETURNS TABLE (o_seq bigint, o_hash bytea, o_recorded_at timestamptz, o_replayed boolean, o_state text, o_sentence text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('onemap.actor', p_actor, true), set_config('onemap.division_from', p_division_from, true),
            set_config('onemap.division_to', p_division_to, true), set_config('onemap.mode', p_mode, true);
    FOR place IN 1 .. cardinality(p_key) LOOP
        o_state := NULL;
        o_sentence := NULL;
        BEGIN
            SELECT * INTO o_seq, o_hash, o_recorded_at, o_replayed FROM record.append_entry(
                p_incident, NULL, p_kind[place], p_key[place], p_occurred[place], '{}', p_payload[place]);
        EXCEPTION WHEN SQLSTATE 'EG422' OR check_violation OR invalid_text_representation OR untranslatable_character THEN
            -- What is wrong with one line is that line's own; everything else ends the whole batch.
            o_seq := NULL;
            o_hash := NULL;
            o_recorded_at := NULL;
            o_replayed := false;
            o_state := SQLSTATE;
            o_sentence := SQLERRM;
        END;
        RETURN NEXT;
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION record.append_as, record.append_lines FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.append_as, record.append_lines TO onemap_app;
