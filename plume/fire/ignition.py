"""What if the cloud of this release is lit? Flammable mass from the dispersion, then the explosion."""

from typing import Literal

from gis.errors import InputError
from plume import clouds, properties
from plume.case import Case
from plume.criteria import FLAMMABLE_AVERAGING_S
from plume.fire import blast, flammable, in_case, kinds
from plume.fire.flammable import FlammableCloud
from plume.fire.scenario import FireForecast
from plume.release_kinds import FireInput


def flammable_part(case: Case, model: clouds.ModelChoice = "auto") -> FlammableCloud:
    """
    Vapour of a case's cloud between 90 % of its lower and its upper flammable limit, averaged over 10 s.

    Raises
    ------
    InputError
        The case is itself a fire.
    MissingError
        The substance has no flammable limits on record.
    """
    if isinstance(case.release, FireInput):
        raise InputError("release.kind: this case is a fire already; name a release that forms a cloud")
    weather = case.resolved_weather()
    release = case.release.release(weather)
    known = properties.of(release.substance.key)
    lower, upper = known.need_flammable_limits()
    cloud = clouds.choose(release, weather, FLAMMABLE_AVERAGING_S, model).cloud
    per_share = 1e6 / weather.ppm_per_kg_m3(known.molar_mass_kg_mol)
    return flammable.flammable_cloud(cloud, lower * per_share, upper * per_share)


def explode(
    case: Case,
    *,
    congestion: blast.Grade = "medium",
    reactivity: blast.Grade | None = None,
    detonation: bool = False,
    model: Literal["auto", "gaussian", "dense"] = "auto",
) -> FireForecast:
    """
    Explosion of the cloud of a release that is lit when it has grown to its full size.

    Raises
    ------
    InputError
        The case is itself a fire, or its cloud is nowhere within flammable limits.
    MissingError
        The substance has no flammable limits or heat of combustion on record.
    """
    part = flammable_part(case, model)
    if part.mass_kg <= 0:
        raise InputError("release: its cloud is nowhere within flammable limits; there is nothing to explode")
    weather = case.resolved_weather()
    fuel = properties.of(case.release.what.key)
    kind = kinds.CloudExplosionInput(
        flammable_mass_kg=part.mass_kg,
        centre_m=part.centre_m,
        congestion=congestion,
        reactivity=reactivity,
        detonation=detonation,
    )
    return in_case.burning(kind, fuel, weather, case.incident.place)
