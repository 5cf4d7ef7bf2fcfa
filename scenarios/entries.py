"""How are the entries of an incident kept so that the fifty-thousandth costs no more than the first?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

from scenarios.events import Entry

WIDTH = 256
"""Entries of a block: one more entry copies at most this many references, and one for every block before it."""


class Unread:
    """A full block that lies in the record and is read when somebody looks at it; otherwise like any other."""

    __slots__ = ("__weakref__", "_after", "_block", "_read")

    def __init__(self, after: int, read: Callable[[int], tuple[Entry, ...]]) -> None:
        self._after = after
        self._read = read
        self._block: tuple[Entry, ...] | None = None

    @property
    def block(self) -> tuple[Entry, ...]:
        """
        The entries themselves.

        Raises
        ------
        ValueError
            The record holds others than those that were counted.
        """
        if self._block is None:
            block = self._read(self._after)
            if [entry.seq for entry in block] != list(range(self._after + 1, self._after + WIDTH + 1)):
                raise ValueError(f"entries {self._after + 1} to {self._after + WIDTH} are not in the record")
            self._block = block
        return self._block

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return self.block == (other.block if isinstance(other, Unread) else other)

    def __hash__(self) -> int:
        return hash(self.block)


Block = tuple[Entry, ...] | Unread


@dataclass(frozen=True, slots=True)
class Entries(Sequence[Entry]):
    """
    Entries in their order, frozen: `plus` gives a longer sequence and leaves this one as it is.

    A tuple would be copied whole for every entry, which makes a long incident quadratic. Full blocks are shared by all
    the sequences that grew from one another; the same entries always lie in the same blocks, so equality is cheap.
    """

    full: tuple[Block, ...] = ()
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
        return _opened(self.full[block])[inside] if block < len(self.full) else self.tail[inside]

    def __iter__(self) -> Iterator[Entry]:
        return chain(chain.from_iterable(map(_opened, self.full)), self.tail)


def _opened(block: Block) -> tuple[Entry, ...]:
    return block.block if isinstance(block, Unread) else block
