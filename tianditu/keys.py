"""Which key is sent next, and which ones rest because the server refused them?"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pydantic import SecretStr

from tianditu.verdict import State

REFUSED_REST_S = 600.0
"""A key of the wrong kind or unknown stays so until somebody mends it; asked again now and then all the same."""
HURRIED_REST_S = 20.0
HURRIED_REST_LONGEST_S = 900.0
"""429 also means that the day's quota is used up: the rest doubles each time, up to this."""

KEY_LENGTH = 32
_REFUSED: frozenset[State] = frozenset({"bad_key", "wrong_key_kind", "not_listed", "refused", "no_key"})


@dataclass
class _Held:
    number: int
    secret: SecretStr
    state: State = "ok"
    rests_until: float = 0.0
    hurried: int = field(default=0)


@dataclass(frozen=True, slots=True)
class Key:
    """A key handed out for one request; its value is read only where the address is made."""

    number: int
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class KeyHealth:
    """
    How a key fares; it is named by its place in the setting, never by a part of it.

    Attributes
    ----------
    rests_s
        Seconds until it is sent again; 0 when it may be sent now.
    plausible
        Whether it has the 32 hexadecimal characters every key has.
    """

    number: int
    state: State
    rests_s: float
    plausible: bool


class KeyRing:
    """Several keys, sent in turn; safe between threads."""

    def __init__(self, keys: Iterable[SecretStr] = (), clock: Callable[[], float] = time.monotonic) -> None:
        # A copied space or line end would bring the firewall's page instead of a picture.
        stripped = dict.fromkeys(key.get_secret_value().strip() for key in keys)
        self._held = [_Held(number, SecretStr(text)) for number, text in enumerate(filter(None, stripped), start=1)]
        self._clock = clock
        self._next = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._held)

    def take(self) -> Key | None:
        """Give the next key that does not rest; None when all do, or there is none."""
        with self._lock:
            now = self._clock()
            for step in range(len(self._held)):
                held = self._held[(self._next + step) % len(self._held)]
                if held.rests_until <= now:
                    self._next = (self._next + step + 1) % len(self._held)
                    return Key(held.number, held.secret)
            return None

    def tell(self, key: Key | None, state: State) -> None:
        """Say what an answer meant for the key it was asked with."""
        if key is None:
            return
        with self._lock:
            held = self._held[key.number - 1]
            if state == "ok":
                held.state, held.hurried, held.rests_until = "ok", 0, 0.0
            elif state == "too_fast":
                rest = min(HURRIED_REST_S * 2**held.hurried, HURRIED_REST_LONGEST_S)
                if held.rests_until <= self._clock():  # answers to requests sent together count once
                    held.hurried += 1
                    held.rests_until = self._clock() + rest
                held.state = state
            elif state in _REFUSED:
                held.state, held.rests_until = state, self._clock() + REFUSED_REST_S

    def trouble(self) -> tuple[State, float] | None:
        """Why no key can be sent, and the seconds until one can; None when one can."""
        with self._lock:
            if not self._held:
                return "no_key", REFUSED_REST_S
            now = self._clock()
            if any(held.rests_until <= now for held in self._held):
                return None
            first = min(self._held, key=lambda held: held.rests_until)
            return first.state, first.rests_until - now

    def health(self) -> tuple[KeyHealth, ...]:
        """How every key fares."""
        with self._lock:
            now = self._clock()
            return tuple(
                KeyHealth(held.number, held.state, max(0.0, held.rests_until - now), is_plausible(held.secret))
                for held in self._held
            )

    def redact(self, text: str) -> str:
        """Strike every key out of a text that came from outside."""
        for held in self._held:
            text = text.replace(held.secret.get_secret_value(), "***")
        return text


def parse(setting: SecretStr | None) -> tuple[SecretStr, ...]:
    """Keys of a setting, separated by commas or white space."""
    text = setting.get_secret_value().replace(",", " ") if setting is not None else ""
    return tuple(SecretStr(part) for part in text.split())


def is_plausible(key: SecretStr) -> bool:
    """Whether a key has the length and the characters of one."""
    text = key.get_secret_value()
    return len(text) == KEY_LENGTH and all(character in "0123456789abcdefABCDEF" for character in text)
