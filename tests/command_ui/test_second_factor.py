"""Is the second factor that of RFC 6238, and does nobody come round it?"""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from command_ui.access import accounts, entering, qr, rules, second_factor
from command_ui.access.entering import Halfway
from gis.database import Caller, Database

Field = Callable[[str, str], str]

# RFC 6238 appendix B: time, algorithm, code of eight digits; the seeds are of 20, 32 and 64 bytes.
SEEDS = {"sha1": b"1234567890" * 2, "sha256": (b"1234567890" * 4)[:32], "sha512": (b"1234567890" * 7)[:64]}
VECTORS = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]


@pytest.mark.protection("04")
@pytest.mark.parametrize(("at", "sha1", "sha256", "sha512"), VECTORS)
def test_codes_are_those_of_the_standard(at: int, sha1: str, sha256: str, sha512: str) -> None:
    for algorithm, wanted in {"sha1": sha1, "sha256": sha256, "sha512": sha512}.items():
        code = second_factor.code_at(SEEDS[algorithm], at // 30, digits=8, algorithm=algorithm)
        assert code == wanted


def test_a_code_opens_once_and_only_near_its_time() -> None:
    secret, now = second_factor.new_secret(), 1_800_000_015.0
    step = int(now) // 30
    code = second_factor.code_at(secret, step)
    assert second_factor.accepted_step(secret, f" {code[:3]} {code[3:]} ", now, 0) == step
    assert second_factor.accepted_step(secret, code, now + 30, 0) == step
    assert second_factor.accepted_step(secret, code, now + 60, 0) is None
    assert second_factor.accepted_step(secret, code, now, step) is None
    for nonsense in ("", "0", "動態碼", code + "0"):
        assert second_factor.accepted_step(secret, nonsense, now, 0) is None


def test_a_sealed_secret_opens_for_its_own_row_and_key_alone() -> None:
    secret, key = second_factor.new_secret(), b"k" * 32
    sealed = second_factor.seal(key, "zhang", secret)
    assert secret not in sealed
    assert second_factor.unseal(key, "zhang", sealed) == secret
    for name, other in (("li", key), ("zhang", b"x" * 32)):
        with pytest.raises(Exception, match="installation's key"):
            second_factor.unseal(other, name, sealed)


def test_the_picture_is_a_qr_code_that_says_the_address() -> None:
    address = second_factor.address_of(b"12345678901234567890", "值班 1")
    assert address.startswith("otpauth://totp/EGIS:%E5%80%BC%E7%8F%AD%201?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    rows = qr.modules(address)
    # ISO/IEC 18004 5.3.2: a finder pattern of 7 x 7 in three corners.
    finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    for top, left in ((0, 0), (0, len(rows) - 7), (len(rows) - 7, 0)):
        drawn = ["".join("1" if rows[top + y][left + x] else "0" for x in range(7)) for y in range(7)]
        assert drawn == finder
    assert "<script" not in qr.svg("<script>", title='"><script>')


def commander(database: Database, name: str, role: str = "commander") -> str:
    password = "correct-horse-battery"
    with database.transaction(Caller.system()) as connection:
        new = accounts.NewAccount(name, "演练", role, "990100", "990200", "drill", person=f"T-{name}")
        accounts.make(connection, new, password)
    return password


def begin(client: httpx.Client, field: Field, name: str, password: str) -> httpx.Response:
    form = {"form_token": field(client.get("/sign-in").text, "form_token"), "name": name, "password": password}
    return client.post("/sign-in", data=form)


def secret_of(page: str) -> bytes:
    import base64

    plain = re.search(r'<p class="key"><code>([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


def enrol(client: httpx.Client, field: Field, page: httpx.Response, code: str = "") -> tuple[bytes, list[str]]:
    secret = secret_of(page.text)
    code = code or second_factor.code_at(secret, int(time.time()) // 30)
    shown = client.post("/sign-in/device", data={"halfway": field(page.text, "halfway"), "code": code})
    assert shown.status_code == 200, shown.text
    return secret, re.findall(r"<li><code>([^<]+)</code></li>", shown.text)


@pytest.mark.protection("04", "28")
def test_a_commander_enrols_before_anything_opens_and_needs_the_code_from_then_on(
    served: Any, database: Database, field: Field
) -> None:
    password = commander(database, "leader")
    with served.client() as client:
        page = begin(client, field, "leader", password)
        assert page.status_code == 200
        assert "绑定双因素设备" in page.text
        assert "egis" not in client.cookies
        assert page.headers["cache-control"] == "no-store"
        # Remembered, for a step of thirty seconds may end before it is shown again.
        used = second_factor.code_at(secret_of(page.text), int(time.time()) // 30)
        secret, codes = enrol(client, field, page, used)
        assert len(set(codes)) == second_factor.RECOVERY_CODES
        assert client.get("/api/v1/session").json()["name"] == "leader"
    with database.transaction(Caller.system()) as connection:
        kept = connection.execute(text("SELECT row(account.*)::text FROM access.account")).scalars().all()
        kept += connection.execute(text("SELECT row(recovery_code.*)::text FROM access.recovery_code")).scalars().all()
        assert not [one for one in (*codes, secret.hex(), second_factor.spelled(secret)) if one in "\n".join(kept)]

    with served.client() as client:
        page = begin(client, field, "leader", password)
        assert "输入动态码" in page.text
        wrong = client.post("/sign-in/code", data={"halfway": field(page.text, "halfway"), "code": used})
        assert wrong.status_code == 403, "a code that was shown already opened again"
        fresh = second_factor.code_at(secret, int(time.time()) // 30 + 1)
        opened = client.post("/sign-in/code", data={"halfway": field(wrong.text, "halfway"), "code": fresh})
        assert opened.status_code == 303
        assert client.get("/api/v1/session").status_code == 200
    with served.client() as client:
        page = begin(client, field, "leader", password)
        opened = client.post("/sign-in/code", data={"halfway": field(page.text, "halfway"), "code": codes[0].upper()})
        assert opened.status_code == 303
    with served.client() as client:
        page = begin(client, field, "leader", password)
        again = client.post("/sign-in/code", data={"halfway": field(page.text, "halfway"), "code": codes[0]})
        assert again.status_code == 403, "a recovery code opened twice"


def test_wrong_codes_lock_the_account(served: Any, database: Database, field: Field) -> None:
    password = commander(database, "guessed")
    with served.client() as client:
        secret, _ = enrol(client, field, begin(client, field, "guessed", password))
    with served.client() as client:
        page = begin(client, field, "guessed", password)
        halfway = field(page.text, "halfway")
        for _ in range(accounts.FAILURES_ALLOWED):
            assert client.post("/sign-in/code", data={"halfway": halfway, "code": "000000"}).status_code == 403
        good = second_factor.code_at(secret, int(time.time()) // 30 + 1)
        assert client.post("/sign-in/code", data={"halfway": halfway, "code": good}).status_code == 403
        assert begin(client, field, "guessed", password).status_code == 403


def test_the_half_way_paper_is_of_one_browser_one_account_and_five_minutes(
    served: Any, database: Database, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = commander(database, "halfway")
    with served.client() as client, served.client() as thief:
        page = begin(client, field, "halfway", password)
        halfway = field(page.text, "halfway")
        code = second_factor.code_at(secret_of(page.text), int(time.time()) // 30)
        thief.get("/sign-in")
        stolen = thief.post("/sign-in/device", data={"halfway": halfway, "code": code})
        assert (stolen.status_code, stolen.headers["location"]) == (303, "/sign-in")
        forged = client.post("/sign-in/device", data={"halfway": "eyJ9." + halfway.partition(".")[2], "code": code})
        assert forged.headers["location"] == "/sign-in"
        # Nobody skips the device by asking for another step.
        skipped = client.post("/sign-in/password", data={"halfway": halfway, "password": "x", "again": "x"})
        assert "绑定双因素设备" in skipped.text
    key = b"k" * 32
    token = Halfway(7, ("password",)).token(key, "cookie")
    assert Halfway.of(key, token, "cookie") == Halfway(7, ("password",))
    assert Halfway.of(key, token, "") is None
    late = time.time() + entering.HALFWAY_S + 1
    monkeypatch.setattr(entering.time, "time", lambda: late)
    assert Halfway.of(key, token, "cookie") is None


def test_a_program_sends_the_code_with_the_password(served: Any, database: Database, field: Field) -> None:
    password = commander(database, "robot")
    with served.client() as client:
        refused = client.post("/api/v1/sessions", json={"name": "robot", "password": password})
        assert (refused.status_code, refused.json()["code"]) == (403, "refused")
        _, codes = enrol(client, field, begin(client, field, "robot", password))
    with served.client() as client:
        bare = client.post("/api/v1/sessions", json={"name": "robot", "password": password})
        assert bare.status_code == 403
        wrong = client.post("/api/v1/sessions", json={"name": "robot", "password": password, "code": "123456"})
        assert wrong.status_code == 401
        right = client.post("/api/v1/sessions", json={"name": "robot", "password": password, "code": codes[1]})
        assert right.status_code == 201


@pytest.mark.protection("01")
def test_an_old_password_must_be_changed_and_may_not_come_back(served: Any, database: Database, field: Field) -> None:
    password = commander(database, "aged", "operator")
    with database.transaction(Caller.system()) as connection:
        connection.execute(
            text("UPDATE access.account SET password_changed_at = now() - :age WHERE name = 'aged'"),
            {"age": timedelta(days=91)},
        )
    with served.client() as client:
        page = begin(client, field, "aged", password)
        assert "设置新口令" in page.text

        def offer(first: str, second: str = "") -> httpx.Response:
            form = {"halfway": field(page.text, "halfway"), "password": first, "again": second or first}
            return client.post("/sign-in/password", data=form)

        assert "口令与最近 5 次之一相同" in offer(password).text
        for bad in ("short", password, "aged-aged-aged", "aaaaaaaaaaaaaaaaa", "Password123456"):
            assert offer(bad).status_code == 403, bad
        assert offer("a-new-long-password", "another-long-password").status_code == 403
        assert offer("a-new-long-password").status_code == 303
        assert client.get("/api/v1/session").status_code == 200
    with served.client() as client:
        assert begin(client, field, "aged", password).status_code == 403
        assert begin(client, field, "aged", "a-new-long-password").status_code == 303


@pytest.mark.protection("07")
def test_an_account_nobody_used_for_ninety_days_is_shut(served: Any, database: Database, field: Field) -> None:
    password = commander(database, "dusty", "operator")
    with database.transaction(Caller.system()) as connection:
        connection.execute(
            text("UPDATE access.account SET created_at = now() - interval '91 days' WHERE name = 'dusty'")
        )
    with served.client() as client:
        assert begin(client, field, "dusty", password).status_code == 403


# The tests of the tests: each with the fault it is for planted into the program.


def test_without_an_age_of_passwords_the_test_of_rotation_fails(
    served: Any, database: Database, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering.rules, "standing", lambda _: rules.Rules(password_days=0))
    with pytest.raises(AssertionError):
        test_an_old_password_must_be_changed_and_may_not_come_back(served, database, field)


def test_without_a_limit_of_use_the_test_of_dusty_accounts_fails(
    served: Any, database: Database, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering.rules, "standing", lambda _: rules.Rules(unused_days=0))
    with pytest.raises(AssertionError):
        test_an_account_nobody_used_for_ninety_days_is_shut(served, database, field)


def test_with_no_role_that_needs_a_second_factor_its_test_fails(
    served: Any, database: Database, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering, "TWO_FACTORS", frozenset())
    with database.transaction(Caller.system()) as connection:
        connection.execute(text("UPDATE access.account SET second_factor = NULL WHERE name = 'leader'"))
    with pytest.raises(AssertionError):
        test_a_commander_enrols_before_anything_opens_and_needs_the_code_from_then_on(served, database, field)


def test_with_codes_that_open_twice_their_test_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    real = second_factor.accepted_step
    monkeypatch.setattr(second_factor, "accepted_step", lambda secret, code, now, _last: real(secret, code, now, 0))
    with pytest.raises(AssertionError):
        test_a_code_opens_once_and_only_near_its_time()
