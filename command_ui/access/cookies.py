"""Which cookies does the door use?"""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.types import Scope


def session_cookie(secure: bool) -> str:
    """Name of the session cookie; over https with the prefix that ties it to host, path and TLS."""
    return "__Host-egis" if secure else "egis"


def form_cookie(secure: bool) -> str:
    """Name of the cookie that goes with the sign-in form."""
    return "__Host-egis-form" if secure else "egis-form"


def is_secure(scope: Scope) -> bool:
    """Tell whether the browser came by TLS (a proxy in front says so through uvicorn's proxy headers)."""
    return scope.get("scheme") in ("https", "wss")


def read(headers: Mapping[str, str]) -> dict[str, str]:
    """Read a Cookie header; one that cannot be read counts as empty."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def write(name: str, value: str, *, secure: bool, strict: bool = False) -> str:
    """Give a Set-Cookie header for a session cookie (gone with the browser; the server decides when it ends)."""
    parts = [f"{name}={value}", "Path=/", "HttpOnly", f"SameSite={'Strict' if strict else 'Lax'}"]
    return "; ".join([*parts, "Secure"] if secure else parts)


def erase(name: str, *, secure: bool) -> str:
    """Give a Set-Cookie header that removes a cookie."""
    return write(name, "", secure=secure) + "; Max-Age=0"
