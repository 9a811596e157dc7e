"""Marked canaries: a town with them in every collection, and the search for them in what comes out.

Each collection gets an open statement and restricted ones whose every text is a canary, named by
its marking. Whatever leaves is unpacked and searched.
"""

from __future__ import annotations

import contextlib
import html
import io
import re
import zipfile
import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyarrow.parquet as pq
import pypdf

from hinomi.apps.web.app import create_app
from hinomi.apps.web.table import ROUTES
from hinomi.kernel.collections import Kind
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Principal, Status
from hinomi.kernel.records import GOOD, Interval, Origin, Readings, Record, Series, micros
from hinomi.kernel.store import Store
from hinomi.runtime.audit import Audit
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)
CATALOG = default_catalog()
RECORDS = [c for c in CATALOG.collections.values() if c.kind is not Kind.SERIES]
"""Features, documents and coverages: whatever is stated."""
SERIES = [c for c in CATALOG.collections.values() if c.kind is Kind.SERIES]
TOWN = "nanao-city"
MARKINGS = {
    "GREEN": Marking(Status.ACTUAL, Disclosure.GREEN),
    "AMBER": Marking(Status.ACTUAL, Disclosure.AMBER, (TOWN,)),
    "RED": Marking(Status.ACTUAL, Disclosure.RED, ("police",)),
    "DRILL": Marking(Status.EXERCISE, Disclosure.AMBER, (TOWN,)),
}
CALLERS = {
    "anonymous": ANONYMOUS,
    "green": Principal("green", ("wajima-city",), Disclosure.GREEN),
    "amber": Principal("amber", (TOWN,), Disclosure.AMBER, (), ("officer",)),
}
SEES = {"anonymous": set(), "green": {"GREEN"}, "amber": {"GREEN", "AMBER", "DRILL"}}
CANARY = re.compile(rb"KANARIA([A-Z]+)x")
SAMPLE = ("response.shelters", "hazards.warnings", "response.roster")
"""For forms that take long to make, which are the same code for every collection."""


def canary(level: str) -> str:
    return f"KANARIA{level}x"


class Bodies:
    """Values of any type that the schemas use, each text a given one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def of(self, schema: type) -> Any:
        return msgspec.convert(self.value(msgspec.inspect.type_info(schema)), schema, strict=False)

    def value(self, kind: Any) -> Any:  # noqa: C901 - a table of kinds
        i = msgspec.inspect
        match kind:
            case i.StrType():
                return self.text if kind.pattern is None else "0"
            case i.IntType() | i.FloatType():
                return max(kind.ge or 0, (kind.gt or 0) + 1, 1)
            case i.BoolType():
                return True
            case i.DateTimeType():
                return NOW.isoformat()
            case i.DateType():
                return "2026-06-01"
            case i.LiteralType():
                return kind.values[0]
            case i.EnumType():
                return next(iter(kind.cls)).value
            case i.StructType():
                fields = {f.encode_name: f for f in kind.fields}
                return {n: self.value(f.type) for n, f in fields.items() if self.wanted(f)}
            case i.UnionType():
                others = [k for k in kind.types if not isinstance(k, i.NoneType)]
                return self.value(others[0])
            case i.ListType() | i.VarTupleType() | i.SetType() | i.CollectionType():
                return [self.value(kind.item_type)]
            case i.TupleType():
                return [self.value(one) for one in kind.item_types]
            case i.DictType():
                return {}
        return None

    @staticmethod
    def wanted(field: Any) -> bool:
        """Fill what is required, and all texts."""
        return field.required or isinstance(field.type, msgspec.inspect.StrType)


def body(schema: type, text: str) -> Any:
    """Return a body whose texts are canaries; where a rule of its own forbids that, fewer are."""
    try:
        return Bodies(text).of(schema)
    except (msgspec.ValidationError, ValueError, TypeError):
        required = {
            f.encode_name: Bodies(text).value(f.type)
            for f in msgspec.inspect.type_info(schema).fields  # type: ignore[union-attr]
            if f.required
        }
        return msgspec.convert(required, schema, strict=False)


def planted(collection: Any, level: str, marking: Marking, digest: str) -> Record:
    text = canary(level) if level else "open"
    return Record(
        collection=collection.id,
        key=f"{text}-1" if level != "RED" else "r-1",
        said_at=NOW,
        body=body(collection.schema, text),
        source=f"{text}-source",
        when=Interval(NOW - timedelta(hours=1), None),
        place=point(136.96, 37.04),
        origin=Origin(digest=digest, address=f"/srv/{text}", path=text),
        marking=marking,
    )


class Planted:
    """Canaries in a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ids: dict[str, list[str]] = {}
        digests = {n: store.put_blob(canary(n).encode() * 3) for n in MARKINGS}
        self.digest = digests["AMBER"]
        opened = store.put_blob(b"open")
        for collection in RECORDS:
            records = [planted(collection, "", Marking(), opened)]
            records += [planted(collection, n, m, digests[n]) for n, m in MARKINGS.items()]
            self.ids[collection.id] = list(store.put(records, at=NOW).ids)
        for collection in SERIES:
            for level, marking in MARKINGS.items():
                rows = [(0, micros(NOW - timedelta(minutes=5)), 1.5, GOOD)]
                line = _line(collection.id, level, marking)
                store.put([], [Readings(series=(line,), rows=rows)], at=NOW)


