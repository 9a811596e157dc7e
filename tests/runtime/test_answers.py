"""Answers that never end, or hold more than anybody wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime import answers, oidc
from hinomi.runtime.oidc_settings import Oidc
from hinomi.runtime.policy import shipped


class _Endless(BaseHTTPRequestHandler):
    """One byte after the other, until whoever asks has had enough."""

    server: Any

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while not self.server.over.wait(0.02):
                self.wfile.write(b" " * self.server.piece)
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endless() -> Iterator[ThreadingHTTPServer]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Endless)
    server.over, server.piece, server.daemon_threads = threading.Event(), 1, True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def url_of(server: Any) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_an_answer_that_never_ends_is_given_up(endless: Any) -> None:
    with (
        httpx.Client(timeout=60.0, trust_env=False) as client,
        client.stream("GET", url_of(endless)) as response,
        pytest.raises(httpx.ReadTimeout, match="does not end"),
    ):
        answers.read(response, 1_000_000, 0.2)


def test_one_that_is_too_large_is_refused_or_cut(endless: Any) -> None:
    endless.piece = 100_000
    with httpx.Client(timeout=60.0, trust_env=False) as client:
        with (
            client.stream("GET", url_of(endless)) as response,
            pytest.raises(httpx.ReadError, match="more than"),
        ):
            answers.read(response, 150_000, 60.0)
        with client.stream("GET", url_of(endless)) as response:
            assert len(answers.read(response, 150_000, 60.0, cut=True)) == 150_000


def test_an_identity_provider_that_never_ends_holds_nobody(
    endless: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "TIMEOUT_S", 0.2)
    settings = Oidc(issuer=url_of(endless), client_id="hinomi")
    provider = oidc.Provider(settings, shipped, now=lambda: datetime(2026, 6, 1, tzinfo=UTC))
    with pytest.raises(UnavailableError, match="does not answer"):
        provider.begin("http://town.test/session/oidc/callback")
    provider.close()
