"""Of which crowded layers do we hold where their points lie, for whom, and as of which version?"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gis.database import Caller, Database
from layers.tile_grid import Grid

_KEPT_BYTES = 128 * 1024 * 1024
"""Eight times a million points: what a few ranges of divisions see of one register of that size."""

Scope = tuple[str, str, str, str, str]
"""Layer or register with all that decides what of it a caller may see."""
Places = Sequence[tuple[float, float]]


def _never(_layer: str, _z: int, _version: str) -> bool:
    return False


def _nothing(_connection: Connection, layer: str) -> Grid:
    raise AssertionError(f"nobody said how a grid of '{layer}' is read")


def _as_it_was(_connection: Connection, _layer: str, grid: Grid, _places: Places) -> Grid:
    return grid


@dataclass(frozen=True, slots=True)
class GridSource:
    """
    Where grids come from; every function gets a connection in the name of who asks.

    Attributes
    ----------
    wants
        ``(layer, z, version)`` -> whether a tile is best drawn from a grid.
    read
        ``(connection, layer)`` -> the grid.
    renewed
        ``(connection, layer, grid, places)`` -> the grid after a change there.
    """

    wants: Callable[[str, int, str], bool] = _never
    read: Callable[[Connection, str], Grid] = _nothing
    renewed: Callable[[Connection, str, Grid, Places], Grid] = _as_it_was


class Grids:
    """
    Grids in memory, one for each layer and range of divisions, the longest unused dropped first.

    What one caller may see never answers for another: the range is part of the key, and a grid is read in its name.
    """

    def __init__(self, database: Database, source: GridSource, kept_bytes: int = _KEPT_BYTES) -> None:
        self._database = database
        self._source = source
        self._kept_bytes = kept_bytes
        self._held: OrderedDict[Scope, tuple[str, Grid]] = OrderedDict()
        self._reading: dict[Scope, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, caller: Caller, scope: Scope, version: str, z: int) -> Grid | None:
        """Give the grid a tile is drawn from, read once however many ask; None where a tile is drawn without."""
        if not self._source.wants(scope[0], z, version):
            return None
        with self._lock:
            turn = self._reading.setdefault(scope, threading.Lock())
        with turn:
            held = self._at(scope, version)
            if held is None:
                with self._database.transaction(caller) as connection:
                    held = self._source.read(connection, scope[0])
                self._keep(scope, version, held)
            return held

    def carry(
        self, connection: Connection, of_register: Callable[[Scope], bool], before: str, version: str,
        touched: Places | None,
    ) -> None:  # fmt: skip
        """Bring the grids of a register from one version to the next; those that cannot be told how are dropped."""
        with self._lock:
            found = [(scope, held) for scope, held in self._held.items() if of_register(scope)]
        for scope, (of_version, grid) in found:
            if of_version != before or touched is None:
                with self._lock:
                    self._held.pop(scope, None)
            else:
                self._keep(scope, version, self._source.renewed(connection, scope[0], grid, touched))

    def __len__(self) -> int:
        """Grids held."""
        return len(self._held)

    def _at(self, scope: Scope, version: str) -> Grid | None:
        with self._lock:
            of_version, grid = self._held.get(scope, ("", None))
            if grid is None or of_version != version:
                return None
            self._held.move_to_end(scope)
            return grid

    def _keep(self, scope: Scope, version: str, grid: Grid) -> None:
        with self._lock:
            self._held[scope] = (version, grid)
            self._held.move_to_end(scope)
            while len(self._held) > 1 and sum(one.size_bytes for _, one in self._held.values()) > self._kept_bytes:
                self._held.popitem(last=False)
