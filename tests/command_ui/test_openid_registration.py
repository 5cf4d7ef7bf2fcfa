"""Which registrations of an identity provider are taken at the start, and does the door open while it is away?"""

from pathlib import Path
from typing import Any

import pytest

from command_ui.access import mapping, openid, ways
from command_ui.access.openid import OpenIdProvider, Registration
from command_ui.settings import load_settings
from gis.errors import InputError


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("[[grant]]\nclaim='g'\nvalue='x'\nrole='security_admin'\ndivision='990100'", "given by hand"),
        ("[[grant]]\nclaim='g'\nvalue='x'\nrole='king'\ndivision='990100'", "grant.0.role"),
        ("[[grant]]\nclaim='g'\nvalue='x'\nrole='viewer'", "either division or division_claim"),
        ("[[grant]]\nclaim='g'\nvalue='x'\nrole='viewer'\ndivision='99'", "six digits"),
        ("[[grant]]\nclaim='g'\nvalue='x'\nrole='field'\ndivision='990100'", "response team"),
        ("[acount]\nname='x'", "acount"),
        ("[account", "Expected"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(tmp_path: Path, written: str, fault: str) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(written, "utf-8")
    with pytest.raises(InputError, match=fault):
        mapping.read(file)


def test_division_codes_become_ranges() -> None:
    # GB/T 2260: two digits each for province, city and county.
    assert mapping.range_of("370000") == ("370000", "380000")
    assert mapping.range_of("370200") == ("370200", "370300")
    assert mapping.range_of("370203") == ("370203", "370204")


@pytest.mark.parametrize(
    "given",
    [
        {"ONEMAP_OIDC_ISSUER": "http://id.example", "ONEMAP_OIDC_CLIENT_ID": "x"},
        {"ONEMAP_OIDC_ISSUER": "https://user@id.example", "ONEMAP_OIDC_CLIENT_ID": "x"},
        {"ONEMAP_OIDC_ISSUER": "https://id.example"},
        {"ONEMAP_OIDC_ISSUER": "https://id.example", "ONEMAP_OIDC_CLIENT_ID": "x", "ONEMAP_OIDC_SCOPES": "profile"},
        {"ONEMAP_OIDC_CLIENT_ID": "x"},
    ],
)
def test_half_a_registration_is_refused_at_the_start(given: dict[str, str]) -> None:
    with pytest.raises(InputError, match="ONEMAP_OIDC"):
        ways.of(load_settings(given))


def test_what_lies_in_the_cookie_opens_for_its_key_and_purpose_alone() -> None:
    key = b"k" * 32
    written = openid.sealed(key, "attempt", {"a": "1"})
    assert openid.unsealed(key, "attempt", written) == {"a": "1"}
    for other, purpose, cookie in ((key, "leave", written), (b"x" * 32, "attempt", written), (key, "attempt", "é~")):
        assert openid.unsealed(other, purpose, cookie) == {}


def test_a_registration_without_faults_is_taken() -> None:
    assert OpenIdProvider(Registration("https://id.example", "x")).registration.faults() == []


def test_a_provider_that_is_away_is_told_and_the_password_still_opens(serve: Any) -> None:
    lonely = serve(console=lambda **_: None, oidc_issuer="http://127.0.0.1:9", oidc_client_id="onemap")
    with lonely.client() as client:
        told = client.get("/sign-in/outside")
        assert told.status_code == 503
        assert "暂时不可用" in told.text
    with lonely.sign_in("duty") as client:
        assert client.get("/api/v1/session").status_code == 200
