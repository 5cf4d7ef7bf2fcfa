"""Who belongs at the table of this incident? The level above, the duty room itself, the counties around, the plant."""

from sqlalchemy import Connection, select

from layers.rows import standing
from layers.tables import Base
from scenarios.consultation.events import Seat

PROVINCE, CITY = 2, 4
"""Leading digits of a division code that name a province and a city (GB/T 2260)."""


def suggest(connection: Connection, division_code: str) -> tuple[Seat, ...]:
    """Seats of province, city and counties round a division, as far as the caller knows their names."""
    table = Base.metadata.tables["layers.division"]
    rows = connection.execute(select(table.c.id, table.c.name).where(standing(table)).order_by(table.c.id)).all()
    names = {str(row.id)[:6]: str(row.name) for row in rows if len(str(row.id)) == len("000000")}
    city = division_code[:CITY] + "00"
    found = []
    for code, name in names.items():
        if code.endswith("0000") and code[:PROVINCE] == division_code[:PROVINCE]:
            found.append(Seat(code, name, "province", code))
        elif code == city:
            found.append(Seat(code, name, "city", code))
        elif code[:CITY] == division_code[:CITY]:
            found.append(Seat(code, name, "county", code))
    return tuple(found)
