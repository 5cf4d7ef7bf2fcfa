-- Other levels of government as nodes of their own: who they are, what goes to them, what came from them.

CREATE SCHEMA nodes AUTHORIZATION onemap_owner;
GRANT USAGE ON SCHEMA nodes TO onemap_app;

CREATE TABLE nodes.neighbour (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9_.-]{1,62}$'),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    level text NOT NULL CHECK (level IN ('province', 'city', 'county', 'enterprise')),
    relation text NOT NULL CHECK (relation IN ('above', 'below', 'beside')),
    address text NOT NULL CHECK (address ~ '^https?://[^\s?#@]{1,200}$'),
    division_from text NOT NULL COLLATE "C" CHECK (division_from ~ '^[0-9]{6}$'),
    division_to text NOT NULL COLLATE "C" CHECK (division_to ~ '^[0-9]{6}$' AND division_to > division_from),
    label text NOT NULL CHECK (label IN ('public', 'internal', 'restricted')),
    key_sealed bytea NOT NULL,
    witness_key text NOT NULL DEFAULT '',
    added_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz
);
COMMENT ON TABLE nodes.neighbour IS '邻接节点：上级、下级、企业 Other nodes we speak with; entered by an administrator on this machine only';
COMMENT ON COLUMN nodes.neighbour.name IS '节点名 Name both sides know the node by';
COMMENT ON COLUMN nodes.neighbour.title IS '名称 What people call it';
COMMENT ON COLUMN nodes.neighbour.level IS '层级 province, city, county or enterprise';
COMMENT ON COLUMN nodes.neighbour.relation IS '关系 above, below or beside, seen from here';
COMMENT ON COLUMN nodes.neighbour.address IS '地址 Where it is reached; never taken from a page or a message';
COMMENT ON COLUMN nodes.neighbour.division_from IS '辖区起 First division code it answers for';
COMMENT ON COLUMN nodes.neighbour.division_to IS '辖区止（不含） First division code beyond';
COMMENT ON COLUMN nodes.neighbour.label IS '可达密级 Highest label that may go there';
COMMENT ON COLUMN nodes.neighbour.key_sealed IS '共享密钥（密文） Shared key, sealed with the key of this installation';
COMMENT ON COLUMN nodes.neighbour.witness_key IS '见证公钥 Public key its heads are signed with, as first seen';
COMMENT ON COLUMN nodes.neighbour.added_by IS '录入人 Who entered it';
COMMENT ON COLUMN nodes.neighbour.added_at IS '录入时间 When; only what was recorded later goes out by itself';
COMMENT ON COLUMN nodes.neighbour.removed_at IS '撤下时间（空＝在用） When it was taken out of use; empty in use';

CREATE TABLE nodes.line (
    name text PRIMARY KEY REFERENCES nodes.neighbour,
    tried_at timestamptz,
    reached_at timestamptz,
    heard_at timestamptz,
    heads_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    open_until timestamptz,
    trouble text NOT NULL DEFAULT '',
    clock_off_s double precision
);
COMMENT ON TABLE nodes.line IS '线路状态 How each line stands';
COMMENT ON COLUMN nodes.line.name IS '节点名 Name of the neighbour';
COMMENT ON COLUMN nodes.line.tried_at IS '最近尝试 Last attempt to reach it';
COMMENT ON COLUMN nodes.line.reached_at IS '最近送达 Last answer from it';
COMMENT ON COLUMN nodes.line.heard_at IS '最近来信 Last time it called us';
COMMENT ON COLUMN nodes.line.heads_at IS '最近见证 Last exchange of heads begun';
COMMENT ON COLUMN nodes.line.failures IS '连续失败次数 Failures in a row';
COMMENT ON COLUMN nodes.line.open_until IS '熔断至 No attempt before this moment';
COMMENT ON COLUMN nodes.line.trouble IS '故障代号 Code of what is wrong; empty when sound';
COMMENT ON COLUMN nodes.line.clock_off_s IS '时钟差，秒 Its clock minus ours, seconds';

