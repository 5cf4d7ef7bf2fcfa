"""Marks as KML 2.2 (OGC 07-147r2) and back; the facts of a mark travel as ExtendedData."""

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from command_ui.plotting.notes import Drawn, Read, facts_of, gathered, mark_from, title_of
from gis import safe_xml
from layers.signs.catalogue import CLASSES, signs

Json = dict[str, Any]


def write(marks: Iterable[Drawn], *, title: str) -> str:
    """Marks as the text of a KML file."""
    placed = list(marks)
    styles = "".join(_style(letter) for letter in sorted({one.symbol[0] for one in placed}))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<name>{_said(title)}</name>{styles}\n{''.join(_placemark(one) for one in placed)}</Document></kml>\n"
    )


def read(content: bytes) -> Read:
    """
    Marks of a KML file; a placemark without the code of a sign is a fault.

    Raises
    ------
    InputError
        It is no KML, or not safe to read.
    """
    root = safe_xml.read(content, "KML file")
    return gathered([_mark(one) for one in root.iter() if one.tag.rpartition("}")[2] == "Placemark"])


def _style(letter: str) -> str:
    ink = CLASSES[letter].ink.lstrip("#")
    colour = f"ff{ink[4:6]}{ink[2:4]}{ink[0:2]}".lower()  # KML writes aabbggrr
    return (
        f'<Style id="class-{letter}"><IconStyle><color>{colour}</color></IconStyle>'
        f"<LineStyle><color>{colour}</color><width>2</width></LineStyle>"
        f"<PolyStyle><color>33{colour[2:]}</color></PolyStyle></Style>"
    )


def _placemark(mark: Drawn) -> str:
    facts = "".join(
        f"<Data name={quoteattr(name)}><value>{_said(str(value))}</value></Data>"
        for name, value in facts_of(mark).items()
    )
    begin, end = mark.valid_from, mark.valid_until
    span = (
        "<TimeSpan>"
        + (f"<begin>{begin.isoformat()}</begin>" if begin else "")
        + (f"<end>{end.isoformat()}</end>" if end else "")
        + "</TimeSpan>"
        if begin or end
        else ""
    )
    described = f"<description>{_said(mark.text)}</description>" if mark.text else ""
    return (
        f"<Placemark><name>{_said(title_of(mark))}</name>{described}{span}<styleUrl>#class-{mark.symbol[0]}</styleUrl>"
        f"<ExtendedData>{facts}</ExtendedData>{_geometry(mark.geometry)}</Placemark>\n"
    )


def _said(text: str) -> str:
    # a carriage return would be read back as a line feed
    return escape(text, {"\r": "&#13;"})


def _geometry(geometry: Json) -> str:
    parts = geometry["coordinates"]
    match geometry["type"]:
        case "Point":
            return f"<Point><coordinates>{_way([parts])}</coordinates></Point>"
        case "LineString":
            return f"<LineString><tessellate>1</tessellate><coordinates>{_way(parts)}</coordinates></LineString>"
        case _:
            outer = f"<outerBoundaryIs>{_ring(parts[0])}</outerBoundaryIs>"
            inner = "".join(f"<innerBoundaryIs>{_ring(part)}</innerBoundaryIs>" for part in parts[1:])
            return f"<Polygon>{outer}{inner}</Polygon>"


def _ring(points: list[list[float]]) -> str:
    return f"<LinearRing><coordinates>{_way(points)}</coordinates></LinearRing>"


def _way(points: list[list[float]]) -> str:
    return " ".join(f"{point[0]!r},{point[1]!r}" for point in points)


def _mark(placemark: Any) -> Any:
    facts: dict[str, str] = {}
    for data in _every(placemark, "Data"):
        value = next(iter(_every(data, "value")), None)
        facts[data.get("name", "")] = (value.text or "") if value is not None else ""
    if not facts.get("symbol"):
        name = next((one.text for one in _every(placemark, "name")), None)
        return None, [f"placemark '{name or ''}' carries no sign: give ExtendedData 'symbol' with a code of GB/T 35649"]
    # A name changed in another program is meant as the label; the plain name of the sign is not.
    name = next((one.text or "" for one in placemark if one.tag.rpartition("}")[2] == "name"), "")
    sign = signs().get(facts["symbol"])
    if name and sign and name not in (sign.zh, facts.get("label"), facts.get("subtype")):
        facts["label"] = name
    try:
        return mark_from(_read_geometry(placemark), facts)
    except ValueError:
        return None, ["coordinates: they should be 'longitude,latitude' pairs apart by blanks"]


def _read_geometry(placemark: Any) -> Json | None:
    for one in placemark:
        kind = one.tag.rpartition("}")[2]
        if kind == "Point":
            return {"type": "Point", "coordinates": _points(one)[0]}
        if kind == "LineString":
            return {"type": "LineString", "coordinates": _points(one)}
        if kind == "Polygon":
            rings = [_points(ring) for ring in _every(one, "LinearRing")]
            return {"type": "Polygon", "coordinates": rings}
    return None


def _points(element: Any) -> list[list[float]]:
    written = next((one.text or "" for one in _every(element, "coordinates")), "")
    points = [[float(part) for part in pair.split(",")[:2]] for pair in written.split()]
    if not points or any(len(point) != 2 for point in points):
        raise ValueError(written)
    return points


def _every(element: Any, tag: str) -> list[Any]:
    return [one for one in element.iter() if one.tag.rpartition("}")[2] == tag]
