"""Which stored road network covers a place? Loaded once and kept while its files stay the same."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from gis.crs import LonLat
from gis.errors import UnavailableError
from routing import cache

if TYPE_CHECKING:
    from routing.network import Network

KEPT = 3


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
