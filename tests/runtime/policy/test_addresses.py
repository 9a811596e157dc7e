"""Addresses that others name do not lead a server to itself (SSRF)."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinomi.runtime.policy import addresses


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "169.254.169.254", "::", "::1",
        "[::1]", "fe80::1", "::ffff:127.0.0.1", "224.0.0.1", "2130706433", "0x7f000001", "127.1",
        "metadata.google.internal", "127.0.0.0x1", "017700000001", "0177.0.0.1", "１２７.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::7f00:1", "fe80::1%eth0",
    ],
)  # fmt: skip
def test_addresses_of_the_machine_itself_are_closed(host: str) -> None:
    assert addresses.closed(host)


@pytest.mark.parametrize(
    "host",
    ["10.1.2.3", "192.168.0.9", "www.example.jp", "2001:db8::1", "64:ff9b::cb00:7107", "3.example"],
)
def test_partners_in_private_networks_and_elsewhere_are_open(host: str) -> None:
    assert not addresses.closed(host)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/redirect" else 200)
        if self.path == "/redirect":
            port = self.server.server_address[1]
            self.send_header("location", f"http://localhost:{port}/secret")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    found = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{found.server_address[1]}"
    found.shutdown()
    thread.join()
    found.server_close()


def test_a_feed_is_not_led_to_this_machine_by_redirect_or_link(server: str) -> None:
    with httpx.Client(follow_redirects=True, event_hooks=addresses.hooks([server])) as client:
        assert client.get(f"{server}/feed").status_code == 200
        for url in (f"{server}/redirect", "http://169.254.169.254/latest", "http://localhost:1/"):
            with pytest.raises(httpx.ConnectError, match="of this machine"):
                client.get(url)


def test_what_a_connection_shows_counts_too(server: str) -> None:
    hooks = addresses.hooks([])
    hooks["request"] = []  # As with a name that is looked up to this machine.
    with (
        httpx.Client(event_hooks=hooks) as client,
        pytest.raises(httpx.ConnectError, match="of this machine"),
    ):
        client.get(f"{server}/feed")


def test_a_name_that_is_looked_up_to_this_machine_is_not_asked(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by WebSub's hub, which lets the machine's own programs name the machine."""
    port = int(server.rpartition(":")[2])
    looked = socket.getaddrinfo

    def told(host: Any, *more: Any, **how: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return looked("127.0.0.1" if name == "rebound.test" else name, *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", told)
    asked: list[str] = []
    monkeypatch.setattr(Handler, "do_GET", lambda _: asked.append("x"))
    for hooks in (addresses.hooks([server]), addresses.guard(addresses.closed)):
        with (
            httpx.Client(event_hooks=hooks, trust_env=False) as client,
            pytest.raises(httpx.ConnectError, match="of this machine"),
        ):
            client.get(f"http://rebound.test:{port}/secret")
    assert asked == []


def test_a_name_that_is_looked_up_otherwise_a_moment_later_is_sent_nothing(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the connection goes to this machine, though the look-up before it did not."""
    port = int(server.rpartition(":")[2])
    looked = socket.getaddrinfo

    def told(host: Any, *more: Any, **how: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return looked("127.0.0.1" if name == "rebound.test" else name, *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", told)
    monkeypatch.setattr(addresses, "leads_here", lambda _: False)
    asked: list[str] = []
    for verb in ("do_GET", "do_POST"):
        monkeypatch.setattr(Handler, verb, lambda _: asked.append("x"), raising=False)
    for hooks in (addresses.hooks([server]), addresses.guard(addresses.closed)):
        with httpx.Client(event_hooks=hooks, trust_env=False) as client:
            for method in ("GET", "POST"):
                with pytest.raises(httpx.ConnectError, match="of this machine"):
                    client.request(method, f"http://rebound.test:{port}/secret", content=b"x")
    assert asked == []
