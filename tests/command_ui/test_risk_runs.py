"""Is a city's individual risk worked out once at a time, told while it goes on, and stored as a layer?"""

import threading
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pytest

from command_ui import risk_runs
from command_ui.access.roles import SignedIn
from command_ui.risk_runs import RiskRun, RiskRuns
from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from scenarios.hazards.city_risk import CityRisk, Winds

DUTY = SignedIn("duty", "duty", "operator", "990100", "990200", "drill", "h", "t")
STRANGERS = (
    replace(DUTY, name="other", division_from="990200", division_to="990300"),
    replace(DUTY, name="county", division_from="990102", division_to="990103"), replace(DUTY, name="live", mode="live"),
)  # fmt: skip
FOUND = CityRisk(gpd.GeoDataFrame(), ("U1",), (), Winds((3.0,), (270.0,), ("D",), (1.0,), 8760), 2, 1e-5)


def ended(runs: RiskRuns, run: RiskRun) -> RiskRun:
    for thread in threading.enumerate():
        if thread.name == "onemap-risk":
            thread.join(120)
    return runs.of(run.key, DUTY)


def test_one_at_a_time_and_who_asks_again_is_given_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(_database: Database, caller: Caller, report: Any) -> tuple[CityRisk, int]:
        report(0.4)
        begun.set()
        assert go_on.wait(120)
        assert caller.mode == "drill"
        return FOUND, 4

    runs = RiskRuns(database, worker=3, work=work)
    run = runs.start(DUTY)
    assert begun.wait(120)
    try:
        assert run.key.startswith("03")
        told = runs.of(run.key, DUTY)
        assert (told.state, told.share) == ("running", 0.4)
        assert runs.start(replace(DUTY, name="other")) is run
        with pytest.raises(ConflictError, match="another city"):
            runs.start(replace(DUTY, division_from="990200", division_to="990300"))
        with pytest.raises(MissingError):
            runs.of("03" + "0" * 30, DUTY)
        for stranger in STRANGERS:
            with pytest.raises(MissingError, match="no longer here"):
                runs.of(run.key, stranger)
        monkeypatch.setattr(risk_runs, "_scope", lambda _caller: run.scope)
        assert runs.of(run.key, STRANGERS[0]) is run, "the planted fault: without the check a stranger is told"
    finally:
        go_on.set()
    done = ended(runs, run)
    assert (done.state, done.share, done.contours) == ("done", 1.0, 4)


def test_a_fault_is_told_and_the_next_may_begin(database: Database) -> None:
    def work(*_: Any) -> tuple[CityRisk, int]:
        raise InputError("there are no hazard sources")

    runs = RiskRuns(database, work=work)
    assert str(ended(runs, runs.start(DUTY)).fault) == "there are no hazard sources"
    assert ended(runs, runs.start(DUTY)).state == "failed"


def test_over_the_interface_it_says_what_is_missing(served: Any) -> None:
    """The register of this database holds no hazard source."""
    with served.sign_in() as client:
        begun = client.post("/api/v1/risk-runs", json={})
        assert begun.status_code == 202
        key = begun.json()["key"]
        for thread in threading.enumerate():
            if thread.name == "onemap-risk":
                thread.join(120)
        told = client.get(f"/api/v1/risk-runs/{key}").json()
        assert told["state"] == "failed"
        assert "hazard source" in told["fault"] or "city" in told["fault"]
        assert client.get(f"/api/v1/risk-runs/{'0' * 32}").status_code == 404
