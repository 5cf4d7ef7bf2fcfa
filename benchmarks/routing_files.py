"""How fast is a network read from a file, and loaded from the cache, beside OSMnx?"""

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import osmium
import osmnx

from benchmarks.routing_networks import DATA
from benchmarks.routing_task import Rows, clock
from routing import cache
from routing.importing import read
from routing.importing.contest import contest
from routing.network import Network

_LOAD = """
import sys, time
from pathlib import Path
import numpy
from routing import cache
from routing.closures import open_view
import numba, pyroutingkit
start = time.perf_counter()
network = cache.load(Path(sys.argv[1]))
loaded = time.perf_counter()
open_view(network).engine("car").matrix(numpy.arange(200), numpy.asarray([5]))
print(1000 * (loaded - start), 1000 * (time.perf_counter() - start))
"""


def cold_start(network: Network) -> Rows:
    """Load from the verified cache and answer a first question, in a process of its own; the best of three."""
    with tempfile.TemporaryDirectory() as folder:
        place = cache.save(network, Path(folder) / "n")
        found = []
        for _ in range(3):
            done = subprocess.run([sys.executable, "-c", _LOAD, place], capture_output=True, text=True, check=True)
            found.append([float(part) for part in done.stdout.split()])
        load, ready = min(found, key=lambda one: one[1])
        return [
            (f"load {network.name} from the verified cache; first search answered", f"{load:.0f} ms; {ready:.0f} ms")
        ]


def loading() -> Rows:
    """Our cache against OSMnx reading the GraphML of the same roads."""
    network = read(DATA / "liechtenstein.osm.pbf")
    with tempfile.TemporaryDirectory() as folder:
        xml = as_xml(DATA / "liechtenstein.osm.pbf", Path(folder))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph = osmnx.graph_from_xml(xml, simplify=True)
        osmnx.save_graphml(graph, Path(folder) / "g.graphml")
        place = cache.save(network, Path(folder) / "n")
        cache.load(place)
        ours = min(clock(lambda: cache.load(place))[0] for _ in range(5))
        theirs, loaded = clock(lambda: osmnx.load_graphml(Path(folder) / "g.graphml"))
    size = f"{network.arc_count:,} arcs, theirs {loaded.number_of_edges():,}"
    return [(f"load from the cache, Liechtenstein ({size})", f"{ours:.0f} ms; OSMnx GraphML {theirs / ours:.0f} x")]


def reading() -> Rows:
    """Files into routable graphs, each in a process of its own, chains merged on both sides."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        files = [DATA / "shanghai_center.osm", as_xml(DATA / "liechtenstein.osm.pbf", Path(folder))]
        for path in files:
            found = contest(path, lambda _step, _part: None)
            seconds = " against ".join(f"{row['seconds']:.2f} s" for row in reversed(found["ways"]))
            memory = " of ".join(f"{row['peak_mb']:.0f} MB" for row in found["ways"])
            size = f"{path.stat().st_size / 1e6:.0f} MB of XML"
            rows.append((f"reading {path.stem} ({size}), OSMnx", f"{found['times_faster']:.1f} x our time ({seconds})"))
            rows.append(
                ("  peak memory of the whole process, ours", f"{found['memory_share']:.2f} of theirs ({memory})")
            )
    return rows


def as_xml(path: Path, folder: Path) -> Path:
    """The same file, unfiltered, as XML, which is all OSMnx reads."""
    out = folder / f"{path.name.split('.')[0]}.osm"
    with osmium.SimpleWriter(str(out)) as writer:
        for entity in osmium.FileProcessor(str(path)):
            writer.add(entity)
    return out
