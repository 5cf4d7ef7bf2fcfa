"""What do masked names and numbers say?"""

PERSONAL: dict[str, tuple[str, str]] = {
    "unmask.show": ("查看", "Show"),
    "unmask.show.of": ("查看{title}（须说明理由，留痕）", "Show {title} (say why; it is written down)"),
    "unmask.why": ("查看理由", "Why it must be seen"),
    "unmask.why.incident": ("事件处置联系", "To call about the incident"),
    "unmask.why.roll_call": ("查岗核实", "Roll-call or check"),
    "unmask.why.register": ("台账核对", "To check the register"),
    "unmask.why.other": ("其他", "Other"),
    "unmask.why.hint": ("写明理由，2—200 字", "Say why, 2 to 200 characters"),
    "dossier.duty_phone": ("{name} 值守电话", "duty telephone of {name}"),
    "unmask.noted": ("已查看，已记入审计", "Shown; the audit holds it"),
    "unmask.cancel": ("取消", "Cancel"),
}
