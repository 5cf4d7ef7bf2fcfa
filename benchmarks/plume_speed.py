"""
How fast are the plume models beside named peers, in the same run, on the same grid? `python -m
benchmarks.plume_speed`.

A peer is run where it can be imported, and the line says so where it cannot. Peers that do not go with this project's
own packages may live in an environment of their own: name its folder of packages in ONEMAP_PEERS; it is searched last.
"""

import ast
import importlib.metadata
import json
import math
import os
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from plume import case, ensemble, forecast, puff, raster, warming
from plume.gaussian import GaussianPlume, Spread
from plume.puff import Grid, PuffSource
from plume.source import series
from plume.weather import Weather, WindSample

CASE: dict[str, Any] = {
    "name": "bench",
    "incident": {"longitude": 121.47, "latitude": 31.23, "occurred_at": "2026-11-22T09:30:00+08:00"},
    "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 2.0, "duration_s": 600.0},
    "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 225.0, "stability": "D"},
    "output": {"averaging_s": 3600},
}
TANK = {"tank_diameter_m": 2.5, "tank_length_m": 8.0, "fill_fraction": 0.8, "hole_diameter_m": 0.05}
RELEASES: dict[str, dict[str, Any]] = {
    "given rate": CASE["release"],
    "vessel of ammonia gas": {
        "substance": "ammonia", "kind": "vessel_gas", "volume_m3": 10.0, "pressure_bar": 6.0, "hole_diameter_m": 0.03,
    },
    "two-phase ammonia": {"substance": "ammonia", "kind": "two_phase", **TANK},
    "chlorine tank": {"substance": "chlorine", "kind": "tank_liquid", **TANK},
    "benzene puddle": {"substance": "benzene", "kind": "puddle", "mass_kg": 2000.0},
}  # fmt: skip
AIR = Weather(3.0, 10.0, 225.0, "D")


def best(function: Callable[[], object], times: int = 5) -> float:
    """Shortest of several runs, s; one run before to warm."""
    function()
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        function()
        found.append(time.perf_counter() - begun)
    return min(found)


def gplume_kernel() -> Callable[..., Any] | None:
    """The kernel of gplume cut out of its file: importing the package would call web services."""
    try:
        files = importlib.metadata.files("gplume") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    path = next((file.locate() for file in files if file.name == "gpm.py"), None)
    if path is None:
        return None
    tree = ast.parse(path.read_text())  # type: ignore[attr-defined]
    wanted = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "gplume"]
    space: dict[str, Any] = {"np": np}
    exec(compile(ast.Module(wanted, []), str(path), "exec"), space)  # a peer's own function, as published
    return space["gplume"]  # type: ignore[no-any-return]


def plume_raster() -> None:
    """1000 x 1000 receptors, source at the centre, any bearing; peers on the same grid."""
    plume = GaussianPlume(series.continuous(1.0, 36_000.0), 3.0, 0.0, Spread("D"))
    grid = Grid(-5000.0, -5000.0, 10.0, 1000, 1000)
    worst = max(best(lambda bearing=bearing: raster.steady(plume, grid, bearing)) for bearing in (0.0, 200.0, 225.0))  # type: ignore[misc]
    row("1000x1000 plume, worst of three bearings", worst, 0.030)
    east, north = np.meshgrid(grid.east, grid.north)
    towards = math.radians(45.0)

    def rotated() -> tuple[np.ndarray, np.ndarray]:
        x, y = (
            east * math.sin(towards) + north * math.cos(towards),
            -east * math.cos(towards) + north * math.sin(towards),
        )
        return x, y

    def plain() -> object:
        x, y = rotated()
        return plume.concentration(x, y, 0.0)

    beside("NumPy, every receptor, our own formula", best(plain, 2), worst)
    kernel = gplume_kernel()
    if kernel is None:
        note("    gplume: not installed")
    else:

        def peer() -> object:
            x, y = rotated()
            with np.errstate(all="ignore"):
                return kernel(x, y, np.zeros_like(x), 0.0, 1.0, 3.0)

        beside("gplume's kernel", best(peer, 2), worst)
    for name, found in (("pyELDQM", pyeldqm_kernel()), ("pyELQ", pyelq_kernel())):
        if found is None:
            note(f"    {name}: not installed")
            continue

        def peer_grid(kernel: Kernel = found) -> object:
            with np.errstate(all="ignore"):
                return kernel(east, north, towards)

        beside(name, best(peer_grid, 2), worst)


Kernel = Callable[[np.ndarray, np.ndarray, float], object]


def pyeldqm_kernel() -> Kernel | None:
    """Plume of pyELDQM, 1 kg/s at 3 m/s in D on receptors east and north of the source."""
    try:
        from pyeldqm.core.dispersion_models import gaussian_model
    except ImportError:
        return None

    def kernel(east: np.ndarray, north: np.ndarray, towards: float) -> object:
        x = east * math.sin(towards) + north * math.cos(towards)
        y = -east * math.cos(towards) + north * math.sin(towards)
        return gaussian_model.multi_source_concentration(
            x_grid=x, y_grid=y, z=0.0, t=1e5, t_r=1e5, U=3.0, sources=[{"Q": 1.0}], stability_class="D",
            roughness="RURAL", mode="continuous",
        )  # fmt: skip

    return kernel


