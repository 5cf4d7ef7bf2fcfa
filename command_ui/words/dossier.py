"""What do the dossier page, the working of GB 18218 and the ledger say?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from layers.hazard_level import Step

DOSSIER: dict[str, tuple[str, str]] = {
    "page.dossier": ("企业档案", "Dossier"),
    "page.dossier.hint": ("一企一档、危险源、台账", "One enterprise: units, ledgers, checks"),
    "file.pick": (
        "在搜索框或地图上选一家企业，打开它的档案",
        "Choose an enterprise on the map or by the search to open its dossier",
    ),
    "file.recent": ("重大危险源单位", "Major-hazard enterprises"),
    "file.root": ("企业档案", "Dossiers"),
    "file.locate": ("定位", "Locate"),
    "file.export": ("导出", "Export"),
    "file.report": ("接报登记", "Report incident"),
    "file.level": ("重大危险源 {level}", "Major hazard, {level}"),
    "file.risk": ("风险 {level}", "Risk {level}"),
    "file.tab.overview": ("概况", "Overview"),
    "file.tab.units": ("危险源", "Units"),
    "file.tab.process": ("工艺装置", "Process plant"),
    "file.tab.ledger": ("物资台账", "Ledgers"),
    "file.tab.plans": ("预案", "Plans"),
    "file.tab.checks": ("检查隐患", "Inspections"),
    "file.tab.sensing": ("监测视频", "Sensors, video"),
    "file.tab.around": ("周边目标", "Around"),
    "file.tab.history": ("历史", "History"),
    "file.basic": ("基本信息", "Basic facts"),
    "file.place": ("位置与周边", "Place"),
    "file.place.ring": ("厂界、500 m 范围", "Works and 500 m around"),
    "file.place.assumed": (
        "厂界未入库，按半径 {metres} m 计",
        "Boundary not in the register: a radius of {metres} m is taken",
    ),
    "file.place.people": ("厂外 500 m 内 {people} 人", "{people} people within 500 m"),
    "file.quality": ("底数质量", "Data quality"),
    "file.quality.none": ("没有可做的检查", "Nothing to check"),
    "file.pass": ("通过", "passed"),
    "file.fail": ("未过", "failed"),
    "file.check.uscc": ("信用代码校验位", "Credit-code check character"),
    "file.check.inside_division": ("坐标在所报区划内", "Place inside its division"),
    "file.check.stock_below_design": ("在库 ≤ 设计最大", "Stock ≤ design maximum"),
    "file.check.balanced": ("台账收支平衡", "Ledger balances"),
    "file.check.level_agrees": ("登记级别与复算一致", "Registered level equals the one worked out"),
    "file.check.fresh": ("一年内有更新", "Updated within a year"),
    "file.gb": ("重大危险源辨识 GB 18218", "Major hazards, GB 18218"),
    "file.gb.unit": ("单元", "Unit"),
    "file.gb.substance": ("物质", "Substance"),
    "file.gb.design": ("设计最大量", "Design maximum"),
    "file.gb.stock": ("在库", "In stock"),
    "file.gb.threshold": ("临界量", "Threshold"),
    "file.gb.level": ("级别", "Level"),
    "file.gb.none": ("没有登记危险源单元", "No hazard units in the register"),
    "file.gb.working": ("查看计算", "Show the working"),
    "file.gb.hide": ("收起计算", "Hide the working"),
    "file.gb.rule": (
        "R＝α·Σ(β·q/Q)，按设计最大量计；α＝{alpha}（厂外 500 m 内 {people} 人）",
        "R = α·Σ(β·q/Q), by design maximum; α = {alpha} ({people} people within 500 m)",
    ),
    "file.gb.differs": (
        "登记为 {registered}，复算为 {found}：须核对",
        "Registered as {registered}, worked out as {found}: check",
    ),
    "file.gb.agrees": ("与登记级别一致", "Agrees with the register"),
    "file.gb.not": ("不构成重大危险源", "not a major hazard"),
    "file.gb.trust": (
        "表值据公开文本录入，待与印刷本核对",
        "Tables typed from a public copy; to be checked against the printed text",
    ),
    "file.stock": ("{substance}在库（{days} 日）", "{substance} in stock ({days} days)"),
    "file.stock.design": ("设计最大 {value} t", "Design maximum {value} t"),
    "file.stock.agrees": ("台账一致", "Balances"),
    "file.stock.off": ("收支不平", "Does not balance"),
    "file.stock.over": ("超设计最大量", "Above design maximum"),
    "file.stock.none": ("没有台账", "No ledger"),
    "file.ledger.day": ("日期", "Day"),
    "file.ledger.opening": ("期初 (t)", "Opening (t)"),
    "file.ledger.in": ("入库 (t)", "In (t)"),
    "file.ledger.out": ("出库 (t)", "Out (t)"),
    "file.ledger.closing": ("结存 (t)", "Closing (t)"),
    "file.ledger.off": ("差额 (t)", "Imbalance (t)"),
    "file.flows": ("流向", "Movements"),
    "file.flows.in": ("来自 {name}", "from {name}"),
    "file.flows.out": ("发往 {name}", "to {name}"),
    "file.flows.none": ("15 日内无站点间转移", "No movement between sites in 15 days"),
    "file.sensing": ("监测与视频", "Sensors and video"),
    "file.sensing.count": ("{tags} 个测点 · {cameras} 路视频", "{tags} sensors · {cameras} cameras"),
    "file.sensing.none": ("没有登记测点与视频", "No sensors or cameras in the register"),
    "file.around": ("{metres} m 内的防护目标", "Protection targets within {metres} m"),
    "file.around.none": ("范围内没有防护目标", "No protection target in range"),
    "file.around.day": ("白天 {people} 人", "{people} by day"),
    "file.not_connected": ("未接入", "Not connected"),
    "file.not_connected.text": (
        "{name}尚未接入：接入后此处显示条目、来源与更新时间；在此之前不显示任何推测",
        "{name}: not connected yet. Rows, source and age appear here once it is; nothing is guessed until then",
    ),
    "file.history.change": ("{time} 登记版本", "Version recorded {time}"),
    "file.history.valid": ("有效自 {since}", "valid since {since}"),
    "file.history.now": ("现行", "current"),
    "file.history.ended": ("失效于 {time}", "until {time}"),
    "file.history.over": ("已更正 {time}", "corrected {time}"),
    "file.as_of": ("更新 {time}", "as of {time}"),
    "file.source": ("来源 {source}", "source {source}"),
    "file.none": ("无记录", "No rows"),
    "file.loading": ("正在读取档案…", "Reading the dossier…"),
    "file.failed": ("档案读取失败：{reason}", "The dossier could not be read: {reason}"),
    "file.retry": ("重试", "Try again"),
    "file.open": ("打开档案", "Open dossier"),
    # the working of GB 18218, line by line
    "work.ratio": (
        "{substance}：q/Q ＝ {q} t ÷ {threshold} t ＝ {ratio}",
        "{substance}: q/Q = {q} t ÷ {threshold} t = {ratio}",
    ),
    "work.sum": ("S ＝ {terms} ＝ {s}", "S = {terms} = {s}"),
    "work.sum.one": ("S ＝ {s}", "S = {s}"),
    "work.identify.yes": ("S ＝ {s} ≥ 1，构成重大危险源", "S = {s} ≥ 1: a major hazard"),
    "work.identify.no": ("S ＝ {s} ＜ 1，不构成重大危险源", "S = {s} < 1: not a major hazard"),
    "work.weighted": (
        "{substance}：β·q/Q ＝ {beta} × {ratio} ＝ {weighted}",
        "{substance}: β·q/Q = {beta} × {ratio} = {weighted}",
    ),
    "work.alpha": ("厂外 500 m 内 {people} 人，α ＝ {alpha}", "{people} people within 500 m: α = {alpha}"),
    "work.grade": ("R ＝ α·Σ ＝ {alpha} × {sum} ＝ {r}", "R = α·Σ = {alpha} × {sum} = {r}"),
    "work.level": ("R ＝ {r}，{level}", "R = {r}: {level}"),
    "work.table": ("表 {table}", "table {table}"),
    "trust.two_sources": ("两处来源一致", "two sources agree"),
    "trust.one_source": ("单一来源，待核对", "one source, to be checked"),
    "trust.unverified": ("未核实", "unverified"),
    "trust.measured": ("实测", "measured"),
    "trust.derived": ("推算", "derived"),
    "trust.sources_differ": ("来源不一", "sources differ"),
}

_LEVELS: Mapping[int, tuple[str, str]] = {
    1: ("一级", "level 1"),
    2: ("二级", "level 2"),
    3: ("三级", "level 3"),
    4: ("四级", "level 4"),
}


def sentence_of(step: "Step", names: Mapping[str, str], language: Literal["zh", "en"]) -> str:
    """Write one line of the working of GB 18218; `names` gives what a substance's code is called."""
    at = 0 if language == "zh" else 1
    values = dict(step.values)
    code = f"work.{step.code}"
    if step.code == "identify":
        code += ".yes" if values["is_major"] else ".no"
    if step.code == "sum" and values["terms"] == values["s"]:
        code += ".one"
        del values["terms"]
    if "substance" in values:
        values["substance"] = names.get(str(values["substance"]), str(values["substance"]))
    if step.code == "level":
        values["level"] = _LEVELS[int(values["level"])][at]
    return DOSSIER[code][at].format(**values)
