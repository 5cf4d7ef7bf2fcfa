"""Is this answer of a place service a success? Each of them says so in its own way (tianditu.md 1.6)."""

from typing import Any

from gis import safe_json
from gis.errors import InputError, UnavailableError
from tianditu.verdict import State, judge

Json = dict[str, Any]

_SEARCH_OK, _SEARCH_NO_DATA, _SEARCH_SERVER = 1000, 3001, 3000
_GEOCODER_NONE = frozenset({"1", "101", "404"})


class ServiceError(UnavailableError):
    """
    A place service gave no answer that can be used.

    Attributes
    ----------
    state
        Code as for tiles.
    """

    def __init__(self, service: str, state: State, detail: str = "") -> None:
        self.state = state
        said = f": {detail}" if detail else ""
        super().__init__(f"the place service '{service}' did not answer ({state}{said}); our own layers still do")


def plain(service: str, status: int, body: bytes, key: str) -> Json:
    """
    Read an answer as a JSON object, or say why the server refused.

    Raises
    ------
    ServiceError
        Refused, or no JSON object.
    InputError
        A parameter is missing or wrong; the sentence is the server's own.
    """
    try:
        value = safe_json.read(body, service)
    except InputError:
        value = None
    if status == 400 and isinstance(value, dict) and isinstance(value.get("status"), dict):
        raise InputError(f"'{service}' refused the question: {value['status'].get('cndesc', 'no reason given')}")
    if status != 200:
        verdict = judge(status, body, key=key)
        raise ServiceError(service, verdict.state, verdict.detail)
    if not isinstance(value, dict):
        raise ServiceError(service, "not_a_tile", "no JSON object")
    return value


def search_groups(reply: Json) -> list[Json]:
    """
    Dialect 1, place search: ``status.infocode == 1000``; replies about several categories come grouped by name.

    Raises
    ------
    InputError
        The question was wrong (infocode 2000 to 2999).
    ServiceError
        The server failed, or said nothing that is a success.
    """
    groups = [reply] if "status" in reply else [part for part in reply.values() if isinstance(part, dict)]
    found = []
    for group in groups:
        status = group.get("status")
        code = whole(status.get("infocode")) if isinstance(status, dict) else None
        if code == _SEARCH_NO_DATA:
            continue
        if code is not None and 2000 <= code < _SEARCH_SERVER:
            raise InputError(f"'search' refused the question ({code}): {status.get('cndesc', '') if status else ''}")
        if code != _SEARCH_OK:
            raise ServiceError("search", "broken", f"infocode {code}")
        found.append(group)
    if not groups:
        raise ServiceError("search", "not_a_tile", "no status")
    return found


def geocoder_answer(reply: Json) -> Json | None:
    """
    Dialect 2, geocoder both ways: ``status == "0"``, a string; "404" inside a reply with HTTP 200 means none found.

    Raises
    ------
    ServiceError
        Another status.
    """
    status = str(reply.get("status", ""))
    if status == "0":
        return reply
    if status in _GEOCODER_NONE:
        return None
    raise ServiceError("geocoder", "broken", f"status {status!r}")


def divisions_data(reply: Json) -> Json:
    """
    Dialect 3, administrative divisions: ``status == 200``, a number inside the reply.

    Raises
    ------
    ServiceError
        Another status, or no data.
    """
    data = reply.get("data")
    if whole(reply.get("status")) != 200 or not isinstance(data, dict):
        raise ServiceError("administrative", "broken", str(reply.get("message", ""))[:80])
    return data


def transit_results(reply: Json) -> list[Json]:
    """
    Dialect 4, public transport: ``resultCode == 0``, sometimes a string; 4 and 5 mean too near to ride.

    Raises
    ------
    InputError
        The start, the end or the question is not understood (1, 2, 6).
    ServiceError
        Failed (3) or unknown.
    """
    code = whole(reply.get("resultCode"))
    if code == 0:
        return [one for one in reply.get("results") or [] if isinstance(one, dict)]
    if code in (4, 5):
        return []
    if code in (1, 2, 6):
        raise InputError(f"'transit' refused the question (resultCode {code})")
    raise ServiceError("transit", "broken", f"resultCode {code}")


def whole(value: object) -> int | None:
    """Read a number that may come as text: ``count`` is ``"0"`` when nothing is found."""
    try:
        return int(str(value))
    except ValueError:
        return None
