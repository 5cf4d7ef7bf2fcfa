"""
S5, led by coverage: which bytes does a reader of this house neither understand nor refuse in a sentence?

    make guided SECONDS=60          every reader, so long each
    .venv/bin/python tests/guided/parsers.py --only marks_kml --seconds 600

What hypothesis invents follows the shape somebody thought of; libFuzzer, through Atheris, keeps whatever took a reader
to a line it had not seen. Each reader runs in a process of its own. An input that brings one down is kept in
build/guided, to become an example of tests/command_ui/test_parsers_hold.py. Linux and Atheris only, no part of
`make test`.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "guided"
ROOMS = ("gis", "layers", "scenarios", "routing", "tianditu", "command_ui")
SLOW_S = 10
MEMORY_MB = 1500
LONGEST = 10_000

DRILL = ROOT / "scenarios" / "drills" / "ammonia-noon"
SEEDS = {
    "marks_geojson": b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point",'
    b'"coordinates":[118.7,31.4]},"properties":{"name":"a"}}]}',
    "marks_kml": b"<kml><Document><Placemark><name>a</name><Point><coordinates>118.7,31.4,0</coordinates></Point>"
    b"</Placemark></Document></kml>",
    "marks_svg": b'<svg><metadata id="onemap-marks">{"type":"FeatureCollection","features":[{"type":'
    b'"Feature","geometry":{"type":"Polygon","coordinates":[[[118.7,31.4],[118.8,31.4],[118.8,31.5],[118.7,31.4]]]},"properties":{}}]}'
    b"</metadata></svg>",
    "xml": b"<a b='c'>d</a>",
    "alert": b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>1</identifier><sender>a</sender>'
    b"<sent>2026-11-22T08:00:00+08:00</sent><status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>"
    b"<info><category>CBRNE</category><event>a</event><urgency>Immediate</urgency><severity>Severe</severity>"
    b"<certainty>Observed</certainty><area><areaDesc>a</areaDesc><circle>31.4,118.7 1</circle></area></info></alert>",
    "envelope": b'<edxlDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:2.0"><distributionID>1</distributionID>'
    b"<senderID>a</senderID><dateTimeSent>2026-11-22T08:00:00Z</dateTimeSent><dateTimeExpires>2026-11-23T08:00:00Z"
    b"</dateTimeExpires><distributionStatus>Exercise</distributionStatus><distributionKind>Report</distributionKind>"
    b"</edxlDistribution>",
    "plan": b"plan:\n  name: a\ntasks:\n  - a: b\n",
    "drill": (DRILL / "injects.toml").read_bytes(),
    "body": b'{"a":[1,2,{"b":null}]}',
    "observations": b'{"wgbm":"GW-1","id":"1","sent_at":"2026-11-22T08:00:00+08:00",'
    b'"rts":[{"tnm":"T1","ts":"2026-11-22T08:00:00+08:00","val":"1.5","id":"2"}]}',
    "events": b'{"wgbm":"GW-1","events":[{"oname":"T1","ts":1795305600000,"avx":"1","scd":"H","threshold":2}]}',
    "videos": b'{"wgbm":"GW-1","videos":[{"videoCode":"V","ts":"2026-11-22","alarmType":"1","content":"a"}]}',
    "consultation": b'{"say":"view","view":{"centre":[118.7,31.4],"zoom":12.5,"extent":[118.6,31.3,118.8,31.5],'
    b'"layers":["shelter"],"moment":null,"selection":{"layer":"shelter","id":"BN-1"},"pointer":null,"sent_ms":0}}',
    "audit": b'<86>1 - - - - - - \xef\xbb\xbf{"day":1,"seq":1,"hash":"","prev_hash":""}',
    "coordinates": "118°42′30″E 31°24′N".encode(),
    "place": b"118.7,31.4",
    "filter": b"people>=3",
    "box": b"118,31,119,32",
    "interval": b"2026-11-22T00:00:00Z/..",
    "credit_code": b"91350100M000100Y43",
    "table": "名称,经度,纬度\n甲,118.7,31.4\n".encode(),
    "tianditu_search": b'{"status":{"infocode":1000},"count":"1","pois":[{"name":"a","lonlat":"118.7,31.4","distance":'
    b'"1km"}],"area":{"name":"a","lonlat":"118.7,31.4","adminCode":156}}',
    "tianditu_divisions": b'{"data":{"district":[{"gb":"156340000","level":"3"}]}}',
    "tianditu_drive": b"<result><distance>1</distance><duration>2</duration></result>",
}
"""Reader -> something near what it understands, to start from."""

Reader = Callable[[bytes], Any]


def text_of(content: bytes) -> str:
    """As a browser would send it; what is no UTF-8 becomes characters that are."""
    return content.decode("utf-8", "replace")


def json_of(content: bytes) -> Any:
    """JSON the house takes for such, or a refusal."""
    from command_ui.api import reading

    reading.check(content)
    return json.loads(content)


def readers() -> dict[str, Reader]:
    """Every reader by its name. Imported late: Atheris marks the lines of modules as they are imported."""
    from command_ui.access import audit_frames
    from command_ui.api import ogc
    from command_ui.api import reading as bodies
    from command_ui.meeting import view
    from command_ui.plotting.reading import read_marks
    from gis import safe_xml
    from layers import coordinates, filters, uscc
    from layers.importing import reading as tables
    from layers.sensors import messages
    from routing.reading import parse_place
    from scenarios.exchange import cap, envelope
    from scenarios.exercise.reading import read_texts
    from scenarios.plans.reading import read as read_plan
    from tianditu.services import dialects, replies

    drill = {path.name: path.read_text(encoding="utf-8") for path in DRILL.glob("*.toml")}
    now = datetime(2026, 11, 22, tzinfo=UTC)

    def sensor(kind: Any) -> Reader:
        return lambda content: messages.read(kind, json_of(content), "GW-1", now)

    def audit(content: bytes) -> None:
        with suppress(ValueError):  # its own word for a message of somebody else's
            audit_frames.read(content)

    def table(content: bytes) -> None:
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write(content)
            file.flush()
            tables.read(Path(file.name), "a.csv")

    return {
        "marks_geojson": lambda c: read_marks("a.geojson", c),
        "marks_kml": lambda c: read_marks("a.kml", c),
        "marks_svg": lambda c: read_marks("a.svg", c),
        "xml": lambda c: safe_xml.read(c, "message"),
        "alert": cap.read,
        "envelope": envelope.read,
        "plan": lambda c: read_plan(c, "a.yaml"),
        "drill": lambda c: read_texts("a", drill | {"injects.toml": text_of(c)}),
        "body": bodies.check,
        "observations": sensor("tag"),
        "events": sensor("event"),
        "videos": sensor("video"),
        "consultation": lambda c: view.read(text_of(c)),
        "audit": audit,
        "coordinates": lambda c: coordinates.place_in(text_of(c)),
        "place": lambda c: parse_place(text_of(c), "--at"),
        "filter": lambda c: filters.read_filter([text_of(c)]),
        "box": lambda c: ogc._box(text_of(c)),
        "interval": lambda c: ogc._interval(text_of(c)),
        "credit_code": lambda c: uscc.is_valid(text_of(c)),
        "table": table,
        "tianditu_search": lambda c: replies.read_search(dialects.plain("search", 200, c, "")),
        "tianditu_divisions": lambda c: replies.read_divisions(dialects.plain("administrative", 200, c, "")),
        "tianditu_drive": replies.read_drive,
    }


def feed(name: str, seconds: int, corpus: Path) -> None:
    """Feed one reader until the time is over; ends this process."""
    import atheris

    with atheris.instrument_imports(include=list(ROOMS)):
        from gis.errors import OneMapError

        read = readers()[name]
    (corpus / "seed").write_bytes(SEEDS[name])

    def one(content: bytes) -> None:
        try:
            read(content)
        except OneMapError as refusal:
            assert str(refusal).strip(), "a refusal without a sentence"

    KEPT.mkdir(parents=True, exist_ok=True)
    atheris.Setup(
        [sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-timeout={SLOW_S}", f"-rss_limit_mb={MEMORY_MB}",
         f"-max_len={LONGEST}", f"-artifact_prefix={KEPT / name}-", "-print_final_stats=1", "-verbosity=1"],
        one,
    )  # fmt: skip
    atheris.Fuzz()


def run(name: str, seconds: int) -> tuple[bool, int, int]:
    """Feed one reader in a process of its own; whether it held, inputs, lines and branches it came to."""
    with tempfile.TemporaryDirectory() as corpus:
        done = subprocess.run(
            [sys.executable, __file__, "--only", name, "--seconds", str(seconds), "--corpus", corpus],
            capture_output=True, text=True, errors="replace", cwd=ROOT,
        )  # fmt: skip
    inputs = re.findall(r"number_of_executed_units: (\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+)", done.stderr)
    if done.returncode:
        sys.stderr.write("\n".join((done.stdout + done.stderr).splitlines()[-30:]) + "\n")
    return done.returncode == 0 and bool(inputs), int(inputs[-1] if inputs else 0), int(reached[-1] if reached else 0)


def main() -> None:
    """Feed all, or one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="one reader")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--corpus", type=Path, help="folder of inputs to start from; feeds in this very process")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    names = list(SEEDS)
    if given.only and given.only not in names:
        parser.error(f"--only: no reader {given.only}; there are {', '.join(names)}")
    if given.corpus is not None:
        feed(given.only, given.seconds, given.corpus)
        return
    fell = []
    for name in [given.only] if given.only else names:
        held, inputs, reached = run(name, given.seconds)
        said = f"{name:20} {inputs:10,d} inputs {reached:6d} places reached  {'held' if held else 'FELL'}\n"
        sys.stdout.write(said)
        sys.stdout.flush()
        fell += [] if held else [name]
    if fell:
        raise SystemExit(f"fell: {', '.join(fell)}; the inputs are in {KEPT}")


if __name__ == "__main__":
    main()
