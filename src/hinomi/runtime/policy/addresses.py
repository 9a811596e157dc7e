"""Addresses that others name must not lead a server to itself or its cloud's secrets (SSRF).

Closed are loopback, link-local (169.254.169.254 hands out credentials in clouds), unspecified and
multicast addresses. Private networks are open: offices' partners live in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

_NAMES = (".localhost", ".local", ".internal")


def closed(host: str) -> bool:
    """Tell whether a host is one that nobody else may name; no name is looked up."""
    plain = host.strip("[]").rstrip(".").lower()
    if plain == "localhost" or plain.endswith(_NAMES):
        return True
    try:
        address = ip_address(plain)
    except ValueError:
        # 127.1, 0x7f000001 and 2130706433 are 127.0.0.1 to a resolver.
        return plain.replace(".", "").isdigit() or plain.startswith("0x")
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(
        mapped.is_loopback or mapped.is_link_local or mapped.is_unspecified or mapped.is_multicast
    )


def hooks(configured: Iterable[str]) -> dict[str, list[Callable[..., Any]]]:
    """Return httpx's event hooks that keep redirects and links out of closed addresses.

    What the operator's own configuration names is theirs to name. A name that resolves to a closed
    address is refused when the connection shows it, before anything of the answer is taken.
    """
    named = {urlsplit(url).hostname or "" for url in configured}

    def before(request: httpx.Request) -> None:
        if request.url.host not in named and closed(request.url.host):
            raise _refused(request)

    def after(response: httpx.Response) -> None:
        stream = response.extensions.get("network_stream")
        server = stream.get_extra_info("server_addr") if stream is not None else None
        if response.request.url.host not in named and server and closed(str(server[0])):
            raise _refused(response.request)

    return {"request": [before], "response": [after]}


def _refused(request: httpx.Request) -> Exception:
    import httpx  # noqa: PLC0415 - whoever has a request has it loaded

    return httpx.ConnectError(
        f"{request.url.host} is an address of this machine; a feed may not lead there.",
        request=request,
    )
