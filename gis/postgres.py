"""Where are PostgreSQL's programs, and as which ordinary user may they run?"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gis.errors import UnavailableError

NEEDED = ("initdb", "pg_ctl", "postgres")
HOW_TO_INSTALL = (
    "On Debian or Ubuntu: apt-get install postgresql-postgis; elsewhere: conda env create -f environment.yml; "
    "or point ONEMAP_DATABASE_URL at a PostGIS server"
)


@dataclass(frozen=True, slots=True)
class OrdinaryUser:
    """The user PostgreSQL runs as; it refuses to run as root."""

    name: str
    uid: int
    gid: int

    @property
    def is_self(self) -> bool:
        """Whether this process already runs as that user."""
        return self.uid == os.geteuid()

    def run(self, command: Sequence[str | Path], *, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run `command` as this user, in a folder it can read, with English messages; output is captured."""
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_MESSAGES": "C", "LANG": "C"}
        if library_path := os.environ.get("LD_LIBRARY_PATH"):
            environment["LD_LIBRARY_PATH"] = library_path
        texts = [str(part) for part in command]
        options = {"cwd": "/", "env": environment, "capture_output": True, "text": True, "timeout": timeout_s}
        if self.is_self:
            return subprocess.run(texts, check=False, **options)  # type: ignore[call-overload,no-any-return]
        identity = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(texts, check=False, **options, **identity)  # type: ignore[call-overload,no-any-return]

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can reach `folder` through all its parents."""
        return self.is_self or self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0


def ordinary_user() -> OrdinaryUser:
    """
    Choose who runs PostgreSQL: ourselves, or, when we are root, `postgres` or a system user made for it.

    Raises
    ------
    UnavailableError
        We are root and there is no such user and none can be made.
    """
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid())
        return OrdinaryUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ("postgres", "onemap"):
        if (user := _named(name)) is not None:
            return user
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", "onemap"]
        subprocess.run(command, check=False, capture_output=True)
    if (user := _named("onemap")) is not None:
        return user
    raise UnavailableError(
        "PostgreSQL does not run as root and there is no user 'postgres' or 'onemap': make one, or do not run as root"
    )


def _named(name: str) -> OrdinaryUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return OrdinaryUser(entry.pw_name, entry.pw_uid, entry.pw_gid) if entry.pw_uid != 0 else None


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with PostgreSQL's server programs whose share folder also knows PostGIS."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> Path:
        """Path of the program `name`."""
        return self.folder / name


def find_programs(user: OrdinaryUser, *, major: int | None = None) -> Programs:
    """
    Find initdb, pg_ctl and postgres: beside this Python (conda), in PATH, in Debian's and Red Hat's places.

    Parameters
    ----------
    user
        Who must be able to run them.
    major
        Only this major version, the one an existing data folder was made with.

    Raises
    ------
    UnavailableError
        None there, none with PostGIS, or none the user may run; the sentence says what to install.
    """
    rejected: list[str] = []
    for folder in _candidates():
        found = user.run([folder / "postgres", "--version"]) if user.can_enter(folder) else None
        if found is None or found.returncode != 0:
            rejected.append(f"{folder} (user {user.name} cannot run it)")
            continue
        version = int(found.stdout.split()[2].split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))
        if major is not None and version != major:
            rejected.append(f"{folder} (version {version}, the data folder needs {major})")
        elif not _has_postgis(folder, user):
            rejected.append(f"{folder} (no PostGIS)")
        else:
            return Programs(folder, version)
    seen = f" Looked at: {', '.join(rejected)}." if rejected else ""
    raise UnavailableError(f"no PostgreSQL server programs with PostGIS found.{seen} {HOW_TO_INSTALL}")


def _candidates() -> Iterator[Path]:
    """Folders that hold all needed programs, the best first, each once."""
    import sys

    places = [Path(sys.prefix) / "bin", Path(sys.base_prefix) / "bin"]
    if conda := os.environ.get("CONDA_PREFIX"):
        places.append(Path(conda) / "bin")
    versions = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    places += sorted(versions, key=lambda path: int("".join(filter(str.isdigit, path.parent.name)) or 0), reverse=True)
    # PATH comes after the packaged folders: it often holds wrappers whose share folder is elsewhere.
    places += [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    seen: set[Path] = set()
    for place in places:
        programs = [place / name for name in NEEDED]
        if all(program.is_file() for program in programs):
            real = programs[0].resolve().parent
            if real not in seen:
                seen.add(real)
                yield real


def _has_postgis(folder: Path, user: OrdinaryUser) -> bool:
    pg_config = folder / "pg_config"
    shares = [folder.parent / "share" / "extension", folder.parent / "share" / "postgresql" / "extension"]
    if folder.parts[:4] == ("/", "usr", "lib", "postgresql"):
        shares.append(Path("/usr/share/postgresql") / folder.parts[4] / "extension")
    if pg_config.is_file() and (answer := user.run([pg_config, "--sharedir"])).returncode == 0:
        shares.append(Path(answer.stdout.strip()) / "extension")
    return any((share / "postgis.control").exists() for share in shares)
