"""A real OpenID Connect provider in a process of its own, for as long as a test needs it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx


@contextmanager
def identity_provider(**claims: Any) -> Iterator[str]:
    """Serve one user with these claims; yields the issuer's name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--user-claims", json.dumps(claims)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield _issuer(f"http://127.0.0.1:{port}/.well-known/openid-configuration", process)
    finally:
        process.kill()
        process.wait()


def _issuer(address: str, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None
        try:
            found: str = httpx.get(address).json()["issuer"]
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return found
    raise AssertionError("the provider does not start")
