"""Who calls, where a reverse proxy stands in front: its word for it, if it is one of ours.

Without this all callers have the proxy's address (one who guesses keys would close the door to
everybody), and links, cookies and the identity provider's way back are told as http.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from hinomi.kernel.errors import InputError

Networks = tuple[IPv4Network | IPv6Network, ...]
_FOR = b"x-forwarded-for"
_PROTO = b"x-forwarded-proto"
_MOST = 20
"""Proxies in a row that are looked at."""


def networks(named: Sequence[str]) -> Networks:
    """Return the addresses and networks of our proxies.

    Raises:
        InputError: one is neither.
    """
    try:
        return tuple(ip_network(one) for one in named)
    except ValueError as error:
        raise InputError(f"proxies: {error}", f"proxies: {error}") from None


def seen_through(scope: dict[str, Any], ours: Networks) -> dict[str, Any]:
    """Return a connection's scope with the caller and the scheme that our proxies tell.

    Each proxy adds whom it was called by at the end: what stands before the first that is not ours
    was written by the caller, and is not believed.
    """
    client = scope.get("client")
    if not client or not _is_ours(str(client[0]), ours):
        return scope
    told = [part for name, value in scope["headers"] if name == _FOR for part in value.split(b",")]
    caller = str(client[0])
    for part in reversed(told[-_MOST:]):
        address = _address(part.decode("latin-1").strip())
        if not address:
            break
        caller = address
        if not _is_ours(address, ours):
            break
    schemes = [value.split(b",")[-1].strip() for name, value in scope["headers"] if name == _PROTO]
    scheme = schemes[-1].decode("latin-1") if schemes else ""
    known = scheme if scheme in {"http", "https"} else scope.get("scheme", "http")
    return {**scope, "client": (caller, 0), "scheme": known}


def _address(text: str) -> str:
    """Return an address without its port and brackets; empty: it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _is_ours(text: str, ours: Networks) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in ours)
