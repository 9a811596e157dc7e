"""Behind a reverse proxy: who calls is told by proxies of ours alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.errors import InputError
from hinomi.runtime import config, proxies
from hinomi.runtime.doorkeeper import Doorkeeper

OURS = proxies.networks(["127.0.0.1", "10.1.0.0/16", "::1"])


def scope(client: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "client": (client, 999), "scheme": "http", "headers": list(headers),
            "method": "GET", "path": "/me"}  # fmt: skip


def through(client: str, *headers: tuple[bytes, bytes]) -> tuple[str, str]:
    found = proxies.seen_through(scope(client, *headers), OURS)
    return found["client"][0], found["scheme"]


@pytest.mark.parametrize(
    ("told", "caller"),
    [
        (b"203.0.113.7", "203.0.113.7"),
        (b"203.0.113.7, 10.1.2.3", "203.0.113.7"),
        # What stands further left was written by the caller.
        (b"127.0.0.1, 203.0.113.7", "203.0.113.7"),
        (b"198.51.100.9, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        (b"[2001:db8::7]:443", "2001:db8::7"),
        (b"203.0.113.7:5123", "203.0.113.7"),
        (b"203.0.113.7, unknown", "127.0.0.1"),
        (b"", "127.0.0.1"),
    ],
)
def test_the_caller_is_the_first_from_the_right_that_is_no_proxy_of_ours(
    told: bytes, caller: str
) -> None:
    assert through("127.0.0.1", (b"x-forwarded-for", told))[0] == caller


def test_a_caller_who_is_no_proxy_of_ours_is_not_believed() -> None:
    forged = ((b"x-forwarded-for", b"127.0.0.1"), (b"x-forwarded-proto", b"https"))
    assert through("203.0.113.7", *forged) == ("203.0.113.7", "http")


def test_https_is_told_by_the_proxy_and_nothing_else_is_taken_for_a_scheme() -> None:
    assert through("::ffff:127.0.0.1", (b"x-forwarded-proto", b"https"))[1] == "https"
    assert through("::1", (b"x-forwarded-proto", b"javascript"))[1] == "http"


def test_both_ways_past_the_door_tell_the_app_who_calls() -> None:
    seen: list[dict[str, Any]] = []
    head = ((b"x-forwarded-for", b"203.0.113.7"), (b"x-forwarded-proto", b"https"))
    quick = Doorkeeper(_nothing, OURS).at_once(seen.append)
    quick(scope("10.1.0.9", *head))
    assert (seen[0]["client"][0], seen[0]["scheme"]) == ("203.0.113.7", "https")


async def _nothing(*_: Any) -> None:
    raise AssertionError("not asked")


def test_what_is_no_network_is_refused_when_the_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / config.FILE).write_text('proxies = ["nginx"]\n')
    with pytest.raises(InputError, match="nginx"):
        config.read(tmp_path)
