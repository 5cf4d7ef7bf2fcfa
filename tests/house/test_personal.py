"""Who reads names and numbers as they stand? Each place is named here, with its reason."""

import re
from pathlib import Path

READS = re.compile(r"personal\.compared\(|def compared\(connection|\bseeing_personal\(|\blet_see\(|\bMaskingCursor\b")

ALLOWED = {
    "gis/personal.py": "the door itself",
    "gis/database.py": "tells every transaction whether it shows",
    "command_ui/access/unmasking.py": "after the right, the reason, and before the line in the audit",
    "layers/importing/known.py": "two rows are told to be one by their numbers; what a file leaves out is kept",
    "layers/sensors/roll_calls.py": "the number a roll-call dials",
    "scenarios/messages/people.py": "the number a message goes to; the interface shortens it",
    "scenarios/messages/outbox.py": "the number a message goes to",
    "scenarios/messages/desk.py": "the number a message goes to",
}


def readers(repository: Path) -> set[str]:
    rooms = ("gis", "layers", "scenarios", "routing", "plume", "tianditu", "command_ui")
    return {
        str(path.relative_to(repository))
        for room in rooms
        for path in (repository / room).rglob("*.py")
        if READS.search(path.read_text(encoding="utf-8"))
    }


def test_only_places_with_a_reason_read_them_whole(repository: Path) -> None:
    assert readers(repository) <= set(ALLOWED)
    assert {"gis/database.py", "command_ui/access/unmasking.py"} <= readers(repository)


def test_a_place_nobody_named_is_found(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "hasty.py").write_text("with personal.compared(connection):\n    pass\n")
    assert readers(tmp_path) - set(ALLOWED) == {"layers/hasty.py"}


def test_the_database_is_reached_by_one_door(repository: Path) -> None:
    """Whoever opened a connection of his own would pass by the masks; these do, and hand no rows of layers out."""
    own = re.compile(r"psycopg\.connect\(|psycopg\.AsyncConnection|create_engine\(")
    known = {
        "gis/database.py", "gis/migrate.py", "gis/cluster.py", "gis/replica.py", "gis/backup.py", "gis/keeper.py",
        "gis/postgres.py", "scenarios/verify_rows.py", "command_ui/cli/database.py", "command_ui/live.py",
        "command_ui/bootstrap.py", "command_ui/sample.py", "command_ui/database_check.py",
        "command_ui/meeting/hub.py", "gis/migrations/env.py",
    }  # fmt: skip
    rooms = ("gis", "layers", "scenarios", "routing", "plume", "tianditu", "command_ui")
    found = {
        str(path.relative_to(repository))
        for room in rooms
        for path in (repository / room).rglob("*.py")
        if own.search(path.read_text(encoding="utf-8"))
    }
    assert found <= known, sorted(found - known)
