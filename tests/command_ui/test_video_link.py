"""Does the video conference stay a link of a house that was named, whatever is set?"""

import pytest

from command_ui.settings import load_settings
from gis.errors import InputError

HOSTS = {"ONEMAP_VIDEO_HOSTS": "meet.example.org, Video.Example.net"}


@pytest.mark.parametrize("url", ["https://meet.example.org/room/1?x=2", "https://VIDEO.example.net:8443/"])
def test_an_address_of_a_named_host_is_taken(url: str) -> None:
    assert load_settings(HOSTS | {"ONEMAP_VIDEO_URL": url}).video_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://meet.example.org/", "javascript:alert(1)", "//meet.example.org/", "https://meet.example.org.evil.example/",
        "https://meet.example.org@evil.example/", "https://user:word@meet.example.org/", "https://evil.example/",
        'https://meet.example.org/"><script>', "https://meet.example.org/\n", "https://[", "data:text/html,x", "file:///x",
    ],
)  # fmt: skip
def test_every_other_address_is_refused_with_its_reason(url: str) -> None:
    with pytest.raises(InputError, match="ONEMAP_VIDEO_URL"):
        load_settings(HOSTS | {"ONEMAP_VIDEO_URL": url})


def test_without_named_hosts_no_address_is_taken() -> None:
    with pytest.raises(InputError, match="ONEMAP_VIDEO_HOSTS"):
        load_settings({"ONEMAP_VIDEO_URL": "https://meet.example.org/"})
