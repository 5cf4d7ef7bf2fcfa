-- Has a register changed? Told by one row for each transaction that wrote it, so that nobody counts a million rows to
-- learn that nothing happened. A row, not a number that is raised: two who write at once wait for nobody, who rolls back
-- leaves nothing, and who commits late is seen late; the sum of what is visible moves with every commit.
CREATE TABLE layers.register_stamp (
    register text NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changes bigint NOT NULL DEFAULT 1 CHECK (changes > 0),
    PRIMARY KEY (register, xid)
);
COMMENT ON TABLE layers.register_stamp IS '各登记表被写入的事务 Transactions that wrote a register of points';
COMMENT ON COLUMN layers.register_stamp.register IS '表名 Table of the register';
COMMENT ON COLUMN layers.register_stamp.xid IS '写入事务 Transaction that wrote it';
COMMENT ON COLUMN layers.register_stamp.changes IS '合并的写入次数 Transactions put together in this row';
GRANT SELECT ON layers.register_stamp TO onemap_app;

CREATE FUNCTION layers.stamp_register() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO layers.register_stamp (register) VALUES (TG_TABLE_NAME) ON CONFLICT DO NOTHING;
    -- What every transaction sees already is put together now and then; the sum stays.
    IF FOUND AND current_setting('transaction_isolation') = 'read committed'
        AND (SELECT count(*) FROM layers.register_stamp WHERE register = TG_TABLE_NAME) > 256
    THEN
        WITH settled AS (
            SELECT xid FROM layers.register_stamp
            WHERE register = TG_TABLE_NAME AND xid < pg_snapshot_xmin(pg_current_snapshot())
            FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM layers.register_stamp AS one USING settled
            WHERE one.register = TG_TABLE_NAME AND one.xid = settled.xid RETURNING one.changes
        )
        UPDATE layers.register_stamp SET changes = changes + (SELECT coalesce(sum(gone.changes), 0) FROM gone)
        WHERE register = TG_TABLE_NAME AND xid = pg_current_xact_id();
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION layers.stamp_register() IS '登记表写入后留痕 Says that a statement wrote a register';

DO $$
DECLARE one text;
BEGIN
    FOR one IN
        SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'layers' AND c.relkind = 'r'
          AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'world_x' AND NOT attisdropped)
          -- what changes with every reading has its newest reading for a version
          AND NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'last_at' AND NOT attisdropped)
    LOOP
        EXECUTE format('CREATE TRIGGER stamped AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON layers.%I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION layers.stamp_register()', one);
        -- Rows whose time comes or passes change without being written.
        EXECUTE format('CREATE INDEX %I ON layers.%I (valid_to) WHERE valid_to IS NOT NULL', one || '_ends', one);
        EXECUTE format('CREATE INDEX %I ON layers.%I (valid_from) WHERE valid_to IS NOT NULL', one || '_begins', one);
        INSERT INTO layers.register_stamp (register) VALUES (one);
    END LOOP;
END
$$;