def _line(collection: str, level: str, marking: Marking) -> Series:
    return Series(
        id=f"{collection}.{canary(level)}.value",
        collection=collection,
        thing=f"{canary(level)}-1",
        property="level_m",
        unit="m",
        source=f"{canary(level)}-source",
        title=canary(level),
        longitude=136.96,
        latitude=37.04,
        marking=marking,
    )


class Town:
    """A service with canaries in it, and what came out of it."""

    def __init__(self, folder: Path) -> None:
        self.planted = Planted(MemoryStore())
        self.store, self.ids = self.planted.store, self.planted.ids
        self.keys = {f"hinomi_{name}": principal for name, principal in CALLERS.items()}
        self.service = Service(self.store, CATALOG, keyring=_Keyring(self.keys), now=lambda: NOW)
        self.service.audit = Audit(folder)
        self.app = create_app(self.service)
        # One for all: to make one takes longer than most answers.
        transport = httpx.ASGITransport(app=self.app)
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://town.test", timeout=60.0
        )

    async def ask(self, caller: str, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        headers = {} if caller == "anonymous" else {"x-api-key": f"hinomi_{caller}"}
        headers |= more.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **more)


class _Keyring:
    def __init__(self, keys: dict[str, Principal]) -> None:
        self.keys = keys

    def principal(self, secret: str) -> Principal | None:
        return self.keys.get(secret)


def unpacked(data: bytes) -> bytes:
    """Return bytes with all that is packed in them: archives, streams, pages, columns."""
    parts = [data]
    if data[:2] == b"PK":
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts += [name.encode() for name in archive.namelist()]
            parts += [unpacked(archive.read(name)) for name in archive.namelist()]
    elif data[:4] == b"PAR1":
        parts.append(str(pq.read_table(io.BytesIO(data)).to_pydict()).encode())
    elif data[:5] == b"%PDF-":
        pages = pypdf.PdfReader(io.BytesIO(data)).pages
        parts += [page.extract_text().encode() for page in pages]
    for found in re.finditer(rb"\x1f\x8b\x08", data):
        with contextlib.suppress(zlib.error):
            parts.append(zlib.decompressobj(31).decompress(data[found.start() :]))
    return b"\n".join(parts)


def levels(response: httpx.Response, asked: str) -> set[str]:
    """Return the canaries in an answer, those that the question itself held aside."""
    head = "\n".join(f"{k}: {v}" for k, v in response.headers.items()).encode()
    found = {m.decode() for m in CANARY.findall(unpacked(response.content) + head)}
    return found - {m.decode() for m in CANARY.findall(asked.encode())}


PATHS = {
    route.name: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path)))
    for route in ROUTES
    if route.method == "GET" and route.name not in {"stream", "product", "report", "export"}
}
"""Addresses of each operation that reads and ends; files that take long have tests of their own."""
_PAGES = ("application/json", "application/geo+json", "application/atom", "text/html")
_LINK = re.compile(r"http://town\.test(/[^\"<>\s\\{}]*)")


def operation(address: str) -> str:
    """Return the name of the operation that answers an address; empty: none does."""
    path = address.partition("?")[0]
    return next((name for name, way in PATHS.items() if way.fullmatch(path)), "")


async def crawled(town: Town, starts: list[str], *, each: int = 2) -> dict[str, int]:
    """Follow the links of what who sees most is answered; return addresses with their status.

    Args:
        town: whose.
        starts: where to begin.
        each: so many addresses of an operation are asked, and as many that name a canary.
    """
    found: dict[str, int] = {}
    kept: Counter[tuple[str, bool]] = Counter()
    waiting = list(starts)
    while waiting:
        address = waiting.pop(0)
        kind = (operation(address), CANARY.search(address.encode()) is not None)
        if address in found or not kind[0] or (kept[kind] >= each and address not in starts):
            continue
        kept[kind] += 1
        answer = await town.ask("amber", address)
        found[address] = answer.status_code
        # Files to take away hold no links that their pages do not.
        if answer.headers.get("content-type", "").startswith(_PAGES):
            told = html.unescape(answer.text)
            waiting += dict.fromkeys(_LINK.findall(told))
    return found
