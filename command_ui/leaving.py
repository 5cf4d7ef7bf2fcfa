"""How does a process that serves end, while libraries still have threads at work in it?"""

import contextlib
import logging
import os
import sys
from typing import NoReturn


def leave() -> NoReturn:
    """
    End the process with 0. For the very end: servers, pools and the database are closed, nothing waits to be written.

    What warms up and draws ahead are daemon threads that spend their time in C++. Taking the interpreter down ends such
    a thread as soon as it asks for Python again (until CPython 3.14, gh-87135), in the middle of C++ that cannot be
    left that way: one of a dozen servers stopped soon after their start ended by SIGABRT or SIGSEGV, with everything
    closed, and who had started it took that for a crash.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(0)
