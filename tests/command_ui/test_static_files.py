"""Do files reach the browser once, packed, from our own origin only?"""

import gzip
import re
from pathlib import Path
from typing import Any

import brotli
import pytest

from command_ui.server import assets, packing

BOKEH = "/static/js/bokeh.min.js"


def raw(client: Any, path: str, **headers: str) -> tuple[Any, bytes]:
    """An answer and its body as it came over the wire."""
    with client.stream("GET", path, headers={"accept-encoding": "identity"} | headers) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("path", [BOKEH, "/assets/door.css"])
def test_packed_body_is_the_same_body(served: Any, path: str) -> None:
    with served.client() as client:
        _, plain = raw(client, path)
        answer, packed = raw(client, path, **{"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed) == plain
        answer, smaller = raw(client, path, **{"accept-encoding": "gzip, br"})
        assert answer.headers["content-encoding"] == "br"
        assert brotli.decompress(smaller) == plain
        assert len(smaller) < len(packed) < len(plain)
        assert "accept-encoding" in answer.headers["vary"]


def test_bokeh_itself_is_served_whole(served: Any) -> None:
    import bokeh.settings

    source = Path(bokeh.settings.settings.bokehjs_path()) / "js" / "bokeh.min.js"
    with served.client() as client:
        assert raw(client, BOKEH)[1] == source.read_bytes()


def test_coding_that_is_refused_is_not_used(served: Any) -> None:
    assert packing.accepted("br;q=0, gzip;q=0.5, *") == {"gzip", "*"}
    with served.client() as client:
        answer, _ = raw(client, BOKEH, **{"accept-encoding": "br;q=0"})
        assert "content-encoding" not in answer.headers


def test_named_content_is_kept_for_a_year_and_the_rest_is_asked_again(served: Any) -> None:
    with served.client() as client:
        forever = client.get(assets.address("door.css"))
        assert "immutable" in forever.headers["cache-control"]
        asked = client.get("/assets/door.css")
        assert "must-revalidate" in asked.headers["cache-control"]
        again = client.get("/assets/door.css", headers={"if-none-match": asked.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_page_names_the_version_of_every_library(served: Any) -> None:
    with served.sign_in() as client:
        page = client.get("/", headers={"accept": "text/html"}).text
        libraries = re.findall(r'(?:src|href)="(static/[^"]+)"', page)
        assert len(libraries) >= 3
        for address in libraries:
            assert "?v=" in address, address
            answer = client.get("/" + address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"], address
        assert "bokeh-gl" not in page


def test_packed_forms_are_kept_between_starts(tmp_path: Path) -> None:
    body = b"one map, one record; " * 1000
    first = packing.pack(body, "text/plain", tmp_path)
    better = packing.pack(body, "text/plain", tmp_path, hard=True)
    kept = sorted(path.suffix for path in tmp_path.iterdir())
    assert kept == [".br", ".gz"]
    assert packing.pack(body, "text/plain", tmp_path) == better
    assert first.choose("br")[1] == "br"
    assert first.choose("identity") == (body, "")


def test_small_and_packed_kinds_are_left_alone() -> None:
    assert packing.pack(b"x" * 100, "text/plain").gzip is None
    assert packing.pack(b"\x89PNG" * 1000, "image/png").gzip is None
    assert packing.squeeze(b"x" * 100, "br") == (b"x" * 100, "")
    assert not packing.is_packable("text/event-stream; charset=utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "../app.py",
        "..\\app.py",
        "/etc/passwd",
        "door.css\0.png",
        "app.py",
        "",
        ".",
        "../assets/../app.py",
        "a/../../app.py",
    ],
)
def test_no_name_leads_out_of_the_folders(name: str) -> None:
    assert assets.find(name) is None


@pytest.mark.parametrize("path", ["/sign-in", "/", "/nowhere"])
def test_no_foreign_host_in_any_page(served: Any, path: str) -> None:
    with served.sign_in() as client, served.client() as stranger:
        for visitor in (client, stranger):
            page = visitor.get(path, headers={"accept": "text/html"}, follow_redirects=True).text
            addresses = re.findall(r'(?:src|href|action|content)="((?:https?:)?//[^"]+)"', page)
            assert addresses == []


def test_dynamic_answers_are_packed_too(served: Any) -> None:
    with served.sign_in() as client:
        answer = client.get("/api/v1/substances", headers={"accept-encoding": "br"})
        assert answer.headers["content-encoding"] == "br"
        assert answer.json()
        assert answer.headers["cache-control"] == "no-store"
