"""How does this installation send text messages and calls? Its gateway from the settings, and who carries to it."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from command_ui.live import Live, Moved
from command_ui.settings import Settings
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import InputError
from gis.provenance import Mode
from scenarios.desk import Desk
from scenarios.messages.desk import Lines
from scenarios.messages.folder_gateway import FolderGateway
from scenarios.messages.gateway import Gateway
from scenarios.messages.http_gateway import HttpGateway
from scenarios.messages.sender import MessageSender
from scenarios.nodes.sender import Pace

WORLDS: tuple[Mode, ...] = ("live", "drill", "sim")


def gateway_of(settings: Settings) -> Gateway | None:
    """
    The gateway the operator has set; None where there is none.

    Raises
    ------
    InputError
        Its address is neither http, https nor a folder.
    """
    address = settings.message_gateway.strip()
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FolderGateway(Path(unquote(parts.path)))
    if parts.scheme in ("http", "https"):
        token = settings.message_token
        return HttpGateway(address, token.get_secret_value() if token is not None else "")
    raise InputError("ONEMAP_MESSAGE_GATEWAY: begins with https://, http:// or file:///")


def messages_of(settings: Settings, desk: Desk, live: Live, *, pace: Pace | None = None) -> MessageSender:
    """Tell the desk what lines there are, and build who carries: it looks as soon as something is recorded."""
    gateway = gateway_of(settings)
    desk.messages.lines = Lines(gateway is not None, settings.duty_phone.strip())
    sender = MessageSender(desk, gateway, pace=pace)

    def moved(_moved: Moved) -> None:
        sender.nudge()

    for mode in WORLDS:
        live.subscribe(Caller("system", LOWEST_DIVISION, HIGHEST_DIVISION, mode), moved)
    return sender
