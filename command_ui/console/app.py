"""How does one browser page of the console come to be?"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import panel as pn

from command_ui.console import stock_widgets  # noqa: F401 - known to every page before its form is asked for
from command_ui.console.hearing import attach
from command_ui.console.once import once_of, once_of_alarms
from command_ui.console.pages import menu_for, page_of
from command_ui.console.preferences import Preferences
from command_ui.console.splash import early_map, page_template
from command_ui.console.store import Store

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from command_ui.bootstrap import House
    from command_ui.live import Live
    from scenarios.desk import Desk


def console(
    *, house: "House", desk: "Desk", person: "SignedIn", live: "Live", page: str = "map"
) -> pn.viewable.Viewable:
    """
    Build the page of one browser. The server calls it once per page, with keywords, on the event loop.

    Parameters
    ----------
    house
        Settings and database; every transaction runs as ``person.caller()``.
    desk
        The command room; shared by all pages, safe between threads. Its calls block, so they run in threads.
    person
        Who is signed in; rights are checked again inside every command.
    live
        Says which incidents moved; the page then pulls what it draws.
    page
        Code of the page, see `command_ui.console.pages`.
    """
    if person.role == "wall":
        page = "wall"  # the account of a wall has one screen, whatever address it opens
    asked = {name: values[0].decode(errors="replace")[:200] for name, values in pn.state.session_args.items() if values}
    opened = page_of(page).opened_by()(
        Store(house, desk, person),
        person,
        Preferences(house.settings.data_dir / "preferences"),
        server_now=datetime.now(UTC).isoformat(),
        menu=menu_for(person),
        asked=asked,
    )
    opened.once, opened.once_of_alarms = once_of(live), once_of_alarms(live)
    document = pn.state.curdoc
    pn.config.reconnect = False  # the page comes back by itself, see page/surround.js
    if document is not None:
        document.template = page_template(opened.language)
        document.template_variables.update(
            early_map(opened.first_look.read(opened.state.theme) if page == "map" else ""), account=person.name
        )
        attach(live, document, person.caller(), opened)
    # At once and not when the browser is ready: what is read by then is already in the page it gets.
    pn.state.execute(opened.load, schedule=True)
    return cast(pn.viewable.Viewable, opened.frame)
