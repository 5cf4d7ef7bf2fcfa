"""Road files in, one `Network` out."""

from routing.importing.lines import from_lines
from routing.importing.read import read

__all__ = ["from_lines", "read"]
