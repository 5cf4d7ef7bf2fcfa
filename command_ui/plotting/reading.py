"""Which kind of file is this, and which marks are in it? Nothing is recorded by reading."""

from command_ui.plotting import geojson, kml, svg
from command_ui.plotting.notes import Read
from gis.errors import InputError

KINDS = ("geojson", "kml", "svg")
LARGEST_BYTES = 1_000_000


def read_marks(name: str, content: bytes) -> Read:
    """
    Marks of a file, told by the end of its name.

    Raises
    ------
    InputError
        Another kind of file, too large, or not what its name says.
    """
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{name}: {len(content)} bytes; a file of marks holds at most {LARGEST_BYTES}")
    match name.rpartition(".")[2].lower():
        case "geojson" | "json":
            return geojson.read(content)
        case "kml":
            return kml.read(content)
        case "svg":
            return svg.read(content)
        case other:
            raise InputError(f"{name}: '{other}' cannot be read; give one of {', '.join(KINDS)}")
