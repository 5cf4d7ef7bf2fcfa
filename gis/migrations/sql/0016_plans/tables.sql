-- Plans, cards and hand-overs of the duty. What is taken out of stores stands in the record and is only summed up here.

CREATE SCHEMA planning AUTHORIZATION onemap_owner;
GRANT USAGE ON SCHEMA planning TO onemap_app;

CREATE TABLE planning.plan (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL CHECK (id ~ '^[A-Z0-9][A-Z0-9-]{1,39}$'),
    version integer NOT NULL CHECK (version > 0),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object' AND octet_length(content::text) <= 900000),
    content_hash text NOT NULL CHECK (content_hash ~ '^[0-9a-f]{64}$'),
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    superseded_at timestamptz,
    source_system text NOT NULL,
    as_of timestamptz NOT NULL,
    ingested_at timestamptz NOT NULL DEFAULT now(),
    division_code text NOT NULL CHECK (division_code ~ '^[0-9]{6,12}$'),
    label text NOT NULL DEFAULT 'internal' CHECK (label IN ('public', 'internal', 'restricted')),
    mode text NOT NULL DEFAULT current_setting('onemap.mode', true) CHECK (mode IN ('live', 'drill', 'sim')),
    entered_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    CHECK (valid_to IS NULL OR valid_to > valid_from),
    CHECK (superseded_at IS NULL OR superseded_at >= recorded_at)
);
CREATE UNIQUE INDEX plan_standing ON planning.plan (mode, id) WHERE superseded_at IS NULL AND valid_to IS NULL;
CREATE UNIQUE INDEX plan_version ON planning.plan (mode, id, version) WHERE superseded_at IS NULL;
COMMENT ON TABLE planning.plan IS '预案：每版一行，双时态 Plans, a row a version: when it held, and when we knew';
COMMENT ON COLUMN planning.plan.row_id IS '行号 Number of the row';
COMMENT ON COLUMN planning.plan.id IS '预案编号，各版不变 Id of the plan, the same in all versions';
COMMENT ON COLUMN planning.plan.version IS '版次 Version, counted from 1';
COMMENT ON COLUMN planning.plan.title IS '预案名称 Title';
COMMENT ON COLUMN planning.plan.content IS '结构化内容：类型、级别、区域、物质、工艺、启动条件、任务、联系人 The plan as the documented form has it';
COMMENT ON COLUMN planning.plan.content_hash IS '内容指纹 SHA-256 of the canonical content; an import of the same adds nothing';
COMMENT ON COLUMN planning.plan.valid_from IS '施行时间 When it came into force';
COMMENT ON COLUMN planning.plan.valid_to IS '废止时间（空＝有效） When it ceased to hold; empty while it holds';
COMMENT ON COLUMN planning.plan.recorded_at IS '入库时间 When we knew it';
COMMENT ON COLUMN planning.plan.superseded_at IS '更正时间（空＝现行） When another row said it better; empty while it stands';
COMMENT ON COLUMN planning.plan.source_system IS '来源 Where it came from';
COMMENT ON COLUMN planning.plan.as_of IS '数据时点 As of when the source said it';
COMMENT ON COLUMN planning.plan.ingested_at IS '接入时间 When it reached us';
COMMENT ON COLUMN planning.plan.division_code IS '适用区划 Division it is for';
COMMENT ON COLUMN planning.plan.label IS '密级标签 public, internal or restricted';
COMMENT ON COLUMN planning.plan.mode IS '数据世界：实战、演练、模拟 live, drill or sim';
COMMENT ON COLUMN planning.plan.entered_by IS '录入账号 Account that entered it';

