"""How long does the server take from a closure to new routes, crossings and evacuation?"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROUNDS = 9
HERE = Path(__file__).parent
CORNERS = ((118.700, 31.399), (118.706, 31.399), (118.706, 31.404), (118.700, 31.404))


def server_steps() -> dict[str, tuple[float, float, float]]:
    """Median and worst wall seconds and median processor seconds of each step; the house of the settings."""
    from command_ui.access.roles import SignedIn
    from command_ui.bootstrap import open_house
    from command_ui.console.store import Store
    from command_ui.sample import DRILL
    from command_ui.settings import load_settings
    from scenarios.desk import Desk
    from scenarios.roads.closures import ReportClosure

    ring = [list(point) for point in (*CORNERS, CORNERS[0])]
    said = ReportClosure("area", "accident", geometry={"type": "Polygon", "coordinates": [ring]})
    rows: dict[str, list[tuple[float, float]]] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        wall, processor = time.perf_counter(), time.process_time()
        done = work()
        rows.setdefault(step, []).append((time.perf_counter() - wall, time.process_time() - processor))
        return done

    with open_house(load_settings()) as house:
        desk = Desk(house.database, house.settings.networks_dir)
        store = Store(house, desk, SignedIn("bench", "bench", "operator", "990100", "990200", "drill", "", ""))
        incident = next(one for one in desk.incidents(DRILL) if one.run_id).incident_id
        desk.road.prepare(incident, DRILL)
        for _ in range(ROUNDS):
            closure, receipt = timed("record", lambda: desk.road.report_closure(incident, said, DRILL))
            timed("follow", lambda: desk.road.follow(incident, DRILL))
            timed("scene", lambda: store.look(incident, None))
            desk.road.lift_closure(incident, closure, DRILL, seen_seq=receipt.seq)
            desk.road.follow(incident, DRILL)
    sums = [tuple(sum(part) for part in zip(*one, strict=True)) for one in zip(*rows.values(), strict=True)]
    rows["sum"] = [(wall, processor) for wall, processor in sums]
    return {
        step: (
            statistics.median(wall for wall, _ in times),
            max(wall for wall, _ in times),
            statistics.median(processor for _, processor in times),
        )
        for step, times in rows.items()
    }


def main() -> None:
    """Print the table and keep it beside the program; ``ONEMAP_DATA_DIR`` names the house to measure."""
    load = os.getloadavg()[0]
    steps = server_steps()
    lines = [
        "# A closure and what follows it",
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by `benchmarks/closure.py` in the sample city, "
        f"{os.cpu_count()} cores at load average {load:.1f}, {ROUNDS} rounds after a warm-up. `record`: the entry is",
        "on disk; `follow`: routes of 46 teams, crossings to guard, evacuation of 18 425 people, all on disk; `scene`:",
        "what the page draws. Processor seconds do not depend on what else the machine does.",
        "",
        "| step | median s | worst s | processor s |",
        "|---|---|---|---|",
        *(f"| {step} | {median:.3f} | {worst:.3f} | {busy:.3f} |" for step, (median, worst, busy) in steps.items()),
        "",
    ]
    text = "\n".join(lines)
    sys.stdout.write(text)
    (HERE / "CLOSURE.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
