"""What a request says about itself: address, cookie, origin, and where to go next."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from settings import is_loopback, settings

Scope = Mapping[str, Any]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def header(scope: Scope, name: bytes) -> str:
    """The first value of a header, or an empty text."""
    found = (value for key, value in scope["headers"] if key == name)
    return str(next(found, b"").decode("latin-1"))


def joined(scope: Scope, name: bytes) -> str:
    """All lines of a header as one list; a second line follows the first."""
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def cookie_name() -> str:
    """The session cookie; behind TLS bound to this very host."""
    return "__Host-xf" if settings().secure else "xf"


def token_of(scope: Scope) -> str:
    """The token in the session cookie; the first one of that name, or an empty text."""
    for part in header(scope, b"cookie").split(";"):
        name, _, value = part.strip().partition("=")
        if name == cookie_name():
            return value
    return ""


def address_of(scope: Scope) -> str:
    """The address the request came from; a forwarding header counts from a trusted proxy only."""
    peer = (scope.get("client") or ("",))[0] or ""
    proxies = settings().trusted_proxies
    if not proxies or not _within(peer, proxies):
        return str(peer)
    hops = [hop.strip() for hop in joined(scope, b"x-forwarded-for").split(",") if hop.strip()]
    outside = (hop for hop in reversed(hops) if not _within(hop, proxies))
    return str(next(outside, peer))


def _within(address: str, networks: Iterable[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks)


def same_origin(scope: Scope) -> bool:
    """Whether the Origin a browser names is this very site; False when it names none."""
    origin, host = header(scope, b"origin"), header(scope, b"host")
    if not origin or origin == "null":
        return False
    if settings().public_url and origin == settings().public_url:
        return True
    said = urlsplit(origin)
    # Behind TLS a page of the same name over plain http may be anybody's on the way.
    safe = said.scheme == "https" or not settings().secure
    return safe and bool(host) and said.netloc.lower() == host.lower()


def socket_allowed(scope: Scope) -> bool:
    """Whether a web socket may open: a browser always names its origin, and it must be ours."""
    return not header(scope, b"origin") or same_origin(scope)


def change_allowed(scope: Scope) -> bool:
    """Whether a request that changes something comes from our own pages."""
    return scope["method"] in SAFE or same_origin(scope)


def next_page(wanted: str) -> str:
    """Where to go after signing in: a path of this site, else the start."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    clean = plain and wanted.isprintable() and "\\" not in wanted and len(wanted) <= 1000
    return wanted if clean and not wanted.startswith(("/login", "/logout", "/password")) else "/"


def local_name(scope: Scope) -> bool:
    """Whether a demonstration is asked for by a name of this machine; always so outside one."""
    if not settings().demo:
        return True
    host = urlsplit(f"//{header(scope, b'host')}").hostname or ""
    return is_loopback(host)