CREATE TABLE planning.plan_file (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mode text NOT NULL DEFAULT current_setting('onemap.mode', true) CHECK (mode IN ('live', 'drill', 'sim')),
    plan_id text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 5 AND 52428800),
    added_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (mode, plan_id, version, sha256)
);
COMMENT ON TABLE planning.plan_file IS '预案原件 PDF Papers of plans, as they were handed in';
COMMENT ON COLUMN planning.plan_file.id IS '行号 Number of the row';
COMMENT ON COLUMN planning.plan_file.mode IS '数据世界：实战、演练、模拟 live, drill or sim';
COMMENT ON COLUMN planning.plan_file.plan_id IS '预案编号 Plan it belongs to';
COMMENT ON COLUMN planning.plan_file.version IS '版次 Version it belongs to';
COMMENT ON COLUMN planning.plan_file.name IS '文件名 File name';
COMMENT ON COLUMN planning.plan_file.sha256 IS '文件指纹 SHA-256 of the file';
COMMENT ON COLUMN planning.plan_file.content IS '文件内容 The file itself';
COMMENT ON COLUMN planning.plan_file.added_by IS '上传账号 Account that handed it in';
COMMENT ON COLUMN planning.plan_file.added_at IS '上传时间 When it was handed in';

CREATE TABLE planning.card (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL CHECK (id ~ '^[a-z0-9][a-z0-9-]{1,59}$'),
    version integer NOT NULL CHECK (version > 0),
    cas text NOT NULL DEFAULT '',
    un text NOT NULL DEFAULT '',
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object' AND octet_length(content::text) <= 300000),
    content_hash text NOT NULL CHECK (content_hash ~ '^[0-9a-f]{64}$'),
    words text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    superseded_at timestamptz,
    entered_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    CHECK (superseded_at IS NULL OR superseded_at >= recorded_at),
    UNIQUE (id, version)
);
CREATE UNIQUE INDEX card_standing ON planning.card (id) WHERE superseded_at IS NULL;
CREATE INDEX card_bigrams ON planning.card USING gin (layers.bigrams(words)) WHERE superseded_at IS NULL;
COMMENT ON TABLE planning.card IS '应急处置卡：每版一行 Response cards, a row a version';
COMMENT ON COLUMN planning.card.row_id IS '行号 Number of the row';
COMMENT ON COLUMN planning.card.id IS '卡号，各版不变 Id of the card, the same in all versions';
COMMENT ON COLUMN planning.card.version IS '版次，决策引用它 Version; decisions cite it';
COMMENT ON COLUMN planning.card.cas IS 'CAS 号 CAS number';
COMMENT ON COLUMN planning.card.un IS '联合国编号 UN number';
COMMENT ON COLUMN planning.card.title IS '名称 Title';
COMMENT ON COLUMN planning.card.content IS '条文，逐条带出处与可信状态 Statements, each with its source and how sure it is';
COMMENT ON COLUMN planning.card.content_hash IS '内容指纹 SHA-256 of the canonical content';
COMMENT ON COLUMN planning.card.words IS '检索文本 All words of the card in lower case, for search';
COMMENT ON COLUMN planning.card.recorded_at IS '入库时间 When we knew it';
COMMENT ON COLUMN planning.card.superseded_at IS '被新版取代的时间（空＝现行） When a newer version took its place; empty while it stands';
COMMENT ON COLUMN planning.card.entered_by IS '录入账号 Account that entered it';

CREATE TABLE planning.handover (
    handover_id uuid PRIMARY KEY,
    mode text NOT NULL DEFAULT current_setting('onemap.mode', true) CHECK (mode IN ('live', 'drill', 'sim')),
    division_code text NOT NULL CHECK (division_code ~ '^[0-9]{6,12}$'),
    items jsonb NOT NULL CHECK (jsonb_typeof(items) = 'object' AND octet_length(items::text) <= 900000),
    notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 8000),
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    given_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    given_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE planning.handover IS '交班：只追加 Hand-overs of the duty, never changed';
COMMENT ON COLUMN planning.handover.handover_id IS '编号 Id, made by the sender, so that a retry is the same one';
COMMENT ON COLUMN planning.handover.mode IS '数据世界：实战、演练、模拟 live, drill or sim';
COMMENT ON COLUMN planning.handover.division_code IS '值班室所在区划 Division of the duty room';
COMMENT ON COLUMN planning.handover.items IS '未结事项，逐项 Open items as they stood, gathered from the record';
COMMENT ON COLUMN planning.handover.notes IS '交班说明 What the officer going off duty wrote';
COMMENT ON COLUMN planning.handover.hash IS '指纹，双方签的就是它 SHA-256 of items and notes: what both officers sign';
COMMENT ON COLUMN planning.handover.given_by IS '交班人账号 Account that hands over';
COMMENT ON COLUMN planning.handover.given_at IS '交班时间 When it was signed by him';

