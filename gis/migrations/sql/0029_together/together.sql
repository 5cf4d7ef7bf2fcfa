-- Entries of one incident that came while another one was being committed, by whoever they are: one statement, one round
-- trip, one commit, and each for itself as if it were alone. The first four values are those of whoever sends; each entry
-- is written in the name and within the range of its own author. One incident only, so that two batches never wait for
-- each other.
CREATE FUNCTION record.append_many(
    p_actor text, p_division_from text, p_division_to text, p_mode text,
    p_incident uuid, p_actors text[], p_froms text[], p_tos text[], p_modes text[], p_expected bigint[], p_kind text[],
    p_key uuid[], p_occurred timestamptz[], p_caused_by text[], p_payload text[]
) RETURNS TABLE (o_seq bigint, o_hash bytea, o_recorded_at timestamptz, o_replayed boolean, o_state text, o_sentence text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    FOR place IN 1 .. cardinality(p_key) LOOP
        PERFORM set_config('onemap.actor', p_actors[place], true), set_config('onemap.division_from', p_froms[place], true),
                set_config('onemap.division_to', p_tos[place], true), set_config('onemap.mode', p_modes[place], true);
        o_state := NULL;
        o_sentence := NULL;
        BEGIN
            SELECT * INTO o_seq, o_hash, o_recorded_at, o_replayed FROM record.append_entry(
                p_incident, p_expected[place], p_kind[place], p_key[place], p_occurred[place],
                p_caused_by[place]::bigint[], p_payload[place]);
        EXCEPTION WHEN SQLSTATE 'EG401' OR SQLSTATE 'EG403' OR SQLSTATE 'EG404' OR SQLSTATE 'EG409' OR SQLSTATE 'EG422'
            OR check_violation OR invalid_text_representation OR untranslatable_character THEN
            -- What is wrong with one entry is its own; everything else ends the batch, and each is tried alone.
            o_seq := NULL;
            o_hash := NULL;
            o_recorded_at := NULL;
            o_replayed := false;
            o_state := SQLSTATE;
            o_sentence := SQLERRM;
        END;
        RETURN NEXT;
    END LOOP;
    PERFORM set_config('onemap.actor', p_actor, true), set_config('onemap.division_from', p_division_from, true),
            set_config('onemap.division_to', p_division_to, true), set_config('onemap.mode', p_mode, true);
END
$$;
REVOKE ALL ON FUNCTION record.append_many FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.append_many TO onemap_app;

-- Lines of the audit under one commit: all of them or none. Each answer they speak of waits for it.
CREATE FUNCTION access.audit_lines(
    p_actor text, p_division_from text, p_division_to text, p_mode text,
    p_event text[], p_outcome text[], p_name text[], p_role text[], p_object text[], p_address text[], p_request_id text[],
    p_detail text[]
) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('onemap.actor', p_actor, true), set_config('onemap.division_from', p_division_from, true),
            set_config('onemap.division_to', p_division_to, true), set_config('onemap.mode', p_mode, true);
    FOR place IN 1 .. cardinality(p_event) LOOP
        PERFORM access.audit(p_event[place], p_outcome[place], p_name[place], p_role[place], p_object[place],
                             p_address[place], p_request_id[place], p_detail[place]);
    END LOOP;
    RETURN cardinality(p_event);
END
$$;
REVOKE ALL ON FUNCTION access.audit_lines FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.audit_lines TO onemap_app;