CREATE TABLE nodes.shared (
    incident_id uuid NOT NULL,
    neighbour text NOT NULL REFERENCES nodes.neighbour,
    whole boolean NOT NULL,
    why text NOT NULL CHECK (why IN ('reported', 'division', 'order', 'person')),
    shared_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    shared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (incident_id, neighbour)
);
COMMENT ON TABLE nodes.shared IS '事件共享 Which incidents go to which neighbour';
COMMENT ON COLUMN nodes.shared.incident_id IS '事件 Incident';
COMMENT ON COLUMN nodes.shared.neighbour IS '节点 Neighbour it goes to';
COMMENT ON COLUMN nodes.shared.whole IS '是否整件 All entries the neighbour may see, or only orders addressed to it';
COMMENT ON COLUMN nodes.shared.why IS '缘由 reported up, its division, an order to it, or a person';
COMMENT ON COLUMN nodes.shared.shared_by IS '共享人 Who shared it';
COMMENT ON COLUMN nodes.shared.shared_at IS '共享时间 Since when';

CREATE TABLE nodes.cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid bigint NOT NULL DEFAULT 0,
    pos bigint NOT NULL DEFAULT 0
);
INSERT INTO nodes.cursor DEFAULT VALUES;
COMMENT ON TABLE nodes.cursor IS '发件游标 How far the record has been looked through for what must go out';
COMMENT ON COLUMN nodes.cursor.one IS '仅一行 There is one row';
COMMENT ON COLUMN nodes.cursor.xid IS '事务号 Transaction of the last entry looked at';
COMMENT ON COLUMN nodes.cursor.pos IS '位置 Its place';

