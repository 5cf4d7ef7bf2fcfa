"""Do our own layers answer as a gazetteer, and does the national search stay silent until it is switched on?"""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from command_ui import basemaps, sample
from command_ui.bootstrap import House
from command_ui.console import basemap_desk
from command_ui.console.basemap_desk import BaseMapDesk
from command_ui.gazetteer import gazetteer
from command_ui.settings import Settings
from gis.crs import LonLat
from gis.database import Caller, Database
from layers.sample import plan


@pytest.fixture(scope="module")
def city(database: Database, tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(Settings(data_dir=tmp_path_factory.mktemp("data")), database)
    sample.prepare(house, tell=lambda _step: None)
    return house


def test_the_gazetteer_finds_names_places_and_divisions_in_our_layers(city: House) -> None:
    places = gazetteer(city.database, Caller("test", "990100", "990200", "drill"))

    async def questions() -> None:
        found = await places.search("医院")
        assert found.places and {one.source for one in found.places} == {"gazetteer"}
        first = found.places[0]
        located = await places.geocode(first.name)
        assert located is not None and located.place == first.place and located.score == 100
        assert await places.geocode("无此地名") is None
        assert (await places.search("医院", within=(0.0, 0.0, 1.0, 1.0))).places == ()
        address = await places.reverse(first.place)
        assert address is not None and address.county_code.startswith("9901") and address.county in address.text
        assert await places.reverse(LonLat(10.0, 10.0)) is None
        divisions = await places.divisions(address.county)
        assert address.county_code in {one.code for one in divisions} and divisions[0].level

    asyncio.run(questions())


class Heard:
    """The map's side of a page: keeps what it is told."""

    def __init__(self) -> None:
        self.home = {"centre": [plan.PLANT.longitude, plan.PLANT.latitude], "zoom": 12}
        self.basemaps: dict[str, Any] = {}
        self.told: list[dict[str, Any]] = []

    def tell(self, message: dict[str, Any]) -> None:
        self.told.append(message)


@pytest.mark.parametrize(("switched_on", "text", "asked"), [(True, "医院", 1), (True, "医", 0), (False, "医院", 0)])
def test_the_national_search_is_asked_only_when_it_is_switched_on(
    fake_tianditu: Any, shared_data: Any, database: Database, tmp_path: Any, monkeypatch: pytest.MonkeyPatch,
    switched_on: bool, text: str, asked: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(basemap_desk, "_PAUSE_S", 0.01)
    settings = Settings(
        data_dir=tmp_path, tianditu_search=switched_on, tianditu_api_url=fake_tianditu.base,
        tianditu_keys=SecretStr("0123456789abcdef" * 2),
    )  # fmt: skip
    house = House(settings, database)
    maps = house.base_maps
    maps.configuration = replace(maps.configuration, answer_s=60.0, connect_s=60.0)
    page = SimpleNamespace(map=Heard(), store=SimpleNamespace(house=house), language="zh")
    own = [{"name": "演练市医院", "layer": "protection_target", "id": "1"}]

    async def type_it() -> None:
        desk = BaseMapDesk(page)  # type: ignore[arg-type]
        await desk.search_beside({"seq": 7, "text": text}, own)
        await house.places.close()
        await house.base_maps.close()

    asyncio.run(type_it())
    assert len(fake_tianditu.asked) == asked
    if asked:
        (message,) = page.map.told
        assert [hit["source"] for hit in message["hits"]] == ["本地", "天地图", "天地图"]
        assert message["seq"] == 7 and message["hits"][1]["layer"] == ""
    assert page.map.basemaps["credits"] == basemaps.for_page((), settings)["credits"]
