"""What of a shown view does the record keep? Only what everybody who reads the record may see."""

from layers.catalogue import LAYERS
from scenarios.event import Json

_OPEN = frozenset(spec.key for spec in LAYERS if spec.audience == "public")


def for_record(view: Json) -> Json:
    """
    Give what of a view the record keeps.

    No row that was selected, no filter, no pointer, and only layers that need no clearance; `hidden` counts the
    others. Followers were shown each what he may see; whoever reads the incident later reads one text.
    """
    wanted = [str(key) for key in view.get("layers") or ()]
    own = [key for key in wanted if key in _OPEN]
    kept = {name: view.get(name) for name in ("centre", "zoom", "extent", "moment")}
    return kept | {"layers": own, "hidden": len(wanted) - len(own)}