CREATE TABLE nodes.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    neighbour text NOT NULL REFERENCES nodes.neighbour,
    message_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('entry', 'report', 'order', 'warning', 'ack')),
    mode text NOT NULL CHECK (mode IN ('live', 'drill')),
    incident_id uuid,
    seq bigint,
    division_code text NOT NULL COLLATE "C" CHECK (division_code ~ '^[0-9]{6,12}$'),
    title text NOT NULL,
    said text NOT NULL CHECK (octet_length(said) <= 4194304),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    document bytea,
    document_state text NOT NULL DEFAULT 'none' CHECK (document_state IN ('none', 'wanted', 'made', 'failed')),
    made_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz,
    fault text NOT NULL DEFAULT '',
    delivered_at timestamptz,
    received_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text NOT NULL DEFAULT '',
    acknowledged_text text NOT NULL DEFAULT '',
    ack_heard_at timestamptz,
    UNIQUE NULLS NOT DISTINCT (neighbour, incident_id, message_id)
);
CREATE INDEX outbox_due ON nodes.outbox (neighbour, next_at, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_latest ON nodes.outbox (mode, id DESC) WHERE kind <> 'entry';
COMMENT ON TABLE nodes.outbox IS '发件箱：存储转发 What goes to other nodes, kept until each has it';
COMMENT ON COLUMN nodes.outbox.id IS '行号 Number, in the order of making';
COMMENT ON COLUMN nodes.outbox.neighbour IS '收件节点 Who gets it';
COMMENT ON COLUMN nodes.outbox.message_id IS '幂等键 Idempotency key; for an entry that of the record';
COMMENT ON COLUMN nodes.outbox.kind IS '种类 entry, report, order, warning or ack';
COMMENT ON COLUMN nodes.outbox.mode IS '数据世界：实战、演练 live or drill';
COMMENT ON COLUMN nodes.outbox.incident_id IS '事件 Incident it is about';
COMMENT ON COLUMN nodes.outbox.seq IS '记录序号 Entry it is about';
COMMENT ON COLUMN nodes.outbox.division_code IS '区划 Division of the incident';
COMMENT ON COLUMN nodes.outbox.title IS '标题 What it is called in a list';
COMMENT ON COLUMN nodes.outbox.said IS '正文（RFC 8785） The very text that is sent, every time the same';
COMMENT ON COLUMN nodes.outbox.sha256 IS '正文指纹 SHA-256 of the text';
COMMENT ON COLUMN nodes.outbox.document IS '盖章文件 Sealed document that goes with it';
COMMENT ON COLUMN nodes.outbox.document_state IS '文件状态 none, wanted, made or failed';
COMMENT ON COLUMN nodes.outbox.made_by IS '发件人 Account it goes out for';
COMMENT ON COLUMN nodes.outbox.made_at IS '生成时间 When it was put here';
COMMENT ON COLUMN nodes.outbox.state IS '状态 waiting, sending, delivered or dead (a person must look)';
COMMENT ON COLUMN nodes.outbox.attempts IS '尝试次数 Attempts so far';
COMMENT ON COLUMN nodes.outbox.next_at IS '下次尝试 Not before this moment';
COMMENT ON COLUMN nodes.outbox.leased_until IS '占用至 Held by a sender until then';
COMMENT ON COLUMN nodes.outbox.fault IS '故障 What went wrong last';
COMMENT ON COLUMN nodes.outbox.delivered_at IS '送达（本机时钟） When its receipt came, by our clock';
COMMENT ON COLUMN nodes.outbox.received_at IS '对方收到（对方时钟） When it was received, by the clock there';
COMMENT ON COLUMN nodes.outbox.acknowledged_at IS '签收（对方时钟） When somebody there signed for it, by the clock there';
COMMENT ON COLUMN nodes.outbox.acknowledged_by IS '签收人 Who signed';
COMMENT ON COLUMN nodes.outbox.acknowledged_text IS '签收意见 What was said with it';
COMMENT ON COLUMN nodes.outbox.ack_heard_at IS '签收回到（本机时钟） When we heard of it, by our clock';

CREATE TABLE nodes.inbox (
    origin text NOT NULL REFERENCES nodes.neighbour,
    incident_id uuid NOT NULL,
    message_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('entry', 'report', 'order', 'warning', 'ack')),
    mode text NOT NULL CHECK (mode IN ('live', 'drill')),
    seq bigint,
    division_code text NOT NULL COLLATE "C" CHECK (division_code ~ '^[0-9]{6,12}$'),
    title text NOT NULL,
    said text NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    document bytea,
    sent_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_at timestamptz,
    acknowledged_by text NOT NULL DEFAULT '',
    acknowledged_text text NOT NULL DEFAULT '',
    PRIMARY KEY (origin, incident_id, message_id)
);
CREATE INDEX inbox_latest ON nodes.inbox (mode, received_at DESC) WHERE kind IN ('report', 'order', 'warning');
COMMENT ON TABLE nodes.inbox IS '收件箱：原样保存 What came from other nodes, word for word, once each';
COMMENT ON COLUMN nodes.inbox.origin IS '来源节点 Who sent it, proved by its key';
COMMENT ON COLUMN nodes.inbox.incident_id IS '对方事件 Incident there';
COMMENT ON COLUMN nodes.inbox.message_id IS '幂等键 Idempotency key of the sender';
COMMENT ON COLUMN nodes.inbox.kind IS '种类 entry, report, order, warning or ack';
COMMENT ON COLUMN nodes.inbox.mode IS '数据世界：实战、演练 live or drill';
COMMENT ON COLUMN nodes.inbox.seq IS '对方记录序号 Entry there';
COMMENT ON COLUMN nodes.inbox.division_code IS '可见区划 Division whose people here may see it';
COMMENT ON COLUMN nodes.inbox.title IS '标题 What it is called in a list';
COMMENT ON COLUMN nodes.inbox.said IS '正文原文 The text as it came';
COMMENT ON COLUMN nodes.inbox.sha256 IS '正文指纹 SHA-256 of the text';
COMMENT ON COLUMN nodes.inbox.document IS '盖章文件 Sealed document that came with it';
COMMENT ON COLUMN nodes.inbox.sent_at IS '发出（对方时钟） When it was sent, by the clock there';
COMMENT ON COLUMN nodes.inbox.received_at IS '收到（本机时钟） When it came, by our clock';
COMMENT ON COLUMN nodes.inbox.acknowledged_at IS '签收时间 When somebody here signed for it';
COMMENT ON COLUMN nodes.inbox.acknowledged_by IS '签收人 Who signed';
COMMENT ON COLUMN nodes.inbox.acknowledged_text IS '签收意见 What was said with it';

