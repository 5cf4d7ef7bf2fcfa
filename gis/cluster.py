"""How does the product run a PostGIS of its own when no database address is given?"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from gis.errors import ConflictError, UnavailableError
from gis.postgres import OrdinaryUser, Programs, find_programs, ordinary_user
from gis.processes import is_postgres, left_over

if TYPE_CHECKING:
    import psycopg

SUPERUSER = "postgres"
DATABASE = "onemap"
PORT = 5432
"""Only names the socket file: the cluster listens on no network address."""
SOCKET_PATH_LIMIT = 100
"""Bytes; the kernel allows 107 (Linux) or 103 (macOS) for folder and file name together."""
START_LIMIT_S = 300
"""Crash recovery after a kill can take minutes; a healthy start takes one second."""
LEFT_OVER_LIMIT_S = 10.0
"""Children of a killed server notice within a moment that it is gone; one that is stuck holds the next start up."""

CONFIGURATION = """\
# Written by gis/cluster.py at every start; put changes of your own into postgresql.conf below the include line.
listen_addresses = ''
port = {port}
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = {shared_buffers_mb}MB
effective_cache_size = {cache_mb}MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 1GB
random_page_cost = 1.1
jit = off
# Acknowledged means on disk: the log refuses to write when any of these is off.
fsync = on
synchronous_commit = on
full_page_writes = on
data_sync_retry = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
"""
ARCHIVING = """\
# Every piece of the write-ahead log is kept, at the latest after a minute: `onemap db restore --until` needs it.
archive_mode = on
archive_timeout = 60
archive_command = 'test ! -f "{archive}/%f" && cp "%p" "{archive}/%f.part" && mv "{archive}/%f.part" "{archive}/%f"'
"""


def _quiet(_step: str) -> None:
    """Tell nobody."""


class PrivateCluster:
    """
    A PostgreSQL cluster below `folder`, reachable only through a unix socket of its owner.

    Several processes may use it at once: each holds a shared lock from `start` to `stop`, the first starts the server
    and the last stops it. A killed process loses its lock with its life, so nothing is left behind.

    Parameters
    ----------
    folder
        Private folder of the cluster, made when missing. When the ordinary user cannot reach it (it lies below a closed
        folder such as /root), the data go to ``/var/lib/onemap-<hash>`` and ``folder/location`` says so.
    archive
        Folder that gets every finished piece of the write-ahead log, for restoring to a stated moment; None = none.
    tell
        Called with one sentence per step.
    """

    def __init__(self, folder: Path, *, archive: Path | None = None, tell: Callable[[str], None] = _quiet) -> None:
        self.folder = Path(folder).absolute()
        self.archive = archive
        self._tell = tell
        self._use: IO[str] | None = None
        self._owner: OrdinaryUser | None = None

    # -- places ----------------------------------------------------------------------------------------------------

    @property
    def owner(self) -> OrdinaryUser:
        """Who runs the server."""
        if self._owner is None:
            self._owner = ordinary_user()
        return self._owner

    @property
    def home(self) -> Path:
        """Folder that really holds the data: `folder`, or where its file ``location`` points."""
        pointer = self.folder / "location"
        return Path(pointer.read_text(encoding="utf-8").strip()) if pointer.exists() else self.folder

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "data"

    @property
    def socket_folder(self) -> Path:
        """Folder of the unix socket: the running server's, else the one the next start will use."""
        running = self._postmaster()
        if running is not None and running[1]:
            return Path(running[1])
        wished = self.home / "socket"
        if len(os.fsencode(wished)) + len(f"/.s.PGSQL.{PORT}") <= SOCKET_PATH_LIMIT:
            return wished
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"onemap-{self.owner.uid}-{digest}"

    def url(self, role: str = SUPERUSER, *, database: str = DATABASE, acting_as: str | None = None) -> str:
        """
        SQLAlchemy address for `role`.

        Parameters
        ----------
        acting_as
            Role whose rights the session takes at once (``SET ROLE``), for owners that cannot log in.
        """
        options = f"&options={quote(f'-c role={acting_as}')}" if acting_as else ""
        host = quote(str(self.socket_folder), safe="/")
        return f"postgresql+psycopg://{quote(role)}@/{quote(database)}?host={host}&port={PORT}{options}"

    # -- life ------------------------------------------------------------------------------------------------------

    def is_running(self) -> bool:
        """Whether a server of this data folder runs and was not merely left in a stale postmaster.pid."""
        return self._postmaster() is not None

    def start(self) -> None:
        """
        Make the cluster if needed, start it if needed, wait until it answers, and count ourselves as a user of it.

        Raises
        ------
        UnavailableError
            Programs missing, folder not usable, or the server did not come up (with the end of its log).
        """
        deadline = time.monotonic() + START_LIMIT_S
        try:
            while True:
                with self._starting():
                    if self._use is None:
                        self._use = (self.folder / "users.lock").open("w", encoding="utf-8")
                        fcntl.flock(self._use, fcntl.LOCK_SH)
                    if self.is_running():
                        self._tell("database cluster already runs: using it")
                    else:
                        programs = self._initialise()
                        self._launch(programs)
                # A server on its way out, of a full disk or killed this moment, still has its process: then once more.
                if self._make_database(deadline):
                    return
        except (OSError, subprocess.SubprocessError) as error:
            raise UnavailableError(f"the database in {self.data} could not be started: {error}") from error

    def stop(self, *, even_if_kept: bool = False) -> bool:
        """
        Leave the cluster, and stop the server when nobody else uses it; return whether it was stopped.

        Parameters
        ----------
        even_if_kept
            Also stop a server that `keep` asked to leave running.

        Raises
        ------
        ConflictError
            Only with `even_if_kept`: another process uses it.
        """
        if not self.folder.is_dir():
            return False
        with self._starting():
            if self._use is not None:
                self._use.close()
                self._use = None
            if not self.is_running():
                return False
            with (self.folder / "users.lock").open("w", encoding="utf-8") as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    if even_if_kept:
                        raise ConflictError("another onemap process uses the database: stop that one first") from error
                    return False
                kept = self.folder / "kept"
                if kept.exists() and not even_if_kept:
                    return False
                kept.unlink(missing_ok=True)
                self._halt()
                return True

    def keep(self) -> None:
        """Ask that the server stays up after its last user leaves, until ``stop(even_if_kept=True)``."""
        (self.folder / "kept").touch()

    def adopt(self, base: Path, recovery: Sequence[str]) -> None:
        """
        Take a copy of a data folder as our own; `start` then brings it up, reading on from an archive if told so.

        Parameters
        ----------
        recovery
            Lines of configuration for the first start; none = the copy's own end is the end.

        Raises
        ------
        ConflictError
            There is a data folder already.
        """
        with self._starting():
            if (self.data / "PG_VERSION").exists():
                raise ConflictError(f"there is a database in {self.data} already: move it away, or set ONEMAP_DATA_DIR")
            self._choose_home()
            self._own(self.home)
            making = self.home / "data.making"
            shutil.rmtree(making, ignore_errors=True)
            shutil.copytree(base, making, symlinks=True)
            if recovery:
                with (making / "postgresql.auto.conf").open("a", encoding="utf-8") as configuration:
                    configuration.write("\n".join(("", *recovery, "")))
                (making / "recovery.signal").touch()
            for place in (making, *making.rglob("*")):
                if not self.owner.is_self:
                    os.chown(place, self.owner.uid, self.owner.gid)
            making.chmod(0o700)
            making.rename(self.data)

    def last_words(self) -> str:
        """End of the server's own log."""
        logs = sorted((self.data / "log").glob("*.log"), key=lambda one: one.stat().st_mtime)
        said = logs[-1].read_text(encoding="utf-8", errors="replace").strip() if logs else ""
        return said[-600:]

    def __enter__(self) -> "PrivateCluster":
        """Start; see `start`."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave; see `stop`."""
        self.stop()

    # -- steps -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Hold the lock that makes starts and stops wait for each other."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "start.lock").open("w", encoding="utf-8")
        except OSError as error:
            raise UnavailableError(f"cannot use the folder {self.folder}: {error}; set ONEMAP_DATA_DIR") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _postmaster(self) -> tuple[int, str] | None:
        """Process number and socket folder of the running server; None when there is none, or only a stale pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        if not is_postgres(pid, self.data):
            return None
        return pid, lines[4].strip() if len(lines) > 4 else ""

    def _initialise(self) -> Programs:
        """Make the data folder when there is none; return the programs that fit it."""
        if not (self.data / "PG_VERSION").exists():
            self._choose_home()
        version = self.data / "PG_VERSION"
        if version.exists():
            self._check_owner()
            return find_programs(self.owner, major=int(version.read_text(encoding="utf-8")))
        programs = find_programs(self.owner)
        self._own(self.home)
        # initdb writes beside the final place and the rename is the commit: no start leaves half a cluster.
        making = self.home / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        self._tell(f"making a PostgreSQL {programs.major} cluster in {self.home}")
        common = ["--username", SUPERUSER, "--encoding=UTF8", "--data-checksums", "--auth=trust", "--no-instructions"]
        for locale in ("C.UTF-8", "C.utf8", "C"):
            made = self.owner.run([programs["initdb"], "-D", making, f"--locale={locale}", *common])
            if made.returncode == 0:
                break
            shutil.rmtree(making, ignore_errors=True)
        else:
            raise UnavailableError(f"initdb failed in {self.home}: {made.stderr.strip()[-600:]}")
        with (making / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("\ninclude = 'onemap.conf'\n")
        making.rename(self.data)
        return programs

    def _choose_home(self) -> None:
        if self.owner.is_self or self.owner.can_enter(self.folder):
            return
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        home = Path(f"/var/lib/onemap-{digest}")
        home.mkdir(parents=True, exist_ok=True)
        (self.folder / "location").write_text(f"{home}\n", encoding="utf-8")
        self._tell(f"user {self.owner.name} cannot reach {self.folder}: the database lives in {home}")

    def _check_owner(self) -> None:
        uid = self.data.stat().st_uid
        if uid == self.owner.uid:
            return
        if os.geteuid() == 0 and uid != 0:
            # The folder was made by an ordinary user and we now run as root: stay with that user.
            self._owner = OrdinaryUser(str(uid), uid, self.data.stat().st_gid)
            return
        raise UnavailableError(f"{self.data} belongs to user number {uid}: run as that user or set ONEMAP_DATA_DIR")

    def _own(self, folder: Path) -> None:
        """Make `folder` and hand it, closed to others, to the user who runs the server."""
        folder.mkdir(parents=True, exist_ok=True)
        if not self.owner.is_self:
            os.chown(folder, self.owner.uid, self.owner.gid)
        folder.chmod(0o700)
        if folder.stat().st_uid != self.owner.uid:
            raise UnavailableError(f"{folder} belongs to another user: remove it or set ONEMAP_DATA_DIR elsewhere")

    def _launch(self, programs: Programs) -> None:
        sockets = self.socket_folder
        self._own(sockets)
        self._remove_stale(sockets)
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        shared_mb = max(64, min(256, memory_mb // 16))
        text = CONFIGURATION.format(port=PORT, shared_buffers_mb=shared_mb, cache_mb=max(256, memory_mb // 4))
        if self.archive is not None:
            self._own(self.archive)
            text += ARCHIVING.format(archive=self.archive)
        # Beside its place first: on a full disk half a configuration would be one that listens to the network.
        target, making = self.data / "onemap.conf", self.data / "onemap.conf.making"
        making.write_text(text, encoding="utf-8")
        if not self.owner.is_self:
            os.chown(making, self.owner.uid, self.owner.gid)
        making.replace(target)
        log = self.home / "start.log"
        options: tuple[str, ...] = ("-o", f"-c unix_socket_directories='{sockets}'")
        began = time.monotonic()
        command: list[str | Path] = [programs["pg_ctl"], "start", "-D", self.data, "-l", log, "-w", "-s", *options]
        started = self.owner.run([*command, "-t", str(START_LIMIT_S)], timeout_s=START_LIMIT_S + 10)
        if started.returncode != 0:
            said = log.read_text(encoding="utf-8", errors="replace")[-600:] if log.exists() else ""
            faults = f"{started.stderr.strip()} {said.strip()}"
            raise UnavailableError(f"the database in {self.data} did not start: {faults}")
        self._tell(f"database cluster started in {time.monotonic() - began:.1f} s")

    def _remove_stale(self, sockets: Path) -> None:
        """
        Remove a pid file whose number now belongs to some other program.

        PostgreSQL clears a dead one itself, but after a container restart the number is often taken again, and it then
        refuses to start. `is_running` has already said that no server of this folder lives; a child of it may, for a
        moment after the server itself was killed, and two servers on one folder would destroy it.
        """
        deadline = time.monotonic() + LEFT_OVER_LIMIT_S
        while left := left_over(self.data):
            if time.monotonic() > deadline:
                numbers = ", ".join(map(str, left))
                raise UnavailableError(f"processes of the killed database still run ({numbers}): wait, then start")
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (sockets / name).unlink(missing_ok=True)

    def _halt(self) -> None:
        version = int((self.data / "PG_VERSION").read_text(encoding="utf-8"))
        self._check_owner()
        programs = find_programs(self.owner, major=version)
        sockets = self.socket_folder
        command: list[str | Path] = [programs["pg_ctl"], "stop", "-D", self.data, "-m", "fast", "-w", "-t", "60", "-s"]
        stopped = self.owner.run(command, timeout_s=70)
        if stopped.returncode != 0 and self.is_running():
            raise UnavailableError(f"the database in {self.data} did not stop: {stopped.stderr.strip()}")
        if not sockets.is_relative_to(self.home):
            with suppress(OSError):
                sockets.rmdir()
        self._tell("database cluster stopped")

    def _make_database(self, deadline: float) -> bool:
        """Make the program's database if it is not there; False when the server went away before it answered."""
        import psycopg
        from psycopg import sql

        try:
            with self._answering(deadline) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if known is None:
                    # Two first starts may race here, outside the start lock; the loser finds it made.
                    with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.Error as error:
            line_lost = error.sqlstate is None or error.sqlstate.startswith("57P")
            if line_lost and time.monotonic() < deadline:
                return False
            raise UnavailableError(f"the database in {self.data} does not answer: {error}") from error
        return True

    def _answering(self, deadline: float) -> "psycopg.Connection":
        """Connect; a server that reads back its log after the death of a child takes nobody in until then."""
        import psycopg

        for attempt in count():
            try:
                return psycopg.connect(self.conninfo(database="postgres"), autocommit=True, connect_timeout=10)
            except psycopg.OperationalError as error:
                if not self.is_running() or time.monotonic() > deadline:
                    raise
                if attempt == 10:  # a second: whoever waits for minutes should know for what
                    self._tell(f"the database runs and takes nobody in yet; waiting: {error}")
                time.sleep(0.1)
        raise AssertionError("counting never ends")

    def conninfo(self, role: str = SUPERUSER, *, database: str = DATABASE) -> str:
        """Address in libpq's own form, for a bare psycopg connection."""
        from psycopg.conninfo import make_conninfo

        return make_conninfo(host=str(self.socket_folder), port=PORT, user=role, dbname=database)
