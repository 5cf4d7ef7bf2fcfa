"""How do time and memory of our importer compare with OSMnx on the same file?"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gis.errors import InputError, MissingError

_OURS = "from routing.importing import read; read(PATH)"
_THEIRS = (
    "import osmnx; from routing.classes import CAR_CLASSES;"
    "g = osmnx.graph_from_xml(PATH, simplify=False, retain_all=True);"
    "g.remove_edges_from([(u, v, k) for u, v, k, h in g.edges(keys=True, data='highway')"
    " if not (set(h if isinstance(h, list) else [h]) & CAR_CLASSES)]);"
    "osmnx.simplify_graph(osmnx.truncate.largest_component(g, strongly=True))"
)
_PROGRAM = """
import json, resource, time, warnings
warnings.simplefilter("ignore")
PATH = {path!r}

def peak_mb():
    # The kernel's own mark of this program; getrusage would carry on the size of the process that started it.
    try:
        lines = open("/proc/self/status").read().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

{warm}
base = peak_mb()
start = time.perf_counter()
{work}
print(json.dumps({{"seconds": time.perf_counter() - start,
    "peak_mb": peak_mb(), "imported_mb": base}}))
"""


def contest(path: Path, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """
    Read an OSM XML file with both, each in a process of its own, imports not timed.

    Both end with the largest strongly connected part of the roads cars use, chains merged.

    Raises
    ------
    MissingError, InputError
        No such file; a file OSMnx cannot read.
    """
    if not path.is_file():
        raise MissingError(f"there is no file {path}")
    if not path.name.endswith((".osm", ".osm.bz2", ".xml")):
        raise InputError(f"{path.name}: OSMnx reads OpenStreetMap XML only; give an .osm file")
    rows = []
    contestants = (
        ("onemap (pyosmium)", _OURS, "import routing.importing.osm"),
        ("OSMnx", _THEIRS, "import osmnx"),
    )
    for step, (way, work, warm) in enumerate(contestants):
        progress(way, 0.5 * step)
        program = _PROGRAM.format(path=str(path.resolve()), work=work, warm=warm)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise InputError(f"{path.name}: {way} could not read it ({done.stderr.strip().splitlines()[-1]})")
        rows.append({"way": way, **json.loads(done.stdout.splitlines()[-1])})
    ours, theirs = rows
    return {
        "file": path.name,
        "ways": rows,
        "times_faster": theirs["seconds"] / ours["seconds"],
        "memory_share": ours["peak_mb"] / theirs["peak_mb"],
    }
