"""Words of the log and the timeline: lines that wait for the network, searching, looking closer."""

RECORD: dict[str, tuple[str, str]] = {
    "log.waiting": ("待提交", "Not sent yet"),
    "log.waiting.hint": ("已保存在本机，联网后自动提交", "Kept on this computer; sent when the network is back"),
    "log.written": ("已落盘 #{seq}", "Recorded #{seq}"),
    "log.written.hint": ("服务器已回执", "The server has acknowledged it"),
    "log.refused": ("未被接受", "Refused"),
    "log.again": ("改后再记", "Mend and record"),
    "log.discard": ("放弃", "Discard"),
    "log.search": ("查日志：编号、类别、人员、内容", "Search: number, kind, person, text"),
    "log.hits": ("找到 {count} 条", "{count} found"),
    "timeline.many": ("{kind} 等 {count} 条", "{kind} and others: {count}"),
    "timeline.closer": ("放大时间（滚轮缩放，Shift 加滚轮平移）", "Look closer (wheel zooms, Shift and wheel moves)"),
    "timeline.whole": ("全程", "All of it"),
}
