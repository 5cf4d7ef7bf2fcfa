"""How do the page, the interface for programs, the tiles and the door become one server?"""

import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse

from command_ui.access import ways
from command_ui.access.audit_copy import Copier, Target
from command_ui.access.gateways import Gateways
from command_ui.access.keys import derived, installation_key
from command_ui.access.origins import Origins
from command_ui.access.roles import signed_in
from command_ui.access.sessions import Sessions
from command_ui.access.suspicions import Suspicions
from command_ui.api import basemaps, ogc, tiles, v1
from command_ui.console import situation_line
from command_ui.console.pages import PAGES
from command_ui.console.together import Together
from command_ui.data_jobs import DataJobs
from command_ui.exchange import Exchange
from command_ui.exercises.shelf import Shelf
from command_ui.field import served
from command_ui.live import Live
from command_ui.meeting import socket as meeting
from command_ui.meeting.hub import Hub
from command_ui.messaging import messages_of
from command_ui.reports.desk import Papers
from command_ui.reports.press import Press, Printed
from command_ui.risk_runs import RiskRuns
from command_ui.server import assets, door, errors, shortcuts
from command_ui.server.auditing import Auditor
from command_ui.server.envelope import ConsolePage, Envelope, Shrink
from command_ui.server.guard import HANDLE_HEADER, Guard
from command_ui.server.knocks import SharedKnocks
from command_ui.server.named import Named
from command_ui.server.relay import Relay
from command_ui.server.static import ComponentFiles, StaticFiles
from command_ui.server.threshold import Knocks
from gis.database import Caller
from layers.sensors.lanes import Lanes
from scenarios.desk import Desk
from scenarios.exercise.watch import ExerciseWatch
from scenarios.replay.keeper import WORLDS, Keeper
from scenarios.reports.watch import DeadlineWatch
from scenarios.witness import Witness

if TYPE_CHECKING:
    from command_ui.bootstrap import House
    from command_ui.worker import Worker
    from layers.sensors.mqtt import Bridge

Console = Callable[..., Any]
"""The page of one browser: see `command_ui.console.app.console`."""

TITLE = "应急管理一张图"

_log = logging.getLogger("onemap.server")

_SESSION_CHECK_MS = 5_000
_SESSION_UNUSED_MS = 15_000
"""A page whose websocket is gone is freed after this; a browser that reconnects sooner finds it again."""
_PAGE_TOKEN_S = 120
"""How long a page may take from its HTML to its websocket."""


