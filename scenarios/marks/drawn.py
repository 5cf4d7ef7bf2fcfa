"""Is this a mark that can be drawn? Its sign, its geometry, its words and its times, all faults at once."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape as shape_of

from gis.crs import LocalFrame, LonLat
from gis.errors import InputError
from layers.signs.catalogue import Kind, signs
from scenarios import drawing
from scenarios.event import Json
from scenarios.marks.events import MarkPlaced, Standing

GEOMETRIES: dict[Kind, str] = {"point": "Point", "line": "LineString", "area": "Polygon"}
MOST_POINTS = 1000
LARGEST_KM = 200.0
LONGEST_LABEL = 24
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class DrawMark:
    """
    What a person or program says about a mark; see `scenarios.marks.events.MarkPlaced`.

    ``geometry`` is GeoJSON lon/lat: a Point, LineString or Polygon, as the sign asks for.
    """

    symbol: str
    geometry: Json = field(default_factory=dict)
    label: str = ""
    subtype: str = ""
    text: str = ""
    rotation_deg: float = 0.0
    opacity: float = 1.0
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    order_id: str = ""
    standing: Standing = "kept"


def faults_of(said: DrawMark) -> list[str]:
    """Everything that is wrong with it; empty when it can be recorded."""
    sign = signs().get(said.symbol)
    if sign is None:
        return [f"symbol: '{said.symbol}' is no code of GB/T 35649; GET /api/v1/signs lists them"]
    faults = _geometry_faults(GEOMETRIES[sign.kind], sign.code, said.geometry)
    for name, value, most in (
        ("label", said.label, LONGEST_LABEL),
        ("subtype", said.subtype, LONGEST_LABEL),
        ("order_id", said.order_id, 80),
        ("text", said.text, LONGEST_TEXT),
    ):
        if len(value) > most:
            faults.append(f"{name}: {len(value)} characters; at most {most}")
        if any(_unspeakable(one) for one in value):
            faults.append(f"{name}: it holds control characters")
    if not math.isfinite(said.rotation_deg):
        faults.append("rotation_deg: give a number of degrees, clockwise from north")
    if not 0.1 <= said.opacity <= 1:
        faults.append("opacity: between 0.1 and 1")
    for name, when in (("valid_from", said.valid_from), ("valid_until", said.valid_until)):
        if when is not None and when.tzinfo is None:
            faults.append(f"{name}: write it with a time zone, such as +08:00")
    if said.valid_from and said.valid_until and not faults and said.valid_until <= said.valid_from:
        faults.append("valid_until: it must end after it begins")
    return faults


def _unspeakable(one: str) -> bool:
    """Whether no file could carry it: controls, halves of surrogate pairs, and what is no character."""
    code = ord(one)
    return (code < 0x20 and one != "\n") or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF)


def checked(said: DrawMark, mark_id: str) -> MarkPlaced:
    """
    The event that places a mark, coordinates rounded like everything drawn.

    Raises
    ------
    InputError
        Every fault.
    """
    faults = faults_of(said)
    if faults:
        raise InputError(faults)
    geometry = drawing.geometry(shape_of(said.geometry))
    assert geometry is not None
    return MarkPlaced(
        mark_id=mark_id, symbol=said.symbol, geometry=geometry, label=said.label.strip(), subtype=said.subtype.strip(),
        text=said.text.strip(), rotation_deg=round(said.rotation_deg % 360, 1), opacity=round(said.opacity, 2),
        valid_from=said.valid_from, valid_until=said.valid_until, order_id=said.order_id.strip(),
        standing=said.standing,
    )  # fmt: skip


def _geometry_faults(wanted: str, code: str, geometry: Json) -> list[str]:
    if geometry.get("type") != wanted:
        return [f"geometry: sign {code} is drawn as a {wanted}, not as a {geometry.get('type')}"]
    try:
        drawn: Any = shape_of(geometry)
        points = shapely.get_coordinates(drawn)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, shapely.errors.ShapelyError):
        return ["geometry: this is not GeoJSON with longitude and latitude"]
    if not len(points) or not np.isfinite(points).all():
        return ["geometry: it has no points, or some that are not numbers"]
    if np.abs(points[:, 0]).max() > 180 or np.abs(points[:, 1]).max() > 90:
        return ["geometry: longitude first, -180..180, then latitude, -90..90"]
    if len(points) > MOST_POINTS:
        return [f"geometry: {len(points)} points; give at most {MOST_POINTS}"]
    if wanted == "Point":
        return []
    west, south, east, north = shapely.bounds(drawn)
    (x,), (y,) = LocalFrame(LonLat(float(west), float(south))).to_metres([east], [north])
    if max(float(x), float(y)) > LARGEST_KM * 1000:
        return [f"geometry: wider than {LARGEST_KM:.0f} km"]
    if wanted == "LineString" and drawn.length == 0:
        return ["geometry: the line has no length"]
    if wanted == "Polygon" and (not drawn.is_valid or drawn.area == 0):
        return [f"geometry: the outline encloses no clear area ({shapely.is_valid_reason(drawn)})"]
    return []