def pyelq_kernel() -> Kernel | None:
    """Coupling array of pyELQ, its lowest function, on the same receptors."""
    try:
        from pyelq.dispersion_model.gaussian_plume import GaussianPlume as Peer
        from pyelq.source_map import SourceMap
    except ImportError:
        return None
    model = Peer(SourceMap())

    def kernel(east: np.ndarray, north: np.ndarray, towards: float) -> object:
        nought = np.zeros_like(east)
        return model.compute_coupling_array(
            east, north, nought, nought, np.array(3.0), np.array(math.pi / 2 - towards), np.array(8.0),
            np.array(5.0), 0.657,
        )  # fmt: skip

    return kernel


def puff_frames() -> None:
    """60 frames of 500 x 500 over an hour with a turning wind."""
    air = Weather(
        3.0, 10.0, 225.0, "D", series=tuple(WindSample(600.0 * i, 3.0, 225.0 + 10 * (-1) ** i) for i in range(6))
    )
    source = PuffSource(0.0, 0.0, 0.0, series.continuous(1.0, 3600.0), Spread("D"))
    grid = Grid(-500.0, -500.0, 20.0, 500, 500)
    times = np.arange(60.0, 3601.0, 60.0)
    for seconds, target in ((10.0, 1.0), (60.0, 0.4)):
        took = best(lambda seconds=seconds: puff.frames([source], air, grid, times, puff_s=seconds), 3)  # type: ignore[misc]
        row(f"60 frames 500x500, puffs of {seconds:.0f} s", took, target)
    tracemalloc.start()
    puff.frames([source], air, grid, times, puff_s=10.0)
    largest = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    note(f"{'memory of that run':48} {largest:9.0f} MB   target    200 MB   {'ok' if largest <= 200 else 'MISSED'}")
    note("    FastGaussianPuff: no package of it; measured earlier on another machine, 10-61 s with 60 s puffs")


def dense_case() -> None:
    """One dense-gas case with three zones, beside slabx on the same release."""
    one = case.read(CASE)
    took = best(lambda: forecast.forecast(one, model="dense"))
    row("dense case, three zones, envelope", took, 0.3)
    for name, release in RELEASES.items():
        mapping = {**CASE, "release": release}
        whole = best(lambda: json.dumps(forecast.forecast(case.read(mapping)).zones.__geo_interface__))  # noqa: B023
        row(f"case file -> zones as GeoJSON, {name}", whole, 0.3)
    try:
        beside("slabx, the same release", best(slabx_case, 2), took)
    except ImportError:
        note("    slabx: not installed (extra `bench`)")


def slabx_case() -> object:
    """Chlorine 2 kg/s for 10 min in D, 3 m/s with slabx."""
    from slabx.core.plume import run_dispersion
    from slabx.core.source import EvaporatingPool
    from slabx.post.concentration import concentration_field
    from slabx.submodels.atmosphere import Atmosphere
    from slabx.thermo.base import LegacyThermo, Substance, water_backend

    gas = Substance(
        name="chlorine", mw=0.070906, cp_vapour=498.1, cp_liquid=926.3, dh_vap=287840.0, T_boil=239.1, rho_liquid=1574.0
    )
    air = Atmosphere(u_ref=3.0, z_ref=10.0, T=288.15, rh=50.0, z0=0.03, stability="D")
    source = EvaporatingPool(substance=gas, rate=2.0, area=1.0, duration=600.0, T_source=288.15)
    course, _ = run_dispersion(source, air, LegacyThermo(gas), water_backend(), x_max=15_000.0, n_puff_steps=40)
    field = concentration_field(course, air, z=0.0, t_avg=600.0, t_release=600.0)
    return [field.distance_to(level * 1e-6) for level in (20, 2, 0.5)]


def exceedance() -> None:
    """200 members on 500 x 500."""
    for substance in ("ammonia", "chlorine"):
        one = case.read({**CASE, "release": {**CASE["release"], "substance": substance}})
        made = ensemble.members_of(one, 200)
        grid = ensemble.grid_of(made, 500)
        row(f"200 members, 3 levels, 500x500, {substance}", best(lambda: ensemble.exceedance(made, grid), 2), 1.0)  # noqa: B023


_SAID: list[str] = []
_REPORT = Path(__file__).parent / "SPEED.md"


def note(line: str) -> None:
    """Print a line and keep it for the report."""
    print(line)
    _SAID.append(line)


def row(name: str, seconds: float, target_s: float) -> None:
    """One line of ours."""
    verdict = "ok" if seconds <= target_s else "MISSED"
    note(f"{name:54} {seconds * 1000:9.1f} ms   target {target_s * 1000:6.0f} ms   {verdict}")


def beside(name: str, seconds: float, ours_s: float) -> None:
    """One line of a peer."""
    note(f"    {name:50} {seconds * 1000:9.1f} ms   ours is {seconds / ours_s:5.1f} times faster")


def main() -> int:
    """Run all."""
    if "ONEMAP_PEERS" in os.environ:
        sys.path.append(os.environ["ONEMAP_PEERS"])
    begun = time.perf_counter()
    warming.warm()
    note(f"warm-up {time.perf_counter() - begun:.1f} s")
    for part in (plume_raster, puff_frames, dense_case, exceedance):
        part()
    note(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    said = "\n".join(_SAID)
    _REPORT.write_text(
        f"# The plume models beside their peers\n\nWritten by `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; "
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load average at the end "
        f"{os.getloadavg()[0]:.1f}.\nA peer is run in the same run on the same grid where it can be imported.\n\n"
        f"```\n{said}\n```\n",
        encoding="utf-8",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
