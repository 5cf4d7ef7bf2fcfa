"""Which gateway of sensors holds this token? It may hand in messages and nothing else."""

import hashlib
import threading
import time

from command_ui.access.roles import SignedIn
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller, Database
from layers.sensors import devices

_CACHED_FOR_S = 5.0
"""A disabled gateway is refused in every process after this at the latest."""
_CACHE_LIMIT = 10_000


class Gateways:
    """Credentials of gateways, asked of the database and believed for a few seconds. Blocks: call it in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[bytes, tuple[float, SignedIn | None]] = {}
        self._lock = threading.Lock()

    @staticmethod
    def is_theirs(token: str) -> bool:
        """Whether a bearer token is one of a gateway and not of a session."""
        return token.startswith(devices.TOKEN_PREFIX)

    def find(self, token: str) -> SignedIn | None:
        """Give the gateway that holds this token, or None."""
        digest = hashlib.sha256(token.encode()).digest()
        now = time.monotonic()
        with self._lock:
            read_at, known = self._seen.get(digest, (-1e9, None))
        if now - read_at < _CACHED_FOR_S:
            return known
        with self._database.transaction(Caller.system()) as connection:
            found = devices.find_by_token(connection, token)
        gateway = (
            SignedIn(
                name=found.id,
                display_name=found.name,
                role="device",
                division_from=LOWEST_DIVISION,
                division_to=HIGHEST_DIVISION,
                mode=found.mode,
                handle=f"gateway:{found.id}",
                csrf_token="",
                by_cookie=False,
            )
            if found is not None
            else None
        )
        with self._lock:
            if len(self._seen) >= _CACHE_LIMIT:
                self._seen.clear()
            self._seen[digest] = (now, gateway)
        return gateway
