"""How good are the registers as they stand? Every defect with its place and who must mend it (底数清)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from gis.crs import LonLat
from gis.database import Caller
from layers import catalogue
from layers.catalogue import LayerSpec
from layers.importing import history
from layers.importing.fields import UNIQUE_BY_NAME, Field, fields_of
from layers.importing.known import Known, read_register, with_roads
from layers.importing.quality import STALE_DAYS, Examined, examine
from layers.rows import belongs, table_of
from layers.tables import Base

SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Score:
    """Quality of one layer: standing rows, those with a defect, rows kept aside, and 0 to 100 (None when empty)."""

    layer: str
    rows: int
    defective: int
    aside: int

    @property
    def score(self) -> int | None:
        """Share of rows without a defect, rounded down so that 100 means none at all."""
        total = self.rows + self.aside
        return None if total == 0 else (100 * (self.rows - self.defective)) // total


def standing_defects(connection: Connection, layer: str, caller: Caller, now: datetime) -> list[dict[str, Any]]:
    """
    Defects of the rows that stand in a layer that files are imported into, by the rules of the import itself.

    Each: ``layer, id, name, division_code, owner, rules, reasons, longitude, latitude``. A register is not compared
    with itself for its datum: that rule judges what is new.
    """
    spec = catalogue.layer(layer)
    fields = fields_of(layer)
    register = read_register(connection, spec.table, fields)
    known = with_roads(connection, register, LonLat(105.0, 35.0), (0.0, 0.0, 0.0, 0.0))
    if known.rows.empty:
        return []
    examined = _examined(known, fields, spec, caller, now)
    rows = known.rows
    reasons: dict[int, list[dict[str, Any]]] = {}
    for one in examined.findings.listed():
        facts = dict(one.facts)
        # A file has row numbers; what stands in a register is known by its number and name.
        if (other := facts.pop("other_row", None)) is not None:
            facts |= {"other_id": str(rows["id"].iloc[other]), "other_name": str(rows["name"].iloc[other])}
        reasons.setdefault(one.row, []).append(
            {"rule": one.rule, "column": one.column, "value": one.value, "facts": facts}
        )
    return [
        {
            "layer": layer,
            "id": str(rows["id"].iloc[row]),
            "name": str(rows["name"].iloc[row]),
            "division_code": str(rows["division_code"].iloc[row]),
            "owner": spec.owner,
            "rules": sorted({reason["rule"] for reason in told}),
            "reasons": told,
            "longitude": rows["longitude"].iloc[row],
            "latitude": rows["latitude"].iloc[row],
        }
        for row, told in sorted(reasons.items())
    ]


def _examined(known: Known, fields: tuple[Field, ...], spec: LayerSpec, caller: Caller, now: datetime) -> Examined:
    values = known.rows.copy()
    blank = {
        field.column: values[field.column].isna().to_numpy(bool) | (values[field.column] == "").to_numpy(bool)
        for field in fields
        if field.column in values
    }
    nothing = Known(known.rows.iloc[:0], known.divisions, known.roads, known.centre)
    return examine(
        values,
        blank,
        {},
        {str(column): values[column].to_numpy(object) for column in values},
        frozenset(field.column for field in fields if field.needed),
        nothing,
        caller,
        now,
        raw_place=values[["longitude", "latitude"]].to_numpy(float),
        formulas={},
        unique_names=spec.table in UNIQUE_BY_NAME,
        stale_days=STALE_DAYS,
    )


def aside_counts(connection: Connection) -> dict[str, int]:
    """Layer -> rows kept aside in the caller's world."""
    table = Base.metadata.tables["layers.import_aside"]
    here = (table.c.mode == func.current_setting("onemap.mode", True)) & table.c.settled_at.is_(None)
    found = connection.execute(select(table.c.layer, func.count()).where(here).group_by(table.c.layer))
    return {str(layer): int(number) for layer, number in found}


def scores(connection: Connection, standing: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Score]:
    """Quality of every layer files are imported into, from the defects of its standing rows."""
    aside = aside_counts(connection)
    found: list[Score] = []
    for key, listed in standing.items():
        spec = catalogue.layer(key)
        table = table_of(spec)
        rows = connection.execute(select(func.count()).select_from(table).where(belongs(spec, table))).scalar_one()
        found.append(Score(key, int(rows), len(listed), aside.get(key, 0)))
    return found


def defects(
    connection: Connection,
    standing: Mapping[str, Sequence[Mapping[str, Any]]],
    layer: str = "",
    rule: str = "",
    limit: int = SHOWN,
) -> list[dict[str, Any]]:
    """Every defect there is, rows kept aside first: what the quality layer of the map draws."""
    kept = [
        {**one, "id": f"aside-{one['id']}", "state": "aside"}
        for one in history.aside(connection, layer, rule, limit=limit)
    ]
    listed = [
        {**one, "state": "standing"}
        for key, found in standing.items()
        for one in found
        if (not layer or key == layer) and (not rule or rule in one["rules"])
    ]
    return [*kept, *listed][:limit]
