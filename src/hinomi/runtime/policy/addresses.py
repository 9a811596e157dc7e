"""Addresses that others name must not lead a server to itself or its cloud's secrets (SSRF).

Closed are loopback, link-local (169.254.169.254 hands out credentials in clouds), unspecified and
multicast addresses. Private networks are open: offices' partners live in them.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

_NAMES = (".localhost", ".local", ".internal")
_CARRIERS = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""IPv6 addresses that carry an IPv4 address: NAT64 (RFC 6052), IPv4-compatible (RFC 4291)."""
_DIGITS = {ord("０") + n: ord("0") + n for n in range(10)} | {
    ord("．"): ord("."),
    ord("。"): ord("."),
}
"""What clients fold to ASCII before they look a name up."""


def closed(host: str) -> bool:
    """Tell whether a host is one that nobody else may name; no name is looked up."""
    plain = host.strip("[]").rstrip(".").lower()
    if plain == "localhost" or plain.endswith(_NAMES):
        return True
    try:
        address = ip_address(plain)
    except ValueError:
        return _is_odd(plain)
    return any(
        found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast
        for found in (address, _inner(address))
    )


def _is_odd(plain: str) -> bool:
    """Tell whether a resolver reads an IPv4 address in it: 127.1, 0x7f000001, 127.0.0.0x1."""
    try:
        socket.inet_aton(plain.translate(_DIGITS))
    except (OSError, ValueError):
        return False
    return True


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and any(address in network for network in _CARRIERS):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def leads_here(host: str) -> bool:
    """Tell whether a host is closed, or a name that is looked up to a closed address now."""
    if closed(host):
        return True
    try:
        found = socket.getaddrinfo(host.strip("[]"), None)
    except (OSError, UnicodeError):
        return False  # Who asks it hears of that.
    return any(closed(str(entry[4][0])) for entry in found)


def hooks(configured: Iterable[str]) -> dict[str, list[Callable[..., Any]]]:
    """Return httpx's event hooks that keep redirects and links out of closed addresses.

    What the operator's own configuration names is theirs to name.
    """
    named = {urlsplit(url).hostname or "" for url in configured}
    return guard(named.__contains__)


def guard(may: Callable[[str], bool]) -> dict[str, list[Callable[..., Any]]]:
    """Return httpx's event hooks that lead to no closed address, but for hosts that may.

    A name is looked up before it is asked. One that is looked up otherwise a moment later (DNS
    rebinding) is refused when the connection shows it, before anything is sent through it.
    """

    def before(request: httpx.Request) -> None:
        # A redirect takes the last request's along.
        request.extensions.pop("trace", None)
        if may(request.url.host):
            return
        if leads_here(request.url.host):
            raise _refused(request)
        request.extensions["trace"] = partial(_check_line, request)

    def after(response: httpx.Response) -> None:
        stream = response.extensions.get("network_stream")
        server = stream.get_extra_info("server_addr") if stream is not None else None
        if server and not may(response.request.url.host) and closed(str(server[0])):
            raise _refused(response.request)

    return {"request": [before], "response": [after]}


def _check_line(request: httpx.Request, event: str, told: dict[str, Any]) -> None:
    """Hang up where a new connection led to a closed address (httpcore's extension ``trace``)."""
    if event != "connection.connect_tcp.complete":
        return
    line = told["return_value"]
    server = line.get_extra_info("server_addr")
    if server and closed(str(server[0])):
        line.close()
        raise _refused(request)


def _refused(request: httpx.Request) -> Exception:
    import httpx  # noqa: PLC0415 - whoever has a request has it loaded

    return httpx.ConnectError(
        f"{request.url.host} is an address of this machine; nobody else may lead there.",
        request=request,
    )
