"""
What does one vector tile hold?

Points are thinned to one per 1/256 of the tile, the riskiest kept, with the number it stands for: a tile is half-open
to the east and south, so the counts of all tiles of a zoom add up to the layer's rows. Between the zooms of whole
cities and those of streets a crowded tile keeps one per 1/64. Names come only from the layer's label zoom.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy import column as sql_column

from gis.crs import GEOGRAPHIC_SRID, WEB_MERCATOR_SRID
from layers import catalogue, tile_grid, unseen
from layers.catalogue import LayerSpec
from layers.filters import Filter, meets
from layers.rows import Then, belongs, table_of
from layers.tile_address import CELLS, Address
from layers.tile_grid import RANK_BITS, RANK_STEP, Grid, weighed
from layers.touched import Place

EXTENT = 4096
CROWD = 4096
"""Points of a tile beyond which it is thinned to one per 1/64 of its edge, where `CROWDED_ZOOMS` let it."""
CROWDED_ZOOMS = range(9, 14)
"""The map draws whole cities from tiles above these zooms and every point from those below; these are for others."""
_COARSE = 4
UNSEEN = "unseen"
"""Layer within a tile that holds where the caller may not look (`layers.unseen`)."""
BUFFER = 96
"""Units of the tile's edge by which lines and surfaces reach over it, so that strokes join."""
BLOCK_EDGE = 4
"""Columns and rows of tiles that are drawn together."""
WHOLE_CITY_ZOOM = 10
"""Up to here a block holds a whole city."""
_CROWDED = frozenset({"enterprise"})
CROWDED_ROWS = 200_000
"""Rows from which any layer is crowded."""
GRID_ROWS = 20_000
"""Rows of a register from which reading its places once costs less than the first tile of a city."""
POPULATION_GROUP = {11: 8, 12: 4, 13: 2}
"""Cells per edge put together at low zooms; single cells from zoom 14."""
CELL_EAST_DEG, CELL_NORTH_DEG = 0.00105, 0.0009

_HASHED = text("SET LOCAL enable_sort = off")


def tile(
    connection: Connection, layer: str, z: int, x: int, y: int, then: Then | None = None, wanted: Filter | None = None
) -> bytes:
    """
    One tile of a catalogue layer as MVT; empty bytes where there is nothing, or lines and areas begin at a higher zoom.

    With `then` the rows that were known at that moment, with `wanted` those of the caller's divisions that
    meet it. A point feature carries ``id, count``, the layer's tile columns and, from its label zoom, ``name``.

    Raises
    ------
    MissingError
        No such layer, or not connected.
    InputError
        No such tile.
    """
    spec = catalogue.layer(layer)
    address = Address(z, x, y).checked()
    table_of(spec)
    if spec.geometry == "point":
        return _points(connection, spec, address, 1, _rows(spec, then, wanted))[x, y]
    if z < spec.min_zoom or spec.geometry == "none":
        return b""
    drawn = _population if spec.table == "population_cell" else _areas
    statement = drawn(spec, address, _rows(spec, then, wanted))
    statements = [statement, _unseen(address, then)] if layer in unseen.LAYERS else [statement]
    # A tile is the layers in it one behind the other.
    found: list[Any] = [connection.execute(one).scalar_one_or_none() for one in statements]
    return b"".join(bytes(one) for one in found if one)


def block(
    connection: Connection, layer: str, z: int, x: int, y: int, edge: int, then: Then | None = None,
    wanted: Filter | None = None, grid: Grid | None = None,
) -> Mapping[tuple[int, int], bytes]:  # fmt: skip
    """
    Tiles of `edge` columns and rows from ``x, y`` on, by column and row, each as `tile` gives it.

    Points are read and thinned once for all of them: sixteen neighbours cost little more than the one that was asked
    for. With a `grid` of the layer as the caller sees it (`grid_of`) they are not even read; it knows neither the past
    nor a filter.

    Raises
    ------
    MissingError
        No such layer, or not connected.
    InputError
        The block reaches over the edge of the pyramid.
    """
    spec = catalogue.layer(layer)
    address = Address(z, x, y).checked()
    Address(z, x + edge - 1, y + edge - 1).checked()
    if spec.geometry == "point":
        table_of(spec)
        if grid is not None and then is None and wanted is None and z <= tile_grid.DEEPEST:
            return _counted(connection, spec, address, edge, grid)
        return _points(connection, spec, address, edge, _rows(spec, then, wanted))
    return {
        (x + column, y + row): tile(connection, layer, z, x + column, y + row, then, wanted)
        for column in range(edge)
        for row in range(edge)
    }


