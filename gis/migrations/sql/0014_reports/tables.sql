-- Reports: rows of policy, drafts of each person, numbered issues. What is sent of one incident stands in the record.

CREATE SCHEMA reporting AUTHORIZATION onemap_owner;
GRANT USAGE ON SCHEMA reporting TO onemap_app;

CREATE TABLE reporting.policy (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    division text NOT NULL CHECK (division ~ '^[0-9]{0,12}$'),
    channel text NOT NULL CHECK (channel IN ('phone', 'written')),
    kind text NOT NULL CHECK (kind IN ('first', 'follow_up', 'supplement')),
    grade text NOT NULL DEFAULT '' CHECK (grade IN ('', 'ordinary', 'larger', 'major', 'extraordinary')),
    event text NOT NULL DEFAULT '' CHECK (event ~ '^[a-z0-9_]{0,40}$'),
    minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 525600),
    basis text NOT NULL DEFAULT 'local' CHECK (basis ~ '^[a-z0-9_]{1,60}$'),
    valid_from date,
    valid_until date,
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 400),
    trust text NOT NULL CHECK (
        trust IN ('two_sources', 'one_source', 'unverified', 'measured', 'derived', 'sources_differ')),
    noted_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    withdrawn_at timestamptz,
    CHECK (valid_until IS NULL OR valid_from IS NULL OR valid_until > valid_from)
);
COMMENT ON TABLE reporting.policy IS '报告时限：按辖区、等级、渠道 Within how many minutes whom must be told; rows before those built in';
COMMENT ON COLUMN reporting.policy.id IS '行号 Number of the row';
COMMENT ON COLUMN reporting.policy.division IS '区划代码前缀，空＝全国 Prefix of the division code it holds in; empty everywhere';
COMMENT ON COLUMN reporting.policy.channel IS '渠道 phone or written';
COMMENT ON COLUMN reporting.policy.kind IS '首报、续报或补报期 first (from 接报), follow_up (from changed casualties), supplement (from the accident)';
COMMENT ON COLUMN reporting.policy.grade IS '事故等级，空＝不限 Accident grade it is for; empty any';
COMMENT ON COLUMN reporting.policy.event IS '事件类别前缀，空＝不限 Prefix of the event code it is for; empty any';
COMMENT ON COLUMN reporting.policy.minutes IS '时限，分钟 Minutes; the limit itself is on time';
COMMENT ON COLUMN reporting.policy.basis IS '规则代号 Code of the rule';
COMMENT ON COLUMN reporting.policy.valid_from IS '施行日 First day it holds; empty always';
COMMENT ON COLUMN reporting.policy.valid_until IS '废止日 First day it no longer holds; empty still holds';
COMMENT ON COLUMN reporting.policy.source IS '依据文件 Where the row was read';
COMMENT ON COLUMN reporting.policy.trust IS '可信状态 How sure the row is: two_sources, one_source, unverified, …';
COMMENT ON COLUMN reporting.policy.noted_by IS '录入人 Who entered it';
COMMENT ON COLUMN reporting.policy.noted_at IS '录入时间 When it was entered';
COMMENT ON COLUMN reporting.policy.withdrawn_at IS '撤下时间（空＝在用） When it was taken out of use; empty in use';

