"""Does this request come from one of our own pages?"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from gis.errors import InputError

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origins:
    """
    The addresses the product is served at; compared whole, never by prefix, suffix or part.

    Bokeh before 3.8.2 compared host parts pairwise, so that `dashboard.corp.attacker.com` passed for
    `dashboard.corp` (CVE-2026-21883): hence an exact comparison of our own, before any library sees the request.
    """

    allowed: frozenset[str]

    @classmethod
    def of(cls, addresses: Iterable[str]) -> "Origins":
        """
        Read addresses such as `https://map.example.gov.cn`.

        Raises
        ------
        InputError
            One is not scheme and host with an optional port.
        """
        return cls(frozenset(_normal(address) for address in addresses))

    def allows(self, origin: str | None) -> bool:
        """Tell whether an Origin header is exactly one of ours; absent and `null` are not."""
        return origin is not None and origin in self.allowed

    def allows_host(self, host: str | None) -> bool:
        """Tell whether a Host header is ours: a name an attacker points at our address (DNS rebinding) is not."""
        return host is not None and host.lower() in self.hosts

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts with ports, as browsers send them."""
        return frozenset(urlsplit(origin).netloc for origin in self.allowed)


def _normal(address: str) -> str:
    parts = urlsplit(address.rstrip("/"))
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path or parts.query or parts.username:
        raise InputError(f"'{address}' is not an address like https://map.example.gov.cn or http://127.0.0.1:5006")
    host = parts.hostname.encode("idna").decode() if ":" not in parts.hostname else f"[{parts.hostname}]"
    port = parts.port if parts.port not in (None, _DEFAULT_PORTS[parts.scheme]) else None
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")
