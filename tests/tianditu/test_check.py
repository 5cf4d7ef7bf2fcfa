"""Does the check tell an administrator what answers and what is wrong, for every state?"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from tianditu import check as checking
from tianditu.check import Row, check
from tianditu.configuration import Configuration
from tianditu.proxy import read_placeholders
from tianditu.verdict import digest

KEY = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_PAUSE_S", 0.0)


@pytest.fixture
def told(fake_tianditu: Any, tmp_path: Path, shared_data: Path) -> Configuration:
    return Configuration(
        tmp_path, keys=(SecretStr(KEY),), hosts={"national": (fake_tianditu.base,)}, api_base=fake_tianditu.base,
        answer_s=0.5, connect_s=0.5, spacing_s=0.0,
    )  # fmt: skip


def by_name(rows: tuple[Row, ...], subject: str) -> dict[str, str]:
    return {row.name: row.state for row in rows if row.subject == subject}


def test_a_good_key_has_every_layer_and_every_service_good(
    fake_tianditu: Any, tianditu_fakes: ModuleType, told: Configuration
) -> None:
    heard: list[Row] = []
    rows = asyncio.run(check(told, report=heard.append))
    assert heard == list(rows) and all(row.good for row in rows)
    assert len(by_name(rows, "layer")) == 14, "seven layers in two matrix sets"
    assert set(by_name(rows, "service")) == {"search", "geocoder", "reverse", "administrative", "drive", "transit"}
    # What comes for a tile that cannot be is the placeholder: learned for the proxy.
    assert read_placeholders(told.folder) == {digest(tianditu_fakes.CONSTANT)}


@pytest.mark.parametrize(
    ("arrange", "state"),
    [
        (lambda fake: setattr(fake.switches, "fault", "418"), "no_key"),
        (lambda fake: setattr(fake.switches, "fault", "429"), "too_fast"),
        (lambda fake: setattr(fake.switches, "fault", "not_listed"), "not_listed"),
        (lambda fake: setattr(fake.switches, "fault", "5xx"), "broken"),
        (lambda fake: setattr(fake.switches, "fault", "reset"), "cut_off"),
        (lambda fake: setattr(fake.switches, "fault", "truncated"), "cut_off"),
        (lambda fake: setattr(fake.switches, "fault", "json200"), "not_a_tile"),
        (lambda fake: setattr(fake.switches, "fault", "redirect"), "refused"),
        (lambda fake: fake.kill(), "offline"),
    ],
)
def test_every_fault_is_named(
    fake_tianditu: Any, told: Configuration, arrange: Callable[[Any], None], state: str
) -> None:
    arrange(fake_tianditu)
    rows = asyncio.run(check(told))
    assert by_name(rows, "key") == {"#1": state}
    assert set(by_name(rows, "layer").values()) == {state}
    assert KEY not in str(rows)


def test_a_hanging_server_is_a_time_out(
    fake_tianditu: Any, told: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_MATRICES", ("w",))
    fake_tianditu.switches.hang = True
    rows = asyncio.run(check(replace(told, answer_s=0.15)))
    assert set(by_name(rows, "layer").values()) == {"timeout"}
    assert by_name(rows, "service")["search"] == "timeout"


@pytest.mark.parametrize(
    ("key", "key_state", "layer_state"),
    [
        ("b0" * 16, "wrong_key_kind", "wrong_key_kind"),
        ("f" * 32, "bad_key", "bad_key"),
        ("zz", "implausible", "bad_key"),
    ],
)
def test_wrong_keys_are_named(
    fake_tianditu: Any, told: Configuration, key: str, key_state: str, layer_state: str
) -> None:
    rows = asyncio.run(check(replace(told, keys=(SecretStr(key),))))
    assert by_name(rows, "key") == {"#1": key_state}
    assert by_name(rows, "layer")["vec_w"] == layer_state
    assert key not in str(rows) or key == "zz"


def test_of_several_keys_the_good_ones_are_used(fake_tianditu: Any, told: Configuration) -> None:
    rows = asyncio.run(check(replace(told, keys=(SecretStr("f" * 32), SecretStr(KEY)))))
    assert by_name(rows, "key") == {"#1": "bad_key", "#2": "ok"}
    assert set(by_name(rows, "layer").values()) == {"ok"}


def test_a_key_may_serve_tiles_and_be_refused_for_services(fake_tianditu: Any, told: Configuration) -> None:
    rows = asyncio.run(check(replace(told, keys=(SecretStr("7" * 32),))))
    assert set(by_name(rows, "layer").values()) == {"ok"}
    refused = next(row for row in rows if row.name == "search")
    assert (refused.state, refused.detail) == ("bad_key", "无此服务权限")


def test_without_a_key_the_publisher_is_left_in_peace(fake_tianditu: Any, tmp_path: Path, told: Configuration) -> None:
    rows = asyncio.run(check(Configuration(tmp_path, api_base=told.api_base)))
    assert set(by_name(rows, "layer").values()) == {"no_key"}
    assert set(by_name(rows, "service").values()) == {"no_key"}
    assert fake_tianditu.asked == []


def test_provinces_are_checked_when_they_are_set(fake_tianditu: Any, told: Configuration) -> None:
    base = (fake_tianditu.base,)
    both = replace(
        told, hosts={"national": base, "jiangsu": base, "jilin": base}, provincial=frozenset({"jiangsu", "jilin"})
    )
    layers = by_name(asyncio.run(check(both)), "layer")
    assert {name: layers[name] for name in ("js-blue_c", "js-img_c", "jl-img_c")} == {
        "js-blue_c": "ok", "js-img_c": "ok", "jl-img_c": "ok",
    }  # fmt: skip