CREATE TABLE reporting.draft (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person text NOT NULL DEFAULT current_setting('onemap.actor', true),
    mode text NOT NULL DEFAULT current_setting('onemap.mode', true) CHECK (mode IN ('live', 'drill', 'sim')),
    incident_id uuid,
    form text NOT NULL CHECK (form IN ('incident', 'ics209', 'minutes', 'daily')),
    content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object' AND octet_length(content::text) <= 900000),
    revision integer NOT NULL DEFAULT 1,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE NULLS NOT DISTINCT (person, mode, incident_id, form)
);
COMMENT ON TABLE reporting.draft IS '报告草稿：每人每事件每种一份 What a person is writing; one a person, incident and form';
COMMENT ON COLUMN reporting.draft.id IS '行号 Number of the row';
COMMENT ON COLUMN reporting.draft.person IS '起草人 Account that writes it; nobody else reads it';
COMMENT ON COLUMN reporting.draft.mode IS '数据世界：实战、演练、模拟 live, drill or sim';
COMMENT ON COLUMN reporting.draft.incident_id IS '事件（空＝不属单一事件） Incident; empty for a daily issue';
COMMENT ON COLUMN reporting.draft.form IS '报告种类 incident, ics209, minutes or daily';
COMMENT ON COLUMN reporting.draft.content IS '人填内容 What was typed, field by field, and the choices around it';
COMMENT ON COLUMN reporting.draft.revision IS '第几次保存 Number of the save; a save of an older one is refused';
COMMENT ON COLUMN reporting.draft.made_at IS '开始时间 When it was begun';
COMMENT ON COLUMN reporting.draft.saved_at IS '保存时间 When it was last saved';

CREATE TABLE reporting.issue (
    issue_id uuid PRIMARY KEY,
    form text NOT NULL CHECK (form = 'daily'),
    mode text NOT NULL DEFAULT current_setting('onemap.mode', true) CHECK (mode IN ('live', 'drill', 'sim')),
    division_code text NOT NULL CHECK (division_code ~ '^[0-9]{6,12}$'),
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2200),
    number integer NOT NULL CHECK (number > 0),
    content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
    incidents uuid[] NOT NULL DEFAULT '{}',
    sent_by text NOT NULL DEFAULT current_setting('onemap.actor', true),
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (mode, division_code, form, year, number)
);
COMMENT ON TABLE reporting.issue IS '值班快报：按年编号 Numbered issues over all incidents of a duty room; each incident named has an entry too';
COMMENT ON COLUMN reporting.issue.issue_id IS '编号 Id of the issue, made by the sender, so that a retry is the same issue';
COMMENT ON COLUMN reporting.issue.form IS '报告种类 Form';
COMMENT ON COLUMN reporting.issue.mode IS '数据世界：实战、演练、模拟 live, drill or sim';
COMMENT ON COLUMN reporting.issue.division_code IS '编发单位所在区划 Division of the duty room';
COMMENT ON COLUMN reporting.issue.year IS '年份 Year it is numbered in';
COMMENT ON COLUMN reporting.issue.number IS '期号 Number within the year';
COMMENT ON COLUMN reporting.issue.content IS '内容 What it said, as a sent report says it in the record';
COMMENT ON COLUMN reporting.issue.incidents IS '涉及事件 Incidents it names';
COMMENT ON COLUMN reporting.issue.sent_by IS '签发账号 Account that sent it';
COMMENT ON COLUMN reporting.issue.sent_at IS '发出时间 When it was sent';

ALTER TABLE reporting.policy OWNER TO onemap_owner;
ALTER TABLE reporting.draft OWNER TO onemap_owner;
ALTER TABLE reporting.issue OWNER TO onemap_owner;

ALTER TABLE reporting.draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE reporting.draft FORCE ROW LEVEL SECURITY;
CREATE POLICY own_drafts ON reporting.draft
    USING (person = (SELECT current_setting('onemap.actor', true)) AND mode = (SELECT current_setting('onemap.mode', true)));
ALTER TABLE reporting.issue ENABLE ROW LEVEL SECURITY;
ALTER TABLE reporting.issue FORCE ROW LEVEL SECURITY;
CREATE POLICY own_divisions ON reporting.issue
    USING (mode = (SELECT current_setting('onemap.mode', true))
        AND left(division_code, 6) >= (SELECT current_setting('onemap.division_from', true))
        AND left(division_code, 6) < (SELECT current_setting('onemap.division_to', true)));

GRANT SELECT, INSERT ON reporting.policy TO onemap_app;
GRANT UPDATE (withdrawn_at) ON reporting.policy TO onemap_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON reporting.draft TO onemap_app;
GRANT SELECT, INSERT ON reporting.issue TO onemap_app;
