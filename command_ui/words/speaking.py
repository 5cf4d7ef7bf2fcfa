"""What does the house say to people, in Chinese first and in English beside it?"""

from functools import cache
from typing import Literal

from command_ui.words.accounts import ACCOUNTS
from command_ui.words.alarms import ALARMS
from command_ui.words.analysis import ANALYSIS
from command_ui.words.basemap import BASEMAP
from command_ui.words.briefing import BRIEFING
from command_ui.words.consultation import CONSULTATION
from command_ui.words.data import DATA
from command_ui.words.desk import DESK
from command_ui.words.dossier import DOSSIER
from command_ui.words.drill import DRILL
from command_ui.words.exercises import EXERCISES
from command_ui.words.faults import FAULTS
from command_ui.words.field import FIELD
from command_ui.words.guide import GUIDE
from command_ui.words.hazard import HAZARD
from command_ui.words.injects import INJECTS
from command_ui.words.intake import INTAKE
from command_ui.words.mapprint import MAPPRINT
from command_ui.words.marks import MARKS
from command_ui.words.messages import MESSAGES
from command_ui.words.nodes import NODES
from command_ui.words.notes import NOTES
from command_ui.words.orders import ORDERS
from command_ui.words.personal import PERSONAL
from command_ui.words.plans import PLANS
from command_ui.words.record import RECORD
from command_ui.words.replay import REPLAY
from command_ui.words.report import REPORT
from command_ui.words.report_lines import REPORT_LINES
from command_ui.words.risk import RISK
from command_ui.words.roads import ROADS
from command_ui.words.source import SOURCE
from command_ui.words.threat import THREAT
from command_ui.words.wall import WALL
from command_ui.words.within import WITHIN

Language = Literal["zh", "en"]

