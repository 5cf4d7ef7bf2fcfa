"""Which hospitals take the injured of an incident, and how many beds has each? For the inspector and for programs."""

from typing import Any

from gis.database import Caller, Database
from layers import hospitals
from scenarios.resources.patients import share_out
from scenarios.situation import Situation

Json = dict[str, Any]


def around(database: Database, caller: Caller, known: Situation) -> Json:
    """
    Hospitals nearest to an incident with beds, free beds and a share of its injured; ``left`` find no bed.

    An incident without a place has none around it.
    """
    if known.place is None:
        return {"hospitals": [], "left": 0, "injured": 0}
    with database.transaction(caller) as connection:
        found = hospitals.nearest(connection, known.place, caller.mode)
    toll = known.casualties
    serious, slight = (toll.seriously_injured, toll.slightly_injured) if toll else (0, 0)
    shares, left = share_out(serious, slight, [one.beds_free for one in found])
    return {
        "hospitals": [
            {
                "id": one.id,
                "name": one.name,
                "beds": one.beds,
                "beds_free": one.beds_free,
                "distance_m": round(one.distance_m),
                "longitude": one.longitude,
                "latitude": one.latitude,
                "serious": share.serious,
                "slight": share.slight,
            }
            for one, share in zip(found, shares, strict=True)
        ],
        "left": left,
        "injured": serious + slight,
    }
