"""Does a view reach everybody on the line, cut to what each may see, late comers too, and through two servers?"""

import json
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from command_ui.access import accounts
from command_ui.access.accounts import NewAccount
from command_ui.meeting import socket as line_of_a_room
from command_ui.meeting.resting import RESTS_S, Resting
from command_ui.meeting.scope import is_open
from gis.database import Caller, Database
from layers.catalogue import LAYERS

PASSWORD = "correct-horse-battery"
PEOPLE = (
    NewAccount("city", "演练市指挥中心", "operator", "990100", "990200", "drill"),
    NewAccount("county", "滨江区值班员", "operator", "990102", "990103", "drill"),
    NewAccount("other", "江东区值班员", "operator", "990103", "990104", "drill"),
    NewAccount("stranger", "邻市值班员", "operator", "990201", "990202", "drill"),
)
VIEW = {
    "centre": [118.71, 31.41], "zoom": 12.5, "extent": [118.6, 31.3, 118.8, 31.5],
    "layers": ["shelter", "store", "nothing"], "moment": None, "selection": {"layer": "shelter", "id": "BN-1"},
    "pointer": None, "sent_ms": 0,
}  # fmt: skip

PUBLIC = [one.key for one in LAYERS if one.key in VIEW["layers"] and one.audience == "public"]


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


class Page:
    """What one page on the line heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, **said: Any) -> None:
        self.socket.send(json.dumps({"say": said.pop("kind")} | said))

    def until(self, fits: Callable[[dict[str, Any]], bool], seconds: float = 60.0) -> dict[str, Any]:
        """The first message from here on that fits."""
        deadline = time.monotonic() + seconds
        while True:
            message = json.loads(self.socket.recv(timeout=max(0.01, deadline - time.monotonic())))
            if fits(message):
                return dict(message)

    def view(self, rev: int = 0) -> dict[str, Any]:
        return self.until(lambda one: one["kind"] == "view" and one["rev"] > rev)


def come_true(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.05)


@contextmanager
def page(served: Any, client: Any, room: str, **asked: str) -> Iterator[Page]:
    """A websocket with the cookie of a client that signed in."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    address = f"{served.origin.replace('http', 'ws')}/consultations/{room}/line{'?' + query if query else ''}"
    cookie = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
    with connect(address, origin=served.origin, additional_headers={"cookie": cookie}, proxy=None,
                 open_timeout=60) as socket:  # fmt: skip
        yield Page(socket)


