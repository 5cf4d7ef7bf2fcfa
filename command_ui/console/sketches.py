"""What has this person sketched for himself? Private marks by incident, kept for the account, on every machine."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from command_ui.console.preferences import Preferences

Json = dict[str, Any]

MOST = 60
INCIDENTS = 12
_KEY = "sketches"


class Sketches:
    """Sketches of one person: nobody else sees them and the record does not hold them until they are shown."""

    def __init__(self, preferences: "Preferences", name: str) -> None:
        self._preferences = preferences
        self._name = name

    def of(self, incident: str) -> list[Json]:
        """Sketches on one incident, oldest first."""
        found = self._all().get(incident, [])
        return [one for one in found if isinstance(one, dict) and {"id", "symbol", "geometry"} <= one.keys()]

    def put(self, incident: str, sketch: Json) -> list[Json]:
        """Keep a sketch; one of the same id is replaced. Beyond the limit the oldest goes."""
        others = [one for one in self.of(incident) if one["id"] != sketch["id"]]
        return self._write(incident, [*others, sketch][-MOST:])

    def drop(self, incident: str, sketch_id: str) -> list[Json]:
        """Forget a sketch."""
        return self._write(incident, [one for one in self.of(incident) if one["id"] != sketch_id])

    def _write(self, incident: str, sketches: list[Json]) -> list[Json]:
        others = {key: some for key, some in self._all().items() if key != incident}
        kept = dict(list(others.items())[-(INCIDENTS - 1) :]) | ({incident: sketches} if sketches else {})
        self._preferences.keep(self._name, **{_KEY: json.dumps(kept, ensure_ascii=False)})
        return sketches

    def _all(self) -> dict[str, list[Json]]:
        try:
            read = json.loads(self._preferences.of(self._name).get(_KEY, "{}"))
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}
