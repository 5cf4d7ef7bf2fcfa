"""Does a real identity provider open the door, and does nothing that only looks like one?"""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from command_ui.access import accounts, audit, openid, openid_tokens, second_factor
from command_ui.server import threshold
from gis.database import Caller, Database

Field = Callable[[str, str], str]
ZHANG = {"sub": "u-1001", "preferred_username": "zhang", "name": "演练张三", "employee_number": "YL-7001"}
BY_NUMBER = '[account]\nperson = "employee_number"\n[second_factor]\namr = ["otp"]\n'
BY_GROUP = """
[[grant]]
claim = "groups"
value = "egis-duty"
role = "operator"
division_claim = "division"
clearance = "internal"
mode = "drill"
[[grant]]
claim = "groups"
value = "egis-look"
role = "viewer"
division = "990100"
"""


class Provider:
    """The identity provider in its process, and the hand at its switches."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def set(self, **wish: Any) -> dict[str, Any]:
        return httpx.post(f"{self.issuer}/control", json=wish, timeout=120).json()

    def begin(self, client: httpx.Client, next_path: str = "/") -> str:
        """Send somebody there; give the address they come back to."""
        sent = client.get("/sign-in/outside", params={"next": next_path})
        assert sent.status_code == 303, sent.text
        assert sent.headers["location"].startswith(f"{self.issuer}/authorize?")
        return httpx.get(sent.headers["location"], timeout=120).headers["location"]

    def through(self, client: httpx.Client, next_path: str = "/") -> httpx.Response:
        return client.get(self.begin(client, next_path))


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    place = Path(__file__).parent.parent / "fakes" / "openid_provider.py"
    # Taken here and handed on: a port that is only looked up may be another's when the provider asks for it.
    with socket.create_server(("127.0.0.1", 0)) as door:
        port, fd = door.getsockname()[1], door.fileno()
        process = subprocess.Popen([sys.executable, place, str(port), str(fd)], pass_fds=[fd])
    one = Provider(f"http://127.0.0.1:{port}")
    httpx.get(f"{one.issuer}/keys", timeout=120)  # the door is open from the beginning; somebody comes to it
    assert process.poll() is None
    yield one
    process.terminate()
    process.wait(timeout=60)


def _with(serve: Any, provider: Provider, folder: Path, written: str, **more: Any) -> Any:
    file = folder / "mapping.toml"
    file.write_text(written, "utf-8")
    return serve(
        console=lambda **_: None, oidc_issuer=provider.issuer, oidc_client_id="onemap", oidc_title="演练统一认证",
        oidc_client_secret=SecretStr("a secret with a : and a / in it"), oidc_mapping=file, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def by_number(serve: Any, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Known is who has the number of an account's person; everybody else is refused."""
    return _with(serve, provider, tmp_path_factory.mktemp("number"), BY_NUMBER)


