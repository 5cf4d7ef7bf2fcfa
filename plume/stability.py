"""How strongly does the air mix, from cloud, sun and wind, or from a measured Obukhov length?"""

import math
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from gis.crs import LonLat

StabilityClass = Literal["A", "B", "C", "D", "E", "F"]
CLASSES: tuple[StabilityClass, ...] = get_args(StabilityClass)

# Upper wind bounds are inclusive (u = 5 belongs to 3-5): ALOHA's reading, plume.md 4.5. Above the last one: the last
# column.
_WIND_BOUNDS_M_S = (2.0, 3.0, 5.0, 6.0)
_KEY = {
    "strong": "ABBCC",
    "moderate": "BBCDD",
    "slight": "BCDDD",
    "overcast": "DDDDD",
    "night_cloudy": "FEDDD",
    "night_clear": "FFEDD",
}
_SUN = ("strong", "moderate", "slight", "overcast")
STRONG_SUN_DEG = 60.0
MODERATE_SUN_DEG = 35.0
NIGHT_CLOUDY_OKTAS = 4.0
CLOUDY_OKTAS = 5.0
OVERCAST_OKTAS = 8.0

# Golder's lines 1/L = a + b log10 z0 as printed in plume.md 4.5 (not checked against Golder 1972).
_GOLDER = {
    "A": (-0.096, 0.029),
    "B": (-0.037, 0.029),
    "C": (-0.002, 0.018),
    "D": (0.0, 0.0),
    "E": (0.004, -0.018),
    "F": (0.035, -0.036),
}
# Representative L = a z0^b by class (DEGADIS; GasDispersion.jl has the same rounded), plume.md 4.3.
_OBUKHOV = {"A": (-11.43, 0.103), "B": (-25.98, 0.171), "C": (-123.4, 0.304), "E": (123.4, 0.304), "F": (25.98, 0.171)}


def solar_elevation_deg(place: LonLat, moment: datetime) -> float:
    """
    Height of the sun above the horizon, degrees; negative at night. Good to about 0.2 degrees.

    Spencer (1971) series for declination and equation of time.

    Raises
    ------
    ValueError
        `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("moment must carry a time zone")
    utc = moment.astimezone(UTC)
    hours = utc.hour + utc.minute / 60 + utc.second / 3600
    day = utc.timetuple().tm_yday
    g = 2 * math.pi * (day - 1 + hours / 24) / 365
    declination = (
        0.006918
        - 0.399912 * math.cos(g)
        + 0.070257 * math.sin(g)
        - 0.006758 * math.cos(2 * g)
        + 0.000907 * math.sin(2 * g)
        - 0.002697 * math.cos(3 * g)
        + 0.00148 * math.sin(3 * g)
    )
    equation_min = 229.18 * (
        0.000075
        + 0.001868 * math.cos(g)
        - 0.032077 * math.sin(g)
        - 0.014615 * math.cos(2 * g)
        - 0.040849 * math.sin(2 * g)
    )
    hour_angle = math.radians(15 * (hours - 12) + place.longitude + equation_min / 4)
    latitude = math.radians(place.latitude)
    sine = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(
        hour_angle
    )
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))


def from_sky(wind_speed_10m_m_s: float, cloud_oktas: float, sun_elevation_deg: float) -> StabilityClass:
    """
    Pasquill class from wind at 10 m, cloud in eighths and the sun's height (Turner key, plume.md 4.5).

    Upper wind bounds are inclusive; of a pair such as A-B the more stable is taken. Under 5-7 oktas the sun counts
    one step
    weaker, under 8 oktas two; what falls below "slight" is neutral.
    """
    if sun_elevation_deg <= 0:
        row = "night_cloudy" if cloud_oktas >= NIGHT_CLOUDY_OKTAS else "night_clear"
    else:
        strength = 0 if sun_elevation_deg > STRONG_SUN_DEG else 1 if sun_elevation_deg >= MODERATE_SUN_DEG else 2
        weaker = 2 if cloud_oktas >= OVERCAST_OKTAS else 1 if cloud_oktas >= CLOUDY_OKTAS else 0
        row = _SUN[min(strength + weaker, len(_SUN) - 1)]
    column = sum(wind_speed_10m_m_s > bound for bound in _WIND_BOUNDS_M_S)
    return cast(StabilityClass, _KEY[row][column])


def from_obukhov(monin_obukhov_m: float, roughness_m: float) -> StabilityClass:
    """Class of the Golder line nearest to 1/L at this roughness."""
    inverse = 0.0 if math.isinf(monin_obukhov_m) else 1 / monin_obukhov_m
    lines = {name: a + b * math.log10(roughness_m) for name, (a, b) in _GOLDER.items()}
    return cast(StabilityClass, min(lines, key=lambda name: abs(lines[name] - inverse)))


def obukhov_of(stability: StabilityClass, roughness_m: float) -> float:
    """Representative Obukhov length of a class, m; infinite for D (plume.md 4.3, two sources)."""
    if stability == "D":
        return math.inf
    a, b = _OBUKHOV[stability]
    return float(a * roughness_m**b)
