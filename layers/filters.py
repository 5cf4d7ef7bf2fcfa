"""Which rows of a layer does this filter mean? One condition for the count, the list and the export."""

import operator as operators
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from typing import cast as type_cast

import pandas as pd
from sqlalchemy import ColumnElement, Numeric, Table, and_, cast, func, or_
from sqlalchemy.dialects.postgresql import ARRAY

from gis.clock import DUTY_ZONE
from gis.crs import GEOGRAPHIC_SRID
from gis.errors import InputError
from layers import personal
from layers.catalogue import LayerSpec
from layers.rows import Then, belongs, table_of

Operator = Literal["=", "!=", "<=", ">=", "<", ">", "~", "in"]
_WRITTEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(!=|<=|>=|=|<|>|~)\s*(.*)", re.DOTALL)
OF_EVERY_LAYER = {
    "id": ("编号", "Id"),
    "division_code": ("行政区划", "Division"),
    "source_system": ("数据来源", "Source"),
    "label": ("标签", "Label"),
}
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operators.eq,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
MOST_CONDITIONS = 20
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a column: ``~`` finds a part of a text, ``in`` (written ``=a|b``) any of several."""

    column: str
    operator: Operator
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """
    What the rows must meet, all of it.

    Attributes
    ----------
    bounds
        West, south, east, north in degrees.
    text
        Part of the name.
    """

    conditions: tuple[Condition, ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    text: str = ""


def read_conditions(written: Sequence[str]) -> tuple[Condition, ...]:
    """
    Read conditions as people type them: ``people>=100``, ``name~化工``, ``risk_level=1|2``, ``sectors=hazmat``.

    Raises
    ------
    InputError
        Every one that cannot be read.

    Examples
    --------
    >>> read_conditions(["people>=100"])
    (Condition(column='people', operator='>=', value='100'),)
    """
    found, faults = [], []
    for text in written:
        parts = _WRITTEN.fullmatch(text)
        if parts is None or len(text) > LONGEST or "\0" in text:
            faults.append(f"'{text[:60]}' is no condition; write COLUMN=VALUE, or with != < <= > >= or ~ for a part")
            continue
        column, operator, value = parts.groups()
        several = operator == "=" and "|" in value
        found.append(Condition(column, "in" if several else type_cast("Operator", operator), value.strip()))
    if len(written) > MOST_CONDITIONS:
        faults.append(f"{len(written)} conditions are more than {MOST_CONDITIONS}")
    if faults:
        raise InputError(faults)
    return tuple(found)


def read_filter(written: Sequence[str]) -> Filter:
    """
    Read a filter kept with a layer: conditions as above, and ``*text`` for a part of the name.

    Raises
    ------
    InputError
        Every one that cannot be read.

    Examples
    --------
    >>> read_filter(["people>=100", "*化工"])
    Filter(conditions=(Condition(column='people', operator='>=', value='100'),), bounds=None, text='化工')
    """
    names = [text[1:] for text in written if text.startswith("*")]
    if len(names) > 1 or len("".join(names)) > LONGEST:
        raise InputError(f"a filter has one part of the name, of at most {LONGEST} characters")
    return Filter(read_conditions([text for text in written if not text.startswith("*")]), None, "".join(names))


def meets(spec: LayerSpec, wanted: Filter, then: Then | None = None) -> ColumnElement[bool]:
    """
    Turn a filter into the condition on the layer's table, with what stands in the caller's world and divisions.

    Raises
    ------
    InputError
        Every column there is not and every value that does not fit its column.
    MissingError
        The layer is not connected.
    """
    table = table_of(spec)
    conditions: list[ColumnElement[bool]] = [
        belongs(spec, table, then),
        table.c.division_code >= func.current_setting("onemap.division_from", True),
        table.c.division_code < func.current_setting("onemap.division_to", True),
    ]
    faults: list[str] = []
    for one in wanted.conditions:
        try:
            conditions.append(_condition(spec, table, one))
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    if wanted.bounds is not None:
        if "geometry" not in table.c:
            raise InputError(f"layer '{spec.key}' has no places, so it cannot be filtered by a rectangle")
        west, south, east, north = wanted.bounds
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise InputError("the rectangle must be west,south,east,north in degrees")
        box = func.ST_MakeEnvelope(west, south, east, north, GEOGRAPHIC_SRID)
        conditions.append(table.c.geometry.op("&&")(box) & func.ST_Intersects(table.c.geometry, box))
    if wanted.text.strip():
        name = table.c.name if "name" in table.c else table.c.title if "title" in table.c else table.c.id
        conditions.append(name.ilike(f"%{_escaped(wanted.text.strip()[:LONGEST])}%"))
    return and_(*conditions)


def columns_of(spec: LayerSpec) -> tuple[str, ...]:
    """Columns that can be filtered by."""
    return tuple(dict.fromkeys([*OF_EVERY_LAYER, *spec.columns]))


def titles_of(spec: LayerSpec) -> Mapping[str, tuple[str, str]]:
    """Chinese and English title of each column that can be filtered by."""
    return {column: {**OF_EVERY_LAYER, **spec.columns}.get(column, (column, column)) for column in columns_of(spec)}


def _condition(spec: LayerSpec, table: Table, one: Condition) -> ColumnElement[bool]:
    if one.column not in columns_of(spec):
        raise InputError(f"layer '{spec.key}' has no column '{one.column}'; there are {', '.join(columns_of(spec))}")
    if one.column in personal.columns_of(spec):
        # Asking often enough whether a number is this one would tell it.
        raise InputError(f"'{one.column}' of layer '{spec.key}' is personal; rows cannot be looked for by it")
    one = _coded(spec, one)
    if one.column not in table.c:
        column: Any = table.c.attributes[one.column].astext
        if one.operator in ("<", "<=", ">", ">=") and re.fullmatch(r"-?\d+(\.\d+)?", one.value):
            # Texts of a register that are figures compare as figures, the others not at all.
            column = cast(func.substring(column, r"^-?\d+(?:\.\d+)?$"), Numeric)
            return _compared(column, one.operator, float(one.value))
        return _text_condition(column, one)
    column = table.c[one.column]
    if isinstance(column.type, ARRAY):
        shared: ColumnElement[bool] = column.overlap(one.value.split("|"))
        return ~shared if one.operator == "!=" else shared
    if column.type.python_type is str:
        return _text_condition(column, one)
    values = one.value.split("|") if one.operator == "in" else [one.value]
    typed = [_typed(spec, one.column, column.type.python_type, value) for value in values]
    if one.operator == "in":
        return or_(*[column == value for value in typed])
    if one.operator == "~":
        raise InputError(f"'{one.column}' holds no text; compare it with =, <, <=, > or >=")
    if typed[0] is None:
        gone: ColumnElement[bool] = column.is_(None)
        return ~gone if one.operator == "!=" else gone
    return _compared(column, one.operator, typed[0])


def _coded(spec: LayerSpec, one: Condition) -> Condition:
    """Take what a code is called, as the list and the file show it, for the code itself."""
    # Imported here: the importer's fields know the layers, and the catalogue of those is read with this module.
    from layers.importing.fields import words_of

    words = words_of(spec.table).get(one.column, {})
    if not words or one.operator not in ("=", "!=", "in", "~"):
        return one
    if one.operator == "~":
        part = one.value.casefold()
        met = [code for code, said in words.items() if part and any(part in word for word in (code.casefold(), *said))]
        return Condition(one.column, "in", "|".join(met)) if met else one
    codes = {word: code for code, said in words.items() for word in said}
    return replace(one, value="|".join(codes.get(value.strip().casefold(), value) for value in one.value.split("|")))


def _text_condition(column: Any, one: Condition) -> ColumnElement[bool]:
    answer: ColumnElement[bool]
    if one.operator == "~":
        answer = column.ilike(f"%{_escaped(one.value)}%")
    elif one.operator == "in":
        answer = column.in_(one.value.split("|"))
    elif one.column == "division_code" and one.operator == "=":
        # A county holds its townships: codes are prefixes within one version.
        answer = column.like(f"{_escaped(one.value.removesuffix('00'))}%")
    else:
        answer = _compared(column, one.operator, one.value)
    return answer


def _compared(column: Any, operator: str, value: Any) -> ColumnElement[bool]:
    if operator == "!=":
        return column.is_distinct_from(value)  # type: ignore[no-any-return]
    answer: ColumnElement[bool] = _OPERATORS[operator](column, value)
    return answer


def _typed(spec: LayerSpec, column: str, kind: type, text: str) -> Any:
    if text == "":
        return None
    try:
        if kind is bool:
            return {"1": True, "true": True, "是": True, "0": False, "false": False, "否": False}[text.lower()]
        if kind is int:
            return int(text)
        if kind.__name__ in ("Decimal", "float"):
            return float(text)
        moment = pd.Timestamp(text)
        stamped = moment.tz_localize(DUTY_ZONE) if moment.tzinfo is None else moment
        return moment.date() if kind.__name__ == "date" else stamped.to_pydatetime()
    except (ValueError, KeyError, OverflowError) as error:
        raise InputError(f"'{text[:40]}' does not fit column '{column}' of layer '{spec.key}'") from error


def _escaped(text: str) -> str:
    """Percent and underscore are text here, not wildcards."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
