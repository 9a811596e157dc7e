"""What the web layer works out of a request's line and headers."""

from __future__ import annotations

import pytest

from hinomi.apps.web.http import Callers, parse_query, path_of
from hinomi.apps.web.receiving import caller_of
from hinomi.apps.web.routes import Router
from hinomi.apps.web.table import ROUTES


def test_headers_that_come_again_are_read_once_and_others_apart() -> None:
    read: list[dict[bytes, bytes]] = []
    callers = Callers(lambda headers: read.append(headers) or caller_of(headers))  # type: ignore[func-returns-value]
    japanese = [(b"host", b"a"), (b"accept-language", b"ja")]
    assert callers.of(japanese).language == "ja"
    assert callers.of([list(pair) for pair in japanese]).language == "ja"  # type: ignore[misc]
    assert len(read) == 1
    assert callers.of([*japanese, (b"x-api-key", b"k")]).secret == "k"  # noqa: S105
    assert callers.of(japanese).secret is None


def test_a_session_counts_only_without_a_key() -> None:
    cookie = (b"cookie", b"hinomi_session=s")
    assert caller_of(dict([cookie])).cookie == "s"
    assert caller_of(dict([cookie, (b"x-api-key", b"k")])).cookie is None


def test_nobody_fills_the_memory_with_headers() -> None:
    callers = Callers(caller_of)
    callers.of([(b"x-long", b"x" * Callers.MOST_BYTES)])
    assert not callers._kept
    for n in range(3 * Callers.MOST):
        callers.of([(b"x-n", b"%d" % n)])
    assert 0 < len(callers._kept) <= Callers.MOST


def test_an_encoded_slash_divides_nothing() -> None:
    assert path_of(b"/collections/a/items/x%2Fy") == (
        b"/collections/a/items/x%2Fy",
        ("collections", "a", "items", "x/y"),
    )
    assert path_of("/火".encode()) == (b"/%E7%81%AB", ("火",))


def test_a_query_is_read_as_it_is_meant_encoded_or_not() -> None:
    assert parse_query(b"a=1,2&&b=&c") == {"a": "1,2", "b": "", "c": ""}
    assert parse_query(b"a=%E7%81%AB+1&b=2") == {"a": "火 1", "b": "2"}


@pytest.mark.parametrize("raw", [b"f=json", b"f=json&after=" + b"1" * 30])
def test_who_changes_a_query_changes_nobody_elses(raw: bytes) -> None:
    mine = parse_query(raw)
    mine["f"] = "html"
    assert parse_query(raw)["f"] == "json"


def test_a_word_goes_before_a_blank_and_every_route_is_found() -> None:
    router = Router(ROUTES)
    for route in ROUTES:
        parts = tuple(route.path.strip("/").split("/"))
        asked = tuple(f"v{n}" if part[:1] == "{" else part for n, part in enumerate(parts))
        table, arguments = router.find(asked)
        assert table[route.method] is route, route.path
        assert arguments == {part[1:-1]: f"v{n}" for n, part in enumerate(parts) if part[:1] == "{"}
