-- Which columns hold names and telephone numbers of persons, and what for (个人信息保护: a purpose for each field). The
-- program reads this at every new connection and masks what comes out of these columns, in every statement.
CREATE TABLE access.personal_column (
    place text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('name', 'phone', 'party', 'words', 'json')),
    keys jsonb CHECK ((kind = 'json') = (keys IS NOT NULL)),
    purpose text NOT NULL CHECK (length(purpose) > 3),
    PRIMARY KEY (place, name)
);
COMMENT ON TABLE access.personal_column IS '个人信息字段登记：未授权时脱敏 Columns that hold personal data; masked unless a right and a reason are given';
COMMENT ON COLUMN access.personal_column.place IS '表 Table, with its schema';
COMMENT ON COLUMN access.personal_column.name IS '字段 Column';
COMMENT ON COLUMN access.personal_column.kind IS '类别：姓名、电话、单位或个人、文字、JSON What it holds: name, phone, party (a post or a person), words (a sentence), json';
COMMENT ON COLUMN access.personal_column.keys IS 'JSON 内的键 Keys inside a JSON column and what each of them holds; * is every other text';
COMMENT ON COLUMN access.personal_column.purpose IS '收集目的 What it is kept for';
GRANT SELECT ON access.personal_column TO onemap_app;

INSERT INTO access.personal_column (place, name, kind, keys, purpose) VALUES
    ('layers.enterprise', 'safety_head', 'name', NULL, '事件发生时联系企业安全负责人 to reach the head of safety in an incident'),
    ('layers.enterprise', 'duty_phone', 'phone', NULL, '查岗与事件核实 roll-call and checking an alarm'),
    ('layers.protection_target', 'phone', 'phone', NULL, '通知学校、医院、养老机构 to warn schools, hospitals and homes'),
    ('layers.shelter', 'manager', 'name', NULL, '开启避难场所 to have a shelter opened'),
    ('layers.shelter', 'phone', 'phone', NULL, '开启避难场所 to have a shelter opened'),
    ('layers.rescue_team', 'phone', 'phone', NULL, '调派救援队伍 to call out a team'),
    ('layers.store', 'manager', 'name', NULL, '调用应急物资 to have supplies handed out'),
    ('layers.store', 'phone', 'phone', NULL, '调用应急物资 to have supplies handed out'),
    ('layers.register_row', 'attributes', 'json',
     '{"person": "name", "phone": "phone", "duty_phone": "phone", "insurer_phone": "phone", "inspectors": "name", "owner": "party"}',
     '专家、网格员、责任人、检查人员、持证人 experts, wardens, persons in charge, inspectors, holders of certificates'),
    ('layers.import_aside', 'raw', 'json', '{"安全负责人": "name", "负责人": "name", "联系人": "name", "姓名": "name", "责任人": "name", "网格员": "name", "持证人": "name", "检查人员": "name", "safety_head": "name", "manager": "name", "contact": "name", "person": "name", "*": "words"}',
     '退回责任单位更正 rows given back to whoever must correct them'),
    ('sensing.roll_call', 'phone', 'phone', NULL, '查岗 roll-call'),
    ('sensing.roll_call_entry', 'who', 'party', NULL, '查岗应答人 who answered a roll-call'),
    ('sensing.roll_call_entry', 'words', 'words', NULL, '查岗应答内容 what was answered'),
    ('planning.plan', 'content', 'json', '{"contacts": {"name": "name", "phone": "phone"}}',
     '预案联系人 contacts of a plan'),
    ('nodes.foreign_entry', 'payload_canon', 'words', NULL, '其他节点通报的事件 incidents other nodes told of'),
    ('nodes.inbox', 'said', 'words', NULL, '其他节点来文 what other nodes wrote');
