"""Are the heaps of a process that serves bounded, and does one that is not get more of them?"""

import subprocess
import sys

import pytest

COUNTED = """
import ctypes, re, sys, threading
from command_ui import heap

if sys.argv[1] == "bounded" and not heap.keep_together():
    sys.exit("not glibc")
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
together, held = threading.Barrier(12), []

def take():
    together.wait()
    held.append([library.malloc(50_000) for _ in range(20)])
    together.wait()

threads = [threading.Thread(target=take) for _ in range(12)]
[one.start() for one in threads]
[one.join() for one in threads]
library.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(library.fopen(sys.argv[2].encode(), b"w"))
library.malloc_info(0, out)
library.fclose(out)
print(len(re.findall("<heap nr=", open(sys.argv[2]).read())))
"""


def heaps(how: str, place: str) -> int:
    done = subprocess.run([sys.executable, "-c", COUNTED, how, place], capture_output=True, text=True, check=False)
    if "not glibc" in done.stderr:
        pytest.skip("the C library is not glibc: there is nothing to bound")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_many_threads_share_two_heaps(tmp_path: object) -> None:
    assert heaps("bounded", f"{tmp_path}/told.xml") <= 2
    # The test of the test: without the bound every other thread gets one of its own.
    assert heaps("free", f"{tmp_path}/told.xml") > 2
