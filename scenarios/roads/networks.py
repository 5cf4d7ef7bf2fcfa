"""Which stored road network covers a place? Loaded once and kept while its files stay the same."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from gis.crs import LonLat
from gis.errors import OneMapError, UnavailableError
from routing import cache

if TYPE_CHECKING:
    from routing.network import Network

KEPT = 3
BEYOND_DEG = 0.05
"""About 5 km."""


class Roads:
    """Networks below one folder. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: OrderedDict[str, tuple[int, Network]] = OrderedDict()
        self._lock = Lock()

    def named(self, name: str) -> "Network":
        """
        Load the network called `name`, or take it from memory.

        Raises
        ------
        InputError, MissingError, UnavailableError
            No possible name, no such network, or a damaged one.
        """
        folder = self.folder / cache.checked_name(name)
        cache.read_manifest(folder)
        stamp = (folder / cache.MANIFEST).stat().st_mtime_ns
        with self._lock:
            known = self._loaded.get(name)
            if known is not None and known[0] == stamp:
                self._loaded.move_to_end(name)
                return known[1]
            network = cache.load(folder)
            self._loaded[name] = (stamp, network)
            while len(self._loaded) > KEPT:
                self._loaded.popitem(last=False)
            return network

    def fault(self, name: str, place: LonLat | None) -> str | None:
        """
        Why the network called `name` cannot serve `place` (if known), in one sentence; None when it can.

        A place a little beyond the last road is still served: crews and people reach the roads that are there.
        """
        try:
            bounds = cache.read_manifest(self.folder / cache.checked_name(name))["bounds"]
        except OneMapError as error:
            return str(error)
        if place is None:
            return None
        west, south, east, north = bounds
        inside = west - BEYOND_DEG <= place.longitude <= east + BEYOND_DEG
        if inside and south - BEYOND_DEG <= place.latitude <= north + BEYOND_DEG:
            return None
        return (
            f"network '{name}' covers longitude {west:.3f} to {east:.3f}, latitude {south:.3f} to {north:.3f}, "
            f"and the incident at {place.longitude:.4f}, {place.latitude:.4f} lies outside; name another network"
        )

    def covering(self, place: LonLat) -> "Network | None":
        """Smallest network whose bounding box holds `place`, by name where two are equal; None when none does."""
        found = []
        for name in cache.names(self.folder):
            try:
                west, south, east, north = cache.read_manifest(self.folder / name)["bounds"]
            except (UnavailableError, KeyError):
                continue  # a damaged network covers nothing; building it again is the business of `onemap roads`
            if west <= place.longitude <= east and south <= place.latitude <= north:
                found.append(((east - west) * (north - south), name))
        return self.named(min(found)[1]) if found else None
