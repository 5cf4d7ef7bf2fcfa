"""How does an empty database become the drill city, with roads, accounts and one open incident?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import text

from command_ui.bootstrap import House
from gis.clock import DUTY_ZONE
from gis.cluster import PrivateCluster
from gis.database import Caller
from gis.errors import OneMapError
from gis.provenance import Provenance

if TYPE_CHECKING:
    from layers.sample.city import SampleCity

NETWORK = "sample"
"""Name of the drill city's road network below ``settings.networks_dir``."""
DRILL = Caller(actor="演练导调", division_from="990100", division_to="990200", mode="drill")
ALREADY_RUNNING = timedelta(minutes=6)
"""Age of the drill incident when the page first opens; the last of its alarms begins 328 s in, and none lies ahead."""

_ANY_ENTERPRISE = text("SELECT EXISTS (SELECT 1 FROM layers.enterprise)")

Tell = Callable[[str], None]


def prepare(house: House, *, tell: Tell) -> list[tuple[str, str]]:
    """
    Load whatever of the drill city is missing; return its accounts as (name, password), the ready sign-in first.

    Each part is looked at by itself, so a load that was interrupted is taken up again and nothing is loaded twice.
    """
    from command_ui.access.accounts import prepare_demo
    from layers.sample.load import is_loaded

    with house.database.transaction(DRILL) as connection:
        needs_ground = not is_loaded(connection)
        holds_other = bool(connection.execute(_ANY_ENTERPRISE).scalar_one())
    if needs_ground and holds_other:
        tell("the database holds data of its own: the sample city stays away")
        return []
    needs_roads = not (house.settings.networks_dir / NETWORK).is_dir()
    if needs_ground or needs_roads:
        with _timed(tell, "generating the sample city 演练市"):
            from layers.sample.city import generate

            # The drill begins now: its clocks would all have run out long ago if it began on a fixed day.
            city = generate(moment=_this_minute() - ALREADY_RUNNING)
        if needs_ground:
            with _timed(tell, "loading it into the database"):
                _load_ground(house, city)
        if needs_roads:
            with _timed(tell, "building its road network"):
                _save_roads(house, city)
    _enter_plans(house)
    accounts = prepare_demo(house.database, house.settings.data_dir)
    _open_incident(house, tell)
    return accounts


def _load_ground(house: House, city: "SampleCity") -> None:
    from layers.sample.load import load

    with house.database.transaction(DRILL) as connection:
        load(connection, city)
    if house.cluster is not None:
        _refresh_statistics(house.cluster)


def _refresh_statistics(cluster: PrivateCluster) -> None:
    """Tell the planner what was loaded: the role of the program may not, and the server itself waits a minute."""
    import psycopg

    with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
        connection.execute("ANALYZE")


def _save_roads(house: House, city: "SampleCity") -> None:
    from routing.cache import save
    from routing.importing import from_lines

    origin = Provenance("layers.sample", as_of=city.moment, inputs={"seed": city.seed}, mode="drill")
    save(from_lines(city.roads, NETWORK, provenance=origin), house.settings.networks_dir / NETWORK)


def _enter_plans(house: House) -> None:
    """Give the drill city its plans; those that are there already are left as they are."""
    from scenarios.plans import cards, rows, sample

    with house.database.transaction(DRILL) as connection:
        if not rows.standing(connection):
            rows.save_all(connection, sample.plans(), "scenarios.plans.sample")
        cards.enter(connection)


def _open_incident(house: House, tell: Tell) -> None:
    """Report and assess the incidents of the drill unless that was done before."""
    from layers.sample.city import incident_case
    from scenarios.demo import is_staged, stage
    from scenarios.desk import Desk

    desk = Desk(house.database, house.settings.networks_dir)
    if is_staged(desk, DRILL):
        return
    with _timed(tell, "reporting and assessing the drill incident"), _told(tell):
        case = incident_case(_this_minute() - ALREADY_RUNNING)
        stage(desk, case, DRILL, now=datetime.now(UTC), roads=NETWORK)


def _this_minute() -> datetime:
    # With the city's own clock: whether it is day decides where people are counted.
    return datetime.now(DUTY_ZONE).replace(second=0, microsecond=0)


@contextmanager
def _told(tell: Tell) -> Iterator[None]:
    """Go on without the drill incident when it cannot be assessed: the page is of use without it."""
    try:
        yield
    except OneMapError as error:
        tell(f"not assessed: {error}")


@contextmanager
def _timed(tell: Tell, what: str) -> Iterator[None]:
    tell(what)
    began = monotonic()
    yield
    tell(f"{what}: done in {monotonic() - began:.1f} s")
