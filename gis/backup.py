"""How does a whole database become a folder that can be carried away, and to which moment does it come back?"""

import os
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gis.cluster import PrivateCluster
from gis.database import libpq_conninfo
from gis.errors import InputError, UnavailableError
from gis.postgres import find_programs, ordinary_user

COPY_LIMIT_S = 6 * 3600
PROMOTED_S = 3600
RECOVERY = ("restore_command", "recovery_target_action", "recovery_target_timeline", "recovery_target_time")
"""Settings that only the restore needs."""


def take(address: str, target: Path) -> None:
    """
    Copy a running server into the empty folder `target`, and check every file of the copy.

    Parameters
    ----------
    address
        Login that may replicate: the superuser of the private cluster, or one with REPLICATION on a real server.

    Raises
    ------
    UnavailableError
        The server does not answer, the login may not, or the copy is not whole.
    """
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts: dict[str, Any] = dict(conninfo_to_dict(libpq_conninfo(address)))
    # On the command line every user of the machine could read it.
    password = str(parts.pop("password", "") or "")
    parts.pop("options", None)
    options = ["--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password"]
    _run("pg_basebackup", "-D", target, *options, "-d", make_conninfo(**parts), password=password)
    check(target)


def check(base: Path) -> None:
    """
    Hold every file of a copy against its manifest, and its write-ahead log against itself.

    Raises
    ------
    UnavailableError
        A file is missing, changed or too many.
    """
    _run("pg_verifybackup", base)


def put_back(
    cluster: PrivateCluster, base: Path, *, archive: Path | None = None, until: datetime | None = None
) -> None:
    """
    Make the private cluster out of a copy, and start it.

    Parameters
    ----------
    archive
        Folder of the write-ahead log kept since the copy was made; without it the copy's own end is the end.
    until
        Moment up to which is restored; None = to the end of the archive.

    Raises
    ------
    ConflictError
        There is a cluster already.
    InputError
        A moment without an archive, without its time zone, before the copy was whole, or after the archive's end.
    UnavailableError
        It does not start. Nothing is left behind then, so that one may try again.
    """
    import psycopg

    if until is not None and until.tzinfo is None:
        raise InputError(f"{until.isoformat()} has no time zone; write it with one, such as +08:00")
    if until is not None and archive is None:
        raise InputError("a moment can only be reached with the archive of the write-ahead log: give --archive")
    lines = []
    if archive is not None:
        if not archive.is_dir():
            raise InputError(f"{archive} is no folder")
        lines += [f'restore_command = \'cp "{archive.absolute()}/%f" "%p"\'', "recovery_target_action = 'promote'"]
        lines += ["recovery_target_timeline = 'latest'"]
    if until is not None:
        lines.append(f"recovery_target_time = '{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'")
    cluster.adopt(base, lines)
    try:
        cluster.start()
        _wait_until_it_writes(cluster)
    except (UnavailableError, psycopg.OperationalError) as error:
        said = cluster.last_words()
        cluster.stop(even_if_kept=True)
        shutil.rmtree(cluster.data)
        if until is not None and (reason := _out_of_reach(said, until, archive)):
            raise InputError(reason) from error
        raise UnavailableError(f"the copy did not start: {said.splitlines()[-1] if said else error}") from error


def _out_of_reach(said: str, until: datetime, archive: Path | None) -> str:
    """Read in the server's own words why a moment was not reached; empty when they speak of something else."""
    if "before consistent recovery point" in said:
        return f"{until.isoformat()} lies before the copy was whole: take an older backup, or a later moment"
    if "before configured recovery target was reached" in said:
        last = re.search(r"last completed transaction was at log time (\S+ \S+)", said)
        ends = f"ends with {last[1]}" if last else "holds nothing after the copy"
        return f"the archive {archive} {ends}, before {until.isoformat()}: leave --until away for all there is"
    return ""


def _wait_until_it_writes(cluster: PrivateCluster) -> None:
    import psycopg

    deadline = time.monotonic() + PROMOTED_S
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(cluster.conninfo(database="postgres"), autocommit=True) as connection:
                row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
                if row is not None and not row[0]:
                    for name in RECOVERY:
                        connection.execute(f"ALTER SYSTEM RESET {name}".encode())
                    return
        except psycopg.OperationalError as error:
            if not cluster.is_running():
                raise UnavailableError(f"the database stopped while it was restored: {cluster.last_words()}") from error
        time.sleep(0.2)
    raise UnavailableError("the database still reads its write-ahead log after an hour; see its own log")


def _run(program: str, *words: str | Path, password: str = "") -> None:
    """Run one of PostgreSQL's own programs; its last line is the sentence of the error."""
    path = find_programs(ordinary_user()).folder / program
    if not path.exists():
        raise UnavailableError(f"{path} is not there: install PostgreSQL's client programs")
    environment = {**os.environ, "LC_MESSAGES": "C", **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run(
        [path, *map(str, words)], env=environment, capture_output=True, text=True, check=False, timeout=COPY_LIMIT_S
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise UnavailableError(f"{program}: {said[0]}")
