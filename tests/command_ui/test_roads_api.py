"""May a program close a road, and only one that has the right? Does the answer say what followed?"""

import csv
import io
import uuid
from typing import Any

import pytest

from gis.database import Caller

DRILL = Caller("loader", "990100", "990200", "drill")
CASE = {
    "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 600, "height_m": 0.0},
    "weather": {"wind_speed_m_s": 3.0, "wind_height_m": 10.0, "wind_from_deg": 225.0, "stability": "D",
                "temperature_c": 15.0, "relative_humidity": 0.5, "roughness_m": 0.03},
}  # fmt: skip
BOX = {"type": "Polygon", "coordinates": [[[118.718, 31.402], [118.722, 31.402], [118.722, 31.405], [118.718, 31.405],
                                           [118.718, 31.402]]]}  # fmt: skip


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def town(city: Any, served: Any) -> Any:
    """The server with the drill city's roads; nobody and nothing else of the city is loaded."""
    from routing.cache import save
    from routing.importing import from_lines

    save(from_lines(city.roads), served.house.settings.networks_dir / "sample")
    return served


@pytest.fixture(scope="module")
def incident(town: Any, city: Any) -> str:
    """Address of an assessed incident."""
    place = city.incident_case["incident"]
    report = {"title": "演练：封路", "longitude": place["longitude"], "latitude": place["latitude"],
              "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102", "case": CASE}  # fmt: skip
    with town.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers=key())
        assert made.status_code == 201, made.text
        address = f"/api/v1/incidents/{made.json()['incident_id']}"
        assessed = client.post(f"{address}/assessments", json={}, headers=key())
        assert assessed.status_code == 201, assessed.text
    return address


def test_a_closure_is_reported_moved_and_lifted(town: Any, incident: str) -> None:
    with town.sign_in() as client:
        body = {"shape": "area", "reason": "accident", "geometry": BOX, "text": "演练", "reported_by": "演练交警"}
        same = key()
        made = client.post(f"{incident}/closures", json=body, headers=same)
        assert made.status_code == 201, made.text
        first = made.json()
        assert first["run_id"] and len(first["receipts"]) == 2 and first["seconds"]["routes"] > 0
        again = client.post(f"{incident}/closures", json=body, headers=same).json()
        assert again["receipt"] == first["receipt"] | {"replayed": True} and again["run_id"] is None
        other = {"type": "Polygon", "coordinates": [[[round(x + 0.001, 6), y] for x, y in BOX["coordinates"][0]]]}
        at = f"{incident}/closures/{first['closure_id']}"
        moved = client.patch(
            at, json={"geometry": other, "expected_seq": first["receipt"]["seq"]}, headers=key()
        )  # fmt: skip
        assert moved.status_code == 200, moved.text
        late = client.delete(at, params={"expected_seq": first["receipt"]["seq"]}, headers=key())
        assert late.status_code == 409 and "changed" in late.json()["message"]
        lifted = client.delete(at, params={"expected_seq": moved.json()["receipt"]["seq"]}, headers=key())
        assert lifted.status_code == 200 and lifted.json()["run_id"]
        (listed,) = client.get(f"{incident}/closures").json()
        assert (listed["lifted_seq"], listed["geometry"]) == (lifted.json()["receipt"]["seq"], other)
        kinds = [one["kind"] for one in client.get(f"{incident}/entries").json()["entries"]]
        assert [one for one in kinds if one.startswith("closure")] == [
            "closure_reported", "closure_moved", "closure_lifted",
        ]  # fmt: skip


def test_a_road_is_closed_by_a_place_on_it(town: Any, incident: str) -> None:
    with town.sign_in() as client:
        body = {"shape": "road", "reason": "works", "longitude": 118.72, "latitude": 31.41, "direction": "forward"}
        made = client.post(f"{incident}/closures", json=body, headers=key())
        assert made.status_code == 201, made.text
        found = client.get(f"{incident}/closures").json()[-1]
        assert found["name"] and found["geometry"]["type"] in ("LineString", "MultiLineString")
        nowhere = client.post(f"{incident}/closures", json=body | {"longitude": 100.0}, headers=key())
        assert nowhere.status_code == 422 and "no road is near" in nowhere.json()["message"]


@pytest.mark.parametrize("name", ["expert", "wall"])
def test_who_has_no_right_closes_nothing_and_sends_nobody(town: Any, incident: str, name: str) -> None:
    body = {"shape": "area", "reason": "other", "geometry": BOX}
    with town.sign_in(name) as client:
        assert client.post(f"{incident}/closures", json=body, headers=key()).status_code == 403
        assert client.delete(f"{incident}/closures/C-1", params={"expected_seq": 1}, headers=key()).status_code == 403
        assert client.post(f"{incident}/teams/DW-001", headers=key()).status_code == 403


def test_faults_are_named(town: Any, incident: str) -> None:
    with town.sign_in() as client:
        for body, word in (
            ({"shape": "area", "reason": "other"}, "geometry"),
            ({"shape": "area", "reason": "because", "geometry": BOX}, "reason"),
            ({"shape": "road", "reason": "other", "longitude": 118.7}, "both"),
            ({"shape": "area", "reason": "other", "geometry": BOX, "valid_until": "2020-01-01T00:00:00Z"}, "after"),
        ):
            answer = client.post(f"{incident}/closures", json=body, headers=key())
            assert answer.status_code == 422 and word in answer.json()["message"], answer.text
        assert (
            client.delete(f"{incident}/closures/C-none", params={"expected_seq": 1}, headers=key()).status_code == 404
        )


def test_routes_and_crossings_can_be_taken_away(town: Any, incident: str) -> None:
    with town.sign_in() as client:
        gpx = client.get(f"{incident}/routes.gpx")
        assert gpx.headers["content-type"].startswith("application/gpx+xml") and gpx.text.count("<trk>") >= 1
        drawn = client.get(f"{incident}/routes.geojson").json()
        assert drawn["features"] and "attribution" in drawn
        table = client.get(f"{incident}/closing-points.csv")
        rows = list(csv.reader(io.StringIO(table.text.removeprefix("\ufeff"))))
        assert rows[0][0] == "序号" and len(rows) > 1
        assert all(118 < float(row[3]) < 119 and 31 < float(row[4]) < 32 for row in rows[1:])
        english = client.get(f"{incident}/closing-points.csv", params={"language": "en"}).text
        assert english.removeprefix("\ufeff").startswith("number,")
        team = drawn["features"][0]["properties"]["id"]
        way = client.get(f"{incident}/teams/{team}/way", params={"language": "en"}).json()
        assert way["directions"][-1].endswith("Arrive.") and way["geometry"]["type"] == "LineString"
