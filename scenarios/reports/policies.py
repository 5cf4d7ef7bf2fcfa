"""Which rule says by when whom must be told? Rows built in, and rows of the house's own table before them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from gis.provenance import Trust
from scenarios.reports.events import ReportChannel

Kind = Literal["first", "forward", "follow_up", "supplement"]
"""First report; report after changed casualties; window in which changed casualties are still reported again."""
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class ReportingPolicy:
    """
    One row: within how many minutes a report is due, by which channel.

    Attributes
    ----------
    division
        Prefix of the division code, "" = everywhere; the longest prefix that fits wins.
    kind
        What the minutes count from: ``first`` from 接报 (``known_at`` of this level), ``follow_up`` from the entry that
        changed the casualties, ``supplement`` from the accident (``occurred_at``).
    grade
        Accident grade the row is for, "" = any. Some places give minutes by grade only: while no grade is known the
        strictest of them holds.
    event
        Prefix of the event code the row is for, "" = any.
    valid_from, valid_until
        Days (the first, and the one after the last) on which 接报 must lie; None = always.
    basis
        Code of the rule, worded for people as ``policy.<basis>``; ``source`` says the same for rows without such words.
    own
        Whether the row comes from this house's table; it then stands before a built-in row that fits as well.
    """

    division: str
    channel: ReportChannel
    minutes: int
    basis: str
    kind: Kind = "first"
    grade: str = ""
    event: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    source: str = ""
    trust: Trust = "one_source"
    own: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether the row was in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


POLICIES: tuple[ReportingPolicy, ...] = (
    # 《生产安全事故报告和调查处理条例》 (State Council Order 493), in force since 2007-06-01.
    ReportingPolicy(
        "", "written", 60, "order_493_art_9", valid_from=date(2007, 6, 1),
        source="《生产安全事故报告和调查处理条例》第九条", trust="two_sources",
    ),
    # Each authority passes on what another level reported to it within two hours a level.
    ReportingPolicy(
        "", "written", 120, "order_493_art_11", kind="forward", valid_from=date(2007, 6, 1),
        source="《生产安全事故报告和调查处理条例》第十一条", trust="two_sources",
    ),
    ReportingPolicy(
        "", "written", 30 * DAY, "order_493_art_13", kind="supplement", valid_from=date(2007, 6, 1),
        source="《生产安全事故报告和调查处理条例》第十三条", trust="two_sources",
    ),
    *(
        ReportingPolicy(
            "", "written", 7 * DAY, "order_493_art_13_road_fire", kind="supplement", event=event,
            valid_from=date(2007, 6, 1), source="《生产安全事故报告和调查处理条例》第十三条", trust="two_sources",
        )
        for event in ("road", "fire")
    ),
    # Local rules of 15, 20 and 30 minutes were seen; the sample city takes the strictest. Fictional.
    ReportingPolicy("9901", "phone", 15, "sample_city_policy", source="演练市值班制度（虚构）", trust="unverified"),
    ReportingPolicy(
        "9901", "written", 60, "sample_city_follow_up", kind="follow_up", source="演练市值班制度（虚构）",
        trust="unverified",
    ),
)  # fmt: skip


def policies_for(
    division_code: str,
    policies: tuple[ReportingPolicy, ...] = POLICIES,
    *,
    kind: Kind = "first",
    grade: str | None = None,
    event: str = "",
    day: date | None = None,
) -> tuple[ReportingPolicy, ...]:
    """
    Rows that hold in a division, one a channel, the shortest time first.

    Parameters
    ----------
    grade
        Accident grade confirmed or suggested; None while there is none.
    event
        Event code of the incident.
    day
        Day of 接报 in the zone of the duty room; None = rows of every age.
    """
    best: dict[str, tuple[tuple[object, ...], ReportingPolicy]] = {}
    for row in policies:
        if row.kind != kind or not division_code.startswith(row.division) or not event.startswith(row.event):
            continue
        if (row.grade and grade is not None and row.grade != grade) or (day is not None and not row.holds_on(day)):
            continue
        # Nearest place first, then our own rows, the grade known, the kind of event, the youngest, the strictest.
        rank = (
            len(row.division), row.own, bool(row.grade) and grade is not None, len(row.event),
            row.valid_from or date.min, -row.minutes,
        )  # fmt: skip
        known = best.get(row.channel)
        if known is None or rank > known[0]:
            best[row.channel] = (rank, row)
    return tuple(sorted((row for _, row in best.values()), key=lambda row: row.minutes))
