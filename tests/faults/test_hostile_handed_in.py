"""S4, beyond tables: plans, lists of injects, marks, alerts, drills, tiles, photographs and papers from strangers."""

# ruff: noqa: E501, UP031 - a line is a file or two, and braces belong to the JSON in them

import io
import json
import random
import socket
import sqlite3
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image
from pypdf import PdfWriter

from command_ui.exercises import msel
from command_ui.plotting import apart as marks
from gis import papers
from gis.errors import OneMapError
from scenarios.exchange import apart as alerts
from scenarios.exercise import apart as drills
from scenarios.orders.attachments import kind_of
from scenarios.plans import apart as plans
from scenarios.plans import sample
from tianditu.packages.library import Library

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
SLOWEST_S = 30.0
"""Goal for one file; told, and no verdict: three are read at a time on a machine with other work."""
Made = dict[str, bytes]


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


def spoilt(content: bytes, count: int, seed: int, first: int = 0) -> bytes:
    """The same with some bits turned."""
    turned, chance = bytearray(content), random.Random(seed)
    for _ in range(count):
        turned[chance.randrange(first, len(turned))] ^= 1 << chance.randrange(8)
    return bytes(turned)


def zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def workbooks(titles: tuple[str, ...], port: int) -> Made:
    """Workbooks that are none, or too much of one."""
    book = openpyxl.Workbook()
    for title in titles:
        book.create_sheet(title).append(["字段", "=cmd|' /C calc'!A0", "值"])
    written = io.BytesIO()
    book.save(written)
    true = written.getvalue()
    with zipfile.ZipFile(io.BytesIO(true)) as held:
        parts = {name: held.read(name) for name in held.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    entities = b"".join(b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10) for n in range(1, 12))
    made = {
        "bomb.xlsx": zipped(parts | {sheet: bytes(90_000_000)}), "cut.xlsx": true[: len(true) // 2], "empty.xlsx": zipped({}),
        "strings.xlsx": zipped(parts | {"xl/sharedStrings.xml": b"<sst>" + b"<si><t>x</t></si>" * 900_000 + b"</sst>"}),
        "xxe.xlsx": zipped(parts | {sheet: b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>'}),
        "lol.xlsx": zipped(parts | {sheet: b'<!DOCTYPE x [<!ENTITY b0 "lol">' + entities + b"]><worksheet>&b11;</worksheet>"}),
        "remote.xlsx": zipped(parts | {sheet: b'<!DOCTYPE x SYSTEM "http://127.0.0.1:%d/d"><worksheet/>' % port}),
        "far.xlsx": zipped(parts | {sheet: b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'}),
        "deep.xlsx": zipped(parts | {sheet: b"<a>" * 200_000}), "ole.xlsx": b"PK" + b"\xd0\xcf\x11\xe0" * 500,
        "macro.xlsm": zipped(parts | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100}), "slip.xlsx": zipped(parts | {"../../../tmp/onemap-slipped": b"x"}),
        "formulas.xlsx": true, "nul.xlsx": b"PK" + bytes(3000),
    }  # fmt: skip
    made |= {
        f"without-{name.replace('/', '_')}.xlsx": zipped({k: v for k, v in parts.items() if k != name})
        for name in parts
    }
    made |= {f"flipped{at}.xlsx": spoilt(true, 20, at) for at in range(4)}
    return made


def plan_texts() -> Made:
    """YAML."""
    true = sample.written("dust")
    laughs = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)
    )
    made = {
        "laughs.yaml": laughs.encode(), "self.yaml": b"form: onemap-plan/1\ntasks: &a [*a]\n", "deep.yaml": b"[" * 50_000,
        "deepmap.yaml": b"".join(b" " * n + b"a:\n" for n in range(2_000)), "python.yaml": b"plan: !!python/object/apply:os.system ['touch /tmp/onemap-slipped']\n",
        "new.yaml": b"plan: !!python/object/new:subprocess.Popen [[/bin/true]]\n", "key.yaml": b"? [a, b]\n: c\n? {a: b}\n: d\n", "tag.yaml": b"plan: !<tag:x,2026:y> {a: b}\n",
        "merge.yaml": b"plan: {<<: [{id: A}, {id: B}]}\nform: onemap-plan/1\n", "many.yaml": b"a: b\n" * 100_000, "long.yaml": b"plan: {title: '" + b"x" * 900_000 + b"'}",
        "nul.yaml": true.replace(b"title", b"ti\0tle"), "utf16.yaml": true.decode().encode("utf-16"), "gbk.yaml": true.decode().encode("gb18030"), "bom.yaml": b"\xef\xbb\xbf" + true,
        "twice.yaml": true * 2, "two.yaml": true + b"\n---\n" + true, "empty.yaml": b"", "one.yaml": b"a", "list.yaml": b"- a\n- b\n", "number.yaml": b"1e999",
        "html.yaml": b"<html><script>alert(1)</script>", "date.yaml": true.replace(b"2026", b"0000"), "infinity.yaml": true.replace(b"within_min: ", b"within_min: .inf #"),
        "huge.yaml": true.replace(b"within_min: ", b"within_min: " + b"9" * 6000), "script.yaml": true.replace(b"title: ", b"title: <img src=x onerror=alert(1)> "),
        "percent.yaml": b"%YAML 9.9\n---\na: b\n", "anchors.yaml": b"".join(b"a%d: &x%d b\n" % (n, n) for n in range(20_000)), "cut.yaml": true[:-200], "binary.yaml": random.Random(1).randbytes(9000),
        "binarytag.yaml": b"plan: {title: !!binary 'AAAA'}\n", "controls.yaml": b"plan: {title: \"\\u202e\\ud800\\x07\"}\n", "tabs.yaml": b"\tplan: x\n", "colon.yaml": b":" * 100_000,
    }  # fmt: skip
    return made | {f"flipped{at}.yaml": spoilt(true, 12, at) for at in range(6)}


def drawn(port: int) -> Made:
    """GeoJSON, KML and SVG of marks."""
    point = '{"type":"Point","coordinates":[118.7,31.4]}'

    def one(geometry: str, facts: str = '{"symbol":"A0101"}') -> bytes:
        return ('{"type":"FeatureCollection","features":[{"type":"Feature","properties":%s,"geometry":%s}]}' % (facts, geometry)).encode()  # fmt: skip

    def kml(inside: str, head: str = "") -> bytes:
        return f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'.encode()

    def place(coordinates: str) -> str:
        return f'<Placemark><name>x</name><ExtendedData><Data name="symbol"><value>A0101</value></Data></ExtendedData><Point><coordinates>{coordinates}</coordinates></Point></Placemark>'

    def svg(inside: str, head: str = "") -> bytes:
        return f'<?xml version="1.0"?>{head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{inside}</svg>'.encode()

    entities = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 12))
    heads = {
        "xxe": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "lol": f'<!DOCTYPE x [<!ENTITY b0 "lol">{entities}]>',
        "remote": f'<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x.dtd">', "parameter": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p"> %p;]>',
        "sheet": f'<?xml-stylesheet href="http://127.0.0.1:{port}/x.xsl" type="text/xsl"?>',
    }  # fmt: skip
    made = {
        "deep.geojson": b"[" * 100_000, "deepobject.geojson": b'{"a":' * 50_000, "deepfacts.geojson": one(point, '{"label":' + "[" * 5_000 + "]" * 5_000 + "}"),
        "nan.geojson": one(point.replace("118.7", "NaN")), "infinity.geojson": one(point.replace("118.7", "-Infinity")), "far.geojson": one(point.replace("118.7", "1e308")),
        "digits.geojson": one(point.replace("118.7", "1" * 100_000)), "text.geojson": one('{"type":"Point","coordinates":"118,31"}'), "none.geojson": one("null"), "list.geojson": b"[]",
        "nested.geojson": one('{"type":"Polygon","coordinates":[[[[1,2]]]]}'), "long.geojson": one(json.dumps({"type": "LineString", "coordinates": [[118.7, 31.4]] * 40_000})),
        "bow.geojson": one('{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}', '{"symbol":"C0101"}'), "kind.geojson": one('{"type":"Sphere","coordinates":[1,2]}'),
        "proto.geojson": one(point, '{"__proto__":{"a":1},"symbol":"A0101"}'), "script.geojson": one(point, '{"symbol":"A0101","label":"<script>"}'), "turn.geojson": one(point, '{"symbol":"A0101","rotation_deg":1e400}'),
        "controls.geojson": one(point, '{"symbol":"A0101","text":"\\u0000\\ud800"}'), "time.geojson": one(point, '{"symbol":"A0101","valid_from":"9999-99-99"}'), "sign.geojson": one(point, '{"symbol":"../../etc/passwd"}'),
        "many.geojson": ('{"type":"FeatureCollection","features":[' + ",".join(["{}"] * 100_000) + "]}").encode(), "utf16.geojson": one(point).decode().encode("utf-16"), "empty.geojson": b"",
        "true.kml": kml(place("118.7,31.4")), "nan.kml": kml(place("nan,inf")), "words.kml": kml(place("a,b")), "blank.kml": kml(place("")), "far.kml": kml(place("1e999,0")),
        "link.kml": kml(f'<NetworkLink><Link><href>http://127.0.0.1:{port}/</href></Link></NetworkLink>'), "icon.kml": kml(f'<Style><IconStyle><Icon><href>file:///etc/passwd</href></Icon></IconStyle></Style>{place("1,2")}'),
        "deep.kml": kml("<Folder>" * 5_000), "open.kml": b"<kml><Document>", "html.kml": kml('<Placemark><description><![CDATA[<script>alert(1)</script>]]></description></Placemark>'),
        "many.kml": kml(place("1,2") * 3_000), "coding.kml": b'<?xml version="1.0" encoding="utf-7"?><kml/>', "kmz.kml": zipped({"doc.kml": kml(place("1,2"))}), "utf16.kml": kml("").decode().encode("utf-16"),
        "script.svg": svg("<script>alert(1)</script>"), "onload.svg": svg('<g onload="alert(1)"/>'), "use.svg": svg(f'<image xlink:href="http://127.0.0.1:{port}/a.png"/>'), "marks.svg": svg('<metadata id="onemap-marks">[[[</metadata>'),
        "deep.svg": svg(f'<metadata id="onemap-marks">{"[" * 50_000}</metadata>'), "foreign.svg": svg("<foreignObject><iframe src='file:///etc/passwd'/></foreignObject>"), "inside.svg": svg("<g>" * 5_000), "bits.svg": random.Random(2).randbytes(5_000),
        "kind.gpx": b"<gpx/>", "noname": b"x",
    }  # fmt: skip
    for name, head in heads.items():
        made |= {
            f"{name}.kml": kml("&e;" if name == "xxe" else "&b11;" if name == "lol" else "", head),
            f"{name}.svg": svg("", head),
        }
    return made


