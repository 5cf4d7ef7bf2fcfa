"""What does the briefing file say beyond the words of the desk?"""

BRIEFING: dict[str, tuple[str, str]] = {
    "tool.briefing": ("下载态势简报（单文件，离线可看）", "Download the briefing (one file, opens offline)"),
    "brief.none": ("先选一起事件", "Choose an incident first"),
    "brief.coming": ("正在生成态势简报，完成后自动保存", "The briefing is being written and will be saved"),
    "brief.made": ("生成 {time} · {author}", "made {time} by {author}"),
    "brief.minutes": ("分钟", "min"),
    "brief.placed": ("安置", "Placed"),
    "brief.capacity": ("容量", "Places"),
    "brief.inputs": ("输入", "Inputs"),
    "brief.run": ("研判", "Run"),
    "brief.layer.zones": ("毒害分区与置信包络", "Zones and envelope"),
    "brief.layer.envelope": ("置信包络", "Confidence envelope"),
    "brief.layer.targets": ("敏感目标", "Sensitive targets"),
    "brief.foot": (
        "记录至第 {seq} 条 · sha256 {hash} · 底图 {source} · 计算结果供研判参考",
        "Record up to entry {seq} · sha256 {hash} · base map {source} · computed, for decision support",
    ),
}
