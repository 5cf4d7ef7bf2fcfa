-- What goes out to telephones: rows that outlive every process, with the numbers the record itself does not hold.

CREATE SCHEMA messaging AUTHORIZATION onemap_owner;
GRANT USAGE ON SCHEMA messaging TO onemap_app;

CREATE TABLE messaging.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id uuid NOT NULL,
    message_id text NOT NULL CHECK (message_id ~ '^M-[0-9a-f]{12}$'),
    division_code text NOT NULL COLLATE "C" CHECK (division_code ~ '^[0-9]{6,12}$'),
    mode text NOT NULL CHECK (mode IN ('live', 'drill', 'sim')),
    kind text NOT NULL CHECK (kind IN ('text', 'call')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    phone text NOT NULL CHECK (length(phone) <= 32),
    said text NOT NULL CHECK (length(said) <= 1200),
    round integer NOT NULL DEFAULT 1 CHECK (round > 0),
    key uuid NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('waiting', 'following', 'ended')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz,
    fault text NOT NULL DEFAULT '',
    handed_at timestamptz,
    made_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (incident_id, message_id)
);
CREATE INDEX outbox_due ON messaging.outbox (next_at, id) WHERE state <> 'ended';
COMMENT ON TABLE messaging.outbox IS '短信与电话发件箱 Texts and calls that go out, kept until each has gone';
COMMENT ON COLUMN messaging.outbox.id IS '行号 Number, in the order of making';
COMMENT ON COLUMN messaging.outbox.incident_id IS '事件 Incident whose record says it';
COMMENT ON COLUMN messaging.outbox.message_id IS '消息号 Id in the record';
COMMENT ON COLUMN messaging.outbox.division_code IS '区划 Division of the incident';
COMMENT ON COLUMN messaging.outbox.mode IS '数据世界：实战、演练、模拟 live, drill or sim; only live reaches a gateway';
COMMENT ON COLUMN messaging.outbox.kind IS '种类 text or call';
COMMENT ON COLUMN messaging.outbox.name IS '接收人 Who is told';
COMMENT ON COLUMN messaging.outbox.phone IS '电话号码 Number; the record holds it shortened only';
COMMENT ON COLUMN messaging.outbox.said IS '内容 What is said';
COMMENT ON COLUMN messaging.outbox.round IS '第几次发送 How often it was put';
COMMENT ON COLUMN messaging.outbox.key IS '幂等键 Key given to the gateway; the same over all retries of one round';
COMMENT ON COLUMN messaging.outbox.state IS '状态 waiting to be handed over, following what becomes of it, or ended';
COMMENT ON COLUMN messaging.outbox.attempts IS '尝试次数 Attempts since it was put or handed over';
COMMENT ON COLUMN messaging.outbox.next_at IS '下次尝试 Not before this moment';
COMMENT ON COLUMN messaging.outbox.leased_until IS '占用至 Held by a process until then';
COMMENT ON COLUMN messaging.outbox.fault IS '故障 What went wrong last';
COMMENT ON COLUMN messaging.outbox.handed_at IS '交付网关时间 When the gateway took it';
COMMENT ON COLUMN messaging.outbox.made_by IS '发件人 Account it goes out for';
COMMENT ON COLUMN messaging.outbox.made_at IS '生成时间 When it was put here';

ALTER TABLE messaging.outbox OWNER TO onemap_owner;
ALTER TABLE messaging.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE messaging.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY division ON messaging.outbox USING (
    left(division_code, 6) >= (SELECT current_setting('onemap.division_from', true))
    AND left(division_code, 6) < (SELECT current_setting('onemap.division_to', true)));

GRANT SELECT, INSERT ON messaging.outbox TO onemap_app;
GRANT UPDATE (round, key, state, attempts, next_at, leased_until, fault, handed_at) ON messaging.outbox TO onemap_app;
