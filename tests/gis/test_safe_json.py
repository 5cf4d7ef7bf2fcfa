"""Is JSON of others read, or refused in one sentence, however it is made?"""

import json

import pytest

from gis import safe_json
from gis.errors import InputError


@pytest.mark.parametrize("content", ['{"a": [1, null, "演练"]}', b'\xef\xbb\xbf{"a": 1.5}', "7"])
def test_what_is_json_is_read(content: bytes | str) -> None:
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    assert safe_json.read(content, "message") == json.loads(text)


@pytest.mark.parametrize("content", [
    b"", b"{", b"\xff\xfe", "[" * 100_000, '{"a":' * 100_000, "1" * 5000, "-" + "9" * 5000,
])  # fmt: skip
def test_what_is_not_is_refused_in_a_sentence(content: bytes | str) -> None:
    with pytest.raises(InputError, match=r"^message: not JSON that can be read \("):
        safe_json.read(content, "message")


def test_planted_the_plain_reader_is_brought_down_by_depth() -> None:
    with pytest.raises(RecursionError):
        json.loads("[" * 100_000)
