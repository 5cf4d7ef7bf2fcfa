"""Which layers and services answer with this key, and what is wrong with those that do not?"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from gis.crs import LonLat
from gis.errors import InputError, OneMapError
from tianditu.catalogue import BaseMap, tile_address
from tianditu.configuration import Configuration
from tianditu.grids import MatrixSet, TileIndex, locate
from tianditu.keys import Key, KeyRing, is_plausible
from tianditu.proxy import keep_placeholders
from tianditu.services.dialects import ServiceError
from tianditu.services.national import NationalPlaces
from tianditu.upstream import LARGEST_TILE_BYTES, quiet
from tianditu.verdict import Verdict, digest, judge

Subject = Literal["key", "layer", "service", "outside"]

PROBE_LEVEL = 10
_PAUSE_S = 0.25
"""Between two tiles: a check must not itself bring 429."""
_PLACES: dict[str, LonLat] = {
    "national": LonLat(116.39748, 39.90873),
    "jiangsu": LonLat(119.974, 31.811),
    "jilin": LonLat(126.54944, 43.83784),
}
_MATRICES: tuple[MatrixSet, ...] = ("w", "c")


@dataclass(frozen=True, slots=True)
class Row:
    """
    One thing that was tried.

    Attributes
    ----------
    name
        ``vec_w``, ``search``, ``#2`` for the second key.
    state
        As in `tianditu.verdict`, and ``implausible`` for a key without the form of one.
    milliseconds
        Time to the whole answer.
    detail
        The server's own words; never a key.
    """

    subject: Subject
    name: str
    host: str
    state: str
    milliseconds: int
    detail: str

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.state == "ok"


async def check(configuration: Configuration, *, report: Callable[[Row], None] = lambda _row: None) -> tuple[Row, ...]:
    """
    Ask for one tile of every layer in both matrix sets and one question of every service, once, slowly.

    A tile outside the matrix is asked for as well: what comes with status 200 is the picture that stands in place of
    a tile; its fingerprint is kept, so that the proxy knows it.
    """
    rows: list[Row] = []
    keys = KeyRing(configuration.keys)

    def tell(row: Row) -> None:
        rows.append(row)
        report(row)

    async with httpx.AsyncClient(
        headers={"user-agent": configuration.user_agent},
        timeout=httpx.Timeout(configuration.answer_s, connect=configuration.connect_s),
        follow_redirects=False,
    ) as client:
        quiet()
        for key in _all(keys):
            tell(await _key(client, configuration, key))
        usable = KeyRing(
            [key.secret for key in _all(keys) if any(row.good and row.name == f"#{key.number}" for row in rows)]
        )
        asked_with = usable if len(usable) else keys
        for base_map in configuration.base_maps():
            for matrix in _MATRICES:
                if matrix in base_map.matrices:
                    tell(await _layer(client, configuration, base_map, matrix, asked_with))
                    await asyncio.sleep(_PAUSE_S)
        for row in await _outside(client, configuration, asked_with):
            tell(row)
    for row in await _services(configuration, asked_with):
        tell(row)
    return tuple(rows)


def _all(keys: KeyRing) -> Sequence[Key]:
    return tuple(key for _ in range(len(keys)) if (key := keys.take()) is not None)


async def _key(client: httpx.AsyncClient, configuration: Configuration, key: Key) -> Row:
    host = configuration.hosts_of("national")[0]
    name = f"#{key.number}"
    if not is_plausible(key.secret):
        return Row("key", name, urlsplit(host).netloc, "implausible", 0, "not 32 hexadecimal characters")
    index = locate("w", PROBE_LEVEL, _PLACES["national"])
    verdict, spent_ms, _ = await _tile(
        client, "vec", tile_address("vec", index, host, key.secret.get_secret_value()), key
    )
    return Row("key", name, urlsplit(host).netloc, verdict.state, spent_ms, verdict.detail)


async def _layer(
    client: httpx.AsyncClient, configuration: Configuration, base_map: BaseMap, matrix: MatrixSet, keys: KeyRing
) -> Row:
    host = configuration.hosts_of(base_map.node)[0]
    name = f"{base_map.id}_{matrix}"
    key = keys.take() if base_map.node == "national" else None
    if key is None and configuration.needs_key(base_map.node):
        return Row("layer", name, urlsplit(host).netloc, "no_key", 0, "")
    index = locate(matrix, PROBE_LEVEL, _PLACES[base_map.node])
    address = tile_address(base_map.id, index, host, key.secret.get_secret_value() if key else None)
    verdict, spent_ms, _ = await _tile(client, base_map.id, address, key)
    return Row("layer", name, urlsplit(host).netloc, verdict.state, spent_ms, verdict.detail)


async def _outside(client: httpx.AsyncClient, configuration: Configuration, keys: KeyRing) -> list[Row]:
    """Learn the pictures that stand in place of a tile, by asking for one that cannot be."""
    rows = []
    for layer in ("vec", "img"):
        host = configuration.hosts_of("national")[0]
        key = keys.take()
        if key is None and configuration.needs_key("national"):
            continue
        inside = TileIndex("w", 1, 0, 0)
        address = tile_address(layer, inside, host, key.secret.get_secret_value() if key else None)
        verdict, spent_ms, body = await _tile(client, layer, address.replace("TILECOL=0", "TILECOL=5"), key)
        learned = ""
        if verdict.cacheable or verdict.state == "placeholder":
            await asyncio.to_thread(keep_placeholders, configuration.folder, frozenset({digest(body)}))
            learned = f"placeholder of {len(body)} bytes learned"
        # An error is the honest answer to a question about nothing.
        state = "ok" if learned or verdict.state in ("not_found", "refused") else verdict.state
        rows.append(Row("outside", f"{layer}_w", urlsplit(host).netloc, state, spent_ms, learned or verdict.detail))
        await asyncio.sleep(_PAUSE_S)
    return rows


async def _tile(client: httpx.AsyncClient, layer: str, address: str, key: Key | None) -> tuple[Verdict, int, bytes]:
    began = time.monotonic()
    body = b""
    try:
        answer = await client.get(address)
        body = answer.content[:LARGEST_TILE_BYTES]
        secret = key.secret.get_secret_value() if key else ""
        verdict = judge(answer.status_code, body, layer=layer, key=secret)
    except httpx.TimeoutException:
        verdict = Verdict("timeout", cacheable=False)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.DecodingError) as error:
        verdict = Verdict("cut_off", cacheable=False, detail=type(error).__name__)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        verdict = Verdict("offline", cacheable=False, detail=type(error).__name__)
    return verdict, round((time.monotonic() - began) * 1000), body


async def _services(configuration: Configuration, keys: KeyRing) -> list[Row]:
    places = NationalPlaces(configuration, keys)
    start, end = LonLat(116.3975, 39.9087), LonLat(116.3200, 39.8930)
    questions: tuple[tuple[str, Callable[[], Coroutine[Any, Any, Any]]], ...] = (
        ("search", lambda: places.search("医院", limit=1)),
        ("geocoder", lambda: places.geocode("北京市东城区东长安街")),
        ("reverse", lambda: places.reverse(start)),
        ("administrative", lambda: places.divisions("北京市")),
        ("drive", lambda: places.drive(start, end)),
        ("transit", lambda: places.transit(start, end)),
    )
    host = urlsplit(configuration.api_base).netloc
    rows = []
    try:
        for name, ask in questions:
            began, state, detail = time.monotonic(), "ok", ""
            try:
                await ask()
            except ServiceError as error:
                state, detail = error.state, _after(str(error), "(")
            except InputError as error:
                state, detail = "refused", str(error)
            except OneMapError as error:
                state, detail = "broken", str(error)
            rows.append(
                Row("service", name, host, state, round((time.monotonic() - began) * 1000), keys.redact(detail))
            )
    finally:
        await places.close()
    return rows


def _after(sentence: str, mark: str) -> str:
    """Give what the server said inside the brackets of a sentence."""
    inside = sentence.partition(mark)[2].rpartition(")")[0]
    return inside.partition(": ")[2]
