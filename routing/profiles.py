"""Which vehicle may drive which arc, and how fast?"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError
from gis.provenance import Trust
from routing import flags as bit
from routing.classes import CODE, FIRST_FOOT_CODE
from routing.guards import shut
from routing.network import Network

CLOSED: Final = np.uint32(2_147_483_647)
"""Weight of an arc that may not be used; the search engines' own "infinite"."""


@dataclass(frozen=True, slots=True)
class Profile:
    """
    A kind of vehicle.

    Attributes
    ----------
    height_m, weight_t, width_m
        Size; NaN means "do not check". An arc without a limit is open, and a route counts such arcs.
    top_speed_kmh
        Faster roads are driven at this speed.
    emergency
        Enters private roads, opens gates, passes access=no.
    lorry
        Carries goods: kept out where hgv says no, at the hours of hgv:conditional, and where hazmat says no. A fire
        engine is no goods vehicle in OpenStreetMap's sense, and an emergency vehicle is exempt anyway.
    bus, on_foot
        May use bus roads; walks, also against one-way streets (`routing.on_foot`).
    source, trust
        Where the figures come from.
    """

    name: str
    height_m: float = float("nan")
    weight_t: float = float("nan")
    width_m: float = float("nan")
    top_speed_kmh: float = 120.0
    emergency: bool = False
    lorry: bool = False
    bus: bool = False
    on_foot: bool = False
    source: str = "assumption, replace by the fleet's own data"
    trust: Trust = "unverified"


