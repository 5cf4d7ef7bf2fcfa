-- Records that are sealed while they are being written: the record of an exercise holds what players must not know yet.
-- Sealed by its first entry and opened by its end; a caller sees it only when his transaction says so, on every way that
-- reads the record, because the table itself refuses.
CREATE TABLE record.sealed (
    incident_id uuid PRIMARY KEY REFERENCES record.incident_head
);
COMMENT ON TABLE record.sealed IS '封存的记录：进行中的演练，仅导调、评估可见 Records sealed while they go on: exercises, seen by their cell only';
COMMENT ON COLUMN record.sealed.incident_id IS '记录标识 Record that is sealed';

-- Forced jurisdiction holds for the owner too: for this one look the whole country is in range.
SELECT set_config('onemap.division_from', '', true), set_config('onemap.division_to', 'A', true);
INSERT INTO record.sealed (incident_id)
    SELECT DISTINCT begun.incident_id FROM record.entry AS begun
    WHERE begun.kind = 'exercise_started' AND NOT EXISTS (
        SELECT FROM record.entry AS over WHERE over.incident_id = begun.incident_id AND over.kind = 'exercise_ended');

SELECT set_config('onemap.division_to', '', true);

CREATE FUNCTION record.seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.kind = 'exercise_ended' THEN
        DELETE FROM record.sealed WHERE incident_id = NEW.incident_id;
    ELSIF NEW.seq = 1 THEN
        INSERT INTO record.sealed VALUES (NEW.incident_id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION record.seal() FROM PUBLIC;
CREATE TRIGGER seal AFTER INSERT ON record.entry FOR EACH ROW
    WHEN (NEW.kind IN ('exercise_started', 'exercise_ended')) EXECUTE FUNCTION record.seal();
ALTER TABLE record.entry ENABLE ALWAYS TRIGGER seal;

-- Asked once for a statement, not for a row: the table holds the exercises that go on now.
CREATE POLICY sealed ON record.incident_head AS RESTRICTIVE FOR SELECT USING (
    (SELECT coalesce(current_setting('onemap.sealed', true), '')) = 'shown'
    OR incident_id NOT IN (SELECT incident_id FROM record.sealed));
CREATE POLICY sealed ON record.entry AS RESTRICTIVE FOR SELECT USING (
    (SELECT coalesce(current_setting('onemap.sealed', true), '')) = 'shown'
    OR incident_id NOT IN (SELECT incident_id FROM record.sealed));
REVOKE ALL ON record.sealed FROM PUBLIC;
GRANT SELECT ON record.sealed TO onemap_app;