def messages(port: int) -> Made:
    """CAP and EDXL-DE."""
    name = 'xmlns="urn:oasis:names:tc:emergency:cap:1.2"'
    sound = (f'<alert {name}><identifier>A-1</identifier><sender>a@b</sender><sent>2026-11-22T08:00:00+08:00</sent><status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>'
             "<info><category>CBRNE</category><event>演练</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>"
             "<area><areaDesc>x</areaDesc><polygon>31.4,118.7 31.5,118.7 31.5,118.8 31.4,118.7</polygon></area></info></alert>")  # fmt: skip
    entities = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 12))
    ring = sound.replace("31.5,118.8 31.4,118.7<", f"{'31.5,118.8 ' * 60_000}31.4,118.7<")
    de = 'xmlns="urn:oasis:names:tc:emergency:EDXL:DE:2.0"'
    texts = {
        "sound": sound, "xxe": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{sound.replace("演练", "&e;")}', "lol": f'<!DOCTYPE x [<!ENTITY b0 "l">{entities}]>{sound.replace("演练", "&b11;")}',
        "remote": f'<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x">{sound}', "schema": sound.replace("<alert ", f'<alert xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x http://127.0.0.1:{port}/x.xsd" '),
        "include": sound.replace("<info>", f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:{port}/"/><info>'), "deep": f"<alert {name}>" + "<info>" * 5_000, "ring": ring,
        "nan": sound.replace("31.4,118.7", "nan,nan"), "far": sound.replace("31.4,118.7", "1e999,0"), "words": sound.replace("31.4,118.7", "a,b"), "open": sound.replace(" 31.4,118.7<", "<"), "time": sound.replace("2026-11-22T08:00:00+08:00", "yesterday"),
        "circle": sound.replace("<polygon>", "<circle>31,118 -5</circle><polygon>"), "resource": sound.replace("</info>", f"<resource><resourceDesc>x</resourceDesc><mimeType>a/b</mimeType><uri>http://127.0.0.1:{port}/</uri></resource></info>"),
        "script": sound.replace("演练", "&lt;script&gt;"), "cdata": sound.replace("演练", "<![CDATA[<script>]]>"), "many": sound.replace("</info>", "</info>" + sound[sound.index("<info>") : sound.index("</info>") + 7] * 500), "wrong": "<alert/>", "text": "hello",
        "envelope": f"<edxlDistribution {de}>{sound}</edxlDistribution>", "inenvelope": f'<edxlDistribution {de}><distributionID>x</distributionID></edxlDistribution>', "utf7": '<?xml version="1.0" encoding="utf-7"?>' + sound, "nul": sound.replace("演练", "\0"),
    }  # fmt: skip
    made = {f"{key}.cap": text.encode() for key, text in texts.items()}
    return (
        made
        | {
            "utf16.cap": sound.encode("utf-16"),
            "large.cap": b" " * 2_000_000,
            "bits.cap": random.Random(3).randbytes(5_000),
        }
        | {f"flipped{at}.cap": spoilt(sound.encode(), 8, at) for at in range(5)}
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *more: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(more)
        + chunk(b"IDAT", zlib.compress(bytes(500)))
        + chunk(b"IEND", b"")
    )


def pdf(*more: bytes, catalog: bytes = b"") -> bytes:
    """A PDF of one page, written by hand, with more objects from number 4 on."""
    things = [b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>", *more]  # fmt: skip
    out, at = b"%PDF-1.7\n", []
    for number, thing in enumerate(things, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    table = b"".join(b"%010d 00000 n \n" % place for place in at)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(things) + 1, table, len(things) + 1, len(out))  # fmt: skip


def pictures_and_papers(port: int) -> Made:
    """Photographs, films and papers."""
    made: Made = {}
    for kind in ("JPEG", "PNG", "WEBP"):
        written = io.BytesIO()
        Image.new("RGB", (60, 40), "#884422").save(written, kind)
        true = written.getvalue()
        made |= {
            f"true.{kind}": true,
            f"cut.{kind}": true[: len(true) // 3],
            f"polyglot.{kind}": true + zipped({"a.exe": b"MZ"}),
            f"script.{kind}": true + b"<script>alert(1)</script>",
        }
        made |= {f"flipped{at}.{kind}": spoilt(true, 6, at, 12) for at in range(3)}
    locked, carrying = io.BytesIO(), io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_attachment("a.exe", b"MZ")
    writer.write(carrying)
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("x", algorithm="RC4-128")
    writer.write(locked)
    script = b"<</S/JavaScript/JS(app.alert(1))>>"
    return made | {
        "bomb.png": png(100_000, 100_000), "wide.png": png(2**31 - 1, 1), "zero.png": png(0, 0), "text.png": png(10, 10, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(60_000_000), 9))),
        "icc.png": png(10, 10, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(60_000_000), 9))), "head.jpg": b"\xff\xd8\xff", "body.jpg": b"\xff\xd8\xff\xe0" + bytes(5_000), "eicar.jpg": b"\xff\xd8\xff\xe0" + rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        "short.mp4": b"\0\0\0\x18ftypmp42" + bytes(4), "lies.mp4": b"\x7f\xff\xff\xffftypmp42" + bytes(90), "tiny.mp4": b"\0\0\0\x02ftypmp42" + bytes(40), "loop.mp4": b"\0\0\0\x10ftypmp42" + bytes(4) + b"\0\0\0\x01free" + bytes(8), "many.mp4": b"\0\0\0\x10ftypmp42" + bytes(4) + b"\0\0\0\x08free" * 20_000,
        "cut.heic": b"\0\0\x10\x18ftypheic" + bytes(30), "svg.jpg": b"<svg onload='alert(1)'/>", "html.pdf": b"<html>", "true.pdf": pdf(), "head.pdf": b"%PDF-1.7", "open.pdf": pdf(script, catalog=b"/OpenAction 4 0 R"), "names.pdf": pdf(b"<</Names[(a) 5 0 R]>>", script.replace(b"a", b"#61", 1), catalog=b"/Names<</JavaScript 4 0 R>>"),
        "launch.pdf": pdf(b"<</S/Launch/F(/bin/true)>>", catalog=b"/OpenAction 4 0 R"), "uri.pdf": pdf(b"<</S/URI/URI(http://127.0.0.1:%d/)>>" % port, catalog=b"/OpenAction 4 0 R"), "form.pdf": pdf(b"<</S/SubmitForm/F(http://127.0.0.1:%d/)>>" % port, catalog=b"/OpenAction 4 0 R"),
        "loop.pdf": pdf().replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"), "pages.pdf": pdf().replace(b"/Count 1", b"/Count 2147483647"), "xref.pdf": pdf().replace(b"startxref\n", b"startxref\n9"), "locked.pdf": locked.getvalue(), "carrying.pdf": carrying.getvalue(),
        "bomb.pdf": pdf(b"<</Filter[/FlateDecode/FlateDecode]/Length 9>>stream\n" + zlib.compress(zlib.compress(bytes(50_000_000), 9), 9) + b"\nendstream"), "polyglot.pdf": pdf() + zipped({"a": b"MZ"}), "bits.pdf": b"%PDF-1.7\n" + random.Random(4).randbytes(50_000),
        **{f"flipped{at}.pdf": spoilt(pdf(), 10, at, 10) for at in range(5)},
    }  # fmt: skip


