"""What do reports, their clocks and their page say?"""

REPORT: dict[str, tuple[str, str]] = {
    # clocks
    "clock.follow_up_phone": ("电话续报（伤亡变化 ≤ {minutes} 分）", "Phone follow-up (casualties changed, {minutes} min)"),
    "clock.follow_up_written": ("书面续报（伤亡变化 ≤ {minutes} 分）", "Written follow-up (casualties changed, {minutes} min)"),
    "clock.supplement_window": ("伤亡补报期（事发起 {subject} 日）", "Supplements (within {subject} days)"),
    "clock.closes": ("截至 {time}", "until {time}"),
    "timeline.follow_up": ("续报", "Follow-up"),
    "event.report_answered": ("收到回执", "Receipt"),
    "event.deadline_missed": ("报告超时", "Report overdue"),
    "entry.deadline_missed": ("{clock}：{due} 到期未报，已升级提醒", "{clock}: due {due}, nothing sent; escalated"),
    "entry.report_sent": ("{title}，报{to}", "{title}, to {to}"),
    "entry.report_answered": ("{who} 已收到 #{refers_to}", "{who} received #{refers_to}"),
    "notice.missed": ("报告超时：{clock}", "Report overdue: {clock}"),
    "notice.missed.detail": ("应于 {due} 前上报", "was due {due}"),
    "deadline.first_report_phone": ("电话首报", "Phone report"),
    "deadline.first_report_written": ("书面首报", "Written report"),
    "deadline.follow_up_phone": ("电话续报", "Phone follow-up"),
    "deadline.follow_up_written": ("书面续报", "Written follow-up"),
    "policy.order_493_art_9": ("《生产安全事故报告和调查处理条例》第九条", "Order 493, art. 9"),
    "policy.order_493_art_13": ("《生产安全事故报告和调查处理条例》第十三条", "Order 493, art. 13"),
    "policy.order_493_art_13_road_fire": ("《生产安全事故报告和调查处理条例》第十三条（道路交通、火灾）", "Order 493, art. 13 (road, fire)"),
    "policy.sample_city_policy": ("演练市值班制度（虚构）", "Rule of the sample city (fictional)"),
    "policy.sample_city_follow_up": ("演练市值班制度（虚构）", "Rule of the sample city (fictional)"),
}
