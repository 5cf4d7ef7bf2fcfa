-- Who mends what by when: one row a state, closed and followed by the next like every business row.
CREATE TABLE layers.rectification (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    superseded_at timestamptz,
    source_system text NOT NULL,
    as_of timestamptz NOT NULL,
    ingested_at timestamptz NOT NULL DEFAULT now(),
    division_code text NOT NULL,
    label text NOT NULL DEFAULT 'internal' CHECK (label IN ('public', 'internal', 'restricted')),
    mode text NOT NULL DEFAULT 'live' CHECK (mode IN ('live', 'drill', 'sim')),
    origin text NOT NULL CHECK (origin IN ('defect', 'ticket')),
    subject_layer text NOT NULL,
    subject_id text NOT NULL,
    subject_name text NOT NULL,
    what text NOT NULL CHECK (length(what) BETWEEN 1 AND 500),
    owner text NOT NULL CHECK (length(owner) BETWEEN 1 AND 100),
    due_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('assigned', 'received', 'done', 'closed', 'withdrawn')),
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    actor text NOT NULL,
    assigned_at timestamptz NOT NULL,
    assigned_by text NOT NULL,
    longitude double precision,
    latitude double precision,
    CHECK (valid_to IS NULL OR valid_to > valid_from),
    CHECK (superseded_at IS NULL OR superseded_at >= recorded_at)
);
CREATE UNIQUE INDEX rectification_standing ON layers.rectification (mode, id)
    WHERE superseded_at IS NULL AND valid_to IS NULL;
-- One defect is assigned once: two desks pressing at the same moment make one task.
CREATE UNIQUE INDEX rectification_open ON layers.rectification (mode, subject_layer, subject_id)
    WHERE superseded_at IS NULL AND valid_to IS NULL AND state IN ('assigned', 'received', 'done');
ALTER TABLE layers.rectification OWNER TO onemap_owner;
GRANT SELECT, INSERT ON layers.rectification TO onemap_app;
GRANT UPDATE (superseded_at, valid_to) ON layers.rectification TO onemap_app;

COMMENT ON TABLE layers.rectification IS '整改任务 Who mends a defect or hidden danger by when, one row a state';
COMMENT ON COLUMN layers.rectification.row_id IS '行号，按写入次序 Number of the row, in the order of writing';
COMMENT ON COLUMN layers.rectification.id IS '业务编号 Business number, the same in every version of the row';
COMMENT ON COLUMN layers.rectification.valid_from IS '事实有效起 Time from which it was true';
COMMENT ON COLUMN layers.rectification.valid_to IS '事实有效止（空＝至今） Time until which it was true; empty while it is';
COMMENT ON COLUMN layers.rectification.recorded_at IS '我方获知时间 Time we wrote it down';
COMMENT ON COLUMN layers.rectification.superseded_at IS '被更正时间（空＝现行） Time a correction replaced it; empty while it stands';
COMMENT ON COLUMN layers.rectification.source_system IS '来源系统 System it came from';
COMMENT ON COLUMN layers.rectification.as_of IS '来源所述时点 Time the source speaks about';
COMMENT ON COLUMN layers.rectification.ingested_at IS '到达时间 Time it reached us';
COMMENT ON COLUMN layers.rectification.division_code IS '行政区划代码 GB/T 2260 Division code';
COMMENT ON COLUMN layers.rectification.label IS '密级标签 public, internal or restricted';
COMMENT ON COLUMN layers.rectification.mode IS '数据世界：实战、演练、模拟 live, drill or sim';
COMMENT ON COLUMN layers.rectification.origin IS '来由：底数缺陷 defect 或隐患单 ticket What it came of';
COMMENT ON COLUMN layers.rectification.subject_layer IS '对象所在图层 Layer of the row to be mended';
COMMENT ON COLUMN layers.rectification.subject_id IS '对象编号 Its id; aside-N is a row kept aside from an import';
COMMENT ON COLUMN layers.rectification.subject_name IS '对象名称 Its name when the task was given';
COMMENT ON COLUMN layers.rectification.what IS '整改内容 What is to be mended';
COMMENT ON COLUMN layers.rectification.owner IS '责任单位 Unit that answers for it';
COMMENT ON COLUMN layers.rectification.due_at IS '整改期限 By when';
COMMENT ON COLUMN layers.rectification.state IS '办理状态 assigned, received, done, closed or withdrawn';
COMMENT ON COLUMN layers.rectification.note IS '本步说明 What was said with this step';
COMMENT ON COLUMN layers.rectification.actor IS '本步经办账号 Account that took this step';
COMMENT ON COLUMN layers.rectification.assigned_at IS '派发时间 When it was first given';
COMMENT ON COLUMN layers.rectification.assigned_by IS '派发账号 Account that gave it';
COMMENT ON COLUMN layers.rectification.longitude IS '经度（CGCS2000） Longitude, empty where the subject has no place';
COMMENT ON COLUMN layers.rectification.latitude IS '纬度（CGCS2000） Latitude';

-- Pairs of characters find Chinese in an address, and what is Latin in one is a number that pairs find as well: a second
-- index of its trigrams cost every import a fifth of its writing and served no question.
DROP INDEX IF EXISTS layers.enterprise_address_idx;
