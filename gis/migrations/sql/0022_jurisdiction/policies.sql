-- Whose rows are whose: every layer table shows a caller the rows of its half-open range of divisions and up to its label,
-- and takes only rows of that range. Forced on the owner too, so that views and functions obey it. A transaction opened
-- for nobody sees what is public. Boundaries and weather are no secret of a division: they are seen by everybody who
-- may see their label.
DO $$
DECLARE
    one    text;
    labels text := 'label = ANY ((SELECT CASE current_setting(''onemap.clearance'', true)'
                   ' WHEN ''restricted'' THEN ''{public,internal,restricted}'' WHEN ''internal'' THEN ''{public,internal}'''
                   ' ELSE ''{public}'' END)::text[])';
    -- 000000 is the whole country: what its authorities publish is of no division.
    within text := 'division_code = ''000000'' OR (division_code >= (SELECT current_setting(''onemap.division_from'', true))'
                   ' AND division_code < (SELECT current_setting(''onemap.division_to'', true)))';
BEGIN
    FOR one IN
        SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'layers' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'division_code' AND NOT attisdropped)
          AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'label' AND NOT attisdropped)
        ORDER BY 1
    LOOP
        EXECUTE format('ALTER TABLE layers.%I ENABLE ROW LEVEL SECURITY', one);
        EXECUTE format('ALTER TABLE layers.%I FORCE ROW LEVEL SECURITY', one);
        IF one IN ('division', 'weather_observation') THEN
            EXECUTE format('CREATE POLICY jurisdiction ON layers.%I USING (%s) WITH CHECK (%s)', one, labels, within);
        ELSE
            EXECUTE format('CREATE POLICY jurisdiction ON layers.%I USING ((label = ''public'' OR (%s)) AND %s) WITH CHECK (%s)',
                           one, within, labels, within);
        END IF;
    END LOOP;
END
$$;