CREATE TABLE nodes.foreign_entry (
    origin text NOT NULL REFERENCES nodes.neighbour,
    incident_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    visible_division text NOT NULL COLLATE "C" CHECK (visible_division ~ '^[0-9]{6,12}$'),
    division_code text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('live', 'drill')),
    actor text NOT NULL,
    kind text NOT NULL,
    caused_by bigint[] NOT NULL,
    idem_key uuid NOT NULL,
    occurred_at timestamptz,
    recorded_at timestamptz NOT NULL,
    payload_canon text NOT NULL,
    hash_ver smallint NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (origin, incident_id, seq)
);
COMMENT ON TABLE nodes.foreign_entry IS '外来记录：不进本级记录 Entries of another node''s record, word for word; never part of our own';
COMMENT ON COLUMN nodes.foreign_entry.origin IS '来源节点 Node whose record they stand in';
COMMENT ON COLUMN nodes.foreign_entry.incident_id IS '对方事件 Incident there';
COMMENT ON COLUMN nodes.foreign_entry.seq IS '对方记录序号 Number there';
COMMENT ON COLUMN nodes.foreign_entry.visible_division IS '可见区划 Division whose people here may see it';
COMMENT ON COLUMN nodes.foreign_entry.division_code IS '对方区划 Division as it stands there';
COMMENT ON COLUMN nodes.foreign_entry.mode IS '数据世界 live or drill';
COMMENT ON COLUMN nodes.foreign_entry.actor IS '记录人（对方账号） Account there';
COMMENT ON COLUMN nodes.foreign_entry.kind IS '记录种类 Kind of entry';
COMMENT ON COLUMN nodes.foreign_entry.caused_by IS '起因 Earlier entries there';
COMMENT ON COLUMN nodes.foreign_entry.idem_key IS '幂等键 Idempotency key there';
COMMENT ON COLUMN nodes.foreign_entry.occurred_at IS '发生时间 When it happened, as said there';
COMMENT ON COLUMN nodes.foreign_entry.recorded_at IS '记录时间（对方时钟） When it was recorded, by the clock there';
COMMENT ON COLUMN nodes.foreign_entry.payload_canon IS '正文原文 The text that was hashed there';
COMMENT ON COLUMN nodes.foreign_entry.hash_ver IS '散列算法 1 SHA-256, 2 SM3';
COMMENT ON COLUMN nodes.foreign_entry.prev_hash IS '上一条散列 Hash of the entry before';
COMMENT ON COLUMN nodes.foreign_entry.hash IS '散列 Its hash, recomputed on receipt';
COMMENT ON COLUMN nodes.foreign_entry.received_at IS '收到时间 When it came here';

CREATE TABLE nodes.foreign_incident (
    origin text NOT NULL REFERENCES nodes.neighbour,
    incident_id uuid NOT NULL,
    visible_division text NOT NULL COLLATE "C" CHECK (visible_division ~ '^[0-9]{6,12}$'),
    mode text NOT NULL CHECK (mode IN ('live', 'drill')),
    seq bigint NOT NULL,
    about jsonb NOT NULL CHECK (jsonb_typeof(about) = 'object'),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (origin, incident_id)
);
COMMENT ON TABLE nodes.foreign_incident IS '外来事件摘要 Latest summary of incidents of other nodes';
COMMENT ON COLUMN nodes.foreign_incident.origin IS '来源节点 Node whose incident it is';
COMMENT ON COLUMN nodes.foreign_incident.incident_id IS '对方事件 Incident there';
COMMENT ON COLUMN nodes.foreign_incident.visible_division IS '可见区划 Division whose people here may see it';
COMMENT ON COLUMN nodes.foreign_incident.mode IS '数据世界 live or drill';
COMMENT ON COLUMN nodes.foreign_incident.seq IS '摘要所至序号 Last entry the summary knows';
COMMENT ON COLUMN nodes.foreign_incident.about IS '摘要 Title, place, state, casualties and people as said there';
COMMENT ON COLUMN nodes.foreign_incident.updated_at IS '更新时间 When the summary came';

CREATE TABLE nodes.foreign_head (
    origin text NOT NULL REFERENCES nodes.neighbour,
    incident_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    line text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_at timestamptz,
    shown_at timestamptz,
    PRIMARY KEY (origin, incident_id, seq)
);
CREATE INDEX foreign_head_shown ON nodes.foreign_head (origin, shown_at NULLS FIRST, received_at);
COMMENT ON TABLE nodes.foreign_head IS '为邻接节点见证的链头 Where the chains of other nodes stood, signed by them, kept by us';
COMMENT ON COLUMN nodes.foreign_head.origin IS '来源节点 Node whose head it is';
COMMENT ON COLUMN nodes.foreign_head.incident_id IS '对方事件 Incident there';
COMMENT ON COLUMN nodes.foreign_head.seq IS '序号 Number of its newest entry then';
COMMENT ON COLUMN nodes.foreign_head.hash IS '散列 Hash of that entry';
COMMENT ON COLUMN nodes.foreign_head.line IS '签名原文（空＝来自副本） The signed line as it came; empty for the hash of a copy';
COMMENT ON COLUMN nodes.foreign_head.received_at IS '收到时间 When it came';
COMMENT ON COLUMN nodes.foreign_head.asked_at IS '要求出示 When we asked the node to show it again';
COMMENT ON COLUMN nodes.foreign_head.shown_at IS '已出示 When it last showed it';