@pytest.fixture(scope="module")
def by_group(serve: Any, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Accounts and rights follow from the provider's groups."""
    return _with(serve, provider, tmp_path_factory.mktemp("group"), BY_GROUP, outside_unknown="create")


@pytest.fixture(autouse=True)
def sound(provider: Provider, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins with a provider that behaves and sends people to the server of the test."""
    name = "by_group" if "by_group" in request.fixturenames else "by_number"
    # Tests come from one machine and fail on purpose; the limit for one address has tests of its own.
    monkeypatch.setattr(threshold, "TRIES_PER_ADDRESS", 10_000)
    server = request.getfixturevalue(name)
    provider.set(origin=server.origin, user=dict(ZHANG), fault="")
    yield
    provider.set(fault="")


def account(database: Database, name: str, person: str, role: Any = "operator") -> None:
    with database.transaction(Caller.system()) as connection:
        if connection.execute(text("SELECT 1 FROM access.account WHERE name = :n"), {"n": name}).first() is None:
            new = accounts.NewAccount(name, "演练张三", role, "990100", "990200", "drill", person=person)
            accounts.make(connection, new, "correct-horse-battery")


def newest(database: Database, event: str = "sign_in") -> audit.Line:
    with database.transaction(Caller.system()) as connection:
        return audit.read(connection, event=event, limit=1)[0]


@pytest.mark.protection("01")
def test_a_person_known_by_number_comes_in_and_the_audit_says_how(
    by_number: Any, provider: Provider, database: Database
) -> None:
    account(database, "zhang-here", "YL-7001")
    with by_number.client() as client:
        assert "演练统一认证" in client.get("/sign-in").text
        opened = provider.through(client, "/?incident=7")
        assert (opened.status_code, opened.headers["location"]) == (303, "/?incident=7")
        assert client.get("/api/v1/session").json()["name"] == "zhang-here"
    line = newest(database)
    assert (line.actor, line.outcome, line.detail["how"]) == ("zhang-here", "ok", "openid")
    linked = newest(database, "account_linked")  # by the first sign-in, of whichever test
    assert (linked.object, linked.detail["person"]) == ("zhang-here", "YL-7001")
    # From now on it is the subject that counts, whatever number or name the provider tells.
    provider.set(user=ZHANG | {"employee_number": "YL-9999", "preferred_username": "somebody"})
    with by_number.client() as client:
        assert provider.through(client).status_code == 303
        assert client.get("/api/v1/session").json()["name"] == "zhang-here"
    with by_number.sign_in("sysadmin") as administrator:
        told = {one["name"]: one["outside"] for one in administrator.get("/api/v1/accounts").json()}
    assert told["zhang-here"].startswith(f"{provider.issuer} ")
    assert told["sysadmin"] == "", "who has no provider is named by none"


def test_somebody_unknown_is_told_so_and_gets_nothing(by_number: Any, provider: Provider, database: Database) -> None:
    provider.set(user={"sub": "u-2", "preferred_username": "duty", "name": "同名", "employee_number": "YL-4040"})
    with by_number.client() as client:
        refused = provider.through(client)
        assert refused.status_code == 403
        assert "本系统没有您的账号" in refused.text
        assert client.get("/api/v1/session").status_code == 401
    assert newest(database).detail == {"how": "openid", "why": "unknown", "subject": f"{provider.issuer} u-2"}


def test_one_number_on_two_accounts_opens_neither(by_number: Any, provider: Provider, database: Database) -> None:
    account(database, "twin-a", "YL-2222")
    account(database, "twin-b", "YL-2222")
    provider.set(user={"sub": "u-22", "preferred_username": "twin", "employee_number": "YL-2222"})
    with by_number.client() as client:
        assert provider.through(client).status_code == 403
    assert newest(database).detail["why"] == "ambiguous"


def test_a_closed_account_stays_closed(by_number: Any, provider: Provider, database: Database) -> None:
    account(database, "leaver-o", "YL-3333")
    provider.set(user={"sub": "u-33", "preferred_username": "leaver-o", "employee_number": "YL-3333"})
    with by_number.client() as client:
        assert provider.through(client).status_code == 303
        with database.transaction(Caller.system()) as connection:
            connection.execute(text("UPDATE access.account SET disabled = true WHERE name = 'leaver-o'"))
    with by_number.client() as client:
        assert provider.through(client).status_code == 403
    assert newest(database).detail["why"] == "closed"


FAULTS = {
    "nonce": "nonce",
    "no_nonce": "nonce missing",
    "audience": "aud",
    "two_audiences": "azp missing",
    "azp": "azp",
    "issuer": "iss",
    "expired": "expired",
    "future": "iat",
    "at_hash": "at_hash",
    "no_subject": "sub",
    "alg_none": "algorithm",
    "hmac": "algorithm",
    "unknown_key": "key",
    "forged": "signature",
    "userinfo": "userinfo",
    "mixed_up": "issuer",
    "no_iss": "issuer",
}


@pytest.mark.protection("20")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_opens_nothing_and_is_written_down(
    by_number: Any, provider: Provider, database: Database, fault: str
) -> None:
    account(database, "zhang-here", "YL-7001")
    provider.set(fault=fault)
    with by_number.client() as client:
        refused = provider.through(client)
        assert refused.status_code == 403, refused.headers.get("location")
        assert not [name for name in client.cookies if name == "egis"]
        assert client.get("/api/v1/session").status_code == 401
    line = newest(database)
    assert (line.outcome, line.detail["how"], line.detail["why"]) == ("refused", "openid", FAULTS[fault])


def test_a_clock_that_is_a_little_slow_does_no_harm(by_number: Any, provider: Provider, database: Database) -> None:
    account(database, "zhang-here", "YL-7001")
    provider.set(fault="slow_clock")
    with by_number.client() as client:
        assert provider.through(client).status_code == 303


def test_an_answer_opens_once_in_its_own_browser_alone(by_number: Any, provider: Provider, database: Database) -> None:
    account(database, "zhang-here", "YL-7001")
    with by_number.client() as client, by_number.client() as thief:
        back = provider.begin(client)
        thief.get("/sign-in/outside")
        assert thief.get(back).status_code == 403, "another browser's answer opened"
        assert newest(database).detail["why"] == "state"
        held = {name: client.cookies[name] for name in client.cookies}
        assert client.get(back).status_code == 303
        client.cookies.clear()
        client.cookies.update(held)
        assert client.get(back).status_code == 403, "the same answer opened twice"
        assert newest(database).detail["why"] == "replayed"
        # Not even with a fresh attempt: the provider gave that code away.
        code = re.search(r"code=([^&]+)", back)[1]
        fresh = provider.begin(client)
        assert client.get(re.sub(r"code=[^&]+", f"code={code}", fresh)).status_code == 403
        assert newest(database).detail["why"] == "code"


def test_an_answer_without_its_attempt_or_doubled_or_late_opens_nothing(
    by_number: Any, provider: Provider, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with by_number.client() as client:
        back = provider.begin(client)
        assert client.get(f"{back}&state=x").status_code == 403
        client.cookies.clear()
        assert client.get(back).status_code == 403
        assert newest(database).detail["why"] == "state"
        back = provider.begin(client)
        monkeypatch.setattr(openid, "ATTEMPT_S", -1)
        assert client.get(back).status_code == 403
        assert newest(database).detail["why"] == "late"


def test_a_decline_is_told_and_its_words_are_words(by_number: Any, provider: Provider, database: Database) -> None:
    provider.set(user=None)
    with by_number.client() as client:
        refused = provider.through(client)
        assert refused.status_code == 403
        assert "未同意" in refused.text
    assert newest(database).detail["why"] == "declined"


def test_a_new_key_is_fetched_and_the_old_one_opens_no_more(
    by_number: Any, provider: Provider, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(database, "zhang-here", "YL-7001")
    monkeypatch.setattr(openid_tokens, "_KEYS_AGAIN_S", 0.0)
    with by_number.client() as client:
        assert provider.through(client).status_code == 303
    provider.set(new_key=True)
    asked = provider.set()["asked_for_keys"]
    with by_number.client() as client:
        assert provider.through(client).status_code == 303
    assert provider.set()["asked_for_keys"] == asked + 1, "asked for more than the one new key"
    monkeypatch.setattr(openid_tokens, "_KEYS_AGAIN_S", 3600.0)  # however slow the machine is
    provider.set(fault="unknown_key")
    for _ in range(3):
        with by_number.client() as client:
            assert provider.through(client).status_code == 403
    assert provider.set()["asked_for_keys"] <= asked + 2, "strangers make us ask all day"


def test_the_second_factor_is_asked_here_unless_the_provider_showed_one(
    by_number: Any, provider: Provider, database: Database
) -> None:
    account(database, "chief-o", "YL-8001", "commander")
    chief = {"sub": "u-80", "preferred_username": "chief", "employee_number": "YL-8001"}
    provider.set(user=chief)
    with by_number.client() as client:
        page = provider.through(client)
        assert (page.status_code, "绑定双因素设备" in page.text) == (200, True)
        assert client.get("/api/v1/session").status_code == 401
        spelled = re.search(r'<p class="key"><code>([A-Z2-7 ]+)</code>', page.text)[1].replace(" ", "")
        import base64

        secret = base64.b32decode(spelled + "=" * (-len(spelled) % 8))
        code = second_factor.code_at(secret, int(time.time()) // 30)
        halfway = re.search(r'name="halfway" value="([^"]+)"', page.text)[1]
        assert client.post("/sign-in/device", data={"halfway": halfway, "code": code}).status_code == 200
        assert client.get("/api/v1/session").json()["name"] == "chief-o"
    with by_number.client() as client:
        assert "输入动态码" in provider.through(client).text
    provider.set(user=chief | {"amr": ["pwd", "otp"]})
    with by_number.client() as client:
        assert provider.through(client).status_code == 303


def test_signing_out_goes_on_to_the_provider_and_comes_back(
    by_number: Any, provider: Provider, database: Database
) -> None:
    account(database, "zhang-here", "YL-7001")
    with by_number.client() as client:
        provider.through(client)
        token = client.get("/api/v1/session").json()["csrf_token"]
        left = client.post("/sign-out", data={"csrf_token": token})
        assert left.status_code == 200
        onward = re.search(r'http-equiv="refresh" content="2; url=([^"]+)"', left.text)[1].replace("&amp;", "&")
        there = httpx.get(onward, timeout=120)
        assert (there.status_code, there.headers["location"]) == (302, f"{by_number.origin}/sign-in")
        assert provider.set()["left"][-1] == "u-1001"
        assert client.get("/api/v1/session").status_code == 401


@pytest.mark.protection("32")
def test_the_provider_can_end_a_sign_in(by_number: Any, provider: Provider, database: Database) -> None:
    account(database, "zhang-here", "YL-7001")
    with by_number.client() as here, by_number.client() as there:
        provider.set(user=ZHANG | {"sid": "s-here"})
        provider.through(here)
        provider.set(user=ZHANG | {"sid": "s-there"})
        provider.through(there)
        said = {"sub": "u-1001", "sid": "s-here"}
        for bad in (
            {"forged": True}, {"aud": "another"}, {"iss": "https://evil.example"}, {"nonce": "x"}, {"events": {}},
            {"iat": int(time.time()) - 3600}, {"sub": "", "sid": ""},
        ):  # fmt: skip
            assert provider.set(farewell=said | bad)["status"] == 400, bad
            assert newest(database).detail["why"].startswith("farewell: ")
        time.sleep(2.1)  # what is remembered of a session is believed so long
        assert here.get("/api/v1/session").status_code == 200
        once = said | {"jti": "only-once"}
        assert provider.set(farewell=once)["status"] == 200
        assert provider.set(farewell=once)["status"] == 400, "a farewell was heard twice"
        time.sleep(2.1)
        assert here.get("/api/v1/session").status_code == 401
        assert there.get("/api/v1/session").status_code == 200
        assert provider.set(farewell={"sub": "u-1001"})["status"] == 200
        time.sleep(2.1)
        assert there.get("/api/v1/session").status_code == 401
    assert newest(database, "session_ended").object == "zhang-here"


def test_local_accounts_open_beside_it_and_without_it(by_number: Any, provider: Provider) -> None:
    with by_number.sign_in("duty") as client:
        assert client.get("/api/v1/session").json()["name"] == "duty"


def test_rights_follow_the_provider_and_leave_with_it(by_group: Any, provider: Provider, database: Database) -> None:
    li = {"sub": "u-5", "preferred_username": "Li.Si", "name": "演练李四"}
    provider.set(user=li)
    with by_group.client() as client:
        opened = provider.through(client)
        assert opened.headers["location"] == "/account"
        assert client.get("/api/v1/session").json()["role"] == "pending"
        assert client.get("/api/v1/incidents").status_code == 403
    provider.set(user=li | {"groups": ["other", "egis-duty"], "division": "990102"})
    with by_group.client() as client:
        provider.through(client)
        person = client.get("/api/v1/session").json()
        assert (person["name"], person["role"], person["mode"]) == ("li.si", "operator", "drill")
        assert (person["division_from"], person["division_to"]) == ("990102", "990103")
        given = newest(database, "rights_granted")
        assert (given.actor, given.detail["after"]["role"]) == ("identity provider", "operator")
        # The group is gone: the rights are, and with the next sign-in the sessions of before.
        provider.set(user=li | {"groups": ["egis-look"]})
        with by_group.client() as again:
            provider.through(again)
            assert again.get("/api/v1/session").json()["role"] == "viewer"
        time.sleep(2.1)
        assert client.get("/api/v1/session").status_code == 401
    provider.set(user=li | {"groups": ["egis-duty"], "division": "99; DROP"})
    with by_group.client() as client:
        provider.through(client)
        assert client.get("/api/v1/session").json()["role"] == "pending"


def test_rights_given_by_hand_stay(by_group: Any, provider: Provider, database: Database) -> None:
    provider.set(user={"sub": "u-6", "preferred_username": "wang", "groups": ["egis-look"]})
    with by_group.client() as client:
        provider.through(client)
    with by_group.sign_in("secadmin") as security:
        grant = {"role": "expert", "division_from": "990100", "division_to": "990200", "clearance": "internal"}
        assert security.put("/api/v1/accounts/wang/rights", json=grant | {"mode": "drill"}).status_code == 204
    with by_group.client() as client:
        provider.through(client)
        assert client.get("/api/v1/session").json()["role"] == "expert"


def test_a_name_is_no_proof_of_having_its_account(by_group: Any, provider: Provider, database: Database) -> None:
    provider.set(user={"sub": "u-7", "preferred_username": "secadmin", "groups": ["egis-duty"]})
    with by_group.client() as client:
        assert provider.through(client).status_code == 403
    assert newest(database).detail["why"] == "name_taken"
    provider.set(user={"sub": "u-8", "preferred_username": "a b"})
    with by_group.client() as client:
        assert provider.through(client).status_code == 403
    assert newest(database).detail["why"] == "no_name"


def test_each_check_is_what_refuses_its_fault(
    by_number: Any, provider: Provider, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The test of the tests: with a check taken out of the product, the fault it is for walks in.
    account(database, "zhang-here", "YL-7001")

    def outcome(fault: str) -> int:
        provider.set(fault=fault)
        with by_number.client() as client:
            return provider.through(client).status_code

    def lax(*_: Any, **__: Any) -> None:
        """The fault: nobody looks."""

    from authlib.oidc.core import CodeIDToken

    with monkeypatch.context() as planted:
        planted.setattr(CodeIDToken, "validate_nonce", lax)
        assert outcome("nonce") == 303
    with monkeypatch.context() as planted:
        planted.setattr(CodeIDToken, "validate", lax)
        assert [outcome(fault) for fault in ("audience", "issuer", "expired")] == [303, 303, 303]
    with monkeypatch.context() as planted:
        planted.setattr("command_ui.server.outside_door._is_first", lambda *_: True)
        provider.set(fault="")
        with by_number.client() as client:
            back = provider.begin(client)
            held = {name: client.cookies[name] for name in client.cookies}
            assert client.get(back).status_code == 303
            client.cookies.clear()
            client.cookies.update(held)
            assert client.get(back).status_code == 403
            assert newest(database).detail["why"] == "code", "without our own check only the provider's is left"
    assert [outcome(fault) for fault in ("nonce", "audience", "issuer", "expired", "alg_none")] == [403] * 5