def drill_files() -> dict[str, dict[str, str]]:
    """TOML."""
    return {
        "deep": {"drill.toml": "a=" + "[" * 100_000}, "deepkey": {"drill.toml": ".".join(["a"] * 50_000) + "=1"}, "tables": {"injects.toml": "[[inject]]\n" * 50_000},
        "name": {"../../etc/passwd": "a=1"}, "nul": {"drill.toml": "a='\0'"}, "number": {"drill.toml": "a=" + "9" * 10_000}, "date": {"drill.toml": "a=9999-99-99"},
        "twice": {"drill.toml": "a=1\na=2"}, "text": {"drill.toml": "a='''" + "x" * 800_000}, "brackets": {"drill.toml": "[" * 100_000}, "braces": {"drill.toml": "a=" + "{a=" * 20_000}, "none": {},
    }  # fmt: skip


def tile_files(folder: Path) -> Made:
    """Packages of tiles, which are databases or archives."""
    made = {"empty.mbtiles": b"SQLite format 3\0", "bits.mbtiles": b"SQLite format 3\0" + random.Random(5).randbytes(9_000), "head.pmtiles": b"PMTiles\3", "text.mbtiles": b"hello",
            "zeros.pmtiles": b"PMTiles\3" + bytes(500), "bits.pmtiles": b"PMTiles\3" + random.Random(6).randbytes(9_000), "ones.pmtiles": b"PMTiles\3" + b"\xff" * 500}  # fmt: skip
    acts = {
        "view": "CREATE VIEW tiles AS SELECT 0 zoom_level, 0 tile_column, 0 tile_row, randomblob(900000000) tile_data", "bomb": "CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data); INSERT INTO tiles VALUES (0,0,0,zeroblob(200000000))",
        "endless": "CREATE VIEW tiles AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x zoom_level, x tile_column, x tile_row, x tile_data FROM c", "svg": "CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data); INSERT INTO tiles VALUES (0,0,0,'<svg onload=alert(1)>')",
        "levels": "CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data); INSERT INTO tiles VALUES (1e300,-1,'x',x'ffd8ff')", "extension": "CREATE VIEW tiles AS SELECT load_extension('/tmp/x') tile_data, 0 zoom_level, 0 tile_column, 0 tile_row",
    }  # fmt: skip
    for name, act in acts.items():
        path = folder / f"{name}.mbtiles"
        file = sqlite3.connect(path)
        file.executescript(
            "CREATE TABLE metadata (name, value); INSERT INTO metadata VALUES ('format','jpg'),('bounds','1,2,3,4'),('minzoom','0'),('maxzoom','1');"
            + act
        )
        file.commit()
        file.close()
        made[path.name] = path.read_bytes()
    return made


