"""How does a process that runs for months keep what it lets go from being scattered over many heaps?"""

import ctypes

ARENAS = 2
"""
Heaps the C library may keep. Left to itself it opens up to eight for each core, each thread takes from another,
and none is ever quite empty: 160 pages opened and closed left 13 % more memory than before, with two heaps 3.5 %,
nothing of a page being held in either case.
"""
_ARENA_MAX = -8
"""M_ARENA_MAX of mallopt(3)."""


def keep_together() -> bool:
    """Bound the heaps of the C library, before threads are started; tell whether it was done (on glibc alone)."""
    library = ctypes.CDLL(None)
    return hasattr(library, "gnu_get_libc_version") and bool(library.mallopt(_ARENA_MAX, ARENAS))
