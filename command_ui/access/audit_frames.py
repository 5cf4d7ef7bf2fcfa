"""How does a line of the audit look on its way to another host? RFC 5424, counted as RFC 6587 and RFC 5425 say."""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BufferedIOBase
from typing import BinaryIO

APP_NAME = "onemap"
FACILITY = 13
"""log audit (RFC 5424 table 1)."""
SEVERITY = {"ok": 6, "refused": 4, "failed": 3}
"""Informational, warning, error (table 2)."""
LONGEST = 64_000
_GREETING = re.compile(rb"onemap-audit 1 (\d{4}-\d{2}-\d{2}) (\d{1,18})\r?\n")
_COUNT = re.compile(rb"[1-9]\d{0,5}")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line by day and number; ordered as the lines are."""

    day: date
    seq: int

    def __str__(self) -> str:
        """As it stands in a greeting."""
        return f"{self.day.isoformat()} {self.seq}"


FIRST = Place(date(2000, 1, 1), 0)
"""Before every line."""


def written(line: Mapping[str, object]) -> str:
    """One line as JSON, everything its hash is over and the hash: enough to verify it anywhere."""
    return json.dumps({name: _plain(value) for name, value in line.items()}, ensure_ascii=False, sort_keys=True)


def frame(line: Mapping[str, object]) -> bytes:
    """
    One line as an octet-counted message of RFC 5424.

    The structured data carry number and hash for receivers that look no further; 32473 is the number RFC 5612 keeps for
    examples, since the product has no enterprise number of its own.
    """
    at = line["at"]
    assert isinstance(at, datetime)
    priority = FACILITY * 8 + SEVERITY.get(str(line["outcome"]), 5)
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    data = f'[onemap@32473 day="{_plain(line["day"])}" seq="{line["seq"]}" hash="{_plain(line["hash"])}"]'
    head = f"<{priority}>1 {stamp} {_HOST} {APP_NAME} - {line['event']} {data} "
    body = head.encode("ascii") + b"\xef\xbb\xbf" + written(line).encode()
    return str(len(body)).encode() + b" " + body


def frames(stream: BinaryIO | BufferedIOBase) -> Iterator[dict[str, object]]:
    """
    Read lines back from a connection until it ends; a message cut in the middle is none.

    Raises
    ------
    ValueError
        What comes is no such message.
    """
    while True:
        count = b""
        while len(count) < 7:
            one = stream.read(1)
            if not one:
                return
            if one == b" ":
                break
            count += one
        if not _COUNT.fullmatch(count) or int(count) > LONGEST:
            raise ValueError("no counted message")
        body = stream.read(int(count))
        if len(body) < int(count):
            return
        yield read(body)


def read(message: bytes) -> dict[str, object]:
    """
    Read the line of one message.

    Raises
    ------
    ValueError
        It is none of ours.
    """
    _, mark, written_line = message.partition(b"\xef\xbb\xbf")
    found = json.loads(written_line) if mark else None
    if not isinstance(found, dict) or not {"day", "seq", "hash", "prev_hash"} <= set(found):
        raise ValueError("no line of the audit")
    return found


def restored(found: Mapping[str, object]) -> dict[str, object]:
    """
    Give a line as the database holds it: days, times and hashes are such again.

    Raises
    ------
    ValueError
        A field cannot be read.
    """
    line = dict(found)
    line["day"] = date.fromisoformat(str(found["day"]))
    line["at"] = datetime.fromisoformat(str(found["at"]))
    for name in ("hash", "prev_hash"):
        line[name] = bytes.fromhex(str(found[name]))
    return line


def greeting(place: Place) -> bytes:
    """What a keeping receiver says first, and after each batch it has on its disk: how far it has come."""
    return f"onemap-audit 1 {place}\n".encode("ascii")


def greeting_of(said: bytes) -> Place:
    """
    Read a greeting.

    Raises
    ------
    ValueError
        Something else answers there, or the connection was cut.
    """
    found = _GREETING.fullmatch(said)
    if found is None:
        raise ValueError("the receiver does not say how far it has come" if said else "the connection was cut")
    return Place(date.fromisoformat(found[1].decode()), int(found[2]))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


_HOST = re.sub(r"[^!-~]", "-", socket.gethostname())[:255] or "-"
