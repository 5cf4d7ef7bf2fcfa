"""Which plan is in a file somebody handed in? Read behind limits, in a process of its own; every fault comes back."""

from pathlib import Path

from gis.reader import Reader
from scenarios.plans.checking import plan_in
from scenarios.plans.faults import PlanFault, PlanFaultsError
from scenarios.plans.plan import Plan


def handed_in(content: bytes, name: str) -> Plan:
    """
    Give the plan a stranger's YAML file or workbook holds, as `checking.plan_in` does.

    Raises
    ------
    PlanFaultsError
        Every fault, with file, sheet, row and column.
    InputError
        Reading it takes more memory or time than a true plan needs.
    """
    found = _plan(content, name)
    if isinstance(found, Plan):
        return found
    raise PlanFaultsError(found)


def _read(path: Path, name: str) -> Plan | tuple[PlanFault, ...]:
    try:
        return plan_in(path.read_bytes(), name)
    except PlanFaultsError as error:
        return error.found


_plan = Reader(_read, Plan | tuple[PlanFault, ...])
