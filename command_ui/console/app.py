"""How does one browser page of the console come to be?"""

from typing import TYPE_CHECKING

import panel as pn

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from command_ui.bootstrap import House
    from command_ui.live import Live
    from scenarios.desk import Desk


def console(*, house: "House", desk: "Desk", person: "SignedIn", live: "Live") -> pn.viewable.Viewable:
    """
    Build the page of one browser. The server calls it once per page, with keywords, on the event loop.

    Parameters
    ----------
    house
        Settings and database; every transaction runs as ``person.caller()``.
    desk
        The command room; shared by all pages, safe between threads. Its calls block: run them in a thread.
    person
        Who is signed in: ``name``, ``display_name``, ``role``, ``caller()``, ``may("report")``, ``csrf_token``
        (a page's own fetch sends it as ``X-CSRF-Token``; signing out is ``POST /sign-out`` with it as ``csrf_token``).
        Rights are checked again inside every callback: ``person.require("report")``.
    live
        ``live.attach(pn.state.curdoc, person.caller(), refresh)`` calls ``refresh({incident_id, …})`` on the page's
        event loop after incidents moved, until the page is gone; ``live.revision(incident_id)`` is a number.

    Own files (style sheets, pictures, fonts) lie in ``command_ui/console/assets`` or ``command_ui/map/assets``, are
    served at ``/assets/<name>`` and addressed by ``command_ui.server.assets.address("name.css")``.
    """
    return pn.pane.Str("应急管理一张图")
