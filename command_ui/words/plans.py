"""What do plans, supplies, response cards and hand-overs say on the page and in the record?"""

PLANS: dict[str, tuple[str, str]] = {
    # entries of the record
    "event.supply_committed": ("物资调用", "Supplies committed"),
    "event.supply_returned": ("物资归还", "Supplies returned"),
    "entry.supply_committed": ("{name} {quantity} {unit}，{store}", "{name} {quantity} {unit}, {store}"),
    "entry.supply_returned": ("{name} {quantity} {unit}", "{name} {quantity} {unit}"),
}
