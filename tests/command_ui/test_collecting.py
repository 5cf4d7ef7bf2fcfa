"""Does what lasts cost no pass of the collector, and does what a closed page leaves behind still go?"""

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from command_ui.collecting import GONE_AT_ONCE, QUIET_S, Collecting


class Ring:
    """Refers to itself, as a page does."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _in_sight() -> Iterator[None]:
    gc.collect()
    yield
    gc.unfreeze()
    gc.collect()


def test_what_lasts_is_out_of_sight_and_what_is_new_is_looked_through() -> None:
    collecting = Collecting(lambda: 0)
    lasting, short = Ring(), Ring()
    gone = weakref.ref(short)
    del short
    assert not collecting.look(0.0)
    assert gone() is None
    assert gc.get_freeze_count() > 1000
    assert not any(one is lasting for one in gc.get_objects())


def test_closed_pages_are_looked_for_once_several_went() -> None:
    went = 0
    collecting = Collecting(lambda: went)
    page = Ring()
    collecting.look(0.0)
    left = weakref.ref(page)
    del page
    went = GONE_AT_ONCE - 1
    assert not collecting.look(10.0)
    assert left() is not None  # out of sight: the fault this test would miss if nothing were frozen
    went = GONE_AT_ONCE
    assert collecting.look(20.0)
    assert left() is None
    assert not collecting.look(30.0)


def test_a_single_page_is_looked_for_once_it_is_quiet() -> None:
    went = 0
    collecting = Collecting(lambda: went)
    collecting.look(0.0)
    went = 2
    assert not collecting.look(10.0)
    assert not collecting.look(10.0 + QUIET_S - 1)
    assert collecting.look(10.0 + QUIET_S)
    assert not collecting.look(10.0 + 3 * QUIET_S)  # nobody has left since


def test_python_starts_no_whole_pass_by_itself_any_more() -> None:
    """In a process of its own: the collector is one for all."""
    program = """
import gc
{start}
passes = []
gc.callbacks.append(lambda phase, about: passes.append(about["generation"]) if phase == "start" else None)
kept = [[number] for number in range(400_000)]
print(passes.count(2))
"""
    taken = "from command_ui.collecting import Collecting; Collecting(lambda: 0).start()"

    def passes(start: str) -> int:
        ran = subprocess.run([sys.executable, "-c", program.format(start=start)], capture_output=True, check=True)
        return int(ran.stdout)

    assert passes(taken) == 0
    assert passes("") > 0
