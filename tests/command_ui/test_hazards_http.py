"""Does a program see the working of GB 18218, the ledger and the flow of chemicals as they are?"""

from collections.abc import Iterator
from typing import Any

import pytest

from gis.database import Caller, Database

DRILL = Caller("loader", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def client(database: Database, served: Any) -> Iterator[Any]:
    """A signed-in client of a server that holds the sample city."""
    from layers.sample.city import generate
    from layers.sample.load import load

    with database.transaction(DRILL) as connection:
        load(connection, generate())
    with served.sign_in("duty") as signed:
        yield signed


def test_the_working_is_given_line_by_line_in_both_languages(client: Any) -> None:
    """40 t of chlorine: q/Q = 8, beta 4, so the lines say 8, 32 and 32 times alpha."""
    found = client.get("/api/v1/hazard-sources/WX-001/working").json()
    codes = [step["code"] for step in found["steps"]]
    assert codes == ["ratio", "sum", "identify", "weighted", "alpha", "grade", "level"]
    assert found["steps"][0]["text_zh"] == "氯：q/Q ＝ 40 t ÷ 5 t ＝ 8"
    assert "8 × 4" in found["steps"][3]["text_en"] or "4 × 8 = 32" in found["steps"][3]["text_en"]
    assert found["steps"][0]["trust"] == "one_source"
    assert float(found["r"]) == 32 * float(found["alpha"])
    assert found["people_source"]


def test_the_ledger_balances_to_the_kilogram(client: Any) -> None:
    found = client.get("/api/v1/hazard-sources/WX-001/ledger").json()
    assert found["balanced"]
    assert not found["over_design"]
    for before, day in zip(found["days"], found["days"][1:], strict=False):
        assert round(before["stock_t"] + day["in_t"] - day["out_t"] - day["stock_t"], 3) == 0


def test_flows_are_lines_between_sites(client: Any) -> None:
    flows = client.get("/api/v1/chemical-flows", params={"substance": "液氯"}).json()
    assert flows
    assert all(len(flow["line"]) == 2 and flow["substance"] == "液氯" for flow in flows)
    tile = client.get("/tiles/chemical_flow/8/212/104.mvt")
    assert tile.status_code == 200
    assert len(tile.content) > 0


def test_what_is_not_there_is_not_found(client: Any) -> None:
    assert client.get("/api/v1/hazard-sources/WX-999/working").status_code == 404
    assert client.get("/api/v1/ledger/above-design").json() == []
