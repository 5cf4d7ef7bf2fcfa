"""Where does the video conference take place? An address of another house: shown as a link, never asked by us."""

from urllib.parse import urlsplit


def hosts_of(written: str) -> tuple[str, ...]:
    """Hosts of a comma-separated list, in small letters."""
    return tuple(host.strip().lower() for host in written.split(",") if host.strip())


def fault_of(url: str, hosts: tuple[str, ...]) -> str:
    """Say what is wrong with an address, or nothing: it must be https, on a host that is named, without a password."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "is no address"
    if parts.scheme != "https" or not host:
        return "must begin with https:// and name a host"
    if parts.username is not None or parts.password is not None:
        return "must not carry a name or password"
    if any(ord(one) < 33 or one in '"<>\\^`{|}' for one in url):
        return "holds characters no address has"
    return "" if host in hosts else f"names the host {host}, which ONEMAP_VIDEO_HOSTS does not"
