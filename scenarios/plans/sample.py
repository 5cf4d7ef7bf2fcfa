"""Which plans does the drill city have? Six fictional ones, kept in the documented form."""

import importlib.resources

from scenarios.plans.checking import plan_in
from scenarios.plans.plan import Plan

FILES = ("chlorine", "ammonia", "lpg", "dust", "generic", "plant")


def written(name: str) -> bytes:
    """The YAML file of one of `FILES`, also as an example of the form."""
    return (importlib.resources.files("scenarios.plans") / "samples" / f"{name}.yaml").read_bytes()


def plans() -> list[Plan]:
    """Plans of the drill city, marked 演练."""
    return [plan_in(written(name), f"{name}.yaml") for name in FILES]
