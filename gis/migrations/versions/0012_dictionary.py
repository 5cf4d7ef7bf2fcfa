"""What does every column mean? The data dictionary is made from these comments; a test fails where one is missing."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RIGHTS = (
    "publish.may_read(text, text, text)",
    "layers.risk_colour(numeric)",
    "layers.risk_stamp()",
    "layers.risk_working(numeric, bigint, bigint, bigint)",
)

# Columns that mean the same wherever they stand.
COMMON = {
    "row_id": "行号，按写入次序 Number of the row, in the order of writing",
    "id": "业务编号 Business number, the same in every version of the row",
    "valid_from": "事实有效起 Time from which it was true",
    "valid_to": "事实有效止（空＝至今） Time until which it was true; empty while it is",
    "recorded_at": "我方获知时间 Time we wrote it down",
    "superseded_at": "被更正时间（空＝现行） Time a correction replaced it; empty while it stands",
    "source_system": "来源系统 System it came from",
    "as_of": "来源所述时点 Time the source speaks about",
    "ingested_at": "到达时间 Time it reached us",
    "division_code": "行政区划代码 GB/T 2260 Division code",
    "label": "密级标签 public, internal or restricted",
    "mode": "数据世界：实战、演练、模拟 live, drill or sim",
    "name": "名称 Name",
    "short_name": "简称 Short name",
    "pinyin": "名称全拼 Full pinyin of the name",
    "initials": "名称拼音首字母 Pinyin initials of the name",
    "geometry": "位置，CGCS2000 经纬度 Place in CGCS2000 degrees",
    "world_x": "瓦片坐标 x（0–1） Place on the tile pyramid, eastward",
    "world_y": "瓦片坐标 y（0–1） Place on the tile pyramid, southward",
    "risk_rank": "抽稀优先级，大者先显示 Which point a thinned tile keeps",
    "risk_level": "四色风险 1 重大 2 较大 3 一般 4 低 Four-colour risk",
    "hazard_level": "重大危险源级别 1–4（GB 18218） Major-hazard level",
    "enterprise_id": "所属企业编号 Enterprise it belongs to",
    "enterprise_name": "所属企业名称 Name of that enterprise",
    "address": "地址 Address",
    "phone": "电话 Telephone",
    "manager": "负责人 Person in charge",
    "owner": "权属或责任单位 Unit that owns it or answers for it",
    "kind": "类别代码 Code of the kind",
    "status": "状态代码 Code of the state",
    "state": "办理状态 State of handling",
    "people": "人数（白天） People, by day where it differs",
    "people_night": "夜间人数 People by night",
    "substance": "物质名称 Substance",
    "cas_number": "CAS 号 CAS number",
    "un_number": "联合国编号 UN number",
    "uscc": "统一社会信用代码 GB 32100 Unified social credit code",
    "quantity": "数量或测量量 Quantity, or what is measured",
    "unit": "计量单位 Unit",
    "threshold": "报警值 Alarm threshold",
    "threshold_high": "高报值 High alarm threshold",
    "place": "位置说明 Where, in words",
    "stock_t": "在库量 t Stock in t",
    "actor": "操作者账号 Account that did it",
    "network": "路网名称 Road network",
    "reason": "原因 Reason",
    "recorded_by": "记录人 Who wrote it down",
    "longitude": "经度 Longitude, degrees",
    "latitude": "纬度 Latitude, degrees",
    "layer": "图层 Layer",
    "source": "来源 Source",
    "added": "新增行数 Rows added",
    "changed": "变更行数 Rows changed",
    "rejected": "拒收 Rows refused",
    "fault": "失败原因 What went wrong",
    "min_zoom": "最小显示级别 Least zoom it is drawn at",
    "max_zoom": "最大显示级别 Largest zoom it is drawn at",
    "rank": "标注优先级 Weight of a label",
    "angle_deg": "标注角度 Angle of a label, degrees",
    "text": "标注文字 Text of a label",
    "incident_id": "事件编号 Incident",
    "hash_ver": "散列方法版本 Version of the hashing",
    "interval_s": "上报间隔 s Reporting interval in s",
    "observed_at": "观测时间 Time of the observation",
    "occurred_at": "发生时间 Time it happened",
    "received_at": "接收时间 Time of receipt",
    "cursor": "变更游标 Cursor of the feed",
    "rows": "行数 Number of rows",
    "dataset": "数据集 Data set",
    "seq": "序号 Number in order",
    "xid": "写入事务号 Transaction that wrote it",
}

OF_TABLE = {
    "access.account": {
        "id": "账号序号 Number of the account",
        "name": "登录名 Name to sign in with",
        "display_name": "显示名 Name shown",
        "role": "角色代码 Role",
        "division_from": "可见区划起（含） First division seen",
        "division_to": "可见区划止（不含） First division no longer seen",
        "password_hash": "口令散列 Argon2id Hash of the password",
        "disabled": "停用 Whether it is switched off",
        "failures": "连续失败次数 Failures in a row",
        "first_failure_at": "首次失败时间 Time of the first of them",
        "locked_until": "锁定至 Locked until",
        "created_at": "建立时间 Time it was made",
        "password_changed_at": "口令更改时间 Time the password was changed",
        "last_sign_in_at": "最近登录 Latest sign-in",
    },
    "access.door": {
        "id": "序号 Number",
        "at": "时间 Time",
        "what": "动作 What was tried",
        "name": "登录名 Name given",
        "address": "来源地址 Address it came from",
        "request_id": "请求编号 Number of the request",
    },
    "access.session": {
        "token_sha256": "令牌散列 Hash of the token",
        "handle": "会话公开编号 Public name of the session",
        "account_id": "账号 Account",
        "csrf_token": "表单令牌 Token of forms",
        "address": "来源地址 Address it came from",
        "opened_at": "登录时间 Time of sign-in",
        "last_seen_at": "最近活动 Last seen",
        "idle_limit": "空闲时限 Idle limit",
        "ends_at": "到期时间 Time it ends",
    },
    "ground.alembic_version": {"version_num": "库结构版本 Version of the schema"},
    "layers.alarm": {
        "tag_id": "测点编号 Sensor",
        "title": "告警标题 Title",
        "value": "数值 Value",
        "severity": "严重程度 0–3 Severity",
        "known_at": "接到时间 Time we were told",
    },
    "layers.base_area": {"id": "序号 Number"},
    "layers.base_label": {"id": "序号 Number"},
    "layers.base_line": {
        "id": "序号 Number",
        "class": "道路等级 Class of road",
        "bridge": "桥 Bridge",
        "tunnel": "隧道 Tunnel",
    },
    "layers.camera": {
        "bearing_deg": "朝向 ° Bearing, degrees",
        "view_deg": "视角 ° Field of view, degrees",
        "range_m": "可视距离 m Range in m",
    },
    "layers.chemical_flow": {
        "from_id": "发出单元 Unit that sent it",
        "from_name": "发出单元名称 Its name",
        "to_id": "接收单元 Unit that took it",
        "to_name": "接收单元名称 Its name",
        "quantity_t": "数量 t Quantity in t",
        "moved_on": "日期 Day",
    },
    "layers.data_import": {
        "id": "导入编号 Number of the import",
        "file_name": "文件名 File",
        "content_key": "内容散列 Hash of the content",
        "datum": "坐标基准 Datum of the coordinates",
        "mapping": "字段对应 Columns matched",
        "began_at": "开始时间 Time it began",
        "unchanged": "未变行数 Rows unchanged",
        "aside": "另存行数 Rows kept aside",
        "undone_at": "撤销时间 Time it was undone",
        "undone_by": "撤销人 Who undid it",
    },
    "layers.division": {"level": "层级 city, county or township", "parent_id": "上级代码 Division above"},
    "layers.enterprise": {
        "industry": "行业代码 GB/T 4754 Industry",
        "sectors": "风险行业（集合） Set of risk sectors",
        "size_class": "规模 Size class",
        "above_scale": "规模以上 Above scale",
        "people": "职工人数 Employees",
        "on_shift": "在岗人数 People on a shift",
        "safety_head": "安全负责人 Head of safety",
        "duty_phone": "24 小时值守电话 Duty telephone",
    },
    "layers.hazard_source": {
        "unit_kind": "单元类型 Storage or production",
        "design_max_t": "设计最大量 t Design maximum in t",
        "substances": "物质明细 Substances with quantities",
        "people_within_500m": "厂外 500 m 内人数 People within 500 m",
        "s_value": "辨识指标 S Index S",
        "r_value": "分级指标 R Index R",
        "is_major": "是否重大危险源 Whether S is 1 or more",
    },
    "layers.import_aside": {
        "id": "序号 Number",
        "import_id": "导入编号 Import",
        "row_key": "行键 Key of the row",
        "row_number": "文件行号 Row of the file",
        "rules": "未过规则 Rules it failed",
        "reasons": "原因 Reasons",
        "raw": "原始内容 Row as it came",
        "kept_at": "留存时间 Time it was kept",
        "settled_at": "了结时间 Time it was settled",
    },
    "layers.import_change": {
        "import_id": "导入编号 Import",
        "new_row": "新行号 Row it wrote",
        "old_row": "旧行号 Row it replaced",
    },
    "layers.inventory_ledger": {
        "hazard_source_id": "危险源编号 Hazard source",
        "ledger_day": "日期 Day",
        "in_t": "入库 t In, t",
        "out_t": "出库 t Out, t",
        "stock_t": "结存 t Closing stock, t",
    },
    "layers.population_cell": {"day": "白天人口 People by day", "night": "夜间人口 People by night"},
    "layers.register_row": {
        "register": "登记簿 Register",
        "due_on": "到期日 Due on",
        "attributes": "登记簿自有列 Columns of the register alone",
    },
    "layers.register_sync": {
        "id": "序号 Number",
        "register": "登记簿 Register",
        "tried_at": "同步时间 Time of the attempt",
        "succeeded": "是否成功 Whether it worked",
        "ended": "终止行数 Rows ended",
    },
    "layers.risk_point": {
        "r": "单元 R 值 R of a major-hazard unit",
        "firms_1": "重大风险企业 1 for an enterprise of risk 1",
        "firms_2": "较大风险企业 1 for an enterprise of risk 2",
        "firms_3": "一般风险企业 1 for an enterprise of risk 3",
    },
    "layers.rescue_team": {"vehicles": "车辆数 Vehicles", "people": "人数 People"},
    "layers.risk_contour": {
        "frequency_per_year": "个人风险 次/年 Individual risk per year",
        "units": "计入单元数 Units counted",
        "hours": "风况小时数 Hours of wind",
        "run": "计算依据 Inputs and versions of the run",
    },
    "layers.shelter": {
        "level": "级别 Level",
        "capacity": "容量 Capacity",
        "occupancy": "已入住 Places taken",
        "effective_area_m2": "有效面积 m² Effective area",
        "indoor_gas_tight": "可密闭避毒 Gas-tight refuge",
    },
    "layers.supply_stock": {
        "store_id": "储备库编号 Store",
        "code": "物资编码 GB/T 38565 Code of the supply",
        "readiness": "完好状态 Readiness",
        "expires_on": "失效日期 Expires on",
        "counted_on": "盘点日期 Counted on",
    },
    "layers.tag": {"last_value": "最近值 Latest value", "last_at": "读数时间 Time of it"},
    "layers.weather_observation": {
        "station_id": "站号 Station",
        "station_name": "站名 Name of the station",
        "wind_from_deg": "来风方向 ° Wind from, degrees",
        "wind_speed_m_s": "风速 m/s Wind speed",
        "temperature_c": "气温 ℃ Temperature",
        "relative_humidity": "相对湿度 0–1 Humidity",
        "stability": "稳定度 A–F Stability class",
    },
    "record.entry": {
        "pos": "全局位置 Position in the log",
        "kind": "事件类型 Kind of event",
        "caused_by": "因由 Entry that caused it",
        "idem_key": "幂等键 Key against doubles",
        "idem_print": "请求指纹 Print of the request",
        "payload_canon": "规范文本（被散列者） Canonical text that is hashed",
        "payload": "内容 Content",
        "prev_hash": "前一条散列 Hash of the one before",
        "hash": "本条散列 Hash",
    },
    "record.incident_head": {
        "incident_id": "事件编号 Incident",
        "code": "事件代码 Code people say",
        "opened_by": "立案人 Who opened it",
        "opened_at": "立案时间 Time it was opened",
        "genesis_hash": "起始散列 First hash",
        "last_seq": "最新序号 Latest number",
        "last_hash": "最新散列 Latest hash",
        "last_at": "最新时间 Latest time",
    },
    "record.incident_number": {"prefix": "前缀 Prefix", "year": "年份 Year", "last": "已用到 Last number used"},
    "roads.closure": {
        "id": "序号 Number",
        "area": "封闭范围 Area",
        "way_id": "路段编号 Way",
        "direction": "方向 Direction",
        "speed_factor": "速度折减 Share of the usual speed",
        "valid_until": "封闭至 Closed until",
        "withdrawn_by": "撤销人 Who lifted it",
        "withdrawn_at": "撤销时间 Time it was lifted",
        "known_as": "事件记录中的编号 Name in the record of the incident",
        "mode": "数据世界 live, drill or sim",
    },
    "roads.edit": {
        "id": "序号 Number",
        "way_id": "路段编号 Way",
        "attribute": "属性 Attribute",
        "value": "值 Value",
    },
    "roads.version": {
        "version": "版本 Version",
        "source_sha256": "源文件散列 Hash of the source",
        "counts": "计数 Counts",
        "report": "报告 Report",
        "built_by": "建立人 Who built it",
        "built_at": "建立时间 Time it was built",
    },
    "exchange.change": {
        "row_id": "变更的行号 Row that changed",
        "action": "put 出现，end 不再有效 Came, or ceased to stand",
    },
    "exchange.receipt": {
        "id": "序号 Number",
        "consumer": "接收方账号 Account that received",
        "rejected": "拒收明细 Rows refused, with reasons",
    },
    "sensing.known_point": {
        "code": "点位编码 Code",
        "device_id": "网关编号 Gateway",
        "tag_id": "测点编号 Sensor",
        "hysteresis": "回差 Hysteresis",
        "rising": "升高为异常 Whether a rise is what alarms",
        "device_status": "设备状态 State of the gateway",
    },
}

# What stands without a meaning of its own takes the common one; partitions take that of their parent.
DESCRIBE = """
DO $$
DECLARE
    place record;
