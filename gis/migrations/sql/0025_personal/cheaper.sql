-- The same rule of jurisdiction as 0022, said so that a row costs what the comparison with its own range costs: the range
-- comes first, because it decides for nearly every row, and who may see every label is not asked row by row. Measured
-- with 60 000 rows in the rectangle: 7.5 ms more than an explicit WHERE before.
DO $$
DECLARE
    one record;
    labels text := '((SELECT current_setting(''onemap.clearance'', true) = ''restricted'') OR'
                   ' label = ANY ((SELECT CASE current_setting(''onemap.clearance'', true)'
                   ' WHEN ''internal'' THEN ''{public,internal}'' ELSE ''{public}'' END)::text[]))';
    within text := '(division_code >= (SELECT current_setting(''onemap.division_from'', true))'
                   ' AND division_code < (SELECT current_setting(''onemap.division_to'', true)))'
                   ' OR division_code = ''000000''';
BEGIN
    FOR one IN
        SELECT c.relname FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
        WHERE p.polname = 'jurisdiction' AND c.relnamespace = 'layers'::regnamespace
          AND c.relname NOT IN ('division', 'weather_observation')
        ORDER BY 1
    LOOP
        EXECUTE format('ALTER POLICY jurisdiction ON layers.%I USING ((%s OR label = ''public'') AND %s)',
                       one.relname, within, labels);
    END LOOP;
    FOR one IN SELECT unnest(ARRAY['division', 'weather_observation']) AS relname LOOP
        EXECUTE format('ALTER POLICY jurisdiction ON layers.%I USING (%s)', one.relname, labels);
    END LOOP;
END
$$;
