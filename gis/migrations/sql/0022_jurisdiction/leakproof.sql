-- An operator that is not LEAKPROOF may run only after a policy, so an index on it is of no use: a small rectangle over
-- 60 000 points took 150 times as long. These compare boxes, texts and arrays and have no error that shows a value; that
-- is our judgement, not PostGIS's. It needs a superuser, and a restore or an update of the extension undoes it: the start
-- of the program looks whether it holds and says so.
DO $$
DECLARE
    one record;
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RAISE NOTICE 'not a superuser: spatial searches under jurisdiction will be slow, see onemap db check';
        RETURN;
    END IF;
    FOR one IN
        SELECT p.oid::regprocedure AS f FROM pg_proc AS p
        WHERE p.proname IN ('geometry_overlaps', 'textlike', 'texticlike', 'arraycontains', 'arrayoverlap')
          AND NOT p.proleakproof
          AND p.pronargs = 2
    LOOP
        EXECUTE format('ALTER FUNCTION %s LEAKPROOF', one.f);
    END LOOP;
END
$$;