def block_edge(layer: str, z: int, rows: int = 0) -> int:
    """
    How many columns and rows of tiles are best drawn when one of them is asked for.

    Parameters
    ----------
    rows
        Rows of the layer's register, where known (`rows_of`).
    """
    spec = catalogue.layer(layer)
    if spec.geometry != "point":
        return 1
    # Where a tile holds thousands of points the neighbours nobody asked for cost as much as the one asked for; where it
    # holds few, or the whole city anyway, they are nearly free.
    crowded = (spec.table in _CROWDED and not spec.where) or rows >= CROWDED_ROWS
    return 1 if crowded and z > WHOLE_CITY_ZOOM else BLOCK_EDGE


def wants_grid(layer: str, z: int, rows: int) -> bool:
    """Whether tiles of a layer are best drawn from a grid, `rows` being those of its register (`rows_of`)."""
    of_points = catalogue.layer(layer).geometry == "point"
    return of_points and z <= tile_grid.DEEPEST and GRID_ROWS <= rows <= tile_grid.MOST_ROWS


def grid_of(connection: Connection, layer: str) -> Grid:
    """Read where every point of a layer lies that the connection's caller may see, for `block`."""
    spec = catalogue.layer(layer)
    return tile_grid.read(connection, table_of(spec), _rows(spec, None, None))


def grid_renewed(connection: Connection, layer: str, grid: Grid, places: Sequence[Place]) -> Grid:
    """Give the grid as it is after a change at `places` (`touched.since`), asked in the name of the same caller."""
    spec = catalogue.layer(layer)
    return tile_grid.renewed(connection, table_of(spec), _rows(spec, None, None), grid, places)


def extent(connection: Connection, layer: str) -> tuple[float, float, float, float] | None:
    """Corners of a layer's standing points on the pyramid, 0 to 1 from the west and the north; None without any."""
    spec = catalogue.layer(layer)
    table = table_of(spec)
    if "world_x" not in table.c:
        return None
    x, y = table.c.world_x, table.c.world_y
    found = connection.execute(
        select(func.min(x), func.min(y), func.max(x), func.max(y)).where(belongs(spec, table))
    ).one()
    return None if found[0] is None else (found[0], found[1], found[2], found[3])


def version(connection: Connection, layer: str) -> str:
    """Changes whenever the layer's rows do: input for an ETag."""
    table = table_of(catalogue.layer(layer))
    # The number of rows too: of two writers at once the one with the lower row numbers may commit last. And of those
    # whose time came or passed: they change no row.
    now, ending = func.statement_timestamp(), table.c.valid_to.is_not(None)
    newest = [
        func.max(table.c.row_id),
        func.count(),
        func.count(table.c.superseded_at),
        func.count(table.c.valid_to),
        func.count().filter(ending & (table.c.valid_to <= now)),
        func.count().filter(ending & (table.c.valid_from <= now)),
    ]
    if "last_at" in table.c:
        newest.append(func.max(func.extract("epoch", table.c.last_at)))
    return "-".join(str(value) for value in connection.execute(select(*newest)).one())


def rows_of(version: str) -> int:
    """Rows a `version` counts; 0 where the text is none, such as that of a moment of the past."""
    newest, _, rest = version.partition("-")
    rows = rest.partition("-")[0]
    return int(rows) if newest.isdecimal() and rows.isdecimal() else 0


def _envelope(address: Address) -> Any:
    return func.ST_MakeEnvelope(*address.bounds(), GEOGRAPHIC_SRID)


def _label(spec: LayerSpec, address: Address, column: Any) -> list[Any]:
    return [column] if address.z >= spec.label_zoom else []


def _rows(spec: LayerSpec, then: Then | None, wanted: Filter | None) -> ColumnElement[bool]:
    """Which rows are drawn: with a filter, those its count and its export hold."""
    return belongs(spec, table_of(spec), then) if wanted is None else meets(spec, wanted, then)


