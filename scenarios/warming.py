"""What must be compiled before the first report, so that no commander waits for it?"""

from datetime import UTC, datetime

import geopandas as gpd
from shapely.geometry import LineString, Point, box

from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from scenarios.assessment import assess
from scenarios.ground import Ground
from scenarios.hazards.confidence import confidence

STREETS = 12
BLOCK_M = 250.0
SCENE = LonLat(0.0, 0.0)


def warm() -> None:
    """
    Run one assessment of a made-up town at 0°, 0° and throw it away.

    It goes through every part a real one does: the compiled models and searches are loaded, or made on a first start.
    """
    from plume.warming import warm as warm_forecast

    warm_forecast()
    case: dict[str, object] = {
        "name": "warm",
        "incident": {"longitude": 0.0, "latitude": 0.0, "occurred_at": datetime(2000, 1, 1, tzinfo=UTC)},
        "release": {"kind": "continuous", "substance": "chlorine", "rate_kg_s": 0.2, "duration_s": 600.0},
        "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 225.0, "stability": "D"},
    }
    assess(case, town())
    confidence(case, "warm", members=2)


def town() -> Ground:
    """Squared streets with a family in every block, a school, two crews and two shelters."""
    from routing.importing.lines import from_lines

    frame = LocalFrame(SCENE)
    half = STREETS * BLOCK_M / 2

    def place(east_m: float, north_m: float) -> tuple[float, float]:
        longitude, latitude = frame.to_degrees(east_m, north_m)
        return float(longitude), float(latitude)

    corners = [[place(i * BLOCK_M - half, j * BLOCK_M - half) for j in range(STREETS + 1)] for i in range(STREETS + 1)]
    streets = [LineString(column) for column in corners] + [LineString(row) for row in zip(*corners, strict=True)]
    roads = gpd.GeoDataFrame({"highway": ["residential"] * len(streets)}, geometry=streets, crs=GEOGRAPHIC)
    cells = [box(*corners[i][j], *corners[i + 1][j + 1]) for i in range(STREETS) for j in range(STREETS)]
    people = gpd.GeoDataFrame({"day": [4.0] * len(cells), "night": [4.0] * len(cells)}, geometry=cells, crs=GEOGRAPHIC)

    def points(columns: dict[str, list[object]], *places: tuple[float, float]) -> gpd.GeoDataFrame:
        names = [f"{number}" for number in range(len(places))]
        return gpd.GeoDataFrame(
            {"id": names, "name": names, **columns}, geometry=[Point(place(*at)) for at in places], crs=GEOGRAPHIC
        )

    return Ground(
        people=people,
        facilities=points({"kind": ["school"], "people": [10]}, (200.0, 210.0)),
        teams=points({"kind": ["fire", "medical"]}, (-1200.0, -1200.0), (-1200.0, 0.0)),
        shelters=points({"capacity": [400, 400]}, (-1000.0, 1200.0), (1200.0, -1000.0)),
        network=from_lines(roads, "warm"),
        mode="sim",
    )
