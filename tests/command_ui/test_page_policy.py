"""Does the page live under its own strict policy, asking no host but ours?"""

from typing import Any

import pytest


def lively_console(**_: Any) -> Any:
    """A page with a component of ours, a Material widget, a stock widget, markup typed by a stranger."""
    import panel as pn
    import param

    from command_ui.console import stock_widgets

    class Counter(pn.custom.JSComponent):
        count = param.Integer(default=0)
        _esm = """
        export function render({model}) {
          const button = document.createElement('button'); button.id = 'counter';
          const show = () => { button.textContent = `count ${model.count}` };
          button.addEventListener('click', () => { model.count += 1 }); model.on('count', show); show();
          return button
        }
        """

    counter = Counter()
    said = pn.pane.Str("server 0")
    counter.param.watch(lambda event: said.param.update(object=f"server {event.new}"), "count")
    return pn.Column(counter, said, stock_widgets.TextInput(label="确认"), pn.widgets.TextInput(label="名称"))


@pytest.fixture(scope="module")
def lively(serve: Any) -> Any:
    return serve(console=lively_console)


def test_page_works_and_violates_nothing(lively: Any, browser_page: Any, requested_hosts: set[str]) -> None:
    complaints: list[str] = []
    browser_page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    browser_page.on("pageerror", lambda error: complaints.append(str(error)))
    browser_page.goto(lively.origin + "/")
    assert browser_page.url.endswith("/sign-in")
    browser_page.fill("#name", "duty")
    browser_page.fill("#password", lively.passwords["duty"])
    browser_page.click("button[type=submit]")
    browser_page.locator("#counter").click()
    browser_page.get_by_text("server 1").wait_for(timeout=60_000)
    assert not [line for line in complaints if "Content Security Policy" in line or line.startswith("error")]
    assert requested_hosts == {lively.origin.removeprefix("http://")}
