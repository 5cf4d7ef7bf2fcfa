"""Who asked for a city's individual risk, how far is it, and what came of it?"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.exc import DBAPIError

from command_ui.access.roles import SignedIn
from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError, OneMapError
from scenarios.hazards import city_risk
from scenarios.hazards.city_risk import CityRisk

_log = logging.getLogger("onemap.risk")
Work = Callable[[Database, Caller, Callable[[float], None]], tuple[CityRisk, int]]


@dataclass
class RiskRun:
    """One calculation; `state` is ``running``, ``done`` or ``failed``, `share` how much of it is done."""

    key: str
    scope: tuple[str, str, str]
    state: str = "running"
    share: float = 0.0
    contours: int = 0
    found: CityRisk | None = None
    fault: OneMapError | None = None


class RiskRuns:
    """
    Calculations of this process by key, one at a time: each takes a core for a minute or two.

    Parameters
    ----------
    scheduler
        Address of a Dask scheduler; None starts a process of this machine for the time of a run.
    worker
        Number of this process among several; every key begins with it, so that the others know whom to ask.
    """

    def __init__(
        self, database: Database, *, scheduler: str | None = None, worker: int = 0, work: Work | None = None
    ) -> None:
        self._database = database
        self._scheduler = scheduler
        self._worker = worker
        self._work = work or self._compute
        self._last: RiskRun | None = None
        self._lock = threading.Lock()

    def start(self, person: SignedIn) -> RiskRun:
        """
        Begin in a thread of its own, or give the one that is being worked out for the same city.

        Raises
        ------
        ConflictError
            One is being worked out for another city or another world.
        """
        caller = person.caller()
        scope = _scope(caller)
        with self._lock:
            if self._last is not None and self._last.state == "running":
                if self._last.scope == scope:
                    return self._last
                raise ConflictError("the individual risk of another city is being worked out; wait for it")
            run = self._last = RiskRun(f"{self._worker:02x}{uuid4().hex[2:]}", scope)
        threading.Thread(target=self._run, args=(run, caller), name="onemap-risk", daemon=True).start()
        return run

    def of(self, key: str, person: SignedIn) -> RiskRun:
        """
        Give a calculation by its key.

        Raises
        ------
        MissingError
            Not there, not the last one, or of another city or another world than the caller's.
        """
        if self._last is None or self._last.key != key or self._last.scope != _scope(person.caller()):
            raise MissingError("this calculation is no longer here; the layer says what came of it")
        return self._last

    def _run(self, run: RiskRun, caller: Caller) -> None:
        def tell(share: float) -> None:
            run.share = share

        try:
            run.found, run.contours = self._work(self._database, caller, tell)
            run.share, run.state = 1.0, "done"
        except OneMapError as error:
            run.fault, run.state = error, "failed"
        except DBAPIError as error:
            _log.warning("individual risk could not be stored: %s", error)
        finally:
            if run.state == "running":
                # Whatever it was stands in the server's log; the page must not wait for ever.
                run.fault, run.state = InputError("the individual risk could not be worked out"), "failed"

    def _compute(self, database: Database, caller: Caller, report: Callable[[float], None]) -> tuple[CityRisk, int]:
        return city_risk.work_out(
            database, caller, source="onemap layers risk", workers=1, cluster=self._scheduler, report=report
        )


def _scope(caller: Caller) -> tuple[str, str, str]:
    return caller.mode, caller.division_from, caller.division_to
