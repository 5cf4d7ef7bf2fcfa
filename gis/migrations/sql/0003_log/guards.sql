-- What nobody may do, and who may do what is left.
CREATE FUNCTION record.forbid() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;

-- The head may only take one step forward.
CREATE FUNCTION record.only_forward() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.last_seq <> OLD.last_seq + 1 OR NEW.last_at <= OLD.last_at
       OR (NEW.incident_id, NEW.code, NEW.division_code, NEW.mode, NEW.opened_by, NEW.opened_at, NEW.hash_ver, NEW.genesis_hash)
          IS DISTINCT FROM
          (OLD.incident_id, OLD.code, OLD.division_code, OLD.mode, OLD.opened_by, OLD.opened_at, OLD.hash_ver, OLD.genesis_hash)
    THEN
        RAISE EXCEPTION 'the head of an incident only moves forward by one entry' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END
$$;

-- Last word before the commit: a transaction that switched synchronous_commit off after appending gets it back.
CREATE FUNCTION record.commit_durably() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    RETURN NULL;
END
$$;

CREATE TRIGGER no_change     BEFORE UPDATE OR DELETE ON record.entry         FOR EACH ROW       EXECUTE FUNCTION record.forbid();
CREATE TRIGGER no_truncate   BEFORE TRUNCATE         ON record.entry         FOR EACH STATEMENT EXECUTE FUNCTION record.forbid();
CREATE TRIGGER no_delete     BEFORE DELETE           ON record.incident_head FOR EACH ROW       EXECUTE FUNCTION record.forbid();
CREATE TRIGGER no_truncate   BEFORE TRUNCATE         ON record.incident_head FOR EACH STATEMENT EXECUTE FUNCTION record.forbid();
CREATE TRIGGER only_forward  BEFORE UPDATE           ON record.incident_head FOR EACH ROW       EXECUTE FUNCTION record.only_forward();
CREATE CONSTRAINT TRIGGER durable AFTER INSERT ON record.entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record.commit_durably();

-- ENABLE ALWAYS, or "SET session_replication_role = replica" walks round them.
ALTER TABLE record.entry         ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE record.entry         ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE record.entry         ENABLE ALWAYS TRIGGER durable;
ALTER TABLE record.incident_head ENABLE ALWAYS TRIGGER no_delete;
ALTER TABLE record.incident_head ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE record.incident_head ENABLE ALWAYS TRIGGER only_forward;

-- Jurisdiction: the half-open range of the caller, forced on the owner too, so that the functions above obey it. A
-- transaction that was opened for nobody sees nothing.
ALTER TABLE record.incident_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.incident_head FORCE  ROW LEVEL SECURITY;
ALTER TABLE record.entry         ENABLE ROW LEVEL SECURITY;
ALTER TABLE record.entry         FORCE  ROW LEVEL SECURITY;
CREATE POLICY division ON record.incident_head USING (
    division_code >= (SELECT current_setting('onemap.division_from', true))
    AND division_code < (SELECT current_setting('onemap.division_to', true)));
CREATE POLICY division ON record.entry USING (
    division_code >= (SELECT current_setting('onemap.division_from', true))
    AND division_code < (SELECT current_setting('onemap.division_to', true)));

REVOKE ALL ON ALL TABLES    IN SCHEMA record FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA record FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA record FROM PUBLIC;
GRANT SELECT ON record.incident_head, record.entry TO onemap_app;
GRANT EXECUTE ON FUNCTION record.open_incident, record.append_entry, record.feed_after TO onemap_app;
-- The pure functions of the hash are open, so that anybody may check an entry by hand.
GRANT EXECUTE ON FUNCTION record.enc_text, record.enc_time, record.enc_numbers, record.digest, record.genesis_hash,
    record.entry_hash, record.fingerprint TO onemap_app;