CREATE TABLE planning.takeover (
    handover_id uuid PRIMARY KEY REFERENCES planning.handover,
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    remark text NOT NULL DEFAULT '' CHECK (length(remark) <= 4000),
    taken_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE planning.takeover IS '接班：只追加，一次交班一行 The other signature, one a hand-over, never changed';
COMMENT ON COLUMN planning.takeover.handover_id IS '交班编号 Hand-over taken';
COMMENT ON COLUMN planning.takeover.hash IS '所签内容的指纹 What was signed: must be that of the hand-over';
COMMENT ON COLUMN planning.takeover.remark IS '接班意见 Remark';
COMMENT ON COLUMN planning.takeover.taken_by IS '接班人账号 Account that takes over; never the one that hands over';
COMMENT ON COLUMN planning.takeover.taken_at IS '接班时间 When it was signed by him';

CREATE FUNCTION planning.check_takeover() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE given planning.handover;
BEGIN
    SELECT * INTO given FROM planning.handover WHERE handover_id = NEW.handover_id;
    IF given.given_by = NEW.taken_by THEN
        RAISE EXCEPTION 'a hand-over is signed by two: % cannot take over from himself', NEW.taken_by
            USING ERRCODE = 'EG403';
    END IF;
    IF given.hash <> NEW.hash THEN
        RAISE EXCEPTION 'this is not what was handed over: open it again' USING ERRCODE = 'EG409';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER two_people BEFORE INSERT ON planning.takeover FOR EACH ROW EXECUTE FUNCTION planning.check_takeover();
CREATE FUNCTION planning.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what was signed is not changed' USING ERRCODE = 'EG403';
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON planning.handover
    FOR EACH ROW EXECUTE FUNCTION planning.refuse_change();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON planning.takeover
    FOR EACH ROW EXECUTE FUNCTION planning.refuse_change();
ALTER TABLE planning.handover ENABLE ALWAYS TRIGGER never_changed;
ALTER TABLE planning.takeover ENABLE ALWAYS TRIGGER never_changed;
ALTER TABLE planning.takeover ENABLE ALWAYS TRIGGER two_people;

-- Who holds what, from the record alone. Over all divisions: a team sent by one county is gone for the next one too.
CREATE INDEX entry_resources ON record.entry (incident_id, kind)
    WHERE kind IN ('team_taken', 'team_given_back', 'supply_committed', 'supply_returned', 'incident_closed');
CREATE FUNCTION planning.held()
RETURNS TABLE (kind text, id text, name text, quantity numeric, incident_id uuid, incident_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own_from text := current_setting('onemap.division_from', true);
    own_to text := current_setting('onemap.division_to', true);
BEGIN
    -- The caller's range is put back below; an error between the two ends his transaction, and the range with it.
    PERFORM set_config('onemap.division_from', '000000', true), set_config('onemap.division_to', '999999', true);
    RETURN QUERY
    WITH said AS (
        SELECT entry.incident_id, entry.seq, entry.kind, entry.payload FROM record.entry
        WHERE entry.kind IN ('team_taken', 'team_given_back', 'supply_committed', 'supply_returned')
            AND entry.mode = current_setting('onemap.mode', true)
            AND NOT EXISTS (SELECT 1 FROM record.entry AS closed
                WHERE closed.incident_id = entry.incident_id AND closed.kind = 'incident_closed')
    ), team AS (
        SELECT DISTINCT ON (said.incident_id, said.payload ->> 'team_id') said.incident_id, said.kind,
            said.payload ->> 'team_id' AS id, said.payload ->> 'name' AS name
        FROM said WHERE said.kind LIKE 'team%'
        ORDER BY said.incident_id, said.payload ->> 'team_id', said.seq DESC
    ), supply AS (
        SELECT said.incident_id, said.payload ->> 'stock_id' AS id, max(said.payload ->> 'name') AS name,
            sum(CASE said.kind WHEN 'supply_committed' THEN 1 ELSE -1 END * (said.payload ->> 'quantity')::numeric)
                AS quantity
        FROM said WHERE said.kind LIKE 'supply%' GROUP BY said.incident_id, said.payload ->> 'stock_id'
    ), both_kinds AS (
        SELECT 'team' AS kind, team.id, team.name, 1::numeric AS quantity, team.incident_id FROM team
        WHERE team.kind = 'team_taken'
        UNION ALL
        SELECT 'supply', supply.id, supply.name, supply.quantity, supply.incident_id FROM supply
        WHERE supply.quantity > 0
    )
    SELECT both_kinds.kind, both_kinds.id, both_kinds.name, both_kinds.quantity, both_kinds.incident_id, head.code
    FROM both_kinds JOIN record.incident_head AS head ON head.incident_id = both_kinds.incident_id;
    PERFORM set_config('onemap.division_from', own_from, true), set_config('onemap.division_to', own_to, true);
END $$;

ALTER TABLE planning.plan OWNER TO onemap_owner;
ALTER TABLE planning.plan_file OWNER TO onemap_owner;
ALTER TABLE planning.card OWNER TO onemap_owner;
ALTER TABLE planning.handover OWNER TO onemap_owner;
ALTER TABLE planning.takeover OWNER TO onemap_owner;
ALTER FUNCTION planning.held() OWNER TO onemap_owner;
ALTER FUNCTION planning.check_takeover() OWNER TO onemap_owner;
ALTER FUNCTION planning.refuse_change() OWNER TO onemap_owner;
REVOKE ALL ON FUNCTION planning.held() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION planning.held() TO onemap_app;

ALTER TABLE planning.plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE planning.plan FORCE ROW LEVEL SECURITY;
CREATE POLICY own_world ON planning.plan USING (mode = (SELECT current_setting('onemap.mode', true)));
ALTER TABLE planning.plan_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE planning.plan_file FORCE ROW LEVEL SECURITY;
CREATE POLICY own_world ON planning.plan_file USING (mode = (SELECT current_setting('onemap.mode', true)));
ALTER TABLE planning.handover ENABLE ROW LEVEL SECURITY;
ALTER TABLE planning.handover FORCE ROW LEVEL SECURITY;
CREATE POLICY own_divisions ON planning.handover
    USING (mode = (SELECT current_setting('onemap.mode', true))
        AND left(division_code, 6) >= (SELECT current_setting('onemap.division_from', true))
        AND left(division_code, 6) < (SELECT current_setting('onemap.division_to', true)));
ALTER TABLE planning.takeover ENABLE ROW LEVEL SECURITY;
ALTER TABLE planning.takeover FORCE ROW LEVEL SECURITY;
CREATE POLICY of_a_handover ON planning.takeover
    USING (EXISTS (SELECT 1 FROM planning.handover WHERE handover.handover_id = takeover.handover_id));

GRANT SELECT, INSERT ON planning.plan, planning.plan_file, planning.card TO onemap_app;
GRANT UPDATE (superseded_at) ON planning.plan, planning.card TO onemap_app;
GRANT SELECT, INSERT ON planning.handover, planning.takeover TO onemap_app;
