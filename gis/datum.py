"""What can the degrees of incoming data mean? Apart from `gis.crs` so that the command line can ask without it."""

from typing import Literal

Datum = Literal["cgcs2000", "wgs84", "gcj02", "bd09"]
"""Chinese web maps deliver gcj02 or bd09 and rarely say so."""
