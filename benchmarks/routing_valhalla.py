"""How long does Valhalla take for the same questions round an excluded polygon?"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from benchmarks.routing_networks import DATA
from benchmarks.routing_task import Rows, clock, plume, spread, team_frame
from routing.approach import approach_point
from routing.closures import close
from routing.dispatch import ranking
from routing.importing import read
from routing.profiles import profile
from routing.rescue import route

CAR = profile("car")
PBF = DATA / "liechtenstein.osm.pbf"


def valhalla() -> Rows:
    """
    Liechtenstein: the whole task (200 teams ranked, 5 routes), and one route alone.

    Each side takes the polygon as it comes, closes what it must, puts the places on roads and searches with its own
    costs. Valhalla is asked for one 200 x 1 matrix and five routes, all with the polygon excluded.
    """
    import valhalla as peer

    network = read(PBF)
    with tempfile.TemporaryDirectory() as folder:
        actor = peer.Actor(str(_tiles(Path(folder))))
        rng = np.random.default_rng(9)
        teams = team_frame(network, rng)
        ends = [{"lon": point.x, "lat": point.y} for point in teams.geometry]
        theirs: dict[str, list[float]] = {"task": [], "route": []}
        ours: dict[str, list[float]] = {"task": [], "route": []}
        refused = 0
        for number in range(-3, 20):
            zone, scene = plume(network, rng)
            spent, found = clock(lambda zone=zone, scene=scene: _ours(network, zone, scene, teams))
            best = [i for i in found.frame["id"].astype(int)[:5] if found.routes[str(i)].status == "ok"]
            target = approach_point(close(network, zone), scene, CAR).snap
            if target is None or not best:
                continue
            goal = {"lon": target.longitude, "lat": target.latitude}
            ring = [[list(p) for p in zone.geometry.iloc[0].exterior.coords]]
            try:
                task, _ = clock(lambda ring=ring, goal=goal, best=best: _theirs(actor, ends, goal, best, ring))
                one, _ = clock(lambda ring=ring, goal=goal, best=best: _one(actor, ends[best[0]], goal, ring))
            except RuntimeError:
                refused += 1
                continue
            start = teams.geometry.iloc[best[0]]
            alone, _ = clock(lambda zone=zone, start=start, goal=goal: route(
                close(network, zone), (start.x, start.y), (goal["lon"], goal["lat"])))  # fmt: skip
            if number >= 0:
                theirs["task"].append(task)
                theirs["route"].append(one)
                ours["task"].append(spent)
                ours["route"].append(alone)
    rows = []
    for key, what in (("task", "area → 200 teams ranked + 5 routes"), ("route", "area → one route")):
        ratio = np.median(np.asarray(theirs[key]) / np.asarray(ours[key]))
        rows.append((f"{what}, Liechtenstein: pyvalhalla {peer.__version__} with exclude_polygons",
                     f"{ratio:.1f} x ours ({spread(theirs[key])}; ours {spread(ours[key])})"))  # fmt: skip
    rows.append(("  areas it refused", str(refused)))
    return rows


def _tiles(folder: Path) -> Path:
    """Valhalla's tiles of the file, and the configuration that names them."""
    import valhalla as peer
    from valhalla.config import get_config

    (folder / "tiles").mkdir()
    config = get_config(tile_extract="", tile_dir=f"{folder}/tiles", verbose=False)
    config["mjolnir"].pop("tile_extract", None)
    config["mjolnir"]["timezone"] = config["mjolnir"]["admin"] = ""
    config["service_limits"]["auto"]["max_matrix_location_pairs"] = 100_000
    config["service_limits"]["max_exclude_polygons_length"] = 1_000_000
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    program = Path(peer.__file__).parent / "bin" / "valhalla_build_tiles"
    subprocess.run([program, "-c", path, PBF], check=True, capture_output=True)
    return path


def _ours(network: Any, zone: gpd.GeoDataFrame, scene: Any, teams: gpd.GeoDataFrame) -> Any:
    return ranking(close(network, zone), teams, scene, profile=CAR, routes=5)


def _theirs(actor: Any, ends: list[Any], goal: Any, best: list[int], ring: Any) -> None:
    ask = {"sources": ends, "targets": [goal], "costing": "auto", "exclude_polygons": ring}
    actor.matrix(ask)
    for i in best:
        _one(actor, ends[i], goal, ring)


def _one(actor: Any, start: Any, goal: Any, ring: Any) -> None:
    ask = {"locations": [start, goal], "costing": "auto", "directions_type": "none", "exclude_polygons": ring}
    actor.route(ask)
