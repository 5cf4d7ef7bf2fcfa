"""
What did `make faults` find? Writes benchmarks/RELIABILITY.md from the lines the tests left.

    .venv/bin/python -m benchmarks.reliability build/reliability.jsonl
"""

import json
import sys
from pathlib import Path

TARGET = Path(__file__).parent / "RELIABILITY.md"
HEAD = """# Reliability: killed, cut, filled, raced, tampered with

Written by `make faults` on {at} UTC; {cores} cores, {system}. The machine may have had
other work: seconds say as much about the neighbours, zeros do not. A line with 300 acknowledged or 5 rounds is of the
quick set.

Every test was shown to fail on its planted fault; those faults are tests too, named `test_planted_…` in `tests/faults`
(asynchronous commit, a new key at every attempt, an answer before the commit, a look before the lock, cursors on the
sequence, a record that believes the clock, a verifier that hashes nothing).

| Test | What was done | What came of it |
|---|---|---|
"""


MEASURED = ("R1", "R3", "R4", "R5", "R6", "R7", "R9", "R10", "R11", "R12")
"""Tests that leave a line; R8 and R13 are rules of the room they belong to (tests/layers, tests/scenarios)."""


def main() -> None:
    """Read the lines, write the table."""
    lines = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    if not lines:
        raise SystemExit("no test left a line")
    lines.sort(key=lambda line: (line["id"][0], int(line["id"][1:].split(".")[0])))
    first = min(lines, key=lambda line: str(line["at"]))
    head = HEAD.format(at=first["at"][:16].replace("T", " "), cores=first["cores"], system=first["system"])
    rows = [f"| {line['id']} | {line['what']} | {line['result']} |" for line in lines]
    absent = [identity for identity in MEASURED if identity not in {line["id"] for line in lines}]
    rest = f"\nNot in this run, only in `make test` of the same day: {', '.join(absent)}.\n" if absent else ""
    TARGET.write_text(head + "\n".join(rows) + "\n" + rest, encoding="utf-8")
    print(TARGET.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
