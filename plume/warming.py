"""What does the first forecast need loaded and compiled, so that nobody waits for it?"""

import numpy as np

from plume import ensemble, following, puff, raster
from plume.case import Case
from plume.forecast import forecast
from plume.gaussian import GaussianPlume
from plume.setting import choose, prepare


def warm() -> None:
    """Load and compile what a forecast needs, so that the first commander does not wait; results are thrown away."""
    heavy = Case.model_validate(
        {
            "incident": {"longitude": 0.0, "latitude": 0.0, "occurred_at": "2000-01-01T00:00:00+00:00"},
            "release": {"kind": "continuous", "substance": "chlorine", "rate_kg_s": 1.0, "duration_s": 60.0},
            "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 0.0, "stability": "D"},
        }
    )
    forecast(heavy)
    release = heavy.release.model_copy(update={"diameter_m": 200.0})
    forecast(heavy.model_copy(update={"release": release}), model="dense")
    setting = prepare(heavy)
    plume = choose(setting, "gaussian").cloud
    assert isinstance(plume, GaussianPlume)  # forced
    grid = puff.Grid(-100.0, -300.0, 50.0, 6, 8)
    source = puff.PuffSource(0.0, 0.0, 0.0, setting.release.term, plume.spread)
    puff.frames([source], setting.weather, grid, [30.0, 3000.0])
    raster.steady(plume, grid, 0.0)
    ensemble.exceedance(ensemble.members_of(heavy, 1), grid)
    following.on_grid(plume.parts(), setting.weather, grid, np.array([30.0]), 0.0)
    following.at_places(plume.parts(), setting.weather, [20.0], [0.0], [0.0])