def _points(
    connection: Connection, spec: LayerSpec, first: Address, edge: int, drawn: ColumnElement[bool]
) -> dict[tuple[int, int], bytes]:
    """Draw `edge` columns and rows of tiles, the first of which is `first`."""
    table = table_of(spec)
    across = float(1 << first.z)
    east, south = first.x + edge, first.y + edge
    x, y = table.c.world_x, table.c.world_y
    column = cast(func.floor(x * across * CELLS), BigInteger)
    row = cast(func.floor(y * across * CELLS), BigInteger)
    reach = func.ST_MakeEnvelope(*_around(first, Address(first.z, east - 1, south - 1)), GEOGRAPHIC_SRID)
    # The envelope uses the index; the half-open test on the pyramid's own coordinates gives each point to one tile. All
    # of it is exact: the pyramid's edges are powers of two.
    inside = (
        drawn
        & table.c.geometry.op("&&")(func.ST_Expand(reach, 1e-6))
        & (x >= first.x / across)
        & (x < east / across)
        & (y >= first.y / across)
        & (y < south / across)
    )
    # One pass and no sort: the maximum per cell is what is shown of it.
    cells = (
        select(column.label("cx"), row.label("cy"), func.count().label("count"), func.max(weighed(table)).label("best"))
        .where(inside)
        .group_by(column, row)
        .subquery()
    )
    if first.z in CROWDED_ZOOMS:
        cells = _coarser(cells)
    return _written(connection, spec, first, edge, cells)


def _counted(
    connection: Connection, spec: LayerSpec, first: Address, edge: int, grid: Grid
) -> dict[tuple[int, int], bytes]:
    """Draw what `_points` draws, cell by cell, from a grid."""
    found = []
    for address in (Address(first.z, first.x + east, first.y + south) for east in range(edge) for south in range(edge)):
        held = grid.cells(address)
        crowded = first.z in CROWDED_ZOOMS and len(held.counts) > CROWD
        found.append(grid.cells(address, _COARSE) if crowded else held)
    columns = [
        [int(one) for part in parts for one in part.tolist()]
        for parts in zip(*[(one.columns, one.rows, one.counts, one.best) for one in found], strict=True)
    ]
    cells = (
        func.unnest(*[cast(column, ARRAY(BigInteger)) for column in columns])
        .table_valued(*[sql_column(name, BigInteger) for name in ("cx", "cy", "count", "best")])
        .render_derived()
    )
    return _written(connection, spec, first, edge, cells)


def _written(
    connection: Connection, spec: LayerSpec, first: Address, edge: int, cells: FromClause
) -> dict[tuple[int, int], bytes]:
    """Encode the point that is shown of each cell; what is asked for by row is what was there when it was counted."""
    table = table_of(spec)
    across = float(1 << first.z)
    x, y = table.c.world_x, table.c.world_y
    name = table.c.name if "name" in table.c else table.c.title if "title" in table.c else table.c.station_name
    tile_x, tile_y = cells.c.cx.op("/")(CELLS), cells.c.cy.op("/")(CELLS)
    # Looked up one by one: joined in one go the planner reads the whole table again for a few hundred rows. OFFSET 0
    # keeps it from seeing through.
    shown = [table.c.id, *_label(spec, first, name.label("name")), *[table.c[key] for key in spec.tile_columns]]
    best = (
        select(*shown, x.label("at_x"), y.label("at_y"))
        .where(table.c.row_id == _row_of(cells.c.best))
        .offset(literal_column("0"))
        .correlate(cells)
        .lateral("best")
    )
    thin = (
        select(
            tile_x.label("tile_x"),
            tile_y.label("tile_y"),
            best.c.id,
            cells.c.count,
            *[one for one in best.c if one.name not in ("id", "at_x", "at_y")],
            func.ST_MakePoint((best.c.at_x * across - tile_x) * EXTENT, (best.c.at_y * across - tile_y) * EXTENT).label(
                "geom"
            ),
        )
        .select_from(cells.join(best, true()))
        .cte("thin")
        .prefix_with("MATERIALIZED")
    )
    of_tile = select(thin.c.tile_x, thin.c.tile_y).distinct().subquery()
    carried = [one for one in thin.c if one.name not in ("tile_x", "tile_y")]
    rows = (
        select(*carried)
        .where((thin.c.tile_x == of_tile.c.tile_x) & (thin.c.tile_y == of_tile.c.tile_y))
        .order_by(thin.c.id)
        .correlate(of_tile)
        .subquery()
    )
    encoded = _encode(rows, spec.key).correlate(of_tile).scalar_subquery()
    # The conditions hang together, so far fewer rows are expected than come; sorted for groups they would go to disk.
    connection.execute(_HASHED)
    found = connection.execute(select(of_tile.c.tile_x, of_tile.c.tile_y, encoded))
    tiles = {(first.x + column, first.y + row): b"" for column in range(edge) for row in range(edge)}
    return tiles | {(row[0], row[1]): bytes(row[2]) for row in found}