BEGIN
    FOR place IN
        SELECT space.nspname AS space, own.relname AS name, att.attname AS att
        FROM pg_class AS own JOIN pg_namespace AS space ON space.oid = own.relnamespace
        JOIN pg_attribute AS att ON att.attrelid = own.oid
        WHERE att.attname = 'COLUMN' AND NOT att.attisdropped AND own.relkind IN ('r', 'p', 'v')
            AND space.nspname IN ('layers', 'publish', 'exchange', 'access', 'record', 'roads', 'sensing', 'ground')
            AND col_description(own.oid, att.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', place.space, place.name, place.att, 'MEANING');
    END LOOP;
END
$$
"""


def upgrade() -> None:
    """Apply."""
    for one in RIGHTS:
        op.execute(f"GRANT EXECUTE ON FUNCTION {one} TO onemap_app")
    for table, columns in OF_TABLE.items():
        for column, meaning in columns.items():
            op.execute(f"COMMENT ON COLUMN {table}.{column} IS '{meaning}'")
    inherited = {column: meaning for columns in OF_TABLE.values() for column, meaning in columns.items()}
    for column, meaning in (inherited | COMMON).items():
        if meaning:
            op.execute(DESCRIBE.replace("COLUMN'", f"{column}'").replace("MEANING", meaning))
    for column, meaning in {
        "score": "风险分值（规则 onemap-risk-1） Score of the rule",
        "working": "算式 The rule worked out",
    }.items():
        op.execute(DESCRIBE.replace("COLUMN'", f"{column}'").replace("MEANING", meaning))


def downgrade() -> None:
    """Comments stay: they describe what is there."""