_PAGE: dict[str, tuple[str, str]] = {
    "app.name": ("应急管理一张图", "EGIS One Map"),
    "app.window": ("应急管理一张图 · 值班台", "EGIS One Map · Duty desk"),
    "app.centre": ("{city}应急指挥中心", "{city} Emergency Command Centre"),
    "city.990100": ("演练市", "Drill City"),
    "common.close": ("关闭", "Close"),
    "common.updated": ("更新 {time}", "Updated {time}"),
    "format.date": ("{year}年{month}月{day}日 {weekday}", "{day}/{month}/{year} {weekday}"),
    "format.days": ("{days} 天 {hours} 时", "{days} d {hours} h"),
    "unit.minutes": ("分", "min"),
    "weekday.Mon": ("周一", "Mon"),
    "weekday.Tue": ("周二", "Tue"),
    "weekday.Wed": ("周三", "Wed"),
    "weekday.Thu": ("周四", "Thu"),
    "weekday.Fri": ("周五", "Fri"),
    "weekday.Sat": ("周六", "Sat"),
    "weekday.Sun": ("周日", "Sun"),
    # app bar
    "mode.live": ("实战", "LIVE"),
    "mode.drill": ("演练", "DRILL"),
    "mode.sim": ("模拟", "SIMULATION"),
    "mode.live.mark": ("", ""),
    "mode.drill.mark": ("演练", "DRILL"),
    "mode.sim.mark": ("模拟", "SIMULATION"),
    "services.good": ("全部服务正常", "All services up"),
    "services.bad": ("{count} 项服务异常", "{count} services in trouble"),
    "service.layers": ("图层数据不可用", "layer data unavailable"),
    "service.record": ("事件记录不可用", "incident record unavailable"),
    "service.roads": ("尚无路网，路线与疏散不可算", "no road network: no routes, no evacuation"),
    "bar.pages": ("打开页面菜单", "Open the list of pages"),
    "page.map": ("值班台", "Duty desk"),
    "page.map.hint": ("一张图、事件、研判", "The map, incidents, assessments"),
    "bar.fold": ("收起或展开左栏", "Fold or unfold the left column"),
    "bar.quiet": ("无在办事件", "No open incident"),
    "weather.none": ("气象未接入", "No weather station"),
    "weather.humidity": ("湿度 {value}%", "RH {value}%"),
    "weather.stability": ("{value} 级", "class {value}"),
    "weather.as_of": ("更新 {time}", "at {time}"),
    "wind.n": ("北风", "N wind"),
    "wind.ne": ("东北风", "NE wind"),
    "wind.e": ("东风", "E wind"),
    "wind.se": ("东南风", "SE wind"),
    "wind.s": ("南风", "S wind"),
    "wind.sw": ("西南风", "SW wind"),
    "wind.w": ("西风", "W wind"),
    "wind.nw": ("西北风", "NW wind"),
    "menu.title": ("用户菜单", "User menu"),
    "menu.light": ("浅色主题", "Light theme"),
    "menu.dark": ("深色主题", "Dark theme"),
    "menu.language": ("English", "中文"),
    "menu.keys": ("快捷键", "Keyboard"),
    "menu.leave": ("退出登录", "Sign out"),
    "role.operator": ("值班员", "Operator"),
    "role.commander": ("指挥长", "Commander"),
    "role.expert": ("专家", "Expert"),
    "role.viewer": ("成员单位", "Member department"),
    "role.wall": ("值守大屏", "Wall"),
    "role.machine": ("系统", "System"),
    "role.field": ("现场队伍", "Field team"),
    "role.device": ("测点网关", "Gateway"),
    "role.enterprise": ("企业值班", "Enterprise duty desk"),
    "role.controller": ("导调员", "Drill controller"),
    "role.evaluator": ("评估员", "Evaluator"),
    "role.system_admin": ("系统管理员", "System administrator"),
    "role.security_admin": ("安全管理员", "Security administrator"),
    "role.audit_admin": ("审计管理员", "Audit administrator"),
    "role.pending": ("待授权", "Awaiting rights"),
    # keys and line
    "keys.title": ("快捷键", "Keyboard"),
    "keys.search": ("搜索地名、企业、代码", "Search places, enterprises, codes"),
    "keys.tabs": ("切换右侧页签", "Tabs on the right"),
    "keys.note": ("写一条日志", "Write a log line"),
    "keys.report": ("接报登记", "Report an incident"),
    "keys.measure": ("测距", "Measure"),
    "keys.layers": ("图层", "Layers"),
    "keys.follow": ("暂停或跟随实时", "Hold or follow live"),
    "keys.step": ("时间轴上一条、下一条", "Previous, next entry"),
    "keys.escape": ("关闭面板、结束测距", "Close panels, stop measuring"),
    "keys.list": ("显示本表", "Show this list"),
    "line.lost": (
        "与服务器的连接在 {time} 断开，正在自动重连；画面保留断开前的数据",
        "The line to the server broke at {time}; reconnecting. The page keeps what it last knew",
    ),
    "line.reload": ("刷新页面", "Reload"),
    "line.back": ("连接已恢复，数据已更新", "The line is back and the data are fresh"),
    # queue
    "queue.title": ("事件与提醒", "Incidents"),
    "queue.look": ("{count} 项须看", "{count} to look at"),
    "queue.open": ("在办 {count}", "Open {count}"),
    "queue.closed": ("已结 {count}", "Closed {count}"),
    "queue.none.open": ("无在办事件", "No open incident"),
    "queue.none.closed": ("无已结事件", "No closed incident"),
    "queue.none.hint": ("接到报告后点“接报登记”", "Press “Report incident” when a call comes in"),
    "queue.known": ("接报 {time}", "known {time}"),
    "queue.report": ("接报登记", "Report incident"),
    "clock.first_report_phone": ("电话首报（本市 {minutes} 分）", "Phone report (city rule, {minutes} min)"),
    "clock.first_report_written": (
        "书面首报（493 号令 ≤ {hours} 小时）",
        "Written report (Order 493, {hours} h)",
    ),
    "clock.first_team": ("首支队伍到场 · {subject}", "First team · {subject}"),
    "clock.due": ("截止 {time}", "due {time}"),
    "clock.expected": ("预计 {time}", "expected {time}"),
    "clock.done": ("已完成 {time}", "done {time}"),
    "clock.over": ("超时 {span}", "late {span}"),
    "badge.grade": ("等级 {grade}", "Grade {grade}"),
    "badge.grade_open": ("等级 待确认", "Grade not confirmed"),
    "badge.response": ("响应 {level}", "Response {level}"),
    "badge.response_none": ("响应 未启动", "Response not started"),
    "badge.help": ("求助 {count}", "Calls for help: {count}"),
    "badge.run": ("研判实时", "Assessed"),
    "badge.run_review": ("待复核", "To be reviewed"),
    "badge.run_none": ("尚无研判", "Not assessed"),
    "notice.title": ("提醒 · 随研判更新", "To look at"),
    "notice.none": ("暂无提醒", "Nothing to look at"),
    "notice.show": ("定位", "Show"),
    "notice.reached": ("已到", "reached"),
    "notice.target": ("毒云将到 {name}", "Cloud reaches {name}"),
    "notice.target.detail": ("{level} · {people} 人", "{level} · {people} people"),
    "notice.left_over": ("{people} 人未安置", "{people} people without a shelter"),
    "notice.left_over.detail": ("无避毒路线或避难所已满", "no safe route, or shelters full"),
    "notice.shelter": ("避难所不可用：{name}", "Shelter not usable: {name}"),
    "notice.route": ("队伍到不了现场：{name}", "Team cannot reach the scene: {name}"),
    "notice.review": ("研判待复核", "Assessment to be reviewed"),
    "notice.review.detail": ("源项或气象已变", "source or weather has changed"),
    "notice.no_run": ("事件尚无研判", "Incident not assessed yet"),
    "notice.no_run.detail": ("{title}", "{title}"),
    "notice.no_data": ("{part}无数据", "No data for {part}"),
    "notice.no_data.detail": ("该地区未接入，结果不含此项", "not connected here; left out of the result"),
    "feeds.title": ("数据接入", "Data feeds"),
    # states
    "state.live": ("实时", "Live"),
    "state.ok": ("正常", "OK"),
    "state.ready": ("待命", "Ready"),
    "state.stale": ("过期", "Stale"),
    "state.offline": ("离线", "Offline"),
    "state.offline_base": ("离线", "Offline"),
    "state.none": ("未接入", "Not connected"),
    "state.empty": ("无数据", "No rows"),
    "state.undone": ("尚未计算", "Not worked out"),
    "state.missing": ("未接入", "Not connected"),
    "state.drill": ("演练", "Drill"),
    "state.sim": ("模拟", "Sim"),
    "state.replay": ("回放", "Replay"),
    "state.review": ("待复核", "Review"),
    "state.alarm": ("告警", "Alarm"),
    # map
    "map.north": ("北", "N"),
    "map.wind": ("风自 {value}° 吹来", "Wind from {value}°"),
    "map.pick": ("在地图上点选事发位置，或点企业符号", "Click the place on the map, or an enterprise symbol"),
    "map.source": ("本地底图 · 虚构数据", "Local base map · fictional data"),
    "chip.zones": ("毒害分区 {time}", "Zones {time}"),
    "chip.weather": ("气象", "Weather"),
    "chip.line": ("与服务器断开", "line to the server"),
    "legend.title": ("图例", "Legend"),
    "legend.of": ("{name}：{what}", "{name}: {what}"),
    "legend.count": ("{count} 项", "{count} items"),
    "legend.more": ("另有 {count} 个图层符号", "{count} layer symbols more"),
    "legend.less": ("收起图层符号", "Fewer"),
    "legend.envelope": ("置信包络 {value}", "Confidence {value}"),
    "legend.history": ("历史分区", "Earlier zones"),
    "legend.rescue": ("救援路线（计算）", "Rescue route (computed)"),
    "legend.review": ("路线 待复核", "Route to be reviewed"),
    "legend.evacuation": ("撤离方向（宽＝人数）", "Evacuation (width = people)"),
    "legend.closed": ("封闭道路", "Closed road"),
    "tool.in": ("放大", "Zoom in"),
    "tool.out": ("缩小", "Zoom out"),
    "tool.locate": ("回到事件", "Back to the incident"),
    "tool.layers": ("图层（L）", "Layers (L)"),
    "tool.measure": ("测距（M）", "Measure (M)"),
    "tool.range": ("距离圈 0.5/1/2/5 km", "Range rings 0.5/1/2/5 km"),
    "tool.snapshot": ("截图（含图例与时间）", "Picture with legend and time"),
    "snapshot.made": ("制图 {time}", "Made {time}"),
    "snapshot.file": ("一张图", "onemap"),
    "snapshot.done": ("截图已保存", "Picture saved"),
    "drawer.title": ("图层与图例", "Layers and legend"),
    "drawer.search": ("图层名、来源、责任单位", "Layer, source, owner"),
    "drawer.none": ("没有匹配的图层", "No layer matches"),
    "drawer.show": ("显示 {name}", "Show {name}"),
    "drawer.hide": ("隐藏 {name}", "Hide {name}"),
    "drawer.count": ("{count} 层", "{count}"),
    "drawer.source": ("来源", "Source"),
    "drawer.as_of": ("更新", "As of"),
    "drawer.owner": ("责任单位", "Owner"),
    "drawer.label": ("标签", "Label"),
    "drawer.licence": ("许可", "Licence"),
    "drawer.filter": ("筛选、清单与导出", "Filter, list and export"),
    "drawer.opacity": ("不透明度", "Opacity"),
    "drawer.not_connected": (
        "该专题尚未接入，接入后此处显示来源与更新时间",
        "Not connected yet; source and time appear here once it is",
    ),
    "drawer.undone": (
        "个人风险等值线尚未计算：可导入数据的人员在数据页该图层下点“计算个人风险”，约需一分钟",
        "Nobody has worked out the individual risk yet: who may import data starts it below this layer on the data page; "
        "it takes about a minute",
    ),
    "drawer.undone.open": ("打开数据页计算", "Open the data page"),
    "audience.public": ("公开", "Public"),
    "audience.internal": ("内部", "Internal"),
    "audience.restricted": ("受限", "Restricted"),
    "search.placeholder": ("企业、地址、信用代码、化学品、坐标", "Name, address, code, chemical, coordinate"),
    "search.coordinate": ("坐标", "Coordinate"),
    "search.none": ("没有找到", "Nothing found"),
    "dossier.missing": ("没有这一条", "Not there"),
    "dossier.source": ("来源 {source} · 更新 {time}", "Source {source} · as of {time}"),
    "dossier.locate": ("定位", "Locate"),
    "dossier.unit": ("单元 {name}", "Unit {name}"),
    "dossier.stock": ("在库 {stock} t / 设计 {design} t", "{stock} t of {design} t"),
    "dossier.nearest": ("最近防护目标", "Nearest target"),
    "check.uscc": ("信用代码校验未过", "credit code fails its check"),
    "check.stock_below_design": ("在库超设计最大量", "stock above design maximum"),
    "check.inside_division": ("坐标不在所报区划", "place outside its division"),
    "dossier.yes": ("是", "yes"),
    "dossier.no": ("否", "no"),
    "label.people": ("{people} 人", "{people} people"),
    "label.arrival": ("{time} 到达", "arrives {time}"),
    "label.envelope": ("置信 {value}", "Confidence {value}"),
    "label.shelter_out": ("{name} 不可用", "{name} not usable"),
    "label.places": ("{assigned} / {capacity} 人", "{assigned} / {capacity} places"),
    "label.rescue": ("救援{rank} {name}", "Rescue {rank} {name}"),
    "label.evacuation": ("撤离{rank} → {name}", "Leave {rank} → {name}"),
    "label.closed": ("道路封闭 {count} 段", "{count} road pieces closed"),
    "label.closed.named": ("{name}等 {count} 段封闭", "{name} and others: {count} pieces closed"),
    "label.closed.reason": ("在毒害分区内", "inside the zones"),
}