@pytest.fixture(scope="module")
def people(served: Any, database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        for account in PEOPLE:
            accounts.make(connection, account, PASSWORD)


@pytest.fixture(scope="module")
def sign(served: Any, people: None) -> Iterator[Callable[[str], Any]]:
    """Clients signed in, one an account."""
    made: dict[str, Any] = {}
    kept = []

    def client(name: str) -> Any:
        if name not in made:
            entered = served.sign_in(name, PASSWORD)
            kept.append(entered)
            made[name] = entered.__enter__()
        return made[name]

    yield client
    for entered in kept:
        entered.__exit__(None, None, None)


@pytest.fixture(scope="module")
def shelters(database: Database) -> None:
    """Two shelters, one of them of another county; and no stores at all."""
    with database.transaction(replace(Caller.system(), mode="drill")) as connection:
        for name, division in (("BN-1", "990103"), ("BN-2", "990102")):
            connection.execute(
                text(
                    "INSERT INTO layers.shelter (id, valid_from, source_system, as_of, division_code, mode, name,"
                    " pinyin, initials, level, kind, capacity, effective_area_m2, indoor_gas_tight, manager, phone,"
                    " geometry) VALUES (:id, now(), 'test', now(), :division, 'drill', :id, '', '', 'city', 'school',"
                    " 100, 100, true, '', '', ST_SetSRID(ST_MakePoint(118.71, 31.41), 4490))"
                ),
                {"id": name, "division": division},
            )


@pytest.fixture
def room(served: Any, sign: Callable[[str], Any]) -> Iterator[str]:
    """A consultation on an incident of one county, with another county invited; gives its id."""
    client = sign("city")
    report = {"title": "演练：会商线路", "longitude": 118.71, "latitude": 31.41,
              "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
    incident = client.post("/api/v1/incidents", json=report, headers=key()).json()["incident_id"]
    at = f"/api/v1/incidents/{incident}/consultations"
    seats = [{"seat_id": "county", "name": "滨江区", "level": "county", "division_code": "990102"},
             {"seat_id": "other", "name": "江东区", "level": "county", "division_code": "990103"}]  # fmt: skip
    body = {"topic": "演练：联合会商", "agenda": ["态势"], "seats": seats, "presenter_name": "演练市指挥中心"}
    made = client.post(at, json=body, headers=key())
    assert made.status_code == 201, made.text
    found = made.json()["room"]["consultation_id"]
    yield str(found)
    client.post(f"{at}/{found}/conclusion", json={}, headers=key())


def _address(client: Any, room: str) -> str:
    (own,) = [one for one in client.get("/api/v1/consultations").json() if one["consultation_id"] == room]
    return f"/api/v1/incidents/{own['incident_id']}/consultations/{room}"


def test_a_view_reaches_who_is_there_and_who_comes_late(served: Any, sign: Callable[[str], Any], room: str) -> None:
    with page(served, sign("city"), room) as city, page(served, sign("county"), room) as county:
        told = city.until(lambda one: one["kind"] == "people" and len(one["people"]) == 2)
        assert told["rev"] == 0, "nothing was shown yet: his page shows what it has"
        city.say(kind="view", view=VIEW | {"selection": None})
        first = county.view()
        assert (first["view"]["centre"], first["view"]["zoom"]) == ([118.71, 31.41], 12.5)
        city.say(kind="pointer", pointer=[118.72, 31.42], sent_ms=5)
        assert county.view(first["rev"])["view"]["pointer"] == [118.72, 31.42]
        with page(served, sign("county"), room) as late:
            assert late.view()["view"]["pointer"] == [118.72, 31.42]
            people = late.until(lambda one: one["kind"] == "people" and len(one["people"]) == 3)
        assert people["presenter_on"] and people["presenter_name"] == "演练市指挥中心"
        assert {one["unit"] for one in people["people"]} >= {"滨江区"}
        county.say(kind="follow", on=False)
        seen = city.until(lambda one: one["kind"] == "people" and any(not man["following"] for man in one["people"]))
        assert [one["account"] for one in seen["people"] if not one["following"]] == ["county"]
        city.say(kind="ping", sent_ms=7, delay_ms=12)
        assert city.until(lambda one: one["kind"] == "pong")["sent_ms"] == 7


def test_only_the_presenter_shows_and_a_lost_one_is_told_of(served: Any, sign: Callable[[str], Any], room: str) -> None:
    with page(served, sign("county"), room) as county:
        with page(served, sign("city"), room, line="6f0f3f5a-5b1d-4e7c-9d61-0f5f3a6f9a11") as city:
            city.say(kind="view", view=VIEW)
            rev = county.view()["rev"]
            county.say(kind="view", view=VIEW | {"zoom": 3})
            assert county.until(lambda one: one["kind"] == "refused")
        gone = county.until(lambda one: one["kind"] == "people" and not one["presenter_on"])
        assert gone["presenter"] == "city"
        with page(served, sign("city"), room, line="6f0f3f5a-5b1d-4e7c-9d61-0f5f3a6f9a11") as city:
            assert city.view()["rev"] == rev  # who comes back finds his view again
            assert county.until(lambda one: one["kind"] == "people" and one["presenter_on"])
        # The room hears that a line is gone some time after its page closed it; until then nobody takes his place.
        county.until(lambda one: one["kind"] == "people" and not one["presenter_on"])
    address = _address(sign("county"), room)
    taken = sign("county").put(f"{address}/presenter", json={"account": "county"}, headers=key())
    assert taken.status_code == 200, taken.text


def test_the_record_keeps_each_view_the_presenter_rests_on(
    served: Any, sign: Callable[[str], Any], room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A view rests when this test says so: by the clock, on a slow machine one on the way would rest as well.
    resting, passed = threading.Event(), list[float]()
    seen, wait_s = Resting.seen, Resting.wait_s

    def sees(one: Resting, view: dict[str, Any], now_s: float) -> None:
        seen(one, view, now_s)
        passed.append(view["zoom"])

    def rests(one: Resting, now_s: float) -> float | None:
        left_s = wait_s(one, now_s)
        return left_s if left_s is None else 0.0 if resting.is_set() else 0.05

    monkeypatch.setattr(Resting, "seen", sees)
    monkeypatch.setattr(Resting, "wait_s", rests)
    city, other = sign("city"), sign("other")
    at = _address(city, room)
    incident = at.split("/")[4]

    def kept(count: int) -> list[dict[str, Any]]:
        """Views in the record, once there are so many."""

        def found() -> list[dict[str, Any]]:
            entries = city.get(f"/api/v1/incidents/{incident}/entries").json()["entries"]
            return [one for one in entries if one["kind"] == "consultation_shown"]

        come_true(lambda: len(found()) >= count)
        return found()

    with page(served, city, room) as presenter, page(served, other, room) as follower:
        presenter.say(kind="view", view=VIEW | {"zoom": 9})
        presenter.say(kind="view", view=VIEW)
        presenter.say(kind="pointer", pointer=[118.72, 31.42], sent_ms=5)
        come_true(lambda: passed[-1:] == [12.5])
        resting.set()
        (first,) = kept(1)
        assert (first["actor"], first["payload"]["view"]["zoom"]) == ("city", 12.5)
        # Whoever reads the record may see what it holds: nothing that needs a clearance, no row, no filter.
        view = first["payload"]["view"]
        assert not {"pointer", "selection", "only"} & view.keys()
        assert (view["layers"], view["hidden"]) == (PUBLIC, len(VIEW["layers"]) - len(PUBLIC))
        handed = city.put(f"{at}/presenter", json={"account": "other"}, headers=key())
        assert handed.status_code == 200, handed.text
        # Another county may not write here: the program writes down that it showed something.
        follower.say(kind="view", view=VIEW | {"zoom": 14})
        assert [one["payload"].get("account") for one in kept(2)] == ["", "other"]


def test_only_a_view_that_stands_is_kept_and_only_once() -> None:
    resting = Resting()
    assert resting.wait_s(0) is None
    resting.seen({"zoom": 9, "pointer": None, "sent_ms": 1}, 0)
    resting.seen({"zoom": 10, "pointer": None, "sent_ms": 2}, 5)
    assert (resting.wait_s(5), resting.take(12.9)) == (RESTS_S, None)
    resting.seen({"zoom": 10, "pointer": [1, 2], "sent_ms": 3}, 12.9)
    assert resting.take(13) == {"zoom": 10}
    assert resting.take(14) is None
    resting.seen({"zoom": 10, "pointer": [3, 4], "sent_ms": 4}, 20)
    assert resting.wait_s(40) is None


def test_following_never_widens_what_one_may_see(
    served: Any, sign: Callable[[str], Any], room: str, shelters: None
) -> None:
    """The layers a follower may not see are not named to him, and the incident stays where it was."""
    with page(served, sign("city"), room) as city, page(served, sign("other"), room) as other:
        city.say(kind="view", view=VIEW)
        got = other.view()
        assert got["view"]["layers"] == ["shelter"]
        assert got["hidden"] == 2  # stores, of which nobody here may see a row, and a key that is no layer
        assert "store" not in json.dumps(got) and "nothing" not in json.dumps(got)
        shown = sign("other").get(f"/api/v1/consultations/{room}/view").json()
        assert (shown["view"]["layers"], shown["hidden"]) == (["shelter"], 2)
    (found,) = [one for one in sign("other").get("/api/v1/consultations").json() if one["consultation_id"] == room]
    assert found["incident_id"] is None and found["topic"] == "演练：联合会商"
    address = _address(sign("city"), room)
    assert sign("other").get(address).status_code == 404
    assert sign("other").get(address.rpartition("/consultations")[0]).status_code == 404
    seats = {one["seat_id"]: one["state"] for one in sign("city").get(address).json()["seats"]}
    assert seats["other"] == "present"  # written down by the program


@pytest.fixture(scope="module")
def foreign_store(database: Database, shelters: None) -> str:
    """A store of the other county: the city has a row of this layer in sight, the county has none."""
    with database.transaction(replace(Caller.system(), mode="drill")) as connection:
        connection.execute(
            text(
                "INSERT INTO layers.store (id, valid_from, source_system, as_of, division_code, mode, name, pinyin,"
                " initials, owner, manager, phone, geometry) VALUES ('CK-9', now(), 'test', now(), '990103', 'drill',"
                " '江东区物资库', 'jiangdong', 'jdqwzk', '', '', '', ST_SetSRID(ST_MakePoint(118.71, 31.41), 4490))"
            )
        )
    return "CK-9"


def tile_at(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Number of the Web Mercator tile over a point."""
    x = int((longitude + 180) / 360 * 2**zoom)
    y = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**zoom)
    return x, y


def test_a_county_in_its_own_incident_follows_and_still_sees_only_its_own(
    served: Any, sign: Callable[[str], Any], room: str, foreign_store: str
) -> None:
    """A layer the city has on and the county may not see stays hidden in view, choice, tiles, search and card."""
    city, county = sign("city"), sign("county")
    incident = _address(county, room).split("/")[4]  # inside: the county is told which incident it is
    assert county.get(f"/api/v1/incidents/{incident}/situation").status_code == 200
    only = {"shelter": ["name~体育馆", "*演练"], "store": ["name~物资"]}
    shown = VIEW | {"layers": ["shelter", "store"], "only": only, "selection": {"layer": "store", "id": foreign_store}}
    with page(served, city, room) as presenter, page(served, county, room) as follower:
        presenter.say(kind="view", view=shown)
        got = follower.view()
        assert (got["view"]["layers"], got["view"]["selection"], got["hidden"]) == (["shelter"], None, 1)
        assert got["view"]["only"] == {"shelter": only["shelter"]}, "the filter comes along, of what may be seen"
        assert "store" not in json.dumps(got) and foreign_store not in json.dumps(got)
        (x, y), zoom = tile_at(118.71, 31.41, 14), 14
        for client, sees in ((city, True), (county, False)):
            counts = {one["key"]: one["count"] for one in client.get("/api/v1/layers").json()}
            assert bool(counts["store"]) == sees, "what can be chosen"
            rows = client.get("/api/v1/layers/store/rows")
            assert (foreign_store in rows.text) == sees
            tile = client.get(f"/tiles/store/{zoom}/{x}/{y}.mvt")
            assert tile.status_code in (200, 204) and (foreign_store.encode() in tile.content) == sees
            found = client.get("/api/v1/search", params={"q": "江东区物资库"})
            assert (foreign_store in found.text) == sees
            assert client.get(f"/api/v1/layers/store/{foreign_store}").status_code == (200 if sees else 404)
        # The county's words and the minutes are open to it: it is inside.
        words = {"text": "我区已到场", "longitude": 118.71, "latitude": 31.41}
        assert county.post(f"{_address(county, room)}/words", json=words, headers=key()).status_code == 201
        assert "我区已到场" in city.get(f"{_address(city, room)}/words").text
        presenter.say(kind="view", view=shown | {"zoom": 15})
        assert follower.view(got["rev"])["hidden"] == 1


def test_a_label_above_the_clearance_is_hidden_from_a_follower() -> None:
    found = [[is_open(label, clearance) for label in ("public", "internal", "restricted")]
             for clearance in ("public", "internal", "restricted")]  # fmt: skip
    assert found == [[True, False, False], [True, True, False], [True, True, True]]


def test_strangers_and_ended_rooms_are_closed(served: Any, sign: Callable[[str], Any], room: str) -> None:
    with page(served, sign("stranger"), room) as nobody, pytest.raises(ConnectionClosed) as closed:
        nobody.view()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4404
    assert sign("stranger").get(f"/api/v1/consultations/{room}/view").status_code == 404
    with pytest.raises(InvalidStatus), connect(f"{served.origin.replace('http', 'ws')}/consultations/{room}/line"):
        pass
    with page(served, sign("county"), room) as county:
        county.until(lambda one: one["kind"] == "people")
        address = _address(sign("city"), room)
        ended = sign("city").post(f"{address}/conclusion", json={"text": "完"}, headers=key())
        assert ended.status_code == 201, ended.text
        assert county.until(lambda one: one["kind"] == "ended")
        with pytest.raises(ConnectionClosed):
            county.view()


def test_what_is_no_message_is_answered_and_too_much_ends_the_line(
    served: Any, sign: Callable[[str], Any], room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with page(served, sign("city"), room) as city:
        for wrong in ("{", '{"say": "dance"}', '{"say": "view", "view": {"zoom": 99}}', "x" * 20_000):
            city.socket.send(wrong)
            assert city.until(lambda one: one["kind"] == "fault")["text"]
    # Too much within what the server takes for one second, however long a slow machine needs for it.
    monkeypatch.setattr(line_of_a_room, "time", SimpleNamespace(monotonic=lambda: 7.0))
    with page(served, sign("city"), room) as city, pytest.raises(ConnectionClosed) as closed:
        for number in range(line_of_a_room.MESSAGES_A_SECOND + 1):
            city.say(kind="ping", sent_ms=number)
        city.view()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


def test_two_servers_show_the_same(
    served: Any, serve: Callable[..., Any], sign: Callable[[str], Any], room: str
) -> None:
    from panel.pane import Str

    second = serve(console=lambda **_: Str("一张图"))
    with (
        second.sign_in("county", PASSWORD) as client,
        page(served, sign("city"), room) as city,
        page(second, client, room) as county,
    ):
        city.say(kind="view", view=VIEW | {"zoom": 14.25})
        assert county.view()["view"]["zoom"] == 14.25
        city.until(lambda one: one["kind"] == "people" and len(one["people"]) == 2)


def test_a_program_holds_a_consultation(served: Any, sign: Callable[[str], Any], room: str) -> None:
    city, county = sign("city"), sign("county")
    address = _address(city, room)
    assert city.post(f"{address}/calls", json={}, headers=key()).status_code == 201
    answered = {"seat_id": "other", "answer": "present", "person": "值班室"}
    assert city.post(f"{address}/answers", json=answered, headers=key()).status_code == 201
    unseated = county.post(f"{address}/words", json={"text": "早"}, headers=key())
    assert unseated.status_code == 403
    with page(served, county, room) as own:
        own.until(lambda one: one["kind"] == "people")
    words = {"text": "西岸公园可再接收", "longitude": 118.7, "latitude": 31.4}
    same = key()
    first, again = (county.post(f"{address}/words", json=words, headers=same).json() for _ in range(2))
    assert (first["seq"], again["replayed"]) == (again["seq"], True)
    (said,) = city.get(f"{address}/words").json()
    assert (said["seat_id"], said["longitude"]) == ("county", 118.7)
    assert county.put(f"{address}/lock", json={"frozen": True}, headers=key()).status_code == 403
    assert city.put(f"{address}/lock", json={"frozen": True}, headers=key()).status_code == 200
    assert city.put(f"{address}/agenda", json={"item": 3}, headers=key()).status_code == 422
    now = city.get(address).json()
    assert (now["frozen"], {one["seat_id"]: one["state"] for one in now["seats"]}["other"]) == (True, "present")
    draft = city.get(f"{address.rpartition('/consultations')[0]}/reports/draft", params={"form": "minutes"})
    assert draft.status_code == 200 and "西岸公园可再接收" in draft.text