def test_s4_whatever_is_handed_in_is_read_or_refused_and_does_nothing_else(
    listener: tuple[int, list[Any]], tmp_path: Path, told: Callable[..., None]
) -> None:
    port, came = listener
    (tmp_path / "made").mkdir()
    library = Library(tmp_path / "library")

    def tiles(content: bytes, name: str) -> object:
        path = tmp_path / name
        path.write_bytes(content)
        try:
            return library.add(path, layer="img", name=name.replace(".", "-"))
        finally:
            path.unlink()

    def paper(content: bytes, _name: str) -> None:
        papers.examine(content, kind_of(content) or "none")

    ways: list[tuple[Callable[[bytes, str], object], Made]] = [
        (plans.handed_in, plan_texts() | workbooks(("预案", "任务"), port)),
        (lambda content, _name: msel._list(content), workbooks(("情景注入", "MSEL"), port)),
        (lambda content, name: marks.handed_in(name, content), drawn(port)),
        (lambda content, _name: alerts.handed_in(content), messages(port)),
        (paper, pictures_and_papers(port)),
        (tiles, tile_files(tmp_path / "made")),
        (lambda content, name: drills.check(name, json.loads(content)), {name: json.dumps(files).encode() for name, files in drill_files().items()}),
    ]  # fmt: skip
    outside = {path: path.stat().st_mtime_ns for path in Path("/tmp").glob("onemap-slipped*")}

    def one(case: tuple[Callable[[bytes, str], object], str, bytes]) -> tuple[str, bool, float]:
        read, name, content = case
        began = time.monotonic()
        try:
            found = read(content, name)
        except OneMapError as refusal:
            assert str(refusal).strip(), name
            for leak in ("Traceback", "site-packages", "root:x:", "/tmp/onemap-read"):
                assert leak not in str(refusal), (name, refusal)
            return name, False, time.monotonic() - began
        assert "root:x:" not in repr(found), name
        return name, True, time.monotonic() - began

    cases = [(read, name, content) for read, made in ways for name, content in made.items()]
    assert len(cases) >= 150
    with ThreadPoolExecutor(3) as hands:
        done = list(hands.map(one, cases))
    slowest = max((seconds, name) for name, _, seconds in done)
    was_read = sum(was for _, was, _ in done)
    assert came == [], "something left the machine"
    assert {path: path.stat().st_mtime_ns for path in Path("/tmp").glob("onemap-slipped*")} == outside
    assert not [path for path in (tmp_path / "library").glob("*") if path.suffix == ".part"], (
        "something was left behind"
    )
    told(
        "S4",
        f"{len(cases)} hostile plans, lists, marks, alerts, drills, tiles, photographs and papers, each read apart",
        f"{was_read} read, {len(cases) - was_read} refused in one sentence, 0 connections; "
        f"slowest {slowest[0]:.1f} s ({slowest[1]}; goal {SLOWEST_S:.0f} s)",
    )


@pytest.mark.parametrize(
    "name", ["bomb.png", "eicar.jpg", "cut.heic", "launch.pdf", "names.pdf", "locked.pdf", "carrying.pdf"]
)
def test_what_would_harm_its_reader_is_refused(name: str) -> None:
    content = pictures_and_papers(1)[name]
    with pytest.raises(OneMapError):
        papers.examine(content, kind_of(content) or "none")


def test_true_ones_are_taken() -> None:
    made = pictures_and_papers(1)
    for name in ("true.JPEG", "true.PNG", "true.WEBP", "true.pdf"):
        papers.examine(made[name], kind_of(made[name]) or "none")
