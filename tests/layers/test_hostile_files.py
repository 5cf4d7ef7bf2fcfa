"""S4: what can a stranger's file do? Be read, or be refused in one sentence; nothing leaves and nothing stays."""

# ruff: noqa: E501, UP031 - a line is a file or two, and braces belong to the JSON in them

import io
import json
import os
import random
import re
import resource
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import psutil
import pytest
import shapely

from gis import sandbox
from gis.errors import InputError
from gis.sandbox import own_folder, run_apart
from layers.importing import apart, reading

GOOD_CSV = "名称,经度,纬度\n演练仓库,118.70,31.40\n"
MOST_BYTES = 1024**3
Made = dict[str, bytes]


def zipped(parts: dict[str, bytes], *, level: int = 6, links: tuple[str, ...] = ()) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name in links:
                info.external_attr = 0o120777 << 16
            archive.writestr(info, content)
    return target.getvalue()


@contextmanager
def most_memory() -> Iterator[list[int]]:
    """Most memory a process that reads files had at once meanwhile, bytes: what Linux calls VmHWM."""
    most, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            for process in psutil.Process().children(recursive=True):
                with suppress(OSError, psutil.Error):
                    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
                    most[0] = max(most[0], int(found[1]) * 1024 if found else 0)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield most
    done.set()
    thread.join(5)


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[int, list[Any]]]:
    """A port nobody may ask, and who asked."""
    came: list[Any] = []
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            came.append(line.recv(200))
            line.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield int(server.getsockname()[1]), came
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


