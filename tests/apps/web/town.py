"""A small town for the API's tests: two collections, a series, keys; and a server that shows it.

Run as a script it serves itself on a free port and prints the address:
``python town.py [--store memory|sqlite] [--folder DIR] [--workers N]``.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

from hinomi.apps.web.app import create_app
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.kernel.ports import Domain, Product
from hinomi.kernel.records import Interval, Origin, Readings, Record, Series, micros
from hinomi.kernel.store import Store
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)


class Shelter(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    state: Literal["open", "closed", "full"]
    people: int | None = None
    height_m: float | None = None
    checked_at: datetime | None = None
    accessible: bool = False
    tags: tuple[str, ...] = ()


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    level: int


class NoBody(msgspec.Struct, frozen=True):
    pass


SHELTERS = Collection(
    id="town.shelters",
    title=Text("避難所", "Shelters"),
    text=Text("町の避難所", "The town's shelters"),
    schema=Shelter,
    verb=Verb.RESPOND,
    licence="CC-BY-4.0",
)
NOTICES = Collection(
    id="town.notices",
    title=Text("お知らせ", "Notices"),
    text=Text("有効期間のあるもの", "What ends by itself"),
    schema=Notice,
    licence="CC-BY-4.0",
)
LEVELS = Collection(
    id="town.levels",
    title=Text("水位", "Water levels"),
    text=Text("水位計の値", "Readings of gauges"),
    schema=NoBody,
    kind=Kind.SERIES,
    licence="CC-BY-4.0",
)


def _render(reader: Any, language: str) -> Iterable[bytes]:
    yield "、".join(s.properties()["name"] for s in reader.every("town.shelters")).encode()
    yield language.encode()


NAMES = Product(
    id="town.names",
    title=Text("名簿", "Names"),
    needs=("town.shelters",),
    media_type="text/plain; charset=utf-8",
    render=_render,
)
CATALOG = Catalog(
    [
        Domain(
            id="town",
            title=Text("町", "Town"),
            collections=(SHELTERS, NOTICES, LEVELS),
            products=(NAMES,),
            layers=({"id": "shelters", "collection": "town.shelters"},),
        )
    ]
)


def shelter(key: str, at: datetime = NOON, **body: Any) -> Record:
    """Return a statement about a shelter; ``lon``, ``lat``, ``marking`` … go into the envelope."""
    envelope = {k: body.pop(k) for k in ("marking", "source", "when", "origin") if k in body}
    place = point(body.pop("lon", 136.9), body.pop("lat", 37.0))
    filled = {"name": f"避難所{key}", "state": "open", **body}
    return Record(
        collection="town.shelters",
        key=key,
        said_at=at,
        body=Shelter(**filled),
        source=envelope.pop("source", "town"),
        place=place,
        **envelope,
    )


def seed(store: Store) -> None:
    """Fill a store: 30 shelters, one of them in exercise, one restricted, history, readings."""
    digest = store.put_blob("名前,状態\n避難所,開設".encode())
    origin = Origin(digest=digest, address="/srv/in/town.csv", path="row 2")
    open_ = [
        shelter(
            f"s{n:02}", lon=136 + n / 10, lat=36 + n / 20, people=n * 10, origin=origin,
            height_m=n / 2, checked_at=NOON,
        )
        for n in range(28)
    ]  # fmt: skip
    store.put(open_, at=NOON)
    store.put([shelter("3220100/rain", lon=139.5, lat=35.5, name="斜線のある鍵")], at=NOON)
    store.put(
        [
            shelter("drill", marking=Marking(Status.EXERCISE), name="訓練用"),
            shelter("secret", marking=Marking(disclosure=Disclosure.AMBER), name="非公開"),
        ],
        at=NOON + timedelta(minutes=1),
    )
    later = NOON + timedelta(hours=1)
    store.put([shelter("s03", later, state="full", people=99, lon=136.3, lat=36.15)], at=later)
    notice = Record(
        collection="town.notices",
        key="n1",
        said_at=NOON,
        body=Notice(headline="給水", level=2),
        source="town",
        when=Interval(NOON, NOON + timedelta(days=1)),
        place=point(136.5, 36.5),
    )
    store.put([notice], at=later)
    series = tuple(
        Series(id=f"town.levels.g{n}.level_m", collection="town.levels", thing=f"g{n}",
               property="level_m", unit="m", source="town", title=f"水位計{n}",
               longitude=136 + n, latitude=36.5)
        for n in range(3)
    )  # fmt: skip
    start = micros(NOON)
    rows = [(n, start + t * 600_000_000, n + t / 100, 0) for n in range(3) for t in range(144)]
    store.put([], [Readings(series=series, rows=rows)], at=later)


class Keys:
    """Two keys: one may write, one may only see more."""

    def principal(self, secret: str) -> Principal | None:
        return {
            "writer": Principal("hanako", ("town",), Disclosure.AMBER, ("town.shelters",)),
            "reader": Principal("taro", ("*",), Disclosure.RED),
        }.get(secret)


def service(store: Store, **options: Any) -> Service:
    """Return the town's service."""
    return Service(store, CATALOG, keyring=Keys(), **options)


def open_store(kind: str, folder: Path, *, read_only: bool = False) -> Store:
    """Return a store by its kind."""
    if kind == "memory":
        return MemoryStore()
    from hinomi.stores.sqlite import SqliteStore  # noqa: PLC0415 - only where it is asked for

    return SqliteStore(folder, read_only=read_only)


async def _serve(app: Any, port: int) -> None:
    from granian.constants import Interfaces  # noqa: PLC0415 - only the script serves
    from granian.server.embed import Server  # noqa: PLC0415

    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI)
    await server.serve()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", default="memory")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--changing", type=float, default=0.0, help="changes a second")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="hinomi-town-"))
    store = open_store(given.store, folder)
    if store.position() == 0:
        seed(store)
    app = create_app(service(store))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()

    async def run() -> None:
        serving = asyncio.ensure_future(_serve(app, port))
        number = 0
        while not serving.done():
            await asyncio.sleep(1 / given.changing if given.changing else 0.2)
            if given.changing:
                number += 1
                at = datetime.now(UTC)  # noqa: TID251 - a load generator, not the app
                store.put([shelter("moving", at, people=number)], at=at)
        await serving

    asyncio.run(run())


if __name__ == "__main__":
    main()
