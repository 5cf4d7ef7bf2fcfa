"""Which language and theme did this user choose last?"""

import hashlib
import json
from pathlib import Path


class Preferences:
    """
    Choices of the users, one small file each in the data folder.

    They are comfort, not record: a file that cannot be read counts as no choice.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, name: str) -> dict[str, str]:
        """Give the choices of a user; empty when there are none."""
        try:
            read = json.loads(self._file(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in read.items()} if isinstance(read, dict) else {}

    def keep(self, name: str, **choices: str) -> None:
        """Keep choices beside those already made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file(name).write_text(json.dumps(self.of(name) | choices), encoding="utf-8")

    def _file(self, name: str) -> Path:
        # A user's name may hold any character; its digest is a safe file name.
        return self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"
