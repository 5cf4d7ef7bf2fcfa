"""Where is a stranger's file read? In a process of its own: little memory, little time, no network, no programs."""

import ctypes
import multiprocessing
import os
import platform
import resource
import shutil
import signal
import struct
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from gis.errors import InputError, UnavailableError

MEMORY_BYTES = 1024**3
CPU_S = 25
PATIENCE_S = 28.0
"""By the clock; with the start of a process and the answer, whoever hands a file in waits 30 s at most."""
WRITTEN_BYTES = 700 * 1024 * 1024
OPEN_FILES = 128
AT_ONCE = 4
"""Files read at the same time by one process of the house; whoever comes next waits."""

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO with EPERM
_SYSTEMS: dict[str, tuple[int, tuple[int, ...]]] = {
    # architecture of the kernel's audit, numbers of socket, connect, execve, execveat, ptrace
    "x86_64": (0xC000003E, (41, 42, 59, 322, 101)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 117)),
}
"""From linux/audit.h and the system-call tables of Linux."""


def run_apart(work: Callable[[Path], None], folder: Path, what: str, *, preload: str) -> None:
    """
    Run ``work(folder)`` in a process of its own, behind all limits, and wait for it.

    It hands its results back as files of `folder`; nothing it says is believed further than whoever reads those does.

    Parameters
    ----------
    work
        A function of a module, importable by its name.
    what
        What is read, for sentences: the name of the file.
    preload
        Module imported once, before any process is split off, so that each begins at once.

    Raises
    ------
    InputError
        It used up its memory or its time, or it died.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*_wanted, preload])
    process: ForkServerProcess = context.Process(target=_confined, args=(work, folder, what), daemon=True)
    if not _places.acquire(timeout=PATIENCE_S):
        raise UnavailableError(f"{what}: {AT_ONCE} other files are being read; hand it in again in a minute")
    try:
        with _starting, _main_left_alone():
            process.start()
        process.join(PATIENCE_S)
    finally:
        _places.release()
    if process.is_alive():
        process.kill()
        process.join()
        process.close()
        raise InputError(f"{what}: reading it took longer than {PATIENCE_S:.0f} s and was stopped; split the file")
    code = process.exitcode or 0
    process.close()
    if code == 0:
        return
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        raise InputError(f"{what}: reading it used up {CPU_S} s of the processor or its memory, and was stopped")
    if code == _NO_MEMORY:
        raise InputError(f"{what}: reading it would take more than {MEMORY_BYTES >> 20} MB of memory; split the file")
    raise InputError(f"{what}: it is damaged, and whatever reads it fails on it")


def preloaded(module: str) -> None:
    """Have a module imported before the first process is split off; whatever is read later begins at once."""
    if module not in _wanted:
        _wanted.append(module)


@contextmanager
def own_folder() -> Iterator[Path]:
    """Give a folder for one reading; all of it is gone afterwards, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="onemap-read-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_NO_MEMORY = 77
_starting = threading.Lock()
_places = threading.BoundedSemaphore(AT_ONCE)
_wanted: list[str] = []


def _confined(work: Callable[[Path], None], folder: Path, what: str) -> None:
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = str(folder)
    # What libraries print while they read is a stranger's text, and as long as he likes: our log is not his.
    log = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    _limit()
    try:
        work(folder)
    except MemoryError:
        os._exit(_NO_MEMORY)
    finally:
        # A library that fell over its file is no fault of the house: a line says where, not a page of our insides.
        fault = sys.exception()
        if fault is not None:
            at = traceback.extract_tb(fault.__traceback__)[-1]
            ended = f"{type(fault).__name__} in {Path(at.filename).name}:{at.lineno}"
            log.write(f"onemap: {what!a}: reading it ended with {ended}\n")
            log.flush()
            os._exit(1)


def _limit() -> None:
    """Give up, for this process and for good, what reading a file does not need."""
    limits = [
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        # What is written to, not what is merely mapped: libraries map gigabytes they never touch.
        (resource.RLIMIT_DATA, MEMORY_BYTES),
    ]
    for which, most in limits:
        _, hard = resource.getrlimit(which)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (bound, bound))
    if sys.platform == "linux" and (known := _SYSTEMS.get(platform.machine())):
        _refuse(*known)


def _refuse(architecture: int, calls: tuple[int, ...]) -> None:
    """Have the kernel refuse these system calls from now on (seccomp, classic BPF): see seccomp(2)."""

    def step(code: int, true: int, false: int, value: int) -> bytes:
        return struct.pack("=HBBI", code, true, false, value)

    load, equal, answer = 0x20, 0x15, 0x06
    lines = [step(load, 0, 0, 4), step(equal, 1, 0, architecture), step(answer, 0, 0, _REFUSE), step(load, 0, 0, 0)]
    lines += [step(equal, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    lines += [step(answer, 0, 0, _ALLOW), step(answer, 0, 0, _REFUSE)]
    program = ctypes.create_string_buffer(b"".join(lines), 8 * len(lines))
    header = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(program))
    library: Any = ctypes.CDLL(None, use_errno=True)
    for words in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _FILTER, header, 0, 0)):
        if library.prctl(*words) != 0:
            # Without it the limits stand, but not the promise that nothing leaves the machine.
            raise OSError(ctypes.get_errno(), "the kernel does not take the filter of system calls")


@contextmanager
def _main_left_alone() -> Iterator[None]:
    """Keep the new process from importing the program we were started as: it needs only what it is told."""
    main = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    try:
        for name in kept:
            setattr(main, name, None)
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)
