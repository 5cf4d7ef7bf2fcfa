"""Which teams does the first response ask for, and are they there?"""

from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]

FIRST_NEEDS: Mapping[str, Mapping[str, int]] = {
    "toxic": {"fire": 2, "hazmat": 1, "medical": 2},
    "fire": {"fire": 3, "hazmat": 1, "medical": 2},
}
"""Teams of the first dispatch by what is released. A setting with trust "unverified" until plans are kept as data."""
WITHIN_S = 1800.0
"""A team that needs longer than this is not counted as there."""


def matched(case: Mapping[str, Any] | None, teams: Iterable[Mapping[str, Any]]) -> list[Json]:
    """
    What is asked for against what can come in time, by kind: ``kind, need, have, short``.

    Parameters
    ----------
    teams
        Rows with ``kind, status, travel_time_s``.

    Examples
    --------
    >>> matched({"release": {"kind": "continuous"}}, [{"kind": "fire", "status": "ok", "travel_time_s": 300.0}])[0]
    {'kind': 'fire', 'need': 2, 'have': 1, 'short': 1}
    """
    if not case:
        return []
    kind = str((case.get("release") or {}).get("kind", ""))
    burns = any(word in kind for word in ("fire", "explosion", "bleve"))
    there: dict[str, int] = {}
    for team in teams:
        if team.get("status") == "ok" and float(team.get("travel_time_s") or WITHIN_S + 1) <= WITHIN_S:
            there[str(team.get("kind"))] = there.get(str(team.get("kind")), 0) + 1
    return [
        {"kind": one, "need": need, "have": there.get(one, 0), "short": max(0, need - there.get(one, 0))}
        for one, need in FIRST_NEEDS["fire" if burns else "toxic"].items()
    ]
