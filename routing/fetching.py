"""How are the roads of a place fetched over the internet?"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gis.errors import InputError, UnavailableError
from gis.provenance import Provenance
from routing.importing.graphs import from_graph
from routing.network import ATTRIBUTION, Network

TAGS = [
    "access", "bridge", "highway", "junction", "lanes", "maxheight", "maxspeed", "maxweight", "maxwidth",
    "motor_vehicle", "name", "oneway", "service", "toll", "tunnel", "width",
]  # fmt: skip
TIMEOUT_S = 180


def fetch(
    place: str,
    name: str,
    *,
    overpass_url: str | None = None,
    nominatim_url: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Network:
    """
    Fetch the drivable roads of a named place, or of a box ``west,south,east,north``, with OSMnx.

    Parameters
    ----------
    overpass_url, nominatim_url
        Services to ask instead of the public ones, for instance inside an agency's network.

    Raises
    ------
    InputError
        A box that cannot be, a place nobody knows, or no road in it.
    UnavailableError
        The service does not answer: use a file and ``roads build`` instead.
    """
    import osmnx
    import requests
    from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError

    say = progress or _silent
    box = _box(place)
    kept: dict[str, Any] = {
        key: getattr(osmnx.settings, key)
        for key in ("overpass_url", "nominatim_url", "use_cache", "useful_tags_way", "overpass_rate_limit",
                    "requests_timeout")
    }  # fmt: skip
    try:
        osmnx.settings.use_cache = False
        osmnx.settings.useful_tags_way = TAGS
        osmnx.settings.requests_timeout = TIMEOUT_S
        if overpass_url:
            osmnx.settings.overpass_url = overpass_url.rstrip("/").removesuffix("/interpreter")
            # A service of one's own keeps no queue to ask about.
            osmnx.settings.overpass_rate_limit = False
        if nominatim_url:
            osmnx.settings.nominatim_url = nominatim_url.rstrip("/") + "/"
        say("asking the map service", 0.1)
        options: dict[str, Any] = {"network_type": "drive_service", "simplify": False, "retain_all": True}
        graph = osmnx.graph_from_bbox(box, **options) if box else osmnx.graph_from_place(place, **options)
    except InsufficientResponseError as error:
        raise InputError(f"'{place}': the map service knows no such place, or no roads there") from error
    except (ResponseStatusCodeError, requests.RequestException, ConnectionError) as error:
        raise UnavailableError(
            f"the map service at {osmnx.settings.overpass_url} does not answer; "
            "fetch an OpenStreetMap file elsewhere and use: onemap roads build FILE --name N"
        ) from error
    except (ValueError, TypeError) as error:
        raise InputError(f"'{place}': the map service gave no usable roads ({error})") from error
    finally:
        for key, value in kept.items():
            setattr(osmnx.settings, key, value)
    say("building the graph", 0.7)
    now = datetime.now(UTC)
    provenance = Provenance(
        source=ATTRIBUTION,
        as_of=now,
        model="routing.fetching",
        version="1",
        inputs={"place": place, "service": overpass_url or "public"},
        notes=("odbl",),
    )
    return from_graph(graph, name, provenance)


def _box(text: str) -> tuple[float, float, float, float] | None:
    """The box a text gives, or None when it is a name."""
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) != 4:
        raise InputError(f"'{text}': a box is west,south,east,north in degrees")
    west, south, east, north = numbers
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(f"'{text}': a box is west,south,east,north in degrees, west below east, south below north")
    return west, south, east, north


def _silent(step: str, fraction: float) -> None:
    """Report nothing."""
