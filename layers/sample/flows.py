"""Which consignments went between the sites of the sample city? Those its ledgers leave room for."""

from datetime import date
from decimal import Decimal
from typing import cast

import numpy as np
import pandas as pd
import shapely

LEAST_T = Decimal("0.4")


def between(rng: np.random.Generator, units: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """
    Consignments that fit the ledgers: what one site books out, another that holds the same substance books in that day.

    Parameters
    ----------
    units
        Columns ``id, name, enterprise_name, substance, cas_number, x, y`` of the hazard sources.
    ledger
        Columns ``hazard_source_id, substance, ledger_day, in_t, out_t``.

    Returns
    -------
    flows
        Columns of ``layers.chemical_flow`` with a line in metres; no site sends or receives more than its ledger books.
    """
    by_id = units.set_index("id")
    rows: list[dict[str, object]] = []
    for (day, substance), books in ledger.groupby(["ledger_day", "substance"], sort=True):
        given = _masses(books, "out_t")
        taken = _masses(books, "in_t")
        takers = list(taken)
        for at in rng.permutation(len(takers)):
            taker = takers[int(at)]
            for giver in given:
                # The rest comes from, or goes, outside the city or into the process.
                mass = min(given[giver], taken[taker])
                if mass < LEAST_T:
                    continue
                given[giver] -= mass
                taken[taker] -= mass
                rows.append(_row(len(rows) + 1, by_id, giver, taker, str(substance), mass, cast(date, day)))
    return pd.DataFrame(rows)


def _masses(books: pd.DataFrame, column: str) -> dict[str, Decimal]:
    """Sites of one day that booked something, with how much."""
    booked = zip(books["hazard_source_id"], books[column], strict=True)
    return {str(site): Decimal(str(mass)) for site, mass in booked if float(mass) > 0}


def _row(
    number: int, units: pd.DataFrame, giver: str, taker: str, substance: str, mass: Decimal, day: date
) -> dict[str, object]:
    start, end = units.loc[giver], units.loc[taker]
    names = [f"{one['enterprise_name']} {one['name']}" for one in (start, end)]
    return {
        "id": f"LX-{number:04d}",
        "name": f"{substance} {mass.normalize():f} t",
        "from_id": giver,
        "from_name": names[0],
        "to_id": taker,
        "to_name": names[1],
        "substance": substance,
        "cas_number": start["cas_number"],
        "quantity_t": str(mass),
        "moved_on": day,
        "line": shapely.LineString([(start["x"], start["y"]), (end["x"], end["y"])]),
    }