_ALL = (
    _PAGE
    | ACCOUNTS
    | ALARMS
    | ANALYSIS
    | BASEMAP
    | BRIEFING
    | CONSULTATION
    | DATA
    | DESK
    | DOSSIER
    | DRILL
    | INJECTS
    | EXERCISES
    | FAULTS
    | FIELD
    | GUIDE
    | HAZARD
    | INTAKE
    | MAPPRINT
    | MARKS
    | MESSAGES
    | NODES
    | NOTES
    | ORDERS
    | PERSONAL
    | PLANS
    | RECORD
    | REPLAY
    | REPORT
    | REPORT_LINES
    | RISK
    | ROADS
    | SOURCE
    | THREAT
    | WALL
    | WITHIN
)


@cache
def texts(language: Language) -> dict[str, str]:
    """Every code with its text in one language; the browser gets it whole, so a switch needs no further question."""
    at = 0 if language == "zh" else 1
    return {code: pair[at] for code, pair in _ALL.items()}


def both(code: str) -> dict[str, str]:
    """Text of a code in both languages: a value the page says in the one it is in."""
    zh, en = _ALL.get(code, (code, code))
    return {"zh": zh, "en": en}


def say(code: str, language: Language = "zh", **values: object) -> str:
    """
    Text of a code with its values; an unknown code is said as it is.

    Examples
    --------
    >>> say("queue.open", "zh", count=2)
    '在办 2'
    """
    pair = _ALL.get(code)
    return code if pair is None else pair[0 if language == "zh" else 1].format(**values)
