"""Which parts are the pages of the three administrators drawn from? One component each; they ask the interface."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class AccountRoom(part.Part):
    """Accounts with role, divisions and label; sessions; rules of the door."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    csrf_token = param.String(default="")
    person = param.String(default="", doc="Account signed in: nobody administers their own.")
    may_keep = param.Boolean(default=False, doc="System administrator: makes, shuts and resets accounts.")
    may_grant = param.Boolean(default=False, doc="Security administrator: gives rights and sets rules.")
    roles = param.List(default=[])
    bounds = param.Dict(default={})

    _bundle: ClassVar[Path] = DIST / "accounts.bundle.js"
    _esm = PAGE / "accountroom.js"


class AuditRoom(part.Part):
    """Lines of the audit with filters, and the verification of their chains."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    csrf_token = param.String(default="")
    events = param.List(default=[])

    _bundle: ClassVar[Path] = DIST / "accounts.bundle.js"
    _esm = PAGE / "auditroom.js"
