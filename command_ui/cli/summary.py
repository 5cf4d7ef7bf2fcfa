"""What does a person read after an assessment on the command line? A few lines of Chinese; the JSON has the rest."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

_KINDS = {"toxic": "毒害", "flammable": "可燃", "thermal": "热辐射", "overpressure": "超压"}
_STATUS = {"ok": "", "no_data": "无数据", "not_needed": "无需", "failed": "未成"}


def lines(answer: Json) -> list[str]:
    """Lines of the summary of one assessment, as `onemap assess` writes it in JSON."""
    incident = answer["incident"]
    written = [f"事件 {incident['code']} · {incident['title']} · 研判 {incident['run_id']}（模式 {incident['mode']}）"]
    written += _zones(answer["zones"])
    written += _domino(answer.get("domino"))
    written += _confidence(answer.get("confidence"))
    written += _exposure(answer["exposure"])
    written += _routes(answer["routes"])
    written += _evacuation(answer["evacuation"])
    timings = answer["timings"]
    steps = "，".join(f"{step} {seconds:.2f}" for step, seconds in timings.items() if step != "total")
    written.append(f"用时 {timings['total']:.2f} 秒（{steps}）")
    last = answer["receipts"][-1]
    written.append(f"已落盘：第 {answer['receipts'][0]['seq']}–{last['seq']} 条，链头 {last['hash'][:16]}…")
    return written


def _zones(zones: Json) -> list[str]:
    if not zones["features"]:
        return ["影响范围：各级阈值均未达到"]
    parts = []
    for feature in zones["features"]:
        zone = feature["properties"]
        kind = _KINDS.get(zone["kind"], zone["kind"])
        parts.append(f"{kind} {zone['level_name']}（{zone['threshold']:g} {zone['unit']}）{zone['reach_m']:.0f} m")
    return ["影响范围：" + "；".join(parts)]


def _domino(domino: Json | None) -> list[str]:
    if domino is None:
        return []
    if domino["status"] == "no_data":
        return ["多米诺：附近无重大危险源台账，未计算"]
    reached = domino["reached"]
    worst = [row for row in reached if row["escalates"]]
    names = "、".join(
        f"{row['name']}（{row['distance_m']:.0f} m，{row['value']:.3g} {row['unit']}）" for row in worst[:5]
    )
    more = f"，可能升级：{names}{'…' if len(worst) > 5 else ''}" if worst else "，均未达到升级阈值"
    return [f"多米诺：波及其他危险源 {len(reached)} 处" + (more if reached else "")]


def _confidence(found: Json | None) -> list[str]:
    if found is None or not found["reach_m"]:
        return []
    reaches = "；".join(
        f"{name} {row['p10']:.0f}–{row['p90']:.0f} m（中位 {row['p50']:.0f}）" for name, row in found["reach_m"].items()
    )
    return [f"距离的不确定范围 P10–P90（{found['members']} 组）：{reaches}"]


def _exposure(exposure: Json) -> list[str]:
    if exposure["bands"] is None:
        people = "受影响人口：无人口数据（不等于 0 人）"
    else:
        column = "people_day" if exposure["day"] else "people_night"
        bands = "，".join(f"{band['level_name']} {band[column]:,}" for band in exposure["bands"])
        total = sum(band[column] for band in exposure["bands"])
        people = f"受影响人口（{'白天' if exposure['day'] else '夜间'}）：{total:,} 人（分带互不重叠：{bands}）"
    if exposure["facilities"] is None:
        return [people, "敏感目标：无数据"]
    names = "、".join(place["name"] or place["kind"] for place in exposure["facilities"][:5])
    more = f"（{names}{'…' if len(exposure['facilities']) > 5 else ''}）" if names else ""
    return [people, f"敏感目标：{len(exposure['facilities'])} 处{more}"]


def _routes(routes: Json) -> list[str]:
    if routes["status"] == "no_data":
        return ["道路：该地区无路网，路线与疏散未计算"]
    usable = [feature["properties"] for feature in routes["features"] if feature["properties"]["status"] == "ok"]
    assumed = "（入口为假定）" if routes["teams_are"] == "assumed_entry" else ""
    written = [f"封闭路段：{routes['closed_count']:,} 段（路网 {routes['network']}）"]
    if not usable:
        return [*written, f"救援路线{assumed}：无可达路线"]
    first = min(usable, key=lambda row: row["rank"])
    name = first["name"] or first["id"]
    minutes, kilometres = first["travel_time_s"] / 60, (first["length_m"] or 0) / 1000
    return [*written, f"救援路线{assumed}：{len(usable)} 条，首位 {name} {minutes:.1f} 分、{kilometres:.1f} km"]


def _evacuation(leaving: Json) -> list[str]:
    if leaving["people"] is None:
        ways = len(leaving["assignment"]["features"])
        return [
            f"疏散：{_STATUS[leaving['status']] or '无人口数据'}；给出 {ways} 条撤离方向" if ways else "疏散：无数据"
        ]
    if leaving["status"] == "not_needed":
        return ["疏散：范围内无人"]
    left = sum(row["people"] for row in leaving["left_over"])
    goal = "避难所" if leaving["shelters"] else "出口"
    return [f"疏散：{leaving['assigned']:,} 人安排到{goal}，{left:,} 人未安置" + ("（见 left_over）" if left else "")]
