"""What do the risk layers, their legends and the card that explains a colour say?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from command_ui.words.dossier import sentence_of

if TYPE_CHECKING:
    from layers.hazard_level import Step
    from layers.risk_working import RuleStep

RISK: dict[str, tuple[str, str]] = {
    "risk.level.1": ("重大 ≥100", "major, ≥100"),
    "risk.level.2": ("较大 ≥50", "considerable, ≥50"),
    "risk.level.3": ("一般 ≥10", "general, ≥10"),
    "risk.level.4": ("低 ＞0", "low, >0"),
    "risk.word.1": ("重大", "major"),
    "risk.word.2": ("较大", "considerable"),
    "risk.word.3": ("一般", "general"),
    "risk.word.4": ("低", "low"),
    # what a sign drawn by the state of its row stands for
    "symbol.road_closed": ("封闭", "closed"),
    "symbol.road_one_way": ("单向通行", "one way only"),
    "symbol.road_open": ("已解除", "lifted"),
    "risk.legend.nothing.risk_grid": ("空白：没有可计入的对象", "blank: nothing that counts"),
    "risk.legend.nothing.risk_township": ("没有可计入的对象", "nothing that counts"),
    "risk.legend.unseen": ("不在本账号辖区，情况不可见", "not your division: not to be seen"),
    "risk.contour": (
        "个人风险 ≥{value} 次/年（GB 36894，待核对）",
        "individual risk ≥{value} a year (GB 36894, unverified)",
    ),
    "risk.flow": ("危险化学品流向（线宽＝吨位）", "Flow of chemicals (width = tonnes)"),
    "risk.unit.level": ("单元 {level}", "unit: {level}"),
    "risk.firm.level": ("企业登记 {level}", "registered: {level}"),
    # the card of a unit, a square, a township
    "risk.colour.1": ("重大 · 红", "major · red"),
    "risk.colour.2": ("较大 · 橙", "considerable · orange"),
    "risk.colour.3": ("一般 · 黄", "general · yellow"),
    "risk.colour.4": ("低 · 蓝", "low · blue"),
    "risk.colour.none": ("不着色", "no colour"),
    "risk.colour.unseen": ("不可见", "not to be seen"),
    "risk.score.unit": ("R ＝ {score}", "R = {score}"),
    "risk.score.grid": ("分值 {score}", "score {score}"),
    "risk.score.township": ("分值 {score}", "score {score}"),
    "risk.rule": ("着色规则 {rule}", "Colouring rule {rule}"),
    "risk.rule.unit": (
        "构成重大危险源（S ≥ 1）的单元按 R 着色，其余为蓝色；S、R 按 GB 18218-2018",
        "A unit that is a major hazard (S ≥ 1) is coloured by R, any other is blue; S and R by GB 18218-2018",
    ),
    "risk.rule.grid": (
        "分值 ＝ 格内重大危险源单元 R 之和 ＋ 20×重大 ＋ 5×较大 ＋ 1×一般风险企业数；低风险与未定级企业不计。"
        "格为 0.0105°×0.009°，约 1 km；按点位归格",
        "Score = sum of R of the major-hazard units in the square + 20 × enterprises of major, 5 × of considerable, "
        "1 × of general risk; low and ungraded ones do not count. A square is 0.0105° × 0.009°, about 1 km; "
        "what lies in it goes by its point",
    ),
    "risk.rule.township": (
        "分值 ＝ 界内重大危险源单元 R 之和 ＋ 20×重大 ＋ 5×较大 ＋ 1×一般风险企业数；低风险与未定级企业不计。"
        "按点位是否落在乡镇界内归属",
        "Score = sum of R of the major-hazard units within the township + 20 × enterprises of major, 5 × of "
        "considerable, 1 × of general risk; low and ungraded ones do not count. What lies in it goes by its point",
    ),
    "risk.rule.registered": ("着色规则 登记等级", "Colouring rule: as registered"),
    "risk.rule.firm": (
        "颜色即企业登记的风险等级（双重预防），本系统不推算、不更改",
        "The colour is the level the enterprise is registered with (dual prevention); nothing is worked out or changed here",
    ),
    "risk.step.registered": ("登记为{level}", "registered {level}"),
    "risk.step.unregistered": ("未登记", "not registered"),
    "risk.step.least": ("≥ {value}", "≥ {value}"),
    "risk.step.above": ("＞ {value}", "> {value}"),
    "risk.step.nothing": ("＝ {value}", "= {value}"),
    "risk.step.not_major": ("S ＜ {value}", "S < {value}"),
    "risk.step.applies": ("本项适用", "holds here"),
    "risk.work": ("计算过程", "Working"),
    "risk.work.registered": (
        "R ＝ {r}（登记值）；登记中没有可复算的物质构成",
        "R = {r} as registered; the register keeps no substances it could be worked out from",
    ),
    "risk.work.units": ("重大危险源单元 {count} 个：ΣR ＝ {terms} ＝ {r}", "{count} major-hazard units: ΣR = {terms} = {r}"),
    "risk.work.units.one": ("重大危险源单元 1 个：ΣR ＝ {r}", "1 major-hazard unit: ΣR = {r}"),
    "risk.work.units.none": (
        "没有重大危险源单元：ΣR ＝ 0，分值全部来自企业",
        "No major-hazard unit: ΣR = 0, the whole score comes from enterprises",
    ),
    "risk.work.firms": ("{level}风险企业 {count} 家 × {weight} ＝ {adds}", "enterprises of {level} risk: {count} × {weight} = {adds}"),
    "risk.work.total": ("合计 {terms} ＝ {score}", "Sum {terms} = {score}"),
    "risk.work.counts": (
        "所在 1 km 网格与乡镇的分值各计 {adds}",
        "Adds {adds} to the score of its square kilometre and of its township",
    ),
    "risk.work.counts.not": (
        "不计入所在网格与乡镇的分值",
        "Adds nothing to the score of its square kilometre and of its township",
    ),
    "risk.work.left_out": (
        "另有 {count} 个单元不构成重大危险源（S ＜ 1），不计入",
        "{count} more that are no major hazard (S < 1) do not count",
    ),
    "risk.work.empty": (
        "没有重大危险源单元，也没有重大、较大、一般风险企业：没有可计入的对象",
        "No major-hazard unit and no enterprise of major, considerable or general risk: nothing counts",
    ),
    "risk.work.colour": ("{score} {sign} {least} → {colour}", "{score} {sign} {least} → {colour}"),
    "risk.work.colour.not_major": ("不构成重大危险源 → {colour}", "not a major hazard → {colour}"),
    "risk.work.colour.none": ("分值 0 → 不着色", "score 0 → no colour"),
    "risk.parts.units": ("单元 {count} 个", "Units: {count}"),
    "risk.parts.firms": ("企业 {count} 家", "Enterprises: {count}"),
    "risk.parts.uncounted": ("不计入", "not counted"),
    "risk.parts.differs": ("R 复算不一致", "R does not follow"),
    "risk.parts.all": ("全部 {count}", "All {count}"),
    "risk.part.open": ("查看 {name}", "Show {name}"),
    "risk.back": ("返回 {name}", "Back to {name}"),
    "risk.checked": ("来源与核实", "Source and checks"),
    "risk.check.rule": (
        "规则与权重由本系统自定并在此公示，不是国家标准条文",
        "Rule and weights are this system's own, declared here; no standard gives them",
    ),
    "risk.check.standard": ("GB 18218-2018 各表数值：{trust}", "Values of the tables of GB 18218-2018: {trust}"),
    "risk.check.agrees": (
        "按登记的设计最大量与 500 m 内人数复算，R 与登记值一致",
        "Worked out anew from the registered quantities and people within 500 m, R is the registered one",
    ),
    "risk.check.differs": (
        "按登记的设计最大量与 500 m 内人数复算 R ＝ {worked}，与登记值 {registered} 不一致；颜色按登记值",
        "Worked out anew R = {worked}; the register says {registered}; the colour goes by the register",
    ),
    "risk.check.unknown": (
        "登记中没有可复算的物质构成，R 未复核",
        "The register keeps no substances it could be worked out from: R was not checked",
    ),
    "risk.check.parts": (
        "{count} 个单元的 R 由登记数量复算：{agree} 个一致，{differ} 个不一致，{unknown} 个无法复算",
        "R worked out anew, units {count}: {agree} agree, {differ} differ, {unknown} could not be had",
    ),
    "risk.check.firms": ("企业风险等级为登记值，未复核", "Levels of enterprises are as registered, not checked"),
    "risk.source.rule": ("规则 {rule} 由登记数据算出", "worked out by rule {rule} from the registers"),
    "risk.source": ("来源 {sources}，数据时间 {oldest} 至 {newest}", "Source {sources}, rows of {oldest} to {newest}"),
    "risk.source.one": ("来源 {sources}，数据时间 {newest}", "Source {sources}, rows of {newest}"),
    "risk.source.none": ("没有计入任何登记数据", "No register row counts here"),
    "risk.seen.whole": ("只计入本账号可见的数据", "Only what this account may see is counted"),
    "risk.seen.part": (
        "此处有一部分不在本账号辖区：只计入可见的单元与企业，分值与颜色不完整",
        "Part of this lies outside this account's divisions: only what it may see is counted, score and colour are not whole",
    ),
    "risk.seen.none": (
        "此处不在本账号辖区：其单元与企业不可见，分值与颜色未知；图上画斜线处不表示无风险",
        "Outside this account's divisions: its units and enterprises cannot be seen, score and colour are unknown; "
        "hatched on the map, which does not mean no risk",
    ),
}  # fmt: skip
_LEVELS: Mapping[int, tuple[str, str]] = {1: ("重大", "major"), 2: ("较大", "considerable"), 3: ("一般", "general")}


def line_of(step: "Step", names: Mapping[str, str], language: Literal["zh", "en"]) -> str:
    """Write one line of the working of a colour; lines of GB 18218 as everywhere else."""
    at = 0 if language == "zh" else 1
    code = f"risk.work.{step.code}"
    if code not in RISK:
        return sentence_of(step, names, language)
    values = dict(step.values)
    if "level" in values:
        values["level"] = _LEVELS[int(values["level"])][at]
    if "colour" in values:
        values["colour"] = colour_word(values["colour"], language)
    return RISK[code][at].format(**values)


def step_of(step: "RuleStep", language: Literal["zh", "en"]) -> str:
    """Write the bound of one step of the rule."""
    return RISK[f"risk.step.{step.code}"][0 if language == "zh" else 1].format(value=f"{step.value:g}")


def colour_word(colour: int | None, language: Literal["zh", "en"]) -> str:
    """Word of a level with its colour."""
    return RISK[f"risk.colour.{colour or 'none'}"][0 if language == "zh" else 1]
