"""What does a presenter show? A view as small as it can be: where, when, which layers, what is pointed at."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gis.errors import InputError
from layers.filters import LONGEST as LONGEST_CONDITION
from layers.filters import MOST_CONDITIONS

Json = dict[str, Any]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Place = tuple[Degrees, Annotated[float, Field(ge=-85, le=85, allow_inf_nan=False)]]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Conditions = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_CONDITION)], ...],
    Field(min_length=1, max_length=MOST_CONDITIONS + 1),
]
Id = Annotated[str, Field(min_length=1, max_length=120)]


class Selection(BaseModel):
    """One row of a layer that is looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layer: Key
    id: Id


class View(BaseModel):
    """
    What stands on the presenter's map; longitude first, degrees.

    `extent` is west, south, east, north of the map as he sees it. `layers` are the keys of what he has on, topmost
    first, `only` the filters of some of them, as `layers.filters.read_filter` takes them. `moment` is the moment looked
    back at; null follows the present. `sent_ms` is his clock, for the delay.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    centre: Place
    zoom: Annotated[float, Field(ge=1, le=22, allow_inf_nan=False)]
    extent: tuple[Degrees, Degrees, Degrees, Degrees]
    layers: Annotated[tuple[Key, ...], Field(max_length=120)] = ()
    only: Annotated[dict[Key, Conditions], Field(max_length=20)] = {}
    moment: AwareDatetime | None = None
    selection: Selection | None = None
    pointer: Place | None = None
    sent_ms: Annotated[float, Field(ge=0, le=1e14, allow_inf_nan=False)] = 0.0


class FromPage(BaseModel):
    """One message of a page: what it shows, whether it follows, a ping with the round trip it measured last."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: Literal["view", "pointer", "follow", "ping", "leave"]
    view: View | None = None
    pointer: Place | None = None
    on: bool = True
    sent_ms: Annotated[float, Field(ge=0, le=1e14, allow_inf_nan=False)] = 0.0
    delay_ms: Annotated[int, Field(ge=0, le=600_000)] | None = None


LONGEST = 16_384
"""Characters of one message of a page."""


def read(text: str) -> FromPage:
    """
    Read a message of a page.

    Raises
    ------
    InputError
        It is too long, or not one.
    """
    if len(text) > LONGEST:
        raise InputError(f"a message of {len(text)} characters; at most {LONGEST}")
    try:
        return FromPage.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            f"{'.'.join(str(part) for part in fault['loc']) or 'message'}: {fault['msg']}" for fault in error.errors()
        ) from error
