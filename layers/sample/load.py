"""How does the sample city get into the database?"""

from collections.abc import Callable

import pandas as pd
from sqlalchemy import Connection, text

from gis.copying import copy_frame
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from layers.registers import sync
from layers.sample import names
from layers.sample.city import SampleCity

NETWORK = "sample"
"""Name of the sample city's road network and base map."""


def is_loaded(connection: Connection) -> bool:
    """Whether the sample city's enterprises are in the database."""
    found = connection.execute(
        text("SELECT EXISTS (SELECT 1 FROM layers.enterprise WHERE source_system = :source AND superseded_at IS NULL)"),
        {"source": names.SOURCE},
    )
    return bool(found.scalar_one())


def load(
    connection: Connection, city: SampleCity, progress: Callable[[str, int], None] | None = None
) -> dict[str, int]:
    """
    Write the whole city by COPY, in the transaction of `connection`; a city that is already there is left alone.

    Parameters
    ----------
    progress
        Called with the table's name and its number of rows after each table.

    Returns
    -------
    rows
        Table -> rows written; empty when the city was there.
    """
    if is_loaded(connection):
        return {}
    written: dict[str, int] = {}
    base = {"base_area": city.base_areas, "base_line": city.base_lines, "base_label": city.base_labels}
    for table, frame in {**city.tables, **base}.items():
        rows: pd.DataFrame = frame
        if table in base:
            rows = frame.assign(network=NETWORK, source_system=names.SOURCE, as_of=city.moment)
        written[table] = copy_frame(connection, f"layers.{table}", rows)
        if progress is not None:
            progress(table, written[table])
    # The drill city's registers come in as a real city's do, through the adapter.
    with_registers = Caller("layers.sample", LOWEST_DIVISION, HIGHEST_DIVISION, "drill")
    written["register_row"] = sum(sync.load_fixtures(connection, with_registers, city.moment).values())
    # At once: the first search and the first tiles must not be planned for an empty table.
    connection.execute(text("SELECT layers.refresh_statistics()"))
    return written