def create_app(
    house: "House",
    *,
    origins: Sequence[str] = (),
    console: Console | None = None,
    sessions: Sessions | None = None,
    worker: "Worker | None" = None,
) -> FastAPI:
    """
    Build the one ASGI application of the product.

    Parameters
    ----------
    house
        Settings and database, from `command_ui.bootstrap.open_house`.
    origins
        Addresses the product is reached at, compared exactly; none = those of the settings.
    console
        The page function; None = `command_ui.console.app.console`, imported at the first page. It is called once for
        every browser page as ``console(house=…, desk=…, person=…, live=…)``: `person` is the `SignedIn` behind it.
    sessions
        Sign-ins; None = those of the house's database with the usual limits.
    worker
        Which one of several processes on one port this is; None = the only one.

    Raises
    ------
    InputError
        An origin is not an address.
    """
    folder = house.settings.data_dir
    packed = folder / "cache" / "packed"
    key = installation_key(folder / "keys")
    allowed = Origins.of(origins or house.settings.allowed_origins)
    ways_in = ways.of(house.settings)
    sessions = sessions or Sessions(house.database)
    desk = Desk(house.database, house.settings.networks_dir)
    live = Live(house.database)
    hub = Hub(house.database)
    lanes = Lanes(house.database, kept_days=house.settings.sensor_days)

    witness = Witness(house.database, house.settings.witness_folder, folder / "keys")
    watch = DeadlineWatch(desk)
    exercises = ExerciseWatch(desk)
    suspicions = Suspicions(house.database)
    live.subscribe(Caller.system(), lambda moved: witness.moved(moved.incident_id))
    keeper = Keeper(desk.replay)
    for world in WORLDS:
        live.subscribe(replace(Caller.system(), mode=world), lambda moved: keeper.moved(moved.incident_id, moved.seq))
    press = Press(desk, folder / "keys", house.settings.report_font)
    exchange = Exchange(house, desk, key, Papers(desk), press)
    exchange.follow(live)
    auditor = Auditor(house.database)
    copier = _copier(house)
    messages = messages_of(house.settings, desk, live)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        live.start()
        witness.start()
        watch.start()
        exercises.start()
        suspicions.start()
        lanes.start()
        exchange.sender.start()
        if copier is not None:
            copier.start()
        if worker is None or worker.is_first:
            keeper.start()
        messages.start()
        await hub.start()
        bridge = _bridge(house, lanes) if worker is None or worker.is_first else None
        try:
            yield
        finally:
            await auditor.stop()
            if copier is not None:
                await run_in_threadpool(copier.stop)
            await hub.stop()
            if bridge is not None:
                await run_in_threadpool(bridge.stop)
            # What waits to be written needs the database, so the lanes end first; they may take a moment.
            await run_in_threadpool(lanes.stop)
            await run_in_threadpool(exchange.sender.stop)
            await run_in_threadpool(messages.stop)
            live.stop()
            await run_in_threadpool(app.state.tiles_ahead.stop)
            suspicions.stop()
            exercises.stop()
            watch.stop()
            witness.stop()
            await run_in_threadpool(keeper.stop)
            await house.base_maps.close()
            await house.places.close()

    # The schema of the interface is served by the interface itself; FastAPI's own pages load from a foreign host.
    app = FastAPI(title=TITLE, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.live = live
    app.state.audit_copy = house.settings.audit_copy
    app.state.sessions = sessions
    app.state.lanes = lanes
    app.state.exchange = exchange
    app.state.messages = messages
    errors.register(app)
    knocks = Knocks() if worker is None else SharedKnocks(worker.folder / "knocks")
    tile_store = tiles.store_of(house.map_database)
    app.state.tiles_ahead = tiles.ahead_of(house.database, tile_store)
    app.include_router(tiles.router(tile_store))  # first: asked for most often, and routes are tried one after another
    app.include_router(door.router(house.database, sessions, key, knocks, ways_in))
    number = worker.number if worker else 0
    app.include_router(
        v1.router(
            house.database,
            desk,
            live,
            sessions,
            knocks,
            key,
            lanes,
            DataJobs(house.database, folder / "uploads", worker=number),
            RiskRuns(house.database, scheduler=house.settings.dask_scheduler or None, worker=number),
            partial(_write_briefing, desk),
            Papers(desk),
            press,
            partial(_print_map, desk, house),
            Shelf(folder / "drills"),
            partial(_print_after_action, folder / "keys", house.settings.report_font),
            partial(_write_replay, desk),
        )
    )
    app.include_router(exchange.router())
    app.include_router(shortcuts.router())
    app.include_router(served.router())
    app.include_router(meeting.router(hub, desk))
    app.include_router(situation_line.router(Together(house, desk, live), desk))
    app.include_router(ogc.router(house.database, lambda request: v1.describe(request.app)))
    app.include_router(basemaps.router(house.base_maps))

    @app.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    def health() -> JSONResponse:
        """Tell a probe whether the server answers and how old its view of the record is; nothing else."""
        age_s = live.age_s()
        sound = age_s < 30
        return JSONResponse(
            {"status": "ok" if sound else "degraded", "record_age_s": round(age_s, 1) if sound else None},
            status_code=200 if sound else 503,
        )

    @app.api_route("/favicon.ico", methods=["GET", "HEAD"], include_in_schema=False)
    def mark() -> RedirectResponse:
        """Send browsers that ask for a mark to ours."""
        return RedirectResponse(assets.address("mark.svg"), status_code=308)

    _add_console(app, house, desk, live, console, key, allowed)
    # The last one added is the outermost.
    bundles: dict[str, None] = {}
    app.add_middleware(ComponentFiles, asked=bundles, folder=packed)
    app.add_middleware(ConsolePage, bundles=bundles, pages={one.path: one.bundles for one in PAGES})
    app.add_middleware(Guard, sessions=sessions, gateways=Gateways(house.database), origins=allowed, auditor=auditor)
    app.add_middleware(Shrink)
    app.add_middleware(StaticFiles, folder=packed)
    app.add_middleware(Envelope)
    if worker is not None:
        app.add_middleware(Relay, worker=worker)
    app.add_middleware(Named, proxy=ways_in.proxy)
    return app


def _copier(house: "House") -> Copier | None:
    """Make what copies the audit to the host that is set, if one is."""
    if not house.settings.audit_copy:
        return None
    return Copier(house.database, Target.of(house.settings.audit_copy, house.settings.audit_copy_ca))


def _bridge(house: "House", lanes: Lanes) -> "Bridge | None":
    """Begin to take in the messages of the MQTT broker that is set, if one is."""
    if house.settings.mqtt_url is None:
        return None
    from layers.sensors.mqtt import Bridge, Broker

    # Named after the installation: after a restart the broker knows whose messages it has kept.
    name = hashlib.sha256(str(house.settings.data_dir).encode()).hexdigest()[:12]
    broker = Broker.of(house.settings.mqtt_url.get_secret_value())
    bridge = Bridge(house.database, lanes, broker, client_id=f"onemap-{name}-{house.settings.port}")
    bridge.start()
    return bridge


def _add_console(
    app: FastAPI, house: "House", desk: Desk, live: Live, console: Console | None, key: bytes, allowed: Origins
) -> None:
    """Hang Panel's own ASGI application below the guard."""
    import panel as pn
    from panel.io.fastapi import add_applications

    from command_ui.console.heeded import heed_every_callback
    from command_ui.console.one_thread import hear_on_the_loop

    heed_every_callback()
    hear_on_the_loop()

    def opened(code: str) -> Any:
        try:
            make = console or partial(_own_console(), page=code)
            return make(house=house, desk=desk, person=signed_in(), live=live)
        except Exception:  # noqa: BLE001 - the edge of the page
            # Panel would write the traceback, with its paths, into the browser of whoever asked.
            _log.exception("the page of %s could not be made", signed_in().name)
            return pn.pane.panel("页面暂时打不开，请刷新或联系系统管理员。The page could not be made; reload it.")

    def page(code: str) -> Callable[[], Any]:
        def build() -> Any:
            return opened(code)

        return build  # Panel calls plain functions only, not partial ones

    # Everything from our own origin, no notebook hooks; errors go to the log and never as text to the page.
    pn.config.disconnect_notification = ""
    pn.config.autoreload = False
    add_applications(
        {one.path: page(one.code) for one in PAGES},
        app=app,
        title={one.path: TITLE for one in PAGES},
        location=False,
        ico_path="none",
        extra_websocket_origins=sorted(allowed.hosts),
        secret_key=derived(key, "page"),
        sign_sessions=True,
        session_token_expiration=_PAGE_TOKEN_S,
        check_unused_sessions_milliseconds=_SESSION_CHECK_MS,
        unused_session_lifetime_milliseconds=_SESSION_UNUSED_MS,
        # The page's token is readable in its HTML: it carries the public name of the sign-in and never the cookie.
        include_headers=[HANDLE_HEADER],
        include_cookies=[],
    )


def _write_briefing(desk: Desk, *which: Any, **how: Any) -> tuple[str, str]:
    # folium takes its time to import: whoever asks first for a briefing waits for it, not the start of the server
    from command_ui.briefing.make import make

    return make(desk, *which, **how)


def _write_replay(desk: Desk, *which: Any, **how: Any) -> tuple[str, str]:
    from command_ui.briefing.replayed import make  # brings folium along, as the briefing does

    return make(desk.replay, *which, **how)


def _print_map(desk: Desk, house: "House", incident_id: UUID, caller: Caller, **asked: Any) -> tuple[str, bytes]:
    # what draws PDF is imported when somebody first prints
    from anyio import from_thread

    from command_ui.basemaps import credits_of
    from command_ui.mapprint import backdrop
    from command_ui.mapprint.make import Wish, make
    from gis.crs import LonLat

    def fetch(choice: str, frame: Any) -> backdrop.Backdrop:
        # base maps live on the server's event loop, printing on a worker thread
        return from_thread.run(backdrop.fetch, house.base_maps, choice, frame)

    author, centre, settings = asked.pop("author"), asked.pop("centre"), house.settings
    wish = Wish(
        centre=LonLat(*centre) if centre else None, credits=credits_of(settings), **asked,
    )  # fmt: skip
    return make(desk, incident_id, caller, wish, author=author, font=settings.report_font, fetch=fetch)


def _print_after_action(keys: Path, font: Path | None, *asked: Any) -> Printed:
    from command_ui.exercises.after_print import AfterActionPress

    return AfterActionPress(keys, font).print(*asked)


def _own_console() -> Console:
    from command_ui.console import app

    return cast(Console, app.console)
