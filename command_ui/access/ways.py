"""By which ways besides name and password does one come in, as the settings say? Half a setting is refused."""

import ipaddress
import re
from dataclasses import dataclass, field

from command_ui.access import mapping
from command_ui.access.audit_copy import Target
from command_ui.access.mapping import ClaimMapping
from command_ui.access.openid import OpenIdProvider, Registration
from command_ui.access.outside import Unknown
from command_ui.settings import Settings
from gis.errors import InputError

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{2,60}")
_NEVER = frozenset({"host", "origin", "cookie", "authorization", "x-forwarded-for", "x-csrf-token", "x-onemap-session"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxy:
    """
    A reverse proxy that says who somebody is.

    Attributes
    ----------
    header
        Name of its header in small letters.
    networks
        Where its connections come from: the address of the socket itself, never one that a header tells.
    """

    header: str
    networks: tuple[Network, ...]

    def trusts(self, peer: str) -> bool:
        """Tell whether a connection comes from one of the addresses."""
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways in: the provider with its mapping, the proxy, and what happens to somebody nobody knows here."""

    provider: OpenIdProvider | None = None
    mapping: ClaimMapping = field(default_factory=ClaimMapping)
    proxy: TrustedProxy | None = None
    unknown: Unknown = "refuse"

    @property
    def title(self) -> str:
        """Name of the provider for the button of the sign-in page; empty without one."""
        if self.provider is None:
            return ""
        return self.provider.registration.title or self.provider.registration.issuer


def of(settings: Settings) -> Ways:
    """
    Read the ways in from the settings.

    Raises
    ------
    InputError
        Every fault: what is set by half must not be taken for safe.
    """
    faults: list[str] = []
    provider, read, proxy = None, ClaimMapping(), None
    if settings.oidc_issuer:
        secret = settings.oidc_client_secret
        registration = Registration(
            settings.oidc_issuer,
            settings.oidc_client_id,
            secret.get_secret_value() if secret is not None else "",
            settings.oidc_title,
            settings.oidc_scopes,
            settings.oidc_skew_s,
        )
        try:
            read = mapping.read(settings.oidc_mapping)
            provider = OpenIdProvider(registration)
        except InputError as error:
            faults += [*error.faults]
    elif settings.oidc_client_id or settings.oidc_mapping is not None:
        faults.append("ONEMAP_OIDC_ISSUER: set the address of the provider, or none of the ONEMAP_OIDC settings")
    if settings.proxy_header:
        faults += _header_faults(settings.proxy_header)
        networks, bad = _networks(settings.proxy_from)
        faults += bad
        if not networks and not bad:
            faults.append(
                "ONEMAP_PROXY_FROM: a header that names people is believed from named addresses only; "
                "name those of the reverse proxy, or unset ONEMAP_PROXY_HEADER"
            )
        proxy = TrustedProxy(settings.proxy_header.lower(), networks)
    if settings.audit_copy:
        try:
            Target.of(settings.audit_copy, settings.audit_copy_ca)
        except InputError as error:
            faults += [*error.faults]
    if faults:
        raise InputError(faults)
    return Ways(provider, read, proxy, settings.outside_unknown)


def _header_faults(header: str) -> list[str]:
    if not _HEADER.fullmatch(header) or header.lower() in _NEVER:
        return [f"ONEMAP_PROXY_HEADER: '{header}' cannot be the name of such a header; X-Remote-User can"]
    return []


def _networks(written: str) -> tuple[tuple[Network, ...], list[str]]:
    found, faults = [], []
    for one in filter(None, (part.strip() for part in written.split(","))):
        try:
            network = ipaddress.ip_network(one)
        except ValueError:
            faults.append(f"ONEMAP_PROXY_FROM: '{one}' is no address or network like 10.0.0.5 or 10.1.0.0/24")
            continue
        if network.prefixlen < (8 if network.version == 4 else 32):
            faults.append(f"ONEMAP_PROXY_FROM: '{one}' is half the world; name the addresses of the reverse proxy")
            continue
        found.append(network)
    return tuple(found), faults
