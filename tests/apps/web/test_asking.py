"""A request of a kind that came before is read as the first was, and says nothing of who asks."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from hinomi.apps.web.app import Web
from hinomi.apps.web.asking import MOST_KNOWN
from hinomi.kernel.marking import Principal

ITEMS = "/collections/town.shelters/items"
SHELTER = f"{ITEMS}/s05"
ADDRESSES = (
    SHELTER,
    f"{ITEMS}/s06",
    f"{SHELTER}?f=json",
    f"{SHELTER}?f=html",
    f"{SHELTER}?f=html&lang=ja&crs=",
    f"{SHELTER}?f=xml",
    f"{SHELTER}?f=xml&lang=ja",
    f"{SHELTER}?lang=fr",
    f"{SHELTER}?crs=EPSG:4326&f=json&lang=ja",
    f"{SHELTER}?no-such-thing=1&lang=ja&f=json",
    f"{SHELTER}?f=json&f=html",
    f"{ITEMS}/nobody",
    f"{ITEMS}/nobody?lang=ja",
    f"{ITEMS}/secret",
    f"{ITEMS}/drill",
    f"{ITEMS}/drill?status=exercise",
    f"{ITEMS}/3220100%2Frain",
    f"{ITEMS}/history",
    f"{ITEMS}/%2e%2e",
    f"{ITEMS}/..",
    "/collections/town.nothing/items/s05",
    "/collections/town.nothing/items",
    ITEMS,
    f"{ITEMS}?f=csv",
    f"{ITEMS}?f=html",
    f"{ITEMS}?limit=3",
    f"{ITEMS}?limit=3&bbox=136.0001,36.0001,138.0001,37.5",
    f"{ITEMS}?limit=3&bbox=136.0001,36.0001,138.0001,37.5&f=html",
    f"{ITEMS}?limit=3&bbox=136.0001,36.0001,138.0001,37.5&lang=ja",
    f"{ITEMS}?limit=0&bbox=136.0001,36.0001,138.0001,37.5&lang=ja",
    f"{ITEMS}?limit=3&bbox=136.0001,36.0001,138.0001,37.5&no=1",
    f"{ITEMS}?limit=3&bbox=136.0001,36.0001,138.0001,37.5&limit=3",
    f"{ITEMS}?status=any&limit=1000&bbox=130,30,140,40",
    f"{ITEMS}?limit=3&x={'1' * 70_000}",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"accept": "text/html"},
    {"accept-language": "ja"},
    {"x-api-key": "writer"},
    {"authorization": "Bearer reader"},
    {"x-api-key": "unknown"},
    {"cookie": "hinomi_session=reader"},
    {"host": "other.test"},
)


def scope_of(address: str, headers: dict[str, str], scheme: str = "http") -> dict[str, Any]:
    path, _, query = address.partition("?")
    told = {"host": "town.test", **headers}
    return {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "scheme": scheme, "client": ("192.0.2.1", 5),
        "server": ("127.0.0.1", 8470), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in told.items()],
    }  # fmt: skip


def test_who_asks_again_is_answered_as_whoever_asks_first(
    town: ModuleType, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: Web = town.create_app(town.service(store), kept_bytes=0)
    plain: Web = town.create_app(town.service(store), kept_bytes=0)
    monkeypatch.setattr(plain.asking, "again", lambda *_: None)
    for scheme in ("http", "https"):
        # The second time round, all kinds have been asked for by others in between.
        for _ in range(2):
            for headers in HEADERS:
                for address in ADDRESSES:
                    scope = scope_of(address, headers, scheme)
                    assert app.at_once(scope) == plain.at_once(scope), (headers, address[:200])


def test_what_is_known_of_a_question_says_nothing_of_who_asks(town: ModuleType, store: Any) -> None:
    holders = {"k": Principal("taro", ("*",), town.Disclosure.RED)}
    asked: list[str] = []

    class Keyring:
        def principal(self, secret: str) -> Principal | None:
            asked.append(secret)
            return holders.get(secret)

    app: Web = town.create_app(town.Service(store, town.CATALOG, keyring=Keyring()))
    scope = scope_of(f"{ITEMS}/secret", {"x-api-key": "k"})

    def status() -> int:
        sent = app.at_once(scope)
        assert sent is not None
        return sent.status

    assert [status(), status()] == [200, 200]
    assert asked == ["k", "k"], "once a request: keys have a rate"
    holders["k"] = Principal("taro")
    assert status() == 404
    del holders["k"]
    assert status() == 401


def test_nobody_fills_the_memory_with_kinds_of_questions(town: ModuleType, store: Any) -> None:
    app: Web = town.create_app(town.service(store))
    for n in range(3 * MOST_KNOWN):
        app.at_once(scope_of(f"{ITEMS}?limit={n + 1}", {}))
    known = app.callers.of(scope_of(ITEMS, {})["headers"]).known
    assert 0 < len(known) <= MOST_KNOWN
    assert all(ask.secret is None for ask, _ in known.values())


@pytest.mark.parametrize(
    "path", [f"{ITEMS}/{'k' * 60_000}", f"/collections/{'c' * 60_000}/items"], ids=["key", "name"]
)
def test_a_long_path_is_not_kept(town: ModuleType, store: Any, path: str) -> None:
    app: Web = town.create_app(town.service(store))
    sent = app.at_once(scope_of(path, {}))
    assert sent is not None
    assert sent.status == 404
    assert not app.callers.of(scope_of(path, {})["headers"]).known
