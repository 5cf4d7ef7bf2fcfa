"""How are the entries of an incident kept so that the fifty-thousandth costs no more than the first?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

from scenarios.events import Entry

WIDTH = 256
"""Entries of a block: one more entry copies at most this many references, and one for every block before it."""


@dataclass(frozen=True, slots=True)
class Entries(Sequence[Entry]):
    """
    Entries in their order, frozen: `plus` gives a longer sequence and leaves this one as it is.

    A tuple would be copied whole for every entry, which makes a long incident quadratic. Full blocks are shared by all
    the sequences that grew from one another; the same entries always lie in the same blocks, so equality is cheap.
    """

    full: tuple[tuple[Entry, ...], ...] = ()
    tail: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Entries":
        """Put entries into blocks."""
        known = tuple(entries)
        whole = len(known) // WIDTH * WIDTH
        return cls(tuple(known[at : at + WIDTH] for at in range(0, whole, WIDTH)), known[whole:])

    def plus(self, entry: Entry) -> "Entries":
        """Give the sequence with one more entry at its end."""
        tail = (*self.tail, entry)
        return Entries((*self.full, tail)) if len(tail) == WIDTH else Entries(self.full, tail)

    def plus_all(self, entries: Iterable[Entry]) -> "Entries":
        """Give the sequence with some more entries at its end."""
        grown = Entries.of((*self.tail, *entries))
        return Entries((*self.full, *grown.full), grown.tail)

    def __len__(self) -> int:
        return WIDTH * len(self.full) + len(self.tail)

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, place: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(place, slice):
            return tuple(self[at] for at in range(*place.indices(len(self))))
        at = place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(f"there are {len(self)} entries, none at {place}")
        block, inside = divmod(at, WIDTH)
        return self.full[block][inside] if block < len(self.full) else self.tail[inside]

    def __iter__(self) -> Iterator[Entry]:
        return chain(chain.from_iterable(self.full), self.tail)
