"""Which port may a program have that opens its own? One the system gives to nobody meanwhile."""

import random
import socket

LOWEST, HIGHEST = 10_240, 32_767
"""Below what Linux gives to who asks for any port, and to every line that goes out."""
_chance = random.SystemRandom()


def free_port() -> int:
    """
    A port nobody listens on just now, and nobody gets by chance before it is opened.

    Whoever opens a socket himself takes any port and hands it over; this is for programs that open theirs.
    """
    while True:
        port = _chance.randint(LOWEST, HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