PROFILES: Final = {
    profile.name: profile
    for profile in (
        Profile("car", 1.6, 2.0, 1.9),
        Profile("fire_engine", 3.6, 16.0, 2.5, 90.0, emergency=True),
        Profile("hazmat_tanker", 3.8, 30.0, 2.5, 80.0, lorry=True),
        Profile("ambulance", 2.7, 3.5, 2.1, 110.0, emergency=True),
        Profile("bus", 3.3, 18.0, 2.55, 80.0, bus=True),
        Profile("foot", top_speed_kmh=4.3, on_foot=True, source="1.2 m/s, within the 1.0–1.4 m/s in circulation"),
    )
}
"""Vehicle profiles by name; every size is a setting with a source label."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """
    What slows every road: hour of day, weather, and speeds reported for single segments.

    Attributes
    ----------
    hour
        Local hour 0–23 whose traffic factor applies; None means free flow.
    weather_factor
        Speed multiplied by this: 1 dry, less in rain, snow, fog.
    """

    hour: int | None = None
    weather_factor: float = 1.0

    def checked(self) -> "Conditions":
        """
        Return self, or raise naming what is out of range.

        Raises
        ------
        InputError
            Hour outside 0..23, factor outside 0.05..1.
        """
        faults = []
        if self.hour is not None and not 0 <= self.hour <= 23:
            faults.append(f"hour {self.hour}: give 0 to 23")
        if not 0.05 <= self.weather_factor <= 1.0:
            faults.append(f"weather factor {self.weather_factor}: give 0.05 to 1")
        if faults:
            raise InputError(faults)
        return self


WEATHER_FACTOR: Final = {"dry": 1.0, "rain": 0.9, "heavy_rain": 0.8, "snow": 0.7, "ice": 0.5, "fog": 0.7}
"""Share of the dry speed kept in bad weather: assumption, trust "unverified"."""


def conditions_of(hour: int | None = None, weather: str = "dry") -> Conditions:
    """
    Conditions at an hour of the day, None for free flow, in a kind of weather (`WEATHER_FACTOR`).

    Raises
    ------
    InputError
        Hour outside 0..23, unknown weather.
    """
    if weather not in WEATHER_FACTOR:
        raise InputError(f"there is no weather '{weather}': use {', '.join(WEATHER_FACTOR)}")
    return Conditions(hour, WEATHER_FACTOR[weather]).checked()


_RUSH: Final = {7: 0.65, 8: 0.55, 9: 0.7, 16: 0.75, 17: 0.55, 18: 0.6, 19: 0.75}
"""Share of free speed on main roads by hour of a working day: assumption, trust "unverified"."""


def profile(name: "str | Profile | None") -> Profile:
    """
    Profile by name; None is the car.

    Raises
    ------
    InputError
        Unknown name; the sentence lists the known ones.
    """
    if isinstance(name, Profile):
        return name
    try:
        return PROFILES[name or "car"]
    except KeyError:
        raise InputError(f"there is no vehicle profile '{name}': use {', '.join(PROFILES)}") from None


def weights_ms(network: Network, vehicle: Profile, conditions: Conditions | None = None) -> NDArray[np.uint32]:
    """
    Driving time of every arc in whole milliseconds, `CLOSED` where the vehicle may not go; shape ``(m,)``.

    Rounded once here; every engine reads these numbers. Turns that are forbidden to the vehicle at the hour are closed
    here too; without an hour, those forbidden at any.
    """
    speed = np.asarray(network.speed_kmh, float)
    seconds = np.asarray(network.length_m) / (np.minimum(speed, vehicle.top_speed_kmh) / 3.6)
    if conditions is not None and not vehicle.on_foot:
        conditions.checked()
        main = np.asarray(network.road_class) <= CODE["tertiary_link"]
        rush = _RUSH.get(conditions.hour, 1.0) if conditions.hour is not None else 1.0
        # A siren passes part of the queue; half of the loss is an assumption like the rest of the table.
        rush = (1.0 + rush) / 2 if vehicle.emergency else rush
        seconds = seconds / np.where(main, rush, 1.0) / conditions.weather_factor
    whole = np.clip(np.rint(seconds * 1000), 1, 2**30).astype(np.uint32)
    whole[~allowed_segments(network, vehicle, None if conditions is None else conditions.hour)] = CLOSED
    weights = np.asarray(whole[network.arc_segment], np.uint32)
    if len(network.guard_arc) and not vehicle.on_foot:
        hour = None if conditions is None else conditions.hour
        weights[shut(network.guard_arc, network.guard_hours, _bound_as(vehicle), hour)] = CLOSED
    return weights


def _bound_as(vehicle: Profile) -> str:
    """The kind of vehicle (`routing.guards.VEHICLES`) whose turn restrictions bind it."""
    if vehicle.emergency:
        return "emergency"
    return "lorry" if vehicle.lorry else "bus" if vehicle.bus else "car"


def allowed_segments(network: Network, vehicle: Profile, hour: int | None = None) -> NDArray[np.bool_]:
    """
    Mask of segments the vehicle may use; unknown limits are open.

    A road on which lorries may not drive at some hours is shut to them when no `hour` is given.
    """
    flags, kind = np.asarray(network.flags), np.asarray(network.road_class)
    if vehicle.on_foot:
        motorway = (kind == CODE["motorway"]) | (kind == CODE["motorway_link"])
        return np.asarray(~(motorway | ((flags & bit.FOOT_NO) > 0)))
    no, private = (flags & bit.ACCESS_NO) > 0, (flags & bit.ACCESS_PRIVATE) > 0
    hard, gate = (flags & bit.BARRIER_HARD) > 0, (flags & bit.BARRIER_GATE) > 0
    open_ = ~hard & ((kind < FIRST_FOOT_CODE) | (kind == CODE["barrier"]))
    if not vehicle.emergency:
        exempt = (flags & bit.BUS_YES) > 0 if vehicle.bus else np.zeros(len(flags), bool)
        open_ &= ~gate & (~no | exempt)
        if vehicle.lorry:
            hours = bit.LORRY_HOURS if hour is None else bit.lorry_hour(hour)
            open_ &= ~private & ((flags & (bit.LORRY_NO | bit.HAZMAT_NO | hours)) == 0)
    for size, limit in (
        (vehicle.height_m, network.max_height_m),
        (vehicle.weight_t, network.max_weight_t),
        (vehicle.width_m, network.max_width_m),
    ):
        if size == size:
            open_ &= ~(np.asarray(limit) < size)
    return np.asarray(open_)


def unknown_limits(network: Network, segments: NDArray[np.integer]) -> dict[str, Any]:
    """How many of some segments carry no height, weight or width limit in the data."""
    return {
        "segments": len(segments),
        "no_height_limit_known": int(np.isnan(network.max_height_m[segments]).sum()),
        "no_weight_limit_known": int(np.isnan(network.max_weight_t[segments]).sum()),
        "no_width_limit_known": int(np.isnan(network.max_width_m[segments]).sum()),
    }
