"""How does a national base map get onto paper? Its tiles are fetched as for the screen and bent into the frame."""

import asyncio
import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from command_ui.basemaps import CHOICES, OWN
from command_ui.mapprint.page_frame import PageFrame
from gis.errors import InputError, OneMapError
from tianditu import grids
from tianditu.catalogue import find
from tianditu.grids import TILE_PX, MatrixSet, TileIndex
from tianditu.proxy import TileProxy

DOTS_AN_INCH = 150
MOST_TILES = 240
"""Tiles of one layer on one sheet; a coarser level is taken before more are asked for."""
AT_ONCE = 12
_BAND_ROWS = 256

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """
    A base map as it lies on one sheet.

    Attributes
    ----------
    choice
        Which one: ``vec``, ``img``, ``ter``, …
    picture
        The map's box on the paper from its upper edge, shape ``(h, w, 4)``; clear where a tile is missing.
    level
        Level of the tiles.
    tiles, missing
        Tiles of the ground the sheet needs, and how many of them nobody had.
    """

    choice: str
    picture: Pixels
    level: int
    tiles: int
    missing: int


Fetch = Callable[[str, PageFrame], Backdrop]
"""Gives the backdrop of a choice for a frame; called in a worker thread."""


def level_for(matrix: MatrixSet, frame: PageFrame, highest: int) -> int:
    """Least level whose pixels are as fine as the print, but no more tiles than `MOST_TILES`."""
    latitude = math.radians(frame.centre.latitude)
    wanted_m = frame.scale * 0.0254 / DOTS_AN_INCH
    for level in range(grids.LOWEST_LEVEL, highest + 1):
        size = grids.resolution(matrix, level)
        size_m = size * 111_320.0 if matrix == "c" else size * math.cos(latitude)
        if size_m <= wanted_m:
            break
    while level > grids.LOWEST_LEVEL and len(grids.covering(matrix, level, frame.bounds)) > MOST_TILES:
        level -= 1
    return level


async def fetch(proxy: TileProxy, choice: str, frame: PageFrame) -> Backdrop:
    """
    Fetch the tiles of a choice and its names, and draw them in the frame's projection.

    Tiles come in the order of the screen: live, cache, package. What nobody has stays clear.

    Raises
    ------
    InputError
        No such base map.
    """
    layers = next((one[1:] for one in CHOICES if one[0] == choice), None)
    if layers is None:
        raise InputError(
            f"base: there is no base map '{choice}'; use {OWN} or one of {', '.join(c[0] for c in CHOICES)}"
        )
    ground = find(str(layers[0]))
    matrix: MatrixSet = "w" if "w" in ground.matrices else "c"
    gate = asyncio.Semaphore(AT_ONCE)
    drawn: list[tuple[list[TileIndex], dict[TileIndex, bytes], int]] = []
    for layer in filter(None, layers):
        level = level_for(matrix, frame, find(layer).highest_level)
        wanted = grids.covering(matrix, level, frame.bounds)

        async def one(index: TileIndex, layer: str = layer) -> bytes | None:
            async with gate:
                try:
                    # A screen is drawn again when a tile comes late; a sheet is not.
                    return (await proxy.tile(layer, index, patience_s=proxy.configuration.answer_s)).picture
                except OneMapError:
                    return None

        pictures = await asyncio.gather(*(one(index) for index in wanted))
        found = {index: picture for index, picture in zip(wanted, pictures, strict=True) if picture is not None}
        drawn.append((wanted, found, level))
    wanted, found, level = drawn[0]
    picture = await asyncio.to_thread(_drawn, frame, matrix, drawn) if found else np.zeros((1, 1, 4), np.uint8)
    return Backdrop(choice, picture, level, len(wanted), len(wanted) - len(found))


async def fetched_once(proxy: TileProxy, choice: str, frame: PageFrame) -> Backdrop:
    """As `fetch`, for a program that prints one sheet: the proxy is closed behind it."""
    try:
        return await fetch(proxy, choice, frame)
    finally:
        await proxy.close()


def _drawn(
    frame: PageFrame, matrix: MatrixSet, layers: list[tuple[list[TileIndex], dict[TileIndex, bytes], int]]
) -> Pixels:
    """Layers one upon the other in the frame, shape ``(h, w, 4)``."""
    left, bottom, right, top = frame.map_box
    wide, high = (round(side / 72 * DOTS_AN_INCH) for side in (right - left, top - bottom))
    sheet = Image.new("RGBA", (wide, high))
    for wanted, found, level in layers:
        if found:
            bent = Image.fromarray(_bent(frame, matrix, level, wanted, found, wide, high), "RGBa")
            sheet.alpha_composite(bent.convert("RGBA"))
    return np.asarray(sheet)


def _bent(
    frame: PageFrame, matrix: MatrixSet, level: int, wanted: list[TileIndex], found: dict[TileIndex, bytes],
    wide: int, high: int,
) -> Pixels:  # fmt: skip
    """One layer: its mosaic, read where each dot of the sheet lies on it, blended between four pixels."""
    first_column, first_row = wanted[0].column, wanted[0].row
    columns = wanted[-1].column - first_column + 1
    rows = wanted[-1].row - first_row + 1
    mosaic = np.zeros((rows * TILE_PX, columns * TILE_PX, 4), np.uint8)
    for index, picture in found.items():
        tile = _pixels(picture)
        if tile is not None:
            y, x = (index.row - first_row) * TILE_PX, (index.column - first_column) * TILE_PX
            mosaic[y : y + TILE_PX, x : x + TILE_PX] = tile
    out = np.empty((high, wide, 4), np.uint8)
    for begin in range(0, high, _BAND_ROWS):
        end = min(begin + _BAND_ROWS, high)
        longitude, latitude = frame.places_of_dots(wide, high, begin, end)
        across, down = grids.position(matrix, level, longitude, latitude)
        out[begin:end] = _read(mosaic, (across - first_column) * TILE_PX - 0.5, (down - first_row) * TILE_PX - 0.5)
    return out


def _pixels(picture: bytes) -> Pixels | None:
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            if opened.size != (TILE_PX, TILE_PX):
                return None
            # Colours times opacity: between a letter and clear ground, nothing of the clear pixels' colour may show.
            return np.asarray(opened.convert("RGBa"))
    except (UnidentifiedImageError, OSError):
        return None


def _read(mosaic: Pixels, x: NDArray[np.float64], y: NDArray[np.float64]) -> Pixels:
    """Values between pixels, weighted by nearness; beyond the edge the last pixel."""
    high, wide = mosaic.shape[:2]
    x, y = np.clip(x, 0, wide - 1.001), np.clip(y, 0, high - 1.001)
    column, row = x.astype(np.int64), y.astype(np.int64)
    right, down = (x - column)[..., None].astype(np.float32), (y - row)[..., None].astype(np.float32)
    upper = mosaic[row, column] * (1 - right) + mosaic[row, column + 1] * right
    lower = mosaic[row + 1, column] * (1 - right) + mosaic[row + 1, column + 1] * right
    return np.asarray(np.rint(upper * (1 - down) + lower * down), np.uint8)
