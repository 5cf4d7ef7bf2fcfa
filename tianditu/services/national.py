"""How are Tianditu's place services asked, one after the other, and what do their answers mean?"""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from gis.crs import LonLat
from tianditu.configuration import Configuration
from tianditu.keys import KeyRing
from tianditu.services import dialects
from tianditu.services.dialects import Json, ServiceError
from tianditu.services.places import CHINA, Address, Bounds, Division, Drive, Found, Located
from tianditu.services.replies import read_divisions, read_drive, read_geocode, read_reverse, read_search
from tianditu.verdict import judge

MOST = 300
_LARGEST_ANSWER_BYTES = 8_000_000


class NationalPlaces:
    """
    Tianditu's place services on one event loop; questions go one at a time with a pause, because bursts bring 429.

    Raises
    ------
    ServiceError
        From every question: no key, refused, no answer, or no success in the service's own dialect.
    InputError
        The server did not understand the question.
    """

    def __init__(self, configuration: Configuration, keys: KeyRing) -> None:
        self._configuration = configuration
        self._keys = keys
        self._turn = asyncio.Lock()
        self._asked_at = 0.0
        self._client: httpx.AsyncClient | None = None

    async def search(self, text: str, *, within: Bounds = CHINA, limit: int = 12) -> Found:
        """Search V2, ordinary search (queryType 1); the area is enforced by the server, so it is always sent."""
        post = {
            "keyWord": text,
            "level": "18",
            "mapBound": ",".join(f"{value:.6f}" for value in within),
            "queryType": "1",
            "start": "0",
            "count": str(min(max(limit, 1), MOST)),
            "show": "2",
        }
        return read_search(await self._json("search", "/v2/search", {"postStr": post, "type": "query"}))

    async def near(self, text: str, place: LonLat, radius_m: float = 5000, limit: int = 12) -> Found:
        """Search V2 around a point (queryType 3), at most 10 km."""
        post = {
            "keyWord": text,
            "pointLonlat": f"{place.longitude},{place.latitude}",
            "queryRadius": str(round(min(radius_m, 10_000))),
            "queryType": "3",
            "start": "0",
            "count": str(min(max(limit, 1), MOST)),
        }
        return read_search(await self._json("search", "/v2/search", {"postStr": post, "type": "query"}))

    async def geocode(self, address: str) -> Located | None:
        """Find an address."""
        return read_geocode(await self._json("geocoder", "/geocoder", {"ds": {"keyWord": address}}))

    async def reverse(self, place: LonLat) -> Address | None:
        """Say what a place is called."""
        post = {"lon": place.longitude, "lat": place.latitude, "ver": 1}
        return read_reverse(await self._json("geocoder", "/geocoder", {"postStr": post, "type": "geocode"}))

    async def divisions(self, name: str, *, children: int = 0, boundary: bool = False) -> tuple[Division, ...]:
        """Divisions by name or code; only suggestions for a single character."""
        query = {"keyword": name, "childLevel": str(children), "extensions": "true" if boundary else "false"}
        return read_divisions(await self._json("administrative", "/v2/administrative", query))

    async def drive(self, start: LonLat, end: LonLat) -> Drive:
        """
        Way by car, the fastest.

        Raises
        ------
        ServiceError
            No way was given; this service has no success mark at all.
        """
        post = {
            "orig": f"{start.longitude},{start.latitude}",
            "dest": f"{end.longitude},{end.latitude}",
            "style": "0",
        }
        status, body, key = await self._get("drive", "/drive", {"postStr": post, "type": "search"})
        if status != 200:
            verdict = judge(status, body, key=key)
            raise ServiceError("drive", verdict.state, verdict.detail)
        return read_drive(body)

    async def transit(self, start: LonLat, end: LonLat) -> int:
        """Ways by public transport: how many kinds of them are offered; for `check`, routes are our own affair."""
        post = {
            "startposition": f"{start.longitude},{start.latitude}",
            "endposition": f"{end.longitude},{end.latitude}",
            "linetype": "1",
        }
        return len(
            dialects.transit_results(await self._json("transit", "/transit", {"type": "busline", "postStr": post}))
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def _json(self, service: str, path: str, query: Mapping[str, Any]) -> Json:
        status, body, key = await self._get(service, path, query)
        return dialects.plain(service, status, body, key)

    async def _get(self, service: str, path: str, query: Mapping[str, Any]) -> tuple[int, bytes, str]:
        key = self._keys.take()
        if key is None:
            trouble = self._keys.trouble()
            raise ServiceError(service, trouble[0] if trouble else "no_key")
        secret = key.secret.get_secret_value()
        parts = {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in query.items()
        }
        # %20 and not +, which the servers take literally; the key last.
        address = (
            f"{self._configuration.api_base.rstrip('/')}{path}?{urlencode(parts | {'tk': secret}, quote_via=quote)}"
        )
        async with self._turn:
            await asyncio.sleep(max(0.0, self._asked_at + self._configuration.spacing_s - time.monotonic()))
            try:
                status, body = await self._fetch(address)
            # Never the text of these errors: the address in it carries the key.
            except (TimeoutError, httpx.TimeoutException):
                raise ServiceError(service, "timeout") from None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise ServiceError(service, "offline", type(error).__name__) from None
            finally:
                self._asked_at = time.monotonic()
        if status == 429:
            self._keys.tell(key, "too_fast")
        return status, body, secret

    async def _fetch(self, address: str) -> tuple[int, bytes]:
        if self._client is None:
            from tianditu.upstream import quiet

            quiet()
            self._client = httpx.AsyncClient(
                headers={"user-agent": self._configuration.user_agent},
                timeout=httpx.Timeout(self._configuration.answer_s, connect=self._configuration.connect_s),
                follow_redirects=False,
            )
        parts, length = list[bytes](), 0
        async with asyncio.timeout(self._configuration.answer_s), self._client.stream("GET", address) as answer:
            async for part in answer.aiter_bytes():
                parts.append(part)
                length += len(part)
                if length > _LARGEST_ANSWER_BYTES:
                    break
            return answer.status_code, b"".join(parts)
