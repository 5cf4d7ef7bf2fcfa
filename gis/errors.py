"""Which errors does the house raise, and what does each tell its reader to do?"""

from collections.abc import Iterable


class OneMapError(Exception):
    """Base of every error a person may see: one sentence saying what, where and what to do."""

    code = "error"


class InputError(OneMapError):
    """
    Something handed in is wrong; the sentence names every fault found, not only the first.

    Attributes
    ----------
    faults
        One sentence per fault.
    """

    code = "bad_input"

    def __init__(self, faults: str | Iterable[str]) -> None:
        self.faults: tuple[str, ...] = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("; ".join(self.faults))


class OutOfRangeError(InputError):
    """A model was asked for something outside the range in which it may be believed."""

    code = "out_of_range"


class MissingError(OneMapError):
    """What was named is not there."""

    code = "not_found"


class ConflictError(OneMapError):
    """The state has moved on since the caller looked at it."""

    code = "conflict"


class RefusedError(OneMapError):
    """The caller has no right to this."""

    code = "refused"


class UnavailableError(OneMapError):
    """A part of the system does not answer; the sentence says which and what still works."""

    code = "unavailable"
