"""
How many points lie in each cell of a crowded layer, at every zoom, without reading its rows again for every tile?

A grid is read once in the caller's own transaction, so it holds what that caller may see and nothing else. It lies in
the order of quarters of quarters (Morton): the points of a tile stand beside each other at every zoom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    Table,
    cast,
    column,
    func,
    literal_column,
    select,
    text,
    true,
)

from gis.crs import GEOGRAPHIC_SRID
from layers.tile_address import CELLS_BITS, Address
from layers.touched import Place

DEEPEST = 13
"""Tiles of zooms up to here are counted from a grid; below it a tile reads fewer rows than a grid would cost."""
MOST_ROWS = 5_000_000
"""Rows beyond which no grid is kept: 80 MB in memory, 120 MB on the way."""
RANK_BITS = 40
RANK_STEP = 1 << RANK_BITS
_BITS = DEEPEST + CELLS_BITS
_POINT = np.dtype([("x", ">f8"), ("y", ">f8"), ("weight", ">i8")])
_SPREAD = tuple(
    (np.uint64(by), np.uint64(mask))
    for by, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    )
)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of one tile that hold points: column and row on the whole pyramid, how many, and the weight shown."""

    columns: NDArray[np.uint64]
    rows: NDArray[np.uint64]
    counts: NDArray[np.int64]
    best: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """
    Every point a caller sees of a layer.

    Attributes
    ----------
    codes
        Cell of 1/256 of a tile of zoom 13, in rising order.
    weights
        Rank and row number of each point, as `weighed`.
    """

    codes: NDArray[np.uint64]
    weights: NDArray[np.int64]

    @property
    def size_bytes(self) -> int:
        """Memory it takes."""
        return self.codes.nbytes + self.weights.nbytes

    def cells(self, address: Address, coarser: int = 1) -> Cells:
        """
        Cells of 1/256 of the edge of a tile, `coarser` by `coarser` of them put together (a power of two).

        Examples
        --------
        >>> grid = Grid(np.array([0, 1, 1 << 41], dtype=np.uint64), np.array([5, 9, 7]))
        >>> found = grid.cells(Address(0, 0, 0))
        >>> found.columns.tolist(), found.rows.tolist(), found.counts.tolist(), found.best.tolist()
        ([0, 0], [0, 128], [2, 1], [9, 7])
        """
        below = np.uint64(2 * (_BITS - address.z))
        tile = _codes(np.array([address.x]), np.array([address.y]))[0]
        start, end = np.searchsorted(self.codes, [tile << below, (tile + np.uint64(1)) << below])
        if start == end:
            none = np.empty(0, dtype=np.int64)
            return Cells(none.astype(np.uint64), none.astype(np.uint64), none, none)
        dropped = np.uint64(2 * (DEEPEST - address.z + coarser.bit_length() - 1))
        codes = self.codes[start:end] >> dropped
        first = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
        shown = codes[first]
        edge = np.uint64(coarser)
        return Cells(
            _every_other(shown) * edge,
            _every_other(shown >> np.uint64(1)) * edge,
            np.diff(np.append(first, end - start)),
            np.maximum.reduceat(self.weights[start:end], first),
        )


def weighed(table: Table) -> ColumnElement[int]:
    """Rank and row number in one integer, whose maximum is the riskiest, then the oldest."""
    return cast(table.c.risk_rank, BigInteger) * RANK_STEP - table.c.row_id


def read(connection: Connection, table: Table, drawn: ColumnElement[bool]) -> Grid:
    """Read every point of a table that is `drawn` and that the connection's caller may see."""
    return _sorted(_points(connection, table, drawn))


def renewed(
    connection: Connection, table: Table, drawn: ColumnElement[bool], grid: Grid, places: Sequence[Place]
) -> Grid:
    """Read the cells anew in which a register changed (`touched.since`); the others stay as they are."""
    if not places:
        return grid
    edge = 1 << _BITS
    at = np.array(places)
    at = np.unique(np.floor(at[np.all((at >= 0) & (at < 1), axis=1)] * edge).astype(np.int64), axis=0)
    if not len(at):
        return grid
    reach = np.array([Address(_BITS, int(x), int(y)).bounds() for x, y in at])
    boxes = (
        func.unnest(*[cast(side, ARRAY(Double)) for side in reach.T.tolist()])
        .table_valued(*[column(name, Double) for name in ("west", "south", "east", "north")])
        .render_derived()
    )
    exact = func.ST_MakeEnvelope(boxes.c.west, boxes.c.south, boxes.c.east, boxes.c.north, GEOGRAPHIC_SRID)
    # A hair wider than the cells: a point's own cell says whether it counts.
    box = func.ST_Expand(exact, 1e-9)
    # Box by box, for which OFFSET 0 stands in the way of the planner's own ideas: it would read the table.
    near = (
        select(table.c.world_x, table.c.world_y, weighed(table).label("weight"))
        .where(drawn & table.c.geometry.op("&&")(box))
        .offset(literal_column("0"))
        .lateral("near")
    )
    rows = connection.execute(select(near).distinct().select_from(boxes.join(near, true()))).all()
    found = _sorted(np.array([tuple(row) for row in rows], dtype=_POINT))
    anew = np.unique(_codes(at[:, 0], at[:, 1]))
    old, new = ~np.isin(grid.codes, anew), np.isin(found.codes, anew)
    codes = np.concatenate((grid.codes[old], found.codes[new]))
    order = np.argsort(codes, kind="stable")
    return Grid(codes[order], np.concatenate((grid.weights[old], found.weights[new]))[order])


def _points(connection: Connection, table: Table, drawn: ColumnElement[bool]) -> NDArray[np.void]:
    """Places and weights in one answer: a million rows one by one would keep the interpreter from everybody else."""
    x, y = table.c.world_x, table.c.world_y
    sent = func.float8send(x).op("||")(func.float8send(y)).op("||")(func.int8send(weighed(table)))
    inside = drawn & (x >= 0) & (x < 1) & (y >= 0) & (y < 1)
    found: Any = connection.execute(select(func.string_agg(sent, text("''::bytea"))).where(inside)).scalar_one()
    return np.frombuffer(found or b"", dtype=_POINT)


def _sorted(points: NDArray[np.void]) -> Grid:
    # Exact: the pyramid's edges are powers of two.
    edge = float(1 << _BITS)
    codes = _codes(np.floor(points["x"] * edge), np.floor(points["y"] * edge))
    order = np.argsort(codes, kind="stable")
    return Grid(codes[order], points["weight"].astype(np.int64)[order])


def _codes(columns: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.uint64]:
    """Bits of column and row in turn."""

    def spread(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
        for by, mask in _SPREAD:
            value = (value | (value << by)) & mask
        return value

    return spread(columns.astype(np.uint64)) | (spread(rows.astype(np.uint64)) << np.uint64(1))


def _every_other(code: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Columns out of codes."""
    code = code & _SPREAD[-1][1]
    for (by, _), (_, mask) in zip(_SPREAD[::-1], [*_SPREAD[-2::-1], (0, np.uint64(0xFFFFFFFF))], strict=True):
        code = (code | (code >> by)) & mask
    return code
