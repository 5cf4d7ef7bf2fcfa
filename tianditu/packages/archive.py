"""What is in a file of tiles, whichever of the three forms it has?"""

from dataclasses import dataclass
from typing import Protocol

from tianditu.grids import MatrixSet, TileIndex


@dataclass(frozen=True, slots=True)
class Contents:
    """
    What a file says about itself.

    Attributes
    ----------
    bounds
        West, south, east, north in degrees.
    tiles
        Tiles it holds.
    """

    form: str
    matrix: MatrixSet
    lowest_level: int
    highest_level: int
    bounds: tuple[float, float, float, float]
    tiles: int
    title: str
    attribution: str


class Archive(Protocol):
    """A file of tiles opened for reading; safe between threads."""

    def contents(self) -> Contents:
        """Say what is in it."""
        ...

    def tile(self, index: TileIndex) -> bytes | None:
        """Give a picture, or None where it has none."""
        ...

    def samples(self) -> list[bytes]:
        """Give a few of its pictures, whichever come first."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...
