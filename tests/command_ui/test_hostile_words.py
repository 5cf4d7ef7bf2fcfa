"""Do words a stranger typed stay words on the real page?"""

import uuid
from typing import Any

import pytest

# Each would call alert(), load a foreign file or break out of an attribute if any view wrote it as markup.
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"><iframe srcdoc='<script>parent.alert(1)</script>'>",
    "' autofocus onfocus=alert(1) x='",
    "<a href=javascript:alert(1)>点此</a>",
    "{{constructor.constructor('alert(1)')()}}",
    "<style>@import 'http://evil.example/x.css'</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "](javascript:alert(1)) ![x](http://evil.example/x.png)",
]


@pytest.fixture(scope="module")
def real(serve: Any) -> Any:
    from command_ui import bundle

    bundle.build()
    return serve()


def test_stored_words_run_nowhere(real: Any, browser_page: Any, requested_hosts: set[str]) -> None:
    with real.sign_in() as client:
        for number, words in enumerate(PAYLOADS):
            body = {
                "title": f"{number}{words}", "place": words, "text": words, "reported_by": words, "event_code": words,
                "longitude": 118.7 + number / 1000, "latitude": 31.4, "occurred_at": "2026-11-24T14:00:00+08:00",
                "division_code": "990102",
            }  # fmt: skip
            key = {"idempotency-key": str(uuid.uuid4())}
            assert client.post("/api/v1/incidents", json=body, headers=key).status_code == 201
    dialogs: list[str] = []
    complaints: list[str] = []
    browser_page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    browser_page.on("console", lambda message: complaints.append(message.text))
    browser_page.goto(real.origin + "/")
    browser_page.fill("#name", "duty")
    browser_page.fill("#password", real.passwords["duty"])
    browser_page.click("button[type=submit]")
    for number, words in enumerate(PAYLOADS):
        card = browser_page.get_by_text(f"{number}{words}", exact=True).first
        card.wait_for(timeout=60_000)
        card.click()
        browser_page.wait_for_timeout(300)
    assert dialogs == []
    assert not [line for line in complaints if "Content Security Policy" in line]
    assert requested_hosts == {real.origin.removeprefix("http://")}
