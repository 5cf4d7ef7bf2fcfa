"""Are the place services asked as documented, and is each one's own dialect of success understood?"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gis.crs import LonLat
from gis.errors import InputError
from tianditu.configuration import Configuration
from tianditu.keys import KeyRing
from tianditu.services import dialects, replies
from tianditu.services.dialects import ServiceError
from tianditu.services.gazetteer import Gazetteer
from tianditu.services.national import NationalPlaces
from tianditu.services.places import Address, Division, Place, Places

KEY = SecretStr("0123456789abcdef" * 2)
HERE = LonLat(119.974, 31.811)
THERE = LonLat(119.999, 31.779)


@pytest.fixture
def told(fake_tianditu: Any, tmp_path: Path, shared_data: Path) -> Configuration:
    return Configuration(
        tmp_path, keys=(KEY,), api_base=fake_tianditu.base, answer_s=60.0, connect_s=60.0, spacing_s=0.0
    )


def ask(told: Configuration, question: Callable[[NationalPlaces], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        places = NationalPlaces(told, KeyRing(told.keys))
        try:
            return await question(places)
        finally:
            await places.close()

    return asyncio.run(whole())


def test_search_is_asked_as_documented_and_read(fake_tianditu: Any, told: Configuration) -> None:
    found = ask(told, lambda places: places.search("医院 急诊", limit=5))
    path, query, _ = fake_tianditu.asked[0]
    assert path == "/v2/search" and list(query)[-1] == "tk"
    post = json.loads(query["postStr"])
    assert (post["keyWord"], post["queryType"], post["count"]) == ("医院 急诊", "1", "5")
    assert post["mapBound"].startswith("73.0"), "enforced by the server for ordinary searches"
    assert [one.name for one in found.places] == ["示例医院", "示例医院急诊"]
    assert found.places[0].place == (119.9642, 31.778)
    assert found.total == 2 and found.divisions == (("天宁区", "320402"),)
    assert {one.source for one in found.places} == {"tianditu"}


def test_every_recorded_kind_of_search_reply_is_read(fake_tianditu: Any, told: Configuration) -> None:
    def reply(sample: str) -> Any:
        fake_tianditu.switches.samples["search"] = sample
        return ask(told, lambda places: places.search("x"))

    assert reply("search_empty.json") == replies.Found((), 0)
    area = reply("search_area.json")
    assert (area.places[0].name, area.places[0].code) == ("常州市", "320400")
    assert {one.name for one in reply("search_q13_multi_grouped.json").places} == {"示例加油站A", "示例医院A"}
    assert reply("search_q14_stats.json").divisions == (("武进区", "320412"), ("常州市", "320400"))
    assert reply("search_q4_suggest.json").words == ("示例站",)
    assert reply("search_line.json").words == ("示例公交1路",)
    detailed = reply("search_show2.json").places[0]
    assert (detailed.kind, detailed.code) == ("加油站", "320412")
    fake_tianditu.switches.samples["search"] = "search_q3_nearby.json"
    near = ask(told, lambda places: places.near("消防", HERE, 50_000))
    assert near.places[0].distance_m == 799.0
    assert json.loads(fake_tianditu.asked[-1][1]["postStr"])["queryRadius"] == "10000"


def test_area_may_also_be_a_list_and_distances_may_be_in_kilometres() -> None:
    base = {"status": {"infocode": "1000"}, "count": 1}
    area = {"name": "常州市", "lonlat": "119.974,31.811", "adminCode": 156320400}
    assert replies.read_search(base | {"area": [area]}).places[0].code == "320400"
    poi = {"name": "x", "lonlat": "119.97,31.81", "distance": "1.5km"}
    assert replies.read_search(base | {"pois": [poi]}).places[0].distance_m == 1500
    swapped = {"name": "x", "lonlat": "31.81,119.97"}
    assert replies.read_search(base | {"pois": [swapped, {"lonlat": ""}]}).places == ()


def test_geocoder_both_ways(fake_tianditu: Any, told: Configuration) -> None:
    located = ask(told, lambda places: places.geocode("常州市新北区示例大道1号"))
    assert located.place == (119.974, 31.811)
    assert (located.score, located.level, located.source) == (100, "门址", "tianditu")
    address = ask(told, lambda places: places.reverse(HERE))
    assert address.text == "江苏省常州市新北区示例街道示例路"
    assert (address.county_code, address.town_code, address.road_distance_m) == ("320411", "320411001", 43)
    fake_tianditu.switches.samples = {"geocode": "geocoder_none.json", "reverse": "geocoder_none.json"}
    assert ask(told, lambda places: places.geocode("无此地")) is None
    assert ask(told, lambda places: places.reverse(HERE)) is None
    nothing = {"status": "0", "result": {"formatted_address": "", "addressComponent": ""}}
    assert replies.read_reverse(nothing) is None


def test_divisions_with_boundary_children_and_suggestions(fake_tianditu: Any, told: Configuration) -> None:
    (city,) = ask(told, lambda places: places.divisions("常州", children=1, boundary=True))
    assert fake_tianditu.asked[0][1]["childLevel"] == "1" and fake_tianditu.asked[0][1]["extensions"] == "true"
    assert (city.code, city.level, city.parent_code) == ("320400", "city", "320000")
    assert city.boundary_wkt.startswith("MULTIPOLYGON")
    assert (city.children[0].code, city.children[0].level) == ("320402", "county")
    fake_tianditu.switches.samples["divisions"] = "administrative_v2_suggest_only.json"
    assert [one.code for one in ask(told, lambda places: places.divisions("常"))] == ["320400", "320581"]


def test_drive_is_xml_in_kilometres_and_seconds(fake_tianditu: Any, told: Configuration) -> None:
    drive = ask(told, lambda places: places.drive(HERE, THERE))
    assert (drive.distance_m, drive.duration_s) == (5200.0, 542.0)
    assert drive.line[0] == (119.974, 31.811) and len(drive.line) == 3
    assert drive.turns[1] == "沿示例大道走到达目的地。"


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"", b"<result/>", b'<!DOCTYPE r [<!ENTITY a "b">]><result><distance>&a;</distance></result>'],
)
def test_a_drive_that_is_none_is_no_drive(body: bytes) -> None:
    with pytest.raises(ServiceError):
        replies.read_drive(body)


def test_transit_has_a_dialect_of_its_own(fake_tianditu: Any, told: Configuration) -> None:
    assert ask(told, lambda places: places.transit(HERE, THERE)) == 1
    fake_tianditu.switches.samples["transit"] = "transit_too_near.json"
    assert ask(told, lambda places: places.transit(HERE, HERE)) == 0
    fake_tianditu.switches.samples["transit"] = "transit_bad_param.json"
    with pytest.raises(InputError, match="resultCode 6"):
        ask(told, lambda places: places.transit(HERE, THERE))


@pytest.mark.parametrize(
    ("judge", "reply", "error"),
    [
        (dialects.search_groups, {"status": {"infocode": 2003, "cndesc": "缺少参数"}}, InputError),
        (dialects.search_groups, {"status": {"infocode": 3000}}, ServiceError),
        (dialects.search_groups, {"status": "0"}, ServiceError),
        (dialects.search_groups, {}, ServiceError),
        (dialects.geocoder_answer, {"status": 200}, ServiceError),
        (dialects.geocoder_answer, {}, ServiceError),
        (dialects.divisions_data, {"status": "0", "data": {}}, ServiceError),
        (dialects.divisions_data, {"status": 200}, ServiceError),
        (dialects.transit_results, {"resultCode": 3}, ServiceError),
        (dialects.transit_results, {"status": "0"}, ServiceError),
    ],
)
def test_one_dialect_s_success_is_no_success_in_another(judge: Any, reply: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        judge(reply)
    assert dialects.search_groups({"status": {"infocode": 3001}}) == []


@pytest.mark.parametrize(
    ("fault", "state"), [("418", "no_key"), ("429", "too_fast"), ("5xx", "broken"), ("reset", "offline")]
)
def test_refusals_are_told_and_never_name_the_key(
    fake_tianditu: Any, told: Configuration, fault: str, state: str
) -> None:
    fake_tianditu.switches.fault = fault
    with pytest.raises(ServiceError) as refused:
        ask(told, lambda places: places.search("医院"))
    assert refused.value.state == state
    assert KEY.get_secret_value() not in f"{refused.value!r} {refused.value.__context__!r}"


def test_a_key_without_the_permission_is_refused_for_search_only(fake_tianditu: Any, told: Configuration) -> None:
    with pytest.raises(ServiceError) as refused:
        ask(replace(told, keys=(SecretStr("7" * 32),)), lambda places: places.search("医院"))
    assert refused.value.state == "bad_key" and "无此服务权限" in str(refused.value)


def test_without_a_key_nobody_is_asked(fake_tianditu: Any, told: Configuration) -> None:
    with pytest.raises(ServiceError, match="no_key"):
        ask(replace(told, keys=()), lambda places: places.search("医院"))
    assert fake_tianditu.asked == []


def test_questions_go_one_after_the_other_with_a_pause(fake_tianditu: Any, told: Configuration) -> None:
    fake_tianditu.switches.burst = 6

    async def six(places: NationalPlaces) -> list[Any]:
        return await asyncio.gather(*(places.geocode(f"示例路{number}号") for number in range(6)))

    assert len(ask(replace(told, spacing_s=0.2), six)) == 6


def test_the_gazetteer_answers_the_same_questions_from_our_own_layers() -> None:
    school = Place("演练一中", "演练市学府路1号", HERE, "gazetteer", "学校")
    far = Place("演练二中", "演练市远路", LonLat(100.0, 30.0), "gazetteer", "学校")
    county = Division("990102", "演练区", "county", HERE, "gazetteer", boundary_wkt="MULTIPOLYGON EMPTY")

    def find(text: str, limit: int) -> list[Place]:
        return [one for one in (school, far) if text in one.name + one.address][:limit]

    def name(place: LonLat) -> Address | None:
        return Address("演练市演练区", "", "演练市", "演练区", "990102", "", "", "", None, "gazetteer")

    places: Places = Gazetteer(find, name, lambda text: [county] if text in county.name else [])

    async def questions() -> None:
        found = await places.search("中", within=(119.0, 31.0, 121.0, 33.0))
        assert found.places == (school,) and found.total == 1
        located = await places.geocode("演练市学府路1号")
        assert located is not None and (located.place, located.score) == (HERE, 100.0)
        part = await places.geocode("学府路")
        assert part is not None and part.score < 100
        assert await places.geocode("无此地") is None
        address = await places.reverse(HERE)
        assert address is not None and address.county == "演练区"
        assert (await places.divisions("演练"))[0].boundary_wkt == ""
        assert (await places.divisions("演练", boundary=True))[0].boundary_wkt

    asyncio.run(questions())
