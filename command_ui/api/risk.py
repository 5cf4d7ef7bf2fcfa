"""How does a program, or the data page, have a city's individual risk worked out?"""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel

from command_ui.access.roles import signed_in
from command_ui.api.reading import StrictRoute
from command_ui.risk_runs import RiskRun, RiskRuns

Key = Annotated[str, InPath(pattern=r"^[0-9a-f]{32}$")]


class Risk(BaseModel):
    """How far a calculation is; the rest is known when it is done. `left_out`: units without a toxic level."""

    key: str
    state: Literal["running", "done", "failed"]
    share: float
    contours: int
    units: int
    left_out: int
    hours: int
    peak_per_year: float | None
    fault: str | None


def router(runs: RiskRuns) -> APIRouter:
    """Build the routes of individual risk."""
    routes = APIRouter(route_class=StrictRoute, tags=["layers"])

    @routes.post("/risk-runs", status_code=202)
    def start() -> Risk:
        """Work out the contours of individual risk of all major-hazard units over a year of winds, as a layer."""
        return _told(runs.start(signed_in()))

    @routes.get("/risk-runs/{key}")
    def state(key: Key) -> Risk:
        """Tell how far a calculation is, and what came of it."""
        return _told(runs.of(key, signed_in()))

    return routes


def _told(run: RiskRun) -> Risk:
    found = run.found
    return Risk(
        key=run.key,
        state=run.state,  # type: ignore[arg-type]
        share=round(run.share, 3),
        contours=run.contours,
        units=len(found.units) if found else 0,
        left_out=len(found.left_out) if found else 0,
        hours=found.winds.hours if found else 0,
        peak_per_year=found.peak_per_year if found else None,
        fault=str(run.fault) if run.fault else None,
    )