@pytest.fixture(scope="module")
def true_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One sound file of each kind, to be spoilt."""
    folder = tmp_path_factory.mktemp("true")
    frame = gpd.GeoDataFrame(
        {"名称": ["甲", "乙"]}, geometry=gpd.points_from_xy([118.7, 118.8], [31.4, 31.5]), crs=4490
    )
    frame.to_file(folder / "a.gpkg", layer="a", engine="pyogrio")
    frame.to_crs(4326).to_file(folder / "a.geojson", driver="GeoJSON", engine="pyogrio")
    (folder / "shp").mkdir()
    frame.rename(columns={"名称": "name"}).to_file(folder / "shp" / "a.shp", engine="pyogrio")
    shp = {path.name: path.read_bytes() for path in (folder / "shp").iterdir()}
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["名称", "经度", "纬度"])
    book.active.append(["甲", 118.7, 31.4])
    book.save(folder / "a.xlsx")
    return {
        "gpkg": (folder / "a.gpkg").read_bytes(), "geojson": (folder / "a.geojson").read_bytes(),
        "xlsx": (folder / "a.xlsx").read_bytes(), "zip": zipped(shp), **{f"part{name[1:]}": shp[name] for name in shp},
    }  # fmt: skip


def texts(port: int) -> Made:
    """Tables of text."""
    cells = ["=cmd|' /C calc'!A0", "=HYPERLINK(\"http://127.0.0.1:%d/\")" % port, "@SUM(1)", "+1", "-1", "\u202e倒", "\ufeff",
             "<script>alert(1)</script>", "'; DROP TABLE x; --", "长" * 6000, "9" * 5000, "1e308", "NaN", "-0", "\x07",
             "../../etc/passwd", "file:///etc/passwd", "\u0000", "\ud7ff", "😀" * 500]  # fmt: skip
    made = {f"cell{at}.csv": f'名称,经度,纬度\n"{cell}",118.7,31.4\n'.encode() for at, cell in enumerate(cells)}
    made |= {f"place{at}.csv": f"名称,经度,纬度\n甲,{value},31.4\n".encode()
             for at, value in enumerate(["NaN", "inf", "-inf", "1e308", "1e999", "", "abc", "118,7", "9" * 400])}  # fmt: skip
    for coding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030", "big5", "shift_jis"):
        made[f"coding-{coding}.csv"] = GOOD_CSV.encode(coding, errors="replace")
    made |= {
        "quotes.csv": b'"' * 200_000, "commas.csv": b"," * 500_000, "lines.csv": b"\n" * 500_000, "returns.csv": b"\r" * 9999,
        "wide.csv": (",".join(f"c{n}" for n in range(50_000)) + "\n").encode(), "one.csv": b"a", "bom.csv": b"\xef\xbb\xbf",
        "long.csv": ("名称,经度,纬度\n" + "甲,118.7,31.4\n" * 50_000).encode(), "half.csv": GOOD_CSV.encode()[:-9] + b"\xe6",
        "same.csv": "名称,名称,名称\n甲,乙,丙\n".encode(), "html.csv": b"<html><body><table><tr><td>1</table>",
        "pdf.csv": b"%PDF-1.4\n1 0 obj", "zip.csv": b"PK\x03\x04" + bytes(50), "elf.csv": b"\x7fELF" + bytes(60),
        "eicar.csv": rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", "nul.txt": bytes(5000),
        "semi.tsv": "名称;经度;纬度\n甲;1;2\n".encode(), "dates.csv": "名称,经度,纬度\n0000-99-99,1,2\n".encode(),
    }  # fmt: skip
    return made


def packed(true: dict[str, bytes], port: int) -> Made:
    """Archives and workbooks."""
    bomb = zipped({"xl/worksheets/sheet1.xml": bytes(60_000_000)}, level=9)
    nested = zipped({"b.zip": zipped({"c.zip": zipped({"d.shp": bytes(1_000_000)})})})
    with zipfile.ZipFile(io.BytesIO(true["xlsx"])) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"

    def with_sheet(content: bytes) -> bytes:
        return zipped(parts | {sheet: content})

    dtd = b'<!DOCTYPE x [<!ENTITY a "%s">%s]>'
    entities = b"".join(b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10) for n in range(1, 12))
    link = b'<externalLink xmlns="http://x"><externalBook r:id="rId1"/></externalLink>'
    rels = (
        b'<Relationships><Relationship Id="rId1" Target="http://127.0.0.1:%d/x" TargetMode="External"/></Relationships>'
        % port
    )
    made = {
        "bomb.xlsx": bomb, "bomb.zip": bomb, "nested.zip": nested, "nested.xlsx": nested, "empty.zip": zipped({}),
        "slip.zip": zipped({"../../../tmp/onemap-slipped.shp": b"x", "../../../tmp/onemap-slipped.dbf": b"x"}),
        "absolute.zip": zipped({"/tmp/onemap-slipped.shp": b"x", "/tmp/onemap-slipped.dbf": b"x"}),
        "link.zip": zipped({"a.shp": b"/etc/passwd", "a.dbf": b"/etc/passwd"}, links=("a.shp", "a.dbf")),
        "many.zip": zipped({f"{n}.shp": b"" for n in range(2500)}), "names.zip": zipped({"\u202efdp.shp": b"", "a" * 300: b""}),
        "windows.zip": zipped({"..\\..\\a.shp": b"x", "C:\\a.dbf": b"x"}), "device.zip": zipped({"CON.shp": b"", "NUL.dbf": b""}),
        "fake.zip": b"PK\x05\x06" + bytes(18), "cut.zip": true["zip"][:-40], "cut.xlsx": true["xlsx"][: len(true["xlsx"]) // 2],
        "macro.xlsm": zipped(parts | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100}), "ole.xlsx": b"\xd0\xcf\x11\xe0" * 500,
        "external.xlsx": zipped(parts | {"xl/externalLinks/externalLink1.xml": link,
                                         "xl/externalLinks/_rels/externalLink1.xml.rels": rels}),
        "xxe.xlsx": with_sheet(b'<?xml version="1.0"?>' + dtd % (b"x", b'<!ENTITY e SYSTEM "file:///etc/passwd">')
                               + b"<worksheet><sheetData><row><c><v>&e;</v></c></row></sheetData></worksheet>"),
        "lol.xlsx": with_sheet(b'<?xml version="1.0"?>' + dtd % (b"lol" * 10, entities) + b"<worksheet>&b11;</worksheet>"),
        "remote.xlsx": with_sheet(b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:%d/d"><worksheet/>' % port),
        "far.xlsx": with_sheet(b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                               b"</worksheet>"),
        "beyond.xlsx": with_sheet(b'<worksheet><sheetData><row r="99999999999"><c r="ZZZZZZ9"><v>1</v></c></row></sheetData>'
                                  b"</worksheet>"),
        "cell.xlsx": with_sheet(b'<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * 3_000_000
                                + b"</t></is></c></row><row><c><v>1</v></c></row></sheetData></worksheet>"),
        "deep.xlsx": with_sheet(b"<a>" * 200_000), "notxml.xlsx": with_sheet(os.urandom(2000)),
    }  # fmt: skip
    for name in parts:
        made[f"without-{name.replace('/', '_')}.xlsx"] = zipped({k: v for k, v in parts.items() if k != name})
    for at in range(8):
        spoilt = bytearray(true["xlsx"])
        chance = random.Random(at)
        for _ in range(20):
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        made[f"flipped{at}.xlsx"] = bytes(spoilt)
    return made


def shapes(true: dict[str, bytes]) -> Made:
    """Shapefiles whose numbers lie."""
    shp, shx, dbf, prj = (true[f"part.{kind}"] for kind in ("shp", "shx", "dbf", "prj"))

    def shapefile(**parts: bytes) -> bytes:
        whole = {"shp": shp, "shx": shx, "dbf": dbf, "prj": prj} | parts
        return zipped({f"a.{kind}": content for kind, content in whole.items()})

    def patched(content: bytes, at: int, value: bytes) -> bytes:
        return content[:at] + value + content[at + len(value) :]

    big, little = struct.pack(">i", 2**31 - 1), struct.pack("<i", 2**31 - 1)
    return {
        "length.zip": shapefile(shp=patched(shp, 24, big)), "record.zip": shapefile(shp=patched(shp, 104, big)),
        "negative.zip": shapefile(shp=patched(shp, 104, struct.pack(">i", -5))), "kind.zip": shapefile(shp=patched(shp, 32, little)),
        "offset.zip": shapefile(shx=patched(shx, 100, big)), "index.zip": shapefile(shx=shx[:100]),
        "rows.zip": shapefile(dbf=patched(dbf, 4, little)), "header.zip": shapefile(dbf=patched(dbf, 8, b"\xff\xff")),
        "width.zip": shapefile(dbf=patched(dbf, 10, b"\xff\xff")), "short.zip": shapefile(shp=shp[:60]),
        "nodbf.zip": shapefile(dbf=b""), "prj.zip": shapefile(prj=b"GEOGCS[" * 20_000), "prjlink.zip": shapefile(prj=b"/vsicurl/http://x"),
        "nan.zip": shapefile(shp=patched(shp, 112, struct.pack("<d", float("nan")))),
        "inf.zip": shapefile(shp=patched(shp, 112, struct.pack("<d", float("inf")))),
        "vrt.zip": zipped({"a.shp": b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource>"
                           b"</OGRVRTLayer></OGRVRTDataSource>", "a.dbf": dbf}),
        "code.zip": shapefile(cpg=b"../../etc/passwd"), "random.zip": shapefile(shp=os.urandom(5000)),
    }  # fmt: skip


def features(true: dict[str, bytes], port: int) -> Made:
    """GeoJSON."""

    def one(geometry: str, properties: str = '{"名称":"甲"}') -> bytes:
        return ('{"type":"FeatureCollection","features":[{"type":"Feature","properties":%s,"geometry":%s}]}'
                % (properties, geometry)).encode()  # fmt: skip

    point = '{"type":"Point","coordinates":[118.7,31.4]}'
    star = [[118.7 + (n * 7919 % 1000) / 1e5, 31.4 + (n * 104729 % 1000) / 1e5] for n in range(5000)]
    nested = point
    for _ in range(300):
        nested = '{"type":"GeometryCollection","geometries":[' + nested + "]}"
    vrt = b"<OGRVRTDataSource><OGRVRTLayer name='passwd'><SrcDataSource>CSV:/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    return {
        "deep.geojson": b"[" * 100_000, "deepobject.geojson": b'{"a":' * 50_000, "deepshape.geojson": one(nested),
        "deepprops.geojson": one(point, '{"a":' * 200 + "1" + "}" * 200), "nan.geojson": one(point.replace("118.7", "NaN")),
        "infinity.geojson": one(point.replace("118.7", "Infinity")), "huge.geojson": one(point.replace("118.7", "1e308")),
        "beyond.geojson": one(point.replace("118.7", "1e999")), "minus.geojson": one(point.replace("118.7", "-9e99")),
        "digits.geojson": one(point.replace("118.7", "1" * 100_000)), "star.geojson": one(json.dumps({"type": "Polygon", "coordinates": [star]})),
        "many.geojson": one(json.dumps({"type": "LineString", "coordinates": [[118.7, 31.4]] * 300_000})),
        "null.geojson": one("null"), "none.geojson": b"{}", "list.geojson": b"[]", "number.geojson": b"1", "text.geojson": b'"x"',
        "kind.geojson": one('{"type":"Sphere","coordinates":[1,2]}'), "string.geojson": one('{"type":"Point","coordinates":"118,31"}'),
        "empty.geojson": one('{"type":"Point","coordinates":[]}'), "dims.geojson": one(json.dumps({"type": "Point", "coordinates": [1.0] * 500})),
        "mixed.geojson": one('{"type":"Polygon","coordinates":[[1,2],[[3,4]]]}'), "keys.geojson": one(point, json.dumps({f"k{n}": n for n in range(5000)})),
        "proto.geojson": one(point, '{"__proto__":{"a":1},"constructor":"x"}'), "control.geojson": one(point, '{"a":"\\u0000\\u0007\\u202e"}'),
        "surrogate.geojson": one(point, '{"a":"\\ud800"}'), "dup.geojson": one(point, '{"a":1,"a":2,"A":3}'),
        "cut.geojson": true["geojson"][:-30], "double.geojson": true["geojson"] * 2, "bom16.geojson": true["geojson"].decode().encode("utf-16"),
        "vrt.geojson": vrt, "vrtspace.geojson": b"  \n" + vrt, "kml.geojson": b"<?xml version='1.0'?><kml/>",
        "crs.geojson": true["geojson"].replace(b'"features"', b'"crs":{"type":"link","properties":{"href":"http://127.0.0.1:%d/"}},"features"' % port),
        "url.json": b'{"type":"FeatureServer","url":"http://127.0.0.1:%d/"}' % port, "esri.json": b'{"objectIdFieldName":"a","features":[]}',
        "topo.json": b'{"type":"Topology","objects":{},"arcs":[[[0,0],[1e9,1e9]]]}', "stac.json": b'{"type":"FeatureCollection","stac_version":"1.0.0","features":[]}',
        "polyglot.geojson": true["geojson"] + true["zip"], "svg.json": b"<svg onload='alert(1)' xmlns='http://www.w3.org/2000/svg'/>",
    }  # fmt: skip


def databases(true: dict[str, bytes], folder: Path) -> Made:
    """GeoPackages, which are databases and can hold programs."""
    made = {"cut.gpkg": true["gpkg"][:5000], "random.gpkg": os.urandom(9000), "text.gpkg": b"hello", "empty.gpkg": b"SQLite format 3\0",
            "zip.gpkg": true["zip"], "tail.gpkg": true["gpkg"] + os.urandom(4096)}  # fmt: skip
    acts = {
        "trigger": "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END", "view": "CREATE VIEW v AS SELECT load_extension('x')",
        "virtual": "PRAGMA writable_schema=ON; INSERT INTO sqlite_master VALUES ('table','w','w',0,"
                   "'CREATE VIRTUAL TABLE w USING VirtualOGR(''/etc/passwd'')')",
        "drop": "DROP TABLE gpkg_contents", "srs": "UPDATE gpkg_spatial_ref_sys SET definition = 'GEOGCS['",
        "name": "UPDATE gpkg_contents SET table_name = '../../etc/passwd'", "wkb": "UPDATE a SET geom = x'4750000100000000'",
        "blob": "UPDATE a SET geom = randomblob(3000000)", "nulls": "UPDATE a SET geom = NULL",
        "big": "UPDATE a SET 名称 = printf('%.*c', 3000000, 'x')",
    }  # fmt: skip
    for name, act in acts.items():
        path = folder / f"{name}.gpkg"
        path.write_bytes(true["gpkg"])
        file = sqlite3.connect(path)
        for function in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            file.create_function(function, 1, lambda _shape: 0)
        file.executescript(act)
        file.commit()
        file.close()
        made[path.name] = path.read_bytes()
    for at in range(6):
        spoilt, chance = bytearray(true["gpkg"]), random.Random(at)
        for _ in range(60):
            spoilt[chance.randrange(100, len(spoilt))] ^= 1 << chance.randrange(8)
        made[f"flipped{at}.gpkg"] = bytes(spoilt)
    return made


@pytest.mark.protection("20")
def test_s4_every_hostile_file_is_read_or_refused_and_does_nothing_else(
    true_files: dict[str, bytes], listener: tuple[int, list[Any]], tmp_path: Path, told: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    port, came = listener
    corpus = {**texts(port), **packed(true_files, port), **shapes(true_files), **features(true_files, port)}
    (tmp_path / "made").mkdir()
    corpus |= databases(true_files, tmp_path / "made")
    assert len(corpus) >= 150
    folder = tmp_path / "in"
    folder.mkdir()
    temporary = tmp_path / "temporary"  # of this test alone: beside it other tests unpack files as well
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    outside = {path: path.stat().st_mtime_ns for path in Path("/tmp").glob("onemap-slipped*")}

    def one(name: str) -> tuple[str, bool, float]:
        path = folder / name
        path.write_bytes(corpus[name])
        began = time.monotonic()
        try:
            sheet = apart.read(path)
        except InputError as refusal:
            assert str(refusal).strip(), name
            for leak in ("Traceback", "site-packages", str(folder), "root:x:", "/tmp/"):
                assert leak not in str(refusal), (name, refusal)
            was_read = False
        else:
            assert "root:x:" not in sheet.table.to_string(), name
            was_read = True
        path.unlink()
        return name, was_read, time.monotonic() - began

    with most_memory() as most, ThreadPoolExecutor(3) as hands:
        done = list(hands.map(one, corpus))
    read, refused = sum(was_read for _, was_read, _ in done), sum(not was_read for _, was_read, _ in done)
    slowest = max((seconds, name) for name, _, seconds in done)
    assert 0 < most[0] <= MOST_BYTES, most
    assert came == [], "something left the machine"
    assert {path: path.stat().st_mtime_ns for path in Path("/tmp").glob("onemap-slipped*")} == outside
    assert list(folder.iterdir()) == [], "something was left beside the files"
    assert list(temporary.glob("onemap-*")) == [], "something was left where files are unpacked"
    told(
        "S4",
        f"{len(corpus)} hostile files, each read in a process of its own",
        f"{read} read, {refused} refused in one sentence, 0 connections, 0 files elsewhere; "
        f"slowest {slowest[0]:.1f} s ({slowest[1]}), most memory {most[0] >> 20} MB",
    )


def test_true_files_are_read_apart_as_they_are_read_here(true_files: dict[str, bytes], tmp_path: Path) -> None:
    for kind in ("gpkg", "geojson", "xlsx", "zip"):
        path = tmp_path / f"a.{kind}"
        path.write_bytes(true_files[kind])
        here, there = reading.read(path), apart.read(path)
        assert here.table.equals(there.table)
        assert (here.format, here.first_row, here.says_datum, here.encoding, here.formulas) == (
            there.format, there.first_row, there.says_datum, there.encoding, there.formulas)  # fmt: skip
        if here.places is not None:
            assert there.places is not None
            assert shapely.equals_exact(here.places.to_numpy(), there.places.to_numpy(), 0).all()


# -- what a file that took the reader over could do ----------------------------------------------------------------


def asks_the_network(folder: Path) -> None:
    try:
        socket.create_connection(("127.0.0.1", int((folder / "port").read_text())), timeout=30).close()
    except OSError as error:
        (folder / "said").write_text(type(error).__name__)


def starts_a_program(folder: Path) -> None:
    try:
        subprocess.run(["/bin/true"], check=True)
    except OSError as error:
        (folder / "said").write_text(type(error).__name__)


def eats_memory(folder: Path) -> None:
    held = [bytearray(50 * 2**20) for _ in range(100)]
    (folder / "said").write_text(str(len(held)))


def falls_over(_folder: Path) -> None:
    "\ud800".encode()


def never_ends(_folder: Path) -> None:
    while True:
        pass


def dies(_folder: Path) -> None:
    os.abort()


def test_it_reaches_nobody_and_starts_nothing(listener: tuple[int, list[Any]]) -> None:
    port, came = listener
    for work in (asks_the_network, starts_a_program):
        with own_folder() as folder:
            (folder / "port").write_text(str(port))
            run_apart(work, folder, "a.csv", preload="layers.importing.apart")
            assert (folder / "said").read_text() == "PermissionError"
    assert came == []


def test_planted_without_the_filter_it_would_reach_out(
    listener: tuple[int, list[Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "port").write_text(str(listener[0]))
    asks_the_network(tmp_path)  # here, where nothing is confined
    deadline = time.monotonic() + 60
    while not listener[1] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert listener[1]
    listener[1].clear()


def test_it_is_stopped_when_it_takes_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    for work, said, patience_s in (
        (eats_memory, "more than 1024 MB of memory", 240), (never_ends, "longer than 2 s", 2), (dies, "damaged", 240),
    ):  # fmt: skip
        monkeypatch.setattr(sandbox, "PATIENCE_S", patience_s)
        with own_folder() as folder, pytest.raises(InputError, match=said):
            run_apart(work, folder, "a.csv", preload="layers.importing.apart")
        assert not folder.exists()
    assert resource.getrlimit(resource.RLIMIT_DATA) == before, "we ourselves stay as we were"


def test_a_reader_that_falls_over_says_so_in_one_line(tmp_path: Path) -> None:
    """No page of our insides in the log, and for the person one sentence."""
    code = "import sys; from pathlib import Path; from gis.sandbox import _confined; _confined(%s, Path(sys.argv[1]), 'a.csv')"
    done = subprocess.run(
        [sys.executable, "-c", code % "lambda _: '\\ud800'.encode()", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("onemap: 'a.csv': reading it ended with UnicodeEncodeError in ")
    with own_folder() as folder, pytest.raises(InputError, match=r"a\.csv: it is damaged"):
        run_apart(falls_over, folder, "a.csv", preload="layers.importing.apart")