def _coarser(cells: Subquery) -> Subquery:
    """Four by four cells put together in those tiles that hold more than `CROWD` of them; counts add up as before."""
    of_tile = func.count().over(partition_by=[cells.c.cx.op("/")(CELLS), cells.c.cy.op("/")(CELLS)])
    edge = case((of_tile > CROWD, _COARSE), else_=1)
    sized = select(cells, cast(edge, BigInteger).label("edge")).subquery()
    column = sized.c.cx.op("/")(sized.c.edge) * sized.c.edge
    row = sized.c.cy.op("/")(sized.c.edge) * sized.c.edge
    return (
        select(
            column.label("cx"),
            row.label("cy"),
            cast(func.sum(sized.c.count), BigInteger).label("count"),
            func.max(sized.c.best).label("best"),
        )
        .group_by(column, row)
        .subquery()
    )


def _around(first: Address, last: Address) -> tuple[float, float, float, float]:
    west, _, _, north = first.bounds()
    _, south, east, _ = last.bounds()
    return west, south, east, north


def _row_of(best: Any) -> Any:
    """Row number inside ``rank * 2^40 - row``: the next multiple of 2^40 above it, less the number itself."""
    rank = (best + RANK_STEP - 1).op(">>")(cast(RANK_BITS, Integer))
    return rank * RANK_STEP - best


def _areas(spec: LayerSpec, address: Address, drawn: ColumnElement[bool]) -> Select[tuple[bytes]]:
    table = table_of(spec)
    rows = (
        select(
            table.c.id,
            *_label(spec, address, table.c.name),
            *[table.c[key] for key in spec.tile_columns],
            _drawn(table.c.geometry, address).label("geom"),
        )
        .where(drawn & table.c.geometry.op("&&")(_reach(address)))
        .order_by(table.c.id)
        .subquery()
    )
    return _encode(rows, spec.key)


def _unseen(address: Address, then: Then | None) -> Select[tuple[bytes]]:
    """Where the caller may not look: townships as a second layer of the tile, to be drawn upon the first."""
    places = unseen.places()
    rows = (
        select(places.c.id, literal(True).label("unseen"), _drawn(places.c.geometry, address).label("geom"))
        .where(unseen.hidden(places, then) & places.c.geometry.op("&&")(_reach(address)))
        .order_by(places.c.id)
        .subquery()
    )
    return _encode(rows, UNSEEN)


def _population(spec: LayerSpec, address: Address, drawn: ColumnElement[bool]) -> Select[tuple[bytes]]:
    """Cells put together at low zooms; a cell belongs to the tile that holds its middle, so people add up."""
    table = table_of(spec)
    group = POPULATION_GROUP.get(address.z, 1)
    middle = func.ST_Centroid(table.c.geometry)
    west, south, east, north = address.bounds()
    column = func.floor(func.ST_X(middle) / (CELL_EAST_DEG * group))
    row = func.floor(func.ST_Y(middle) / (CELL_NORTH_DEG * group))
    inside = (
        drawn
        & table.c.geometry.op("&&")(_envelope(address))
        & (func.ST_X(middle) >= west)
        & (func.ST_X(middle) < east)
        & (func.ST_Y(middle) > south)
        & (func.ST_Y(middle) <= north)
    )
    box = func.ST_SetSRID(func.ST_Extent(table.c.geometry).op("::")(text("geometry")), GEOGRAPHIC_SRID)
    rows = (
        select(
            func.min(table.c.id).label("id"),
            func.sum(table.c.day).label("day"),
            func.sum(table.c.night).label("night"),
            func.count().label("count"),
            _drawn(box, address, clip=False).label("geom"),
        )
        .where(inside)
        .group_by(column, row)
        .order_by(func.min(table.c.id))
        .subquery()
    )
    return _encode(rows, spec.key)


def _reach(address: Address) -> Any:
    west, _, east, _ = address.bounds()
    return func.ST_Expand(_envelope(address), (east - west) * BUFFER / EXTENT)


def _drawn(geometry: Any, address: Address, clip: bool = True) -> Any:
    """Geometry on the tile's grid, simplified to half a unit of what a screen can show."""
    web = func.ST_Transform(geometry, WEB_MERCATOR_SRID)
    frame = func.ST_TileEnvelope(address.z, address.x, address.y)
    return func.ST_AsMVTGeom(web, frame, EXTENT, BUFFER, clip)


def _encode(rows: Any, key: str) -> Select[tuple[bytes]]:
    return select(func.ST_AsMVT(rows.table_valued(), literal(key), EXTENT, literal("geom"))).select_from(rows)
