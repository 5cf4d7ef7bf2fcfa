-- What is shown in a consultation now, and who is on its line. Passing state: unlogged, empty after a crash, never part of
-- the record; what was said and taken stands there.

CREATE SCHEMA consultation AUTHORIZATION onemap_owner;
GRANT USAGE ON SCHEMA consultation TO onemap_app;

CREATE UNLOGGED TABLE consultation.room (
    consultation_id text PRIMARY KEY CHECK (consultation_id ~ '^H-[0-9a-f]{12}$'),
    incident_id uuid NOT NULL,
    division_code text NOT NULL COLLATE "C" CHECK (division_code ~ '^[0-9]{6,12}$'),
    mode text NOT NULL DEFAULT current_setting('onemap.mode', true) CHECK (mode IN ('live', 'drill', 'sim')),
    topic text NOT NULL CHECK (length(topic) BETWEEN 1 AND 80),
    divisions text[] NOT NULL DEFAULT '{}',
    accounts text[] NOT NULL DEFAULT '{}',
    presenter text NOT NULL,
    presenter_name text NOT NULL,
    view jsonb CHECK (octet_length(view::text) <= 12000),
    rev bigint NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE consultation.room IS '会商室（在开）：演示者与当前视野，不入记录 Consultations that go on: who presents and what is shown; passing, never the record';
COMMENT ON COLUMN consultation.room.consultation_id IS '会商标识 Id of the consultation, as in the record';
COMMENT ON COLUMN consultation.room.incident_id IS '事件 Incident it is about';
COMMENT ON COLUMN consultation.room.division_code IS '事件所属区划 Division of the incident';
COMMENT ON COLUMN consultation.room.mode IS '数据世界：实战、演练、模拟 live, drill or sim';
COMMENT ON COLUMN consultation.room.topic IS '议题 What it is about, shown to those invited';
COMMENT ON COLUMN consultation.room.divisions IS '受邀区划 Divisions invited; their duty rooms find the room, and nothing else of the incident';
COMMENT ON COLUMN consultation.room.accounts IS '受邀账号 Accounts invited by name';
COMMENT ON COLUMN consultation.room.presenter IS '演示账号 Account whose view is shown; nobody else can show one';
COMMENT ON COLUMN consultation.room.presenter_name IS '演示单位 Name under which it presents';
COMMENT ON COLUMN consultation.room.view IS '当前视野 View shown last; cut to each follower''s rights before it is sent';
COMMENT ON COLUMN consultation.room.rev IS '第几次展示 Number of the view';
COMMENT ON COLUMN consultation.room.opened_at IS '开始时间 When it was opened';

CREATE UNLOGGED TABLE consultation.line (
    line uuid PRIMARY KEY,
    consultation_id text NOT NULL REFERENCES consultation.room ON DELETE CASCADE,
    account text NOT NULL DEFAULT current_setting('onemap.actor', true),
    name text NOT NULL,
    unit text NOT NULL,
    level text NOT NULL,
    following boolean NOT NULL,
    delay_ms integer,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX line_room ON consultation.line (consultation_id);
COMMENT ON TABLE consultation.line IS '会商在线：每个页面一行 Who is on the line of a consultation; one row a page';
COMMENT ON COLUMN consultation.line.line IS '页面标识 Id of the page''s line';
COMMENT ON COLUMN consultation.line.consultation_id IS '会商标识 Consultation';
COMMENT ON COLUMN consultation.line.account IS '账号 Account behind it';
COMMENT ON COLUMN consultation.line.name IS '姓名 Name shown';
COMMENT ON COLUMN consultation.line.unit IS '单位 Unit it speaks for';
COMMENT ON COLUMN consultation.line.level IS '层级 Level of the unit';
COMMENT ON COLUMN consultation.line.following IS '是否跟随 Whether it follows the presenter';
COMMENT ON COLUMN consultation.line.delay_ms IS '往返时延，毫秒 Round trip, ms; empty until measured';
COMMENT ON COLUMN consultation.line.since IS '上线时间 Since when';
COMMENT ON COLUMN consultation.line.seen_at IS '最近心跳 When it was last heard of';

ALTER TABLE consultation.room OWNER TO onemap_owner;
ALTER TABLE consultation.line OWNER TO onemap_owner;

-- A room is found by those who may read its incident, by duty rooms of the divisions invited, and by accounts invited.
ALTER TABLE consultation.room ENABLE ROW LEVEL SECURITY;
ALTER TABLE consultation.room FORCE ROW LEVEL SECURITY;
CREATE POLICY invited ON consultation.room USING (
    mode = (SELECT current_setting('onemap.mode', true))
    AND ((division_code >= (SELECT current_setting('onemap.division_from', true))
            AND left(division_code, 6) < (SELECT current_setting('onemap.division_to', true)))
        OR (SELECT current_setting('onemap.actor', true)) = ANY (accounts)
        OR EXISTS (SELECT 1 FROM unnest(divisions) AS one (code)
            WHERE one.code >= (SELECT current_setting('onemap.division_from', true))
            AND one.code < (SELECT current_setting('onemap.division_to', true)))));
ALTER TABLE consultation.line ENABLE ROW LEVEL SECURITY;
ALTER TABLE consultation.line FORCE ROW LEVEL SECURITY;
CREATE POLICY of_a_room ON consultation.line
    USING (EXISTS (SELECT 1 FROM consultation.room AS own WHERE own.consultation_id = line.consultation_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON consultation.room, consultation.line TO onemap_app;
