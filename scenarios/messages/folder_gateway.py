"""How do messages go out through a folder another program watches? One file out, one back, named by the key."""

import json
import os
import tempfile
from pathlib import Path
from uuid import UUID

from scenarios.messages.answers import outcome_of
from scenarios.messages.gateway import GatewayDownError, GatewayUnknownError, Outcome, Outgoing

LONGEST = 64 * 1024


class FolderGateway:
    """
    A gateway behind two folders: ``out/<key>.json`` is what is to be sent, ``in/<key>.json`` what came of it.

    For modems and systems that cannot be called. Files appear whole or not at all; an out file is never changed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def hand_over(self, message: Outgoing) -> Outcome:
        """Write the file unless it is there."""
        known = self._answer(message.key)
        if known is not None:
            return known
        path = self.folder / "out" / f"{message.key}.json"
        body = {"key": str(message.key), "kind": message.kind, "to": message.to, "name": message.name,
                "text": message.text}  # fmt: skip
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".part-", delete=False) as file:
                    json.dump(body, file, ensure_ascii=False)
                    file.flush()
                    os.fsync(file.fileno())
                Path(file.name).replace(path)
        except OSError as error:
            raise GatewayDownError(f"the folder of the gateway cannot be written: {error.strerror}") from error
        return Outcome("queued")

    def look(self, key: UUID) -> Outcome:
        """Read what came back."""
        known = self._answer(key)
        if known is not None:
            return known
        if not (self.folder / "out" / f"{key}.json").exists():
            raise GatewayUnknownError("the file of the message is gone and nothing came back")
        return Outcome("queued")

    def _answer(self, key: UUID) -> Outcome | None:
        path = self.folder / "in" / f"{key}.json"
        try:
            if path.stat().st_size > LONGEST:
                raise GatewayDownError("the answer of the gateway is larger than an answer would be")
            return outcome_of(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GatewayDownError(f"the answer of the gateway cannot be read: {error.strerror}") from error
