-- Names are looked for by pairs of characters in an index on layers.bigrams(name). The function stands inside that
-- condition, so it too must be LEAKPROOF, or row-level security keeps the planner from the index and each search reads
-- the whole register. It cuts a text into pairs and has no error that shows one. As 0022: it needs a superuser, and the
-- start of the program says where the mark is missing.
DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RAISE NOTICE 'not a superuser: searches for names will be slow, see onemap db check';
        RETURN;
    END IF;
    ALTER FUNCTION layers.bigrams(text) LEAKPROOF;
END
$$;
