"""A town with photos, packages, a model's results, and what only few may see of them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any, Literal

import httpx
import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.ports import Domain, Model, Parsed
from hinomi.kernel.records import Origin, Record, instant
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore
from hinomi.vocabulary.exchange import PACKAGES, Sender, SentPackage

CANARY = "カナリア"


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    caption: str
    media_type: str = "image/jpeg"


class Level(msgspec.Struct, frozen=True, kw_only=True):
    state: Literal["high", "low"]


PHOTOS = Collection(
    id="town.photos", title=Text("現場写真", "Photos from the field"),
    text=Text("町の写真", "The town's photos"), schema=Photo, kind=Kind.DOCUMENTS,
    licence="CC-BY-4.0",
)  # fmt: skip
RISKS = Collection(
    id="town.risks", title=Text("浸水危険度", "Flood risk"), text=Text("予測", "Forecast"),
    schema=Level, licence="CC0-1.0",
)  # fmt: skip
MODEL = Model(
    id="town.flood", title=Text("浸水モデル", "Flood model"), version="2", needs=("town.risks",),
    gives=("town.risks",), predict=lambda _reader, _keys: Parsed(), reference="Manning 1891",
    limits=Text("平地のみ", "Flat land only"),
)  # fmt: skip


def photo(store: Any, key: str, town: ModuleType, marking: Marking, lon: float = 136.9) -> Record:
    digest = store.put_blob(f"jpeg of {key}".encode())
    return Record(
        collection=PHOTOS.id, key=key, said_at=town.NOON, when=instant(town.NOON), source="town",
        body=Photo(caption=f"{key}の橋"), place=point(lon, 37.0), marking=marking,
        origin=Origin(digest=digest, address=f"/up/{key}.jpg"),
    )  # fmt: skip


def package(key: str, town: ModuleType, marking: Marking) -> Record:
    body = SentPackage(
        title=f"{key} 避難所開設状況", code="01-001-01", author="石川県", disaster="能登半島地震",
        openflg="1", testflg="0", conforms=True, plausible=True, metadata={"license_id": "cc-by"},
    )  # fmt: skip
    return Record(collection=PACKAGES.id, key=key, said_at=town.NOON, source="石川県", body=body,
                  marking=marking)  # fmt: skip


def result(key: str, town: ModuleType, marking: Marking, run: str = "town.flood@2") -> Record:
    return Record(collection=RISKS.id, key=key, said_at=town.NOON, source="model", marking=marking,
                  body=Level(state="high"), origin=Origin(run=run, position=1))  # fmt: skip


MARKED = {
    "drill": Marking(Status.EXERCISE),
    "amber": Marking(disclosure=Disclosure.AMBER, audience=("elsewhere",)),
}


def fill(store: Any, town: ModuleType) -> None:
    town.seed(store)
    at = town.NOON + timedelta(hours=1)
    store.put([photo(store, f"p{n:02}", town, Marking(), 136 + n / 10) for n in range(25)], at=at)
    store.put([package("輪島", town, Marking())], at=at)
    for name, marking in MARKED.items():
        store.put(
            [photo(store, f"{CANARY}{name}", town, marking, -150.0),
             package(f"{CANARY}{name}", town, marking),
             result(f"{CANARY}{name}", town, marking)],
            at=at,
        )  # fmt: skip


def filled(town: ModuleType) -> Service:
    """Return a town with photos, packages, a model's results, and what only few may see."""
    field = Domain(
        id="town", title=Text("町", "Town"), models=(MODEL,), products=(town.NAMES,),
        collections=(town.SHELTERS, town.NOTICES, town.LEVELS, PHOTOS, RISKS, PACKAGES),
    )  # fmt: skip
    store = MemoryStore()
    fill(store, town)
    found = Service(store, Catalog([field]), keyring=town.Keys())
    found.sender = Sender(author="みほん市", email="bousai@mihon.example")
    return found


@contextmanager
def serving(town: ModuleType, service: Service) -> Iterator[str]:
    """The same on a port, for clients that speak HTTP only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(
        town.create_app(service), address="127.0.0.1", port=port, interface=Interfaces.ASGI
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),))
    thread.start()
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=6)) as first:
            first.get(f"{url}/stac")
        yield url
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(10)
        loop.close()
