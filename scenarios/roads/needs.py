"""Which teams does the first response ask for, and are they there?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gis.provenance import Trust

Json = dict[str, Any]

WITHIN_S = 1800.0
"""A team that needs longer than this is not counted as there; a setting, trust "unverified"."""


@dataclass(frozen=True, slots=True)
class Needs:
    """
    Teams asked for, by kind.

    Attributes
    ----------
    source, trust
        Who asks: the title of a plan, or empty for the table below, whose figures nobody has confirmed.
    """

    teams: Mapping[str, int]
    source: str = ""
    trust: Trust = "unverified"


FIRST_NEEDS: Final[Mapping[str, Needs]] = {
    "toxic": Needs({"fire": 2, "hazmat": 1, "medical": 2}),
    "fire": Needs({"fire": 3, "hazmat": 1, "medical": 2}),
}
"""Teams of the first dispatch by what is released, for places whose plans say nothing."""


def first_needs(case: Mapping[str, Any] | None) -> Needs | None:
    """Needs of the table above for a case; None without one."""
    if not case:
        return None
    kind = str((case.get("release") or {}).get("kind", ""))
    return FIRST_NEEDS["fire" if any(word in kind for word in ("fire", "explosion", "bleve")) else "toxic"]


def matched(needs: Needs | None, teams: Iterable[Mapping[str, Any]]) -> list[Json]:
    """
    What is asked for against what can come in time, by kind: ``kind, need, have, short``.

    Parameters
    ----------
    teams
        Rows with ``kind, status, travel_time_s``.

    Examples
    --------
    >>> matched(Needs({"fire": 2}), [{"kind": "fire", "status": "ok", "travel_time_s": 300.0}])
    [{'kind': 'fire', 'need': 2, 'have': 1, 'short': 1}]
    """
    if needs is None:
        return []
    there: dict[str, int] = {}
    for team in teams:
        if team.get("status") == "ok" and float(team.get("travel_time_s") or WITHIN_S + 1) <= WITHIN_S:
            there[str(team.get("kind"))] = there.get(str(team.get("kind")), 0) + 1
    return [
        {"kind": one, "need": need, "have": there.get(one, 0), "short": max(0, need - there.get(one, 0))}
        for one, need in needs.teams.items()
    ]
