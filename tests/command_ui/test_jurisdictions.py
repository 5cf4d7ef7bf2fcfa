"""Is the range of an account called what the map calls it?"""

from typing import Any

from command_ui.access import jurisdictions
from gis.database import Caller, Database

KNOWN = {
    "330000": "浙江省", "330100": "杭州市", "330102": "上城区", "330105": "拱墅区", "330200": "宁波市",
    "340000": "安徽省", "419001": "济源市",
}  # fmt: skip


def test_the_topmost_divisions_of_a_range_are_named() -> None:
    for (first, last), named in {
        ("330100", "330200"): ["杭州市"],
        ("330000", "340000"): ["浙江省"],
        ("330000", "350000"): ["浙江省", "安徽省"],
        ("330102", "330103"): ["上城区"],
        ("330102", "330106"): ["上城区", "拱墅区"],
        ("330101", "330201"): ["上城区", "拱墅区", "宁波市"],
        ("419001", "419002"): ["济源市"],
        ("500000", "510000"): [],
        ("000000", "999999"): [],
    }.items():
        assert jurisdictions.held(KNOWN, first, last) == named, (first, last)


def test_accounts_are_listed_with_the_names_of_their_divisions(served: Any, database: Database) -> None:
    from layers.sample.city import generate
    from layers.sample.load import load

    with database.transaction(Caller("演练导调", "990100", "990200", "drill")) as connection:
        load(connection, generate())
    with served.sign_in("secadmin") as security:
        listed = {one["name"]: one["divisions"] for one in security.get("/api/v1/accounts").json()}
    assert listed["duty"] == ["演练市"]
    assert listed["binjiang"] == ["滨江区"]
