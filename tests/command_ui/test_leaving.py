"""Does a process that leaves tell everything, end with 0, and not wait to be taken down?"""

import subprocess
import sys

TOLD = """
import atexit, threading
from command_ui.leaving import leave

atexit.register(print, "taken down")
threading.Thread(target=threading.Event().wait).start()  # would be waited for
print("stopped", end="")
{end}
"""


def ended(end: str, limit_s: float) -> tuple[int | None, str]:
    with subprocess.Popen([sys.executable, "-c", TOLD.format(end=end)], stdout=subprocess.PIPE, text=True) as process:
        try:
            said, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return None, ""
        return process.returncode, said


def test_all_is_told_and_nothing_waited_for() -> None:
    assert ended("leave()", 60) == (0, "stopped")


def test_planted_one_that_does_not_leave_waits_for_its_threads() -> None:
    assert ended("", 2) == (None, "")