CREATE TABLE nodes.fault (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin text NOT NULL REFERENCES nodes.neighbour,
    incident_id uuid,
    seq bigint,
    code text NOT NULL CHECK (code IN ('rewritten', 'truncated', 'forged', 'key_changed', 'silent')),
    said text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE NULLS NOT DISTINCT (origin, incident_id, seq, code)
);
COMMENT ON TABLE nodes.fault IS '见证发现的问题 What does not fit between what a node said before and what it says now';
COMMENT ON COLUMN nodes.fault.id IS '行号 Number';
COMMENT ON COLUMN nodes.fault.origin IS '节点 Node it is about';
COMMENT ON COLUMN nodes.fault.incident_id IS '对方事件 Incident there';
COMMENT ON COLUMN nodes.fault.seq IS '序号 Entry there';
COMMENT ON COLUMN nodes.fault.code IS '问题 rewritten, truncated, forged, key_changed or silent';
COMMENT ON COLUMN nodes.fault.said IS '说明 What was seen before and what now';
COMMENT ON COLUMN nodes.fault.found_at IS '发现时间 When it was found; a fault is never taken back';

DO $$
DECLARE one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['neighbour', 'line', 'shared', 'cursor', 'outbox', 'inbox', 'foreign_entry',
                               'foreign_incident', 'foreign_head', 'fault'] LOOP
        EXECUTE format('ALTER TABLE nodes.%I OWNER TO onemap_owner', one);
    END LOOP;
    FOREACH one IN ARRAY ARRAY['outbox', 'inbox', 'foreign_entry', 'foreign_incident'] LOOP
        EXECUTE format('ALTER TABLE nodes.%I ENABLE ROW LEVEL SECURITY', one);
        EXECUTE format('ALTER TABLE nodes.%I FORCE ROW LEVEL SECURITY', one);
    END LOOP;
END
$$;
CREATE POLICY division ON nodes.outbox USING (
    left(division_code, 6) >= (SELECT current_setting('onemap.division_from', true))
    AND left(division_code, 6) < (SELECT current_setting('onemap.division_to', true)));
CREATE POLICY division ON nodes.inbox USING (
    left(division_code, 6) >= (SELECT current_setting('onemap.division_from', true))
    AND left(division_code, 6) < (SELECT current_setting('onemap.division_to', true)));
CREATE POLICY division ON nodes.foreign_entry USING (
    left(visible_division, 6) >= (SELECT current_setting('onemap.division_from', true))
    AND left(visible_division, 6) < (SELECT current_setting('onemap.division_to', true)));
CREATE POLICY division ON nodes.foreign_incident USING (
    left(visible_division, 6) >= (SELECT current_setting('onemap.division_from', true))
    AND left(visible_division, 6) < (SELECT current_setting('onemap.division_to', true)));

-- What came from elsewhere is kept as it came: the program may add it and sign for it, and change nothing of it.
GRANT SELECT, INSERT ON nodes.foreign_entry, nodes.fault TO onemap_app;
GRANT SELECT, INSERT ON nodes.foreign_head, nodes.inbox, nodes.shared TO onemap_app;
GRANT UPDATE (asked_at, shown_at) ON nodes.foreign_head TO onemap_app;
GRANT UPDATE (acknowledged_at, acknowledged_by, acknowledged_text) ON nodes.inbox TO onemap_app;
GRANT UPDATE (whole, why) ON nodes.shared TO onemap_app;
GRANT SELECT, INSERT, UPDATE ON nodes.foreign_incident, nodes.neighbour, nodes.line TO onemap_app;
GRANT SELECT, UPDATE ON nodes.cursor TO onemap_app;
GRANT SELECT, INSERT ON nodes.outbox TO onemap_app;
GRANT UPDATE (document, document_state, state, attempts, next_at, leased_until, fault, delivered_at, received_at,
              acknowledged_at, acknowledged_by, acknowledged_text, ack_heard_at) ON nodes.outbox TO onemap_app;
