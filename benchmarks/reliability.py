"""
What did `make faults` find? Writes benchmarks/RELIABILITY.md from the lines the tests left, in one file or several.

    .venv/bin/python -m benchmarks.reliability build/reliability.jsonl

Of a test that ran more than once the latest run is told; a line of the report as it stands stays, with its date, until
its test has run again. `--anew` begins with an empty one.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "RELIABILITY.md"
HEAD = """# Reliability: killed, cut, filled, raced, tampered with

Written by `make faults`; {cores} cores, {system}. Each line says when its test ended
and the machine's load then: beside other work seconds say as much about the neighbours, zeros do not. A line stays
until its test has run again. One with 300 acknowledged or 5 rounds is of the quick set.

| Test | What was done | What came of it | Run of (UTC) | Load |
|---|---|---|---|---|
"""
PLANTED = {
    "R1": (
        "tests/faults/test_record_survives_a_kill.py",
        "an_asynchronous_commit_loses_entries_unless_the_guards_stand",
    ),
    "R2": ("tests/faults/test_power_cut.py", "a_server_that_does_not_sync_is_found"),
    "R3": ("tests/faults/test_killed_over_http.py", "a_handler_that_answers_before_the_commit_is_found"),
    "R4": ("tests/faults/test_killed_over_http.py", "a_new_key_at_every_attempt_is_found"),
    "R5": ("tests/faults/test_races_and_feed.py", "a_look_at_the_head_before_its_lock_lets_two_win"),
    "R6": ("tests/faults/test_races_and_feed.py", "ids_of_another_cluster_hide_entries_until_they_are_reset"),
    "R7": ("tests/faults/test_races_and_feed.py", "a_record_that_believes_the_clock_is_found"),
    "R8": ("tests/faults/test_rights_and_order.py", "a_fold_in_the_order_of_arrival_is_found"),
    "R9": ("tests/faults/test_disk_full.py", "a_program_that_takes_a_refusal_for_a_receipt_is_found"),
    "R10": ("tests/faults/test_backup.py", "the_last_piece_of_the_archive_is_missing"),
    "R11": ("tests/browser/test_degraded.py", "with_nobody_to_take_over_the_browser_does_not_come_back"),
    "R12": ("tests/faults/test_tampering.py", "a_verifier_that_hashes_nothing_would_miss_a_byte"),
    "R13": ("tests/faults/test_rights_and_order.py", "a_trigger_that_is_not_always_on_is_walked_round"),
    "S1": ("tests/command_ui/test_document_holds.py", "an_answer_outside_its_document_is_found"),
    "S4": ("tests/command_ui/test_files_read_apart.py", "a_route_that_reads_by_itself_is_found"),
    "S5": ("tests/command_ui/test_parsers_hold.py", "a_reader_without_a_limit_of_depth_is_found"),
    "S8": ("tests/faults/test_behind_nginx.py", "a_door_with_old_tls_and_without_its_policy_is_found"),
    "N1": ("tests/nodes/test_two_nodes.py", "a_sender_that_takes_silence_for_a_receipt_is_found"),
    "P6": ("tests/browser/test_opening_and_closing.py", "a_page_that_somebody_keeps_is_found"),
}
"""Id -> module and end of the name of a test that shows it to fail on a fault; tests/house looks that each is there."""
ALWAYS = {
    "S2": ("tests/command_ui/test_authorisation_matrix.py", "without_the_check_of_rights_the_matrix_turns_red"),
    "S3": ("tests/command_ui/test_guard.py", "with_an_origin_compared_in_part_the_matrix_fails"),
    "S6": ("tests/browser/test_hostile_everywhere.py", "one_pane_with_unescaped_text_is_found"),
    "S7": ("tests/command_ui/test_paths_and_addresses.py", "the_walk_finds_a_naive_file_route_and_a_naive_proxy"),
    "S9": ("tests/command_ui/test_door.py", "without_counting_failures_the_test_of_the_lock_fails"),
    "S10": ("tests/house/test_supply_chain.py", "an_old_bokeh_is_found"),
    "S11": ("tests/layers/test_pool_at_length.py", "a_plain_set_is_seen_by_the_next"),
    "S12": ("tests/gis/test_soundness.py", "each_assertion_flipped_once_is_named"),
}
"""The same of tests that leave no line: they run in `make test`, S6 in `make long`, and pass or do not."""


def standing() -> list[dict[str, Any]]:
    """Lines of the report as it stands."""
    rows = re.findall(r"^\| ([RSNP]\d+) \| (.+) \| (.+) \| (\d{4}-\d\d-\d\d \d\d:\d\d) \| (.*) \|$",
                      TARGET.read_text(encoding="utf-8"), re.MULTILINE)  # fmt: skip
    return [dict(zip(("id", "what", "result", "at", "load"), row, strict=True)) for row in rows]


def main() -> None:
    """Read the lines, write the table."""
    paths = [path for path in sys.argv[1:] if path != "--anew"]
    told = [json.loads(line) for path in paths for line in Path(path).read_text(encoding="utf-8").splitlines()]
    if not told:
        raise SystemExit("no test left a line")
    head = HEAD.format(cores=told[-1]["cores"], system=told[-1]["system"])
    if "--anew" not in sys.argv:
        told += standing()
    # A test may leave several lines; of the same one only the latest counts, whatever its numbers are.
    latest = {(line["id"], re.sub(r"[\d, ]+", "", line["what"])): line
              for line in sorted(told, key=lambda line: str(line["at"]).replace(" ", "T"))}  # fmt: skip
    lines = list(latest.values())
    lines.sort(key=lambda line: (line["id"][0], int(line["id"][1:].split(".")[0]), line["at"].replace(" ", "T")))
    rows = [
        f"| {line['id']} | {line['what']} | {line['result']} | {line['at'][:16].replace('T', ' ')} "
        f"| {line.get('load', '')} |"
        for line in lines
    ]
    absent = [identity for identity in PLANTED if identity not in {line["id"] for line in lines}]
    rest = f"\n**Not in this run:** {', '.join(absent)}.\n" if absent else ""
    rest += "\n## What each was shown to fail on\n\nThese are tests too; there are more of them than one for each.\n\n"
    rest += "| Test | Planted fault |\n|---|---|\n"
    rest += "".join(
        f"| {one} | {words.replace('_', ' ')} (`{path}`) |\n" for one, (path, words) in (PLANTED | ALWAYS).items()
    )
    TARGET.write_text(head + "\n".join(rows) + "\n" + rest, encoding="utf-8")
    print(TARGET.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
