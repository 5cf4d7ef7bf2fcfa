"""How long do sixty thousand rows take from a file into a register? `python -m benchmarks.importing`."""

import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from command_ui.bootstrap import open_house
from command_ui.settings import Settings
from gis.database import Caller
from layers import uscc
from layers.importing import intake
from layers.importing.trial import Wishes
from layers.sample.city import SampleCity, generate
from layers.sample.load import load

DRILL = Caller("benchmark", "990100", "990200", "drill")
ROWS = 60_000


def new_firms(city: SampleCity) -> pd.DataFrame:
    """Sixty thousand firms the register does not have, as a county would send them."""
    firms = city.enterprises
    names = dict(zip(city.tables["division"]["id"], city.tables["division"]["name"], strict=True))
    numbers = np.random.default_rng(1).permutation(np.arange(5_000_000, 5_000_000 + len(firms)))
    return pd.DataFrame(
        {
            "企业名称": [f"新设{number}{name[2:]}" for number, name in zip(numbers, firms["name"], strict=True)],
            "统一社会信用代码": uscc.numbered("91990000XL", numbers),
            "地址": firms["address"],
            "行业": firms["industry"],
            "规模": firms["size_class"],
            "从业人数": firms["people"],
            "安全负责人": [f"演练新员{number}" for number in numbers],
            "值守电话": [f"1{number + 1_000_000_000}" for number in numbers],
            "行政区划": firms["division_code"].map(names),
            "更新日期": "2026-11-01",
            "经度": firms.geometry.x.round(7),
            "纬度": firms.geometry.y.round(7),
        }
    ).head(ROWS)


def run(connection: Any, path: Path) -> dict[str, float]:
    """Examine and import `path`; wall seconds, and seconds of processor of this program and of the database."""
    backend = connection.connection.driver_connection.info.backend_pid
    began, own, theirs = time.perf_counter(), _own_cpu_s(), _cpu_s(backend)
    trial = intake.examine_file(connection, path, "enterprise", Wishes({}, "cgcs2000"), DRILL)
    examined = time.perf_counter() - began
    done = intake.commit(connection, trial, DRILL)
    return {
        "rows": done.rows, "added": done.added, "unchanged": done.unchanged, "aside": done.aside,
        "examined_s": examined, "wall_s": time.perf_counter() - began,
        "program_cpu_s": _own_cpu_s() - own, "database_cpu_s": _cpu_s(backend) - theirs,
    }  # fmt: skip


def main() -> None:
    """Fill a database of its own with the sample city, then import 60 000 new firms, and the same file again."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        city = generate()
        path = Path(folder) / "county.csv"
        new_firms(city).to_csv(path, index=False, encoding="gb18030")
        with open_house(Settings(data_dir=Path(folder) / "data")) as house:
            with house.database.transaction(DRILL) as connection:
                load(connection, city)
            for what in ("60 000 new rows beside 60 000 known", "the same file again"):
                with house.database.transaction(DRILL) as connection:
                    figures = run(connection, path)
                print(
                    what, {name: round(value, 1) for name, value in figures.items()}, f"load {os.getloadavg()[0]:.1f}"
                )


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cpu_s(process: int) -> float:
    """Processor time of a process on Linux; 0 elsewhere."""
    try:
        parts = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
