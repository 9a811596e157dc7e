"""Marked canaries in every collection, looked for in everything that leaves: none ever does.

Each collection gets an open statement and restricted ones whose every text is a canary. Callers of
each clearance then ask every address of the route table, in every form that it offers; whatever
comes out (headers, errors and log lines included) is unpacked and searched. That the search can
find is shown by those who may see: they find the canaries by the same means.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import itertools
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyarrow.parquet as pq
import pypdf
import pytest

from hinomi.apps.web.app import create_app
from hinomi.apps.web.table import ROUTES
from hinomi.kernel.collections import Kind
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Principal, Status
from hinomi.kernel.records import GOOD, Interval, Origin, Readings, Record, Series, micros
from hinomi.runtime.audit import Audit
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.config import OutDelivery
from hinomi.runtime.deliveries import Deliveries
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore
from hinomi.vocabulary.exchange import Sender

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)
CATALOG = default_catalog()
FEATURES = [c for c in CATALOG.collections.values() if c.kind is Kind.FEATURES]
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


class Town:
    """A service with canaries in it, and what came out of it."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryStore()
        self.ids: dict[str, list[str]] = {}
        self.planted: set[str] = set()
        digests = {n: self.store.put_blob(canary(n).encode() * 3) for n in MARKINGS}
        self.digest = digests["AMBER"]
        for collection in FEATURES:
            self._plant(collection, digests)
        for collection in SERIES:
            self._plant_series(collection)
        keys = {f"hinomi_{name}": principal for name, principal in CALLERS.items()}
        self.service = Service(self.store, CATALOG, keyring=_Keyring(keys), now=lambda: NOW)
        self.service.audit = Audit(folder)
        self.app = create_app(self.service)
        # One for all: to make one takes longer than most answers.
        transport = httpx.ASGITransport(app=self.app)
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://town.test", timeout=60.0
        )

    def _plant(self, collection: Any, digests: dict[str, str]) -> None:
        opened = self.store.put_blob(b"open")
        records = [planted(collection, "", Marking(), opened)]
        records += [planted(collection, n, m, digests[n]) for n, m in MARKINGS.items()]
        put = self.store.put(records, at=NOW)
        self.ids[collection.id] = list(put.ids)
        self.planted.add(collection.id)

    def _plant_series(self, collection: Any) -> None:
        for level, marking in MARKINGS.items():
            line = Series(
                id=f"{collection.id}.{canary(level)}.value",
                collection=collection.id,
                thing=f"{canary(level)}-1",
                property="level_m",
                unit="m",
                source=f"{canary(level)}-source",
                title=canary(level),
                longitude=136.96,
                latitude=37.04,
                marking=marking,
            )
            rows = [(0, micros(NOW - timedelta(minutes=5)), 1.5, GOOD)]
            self.store.put([], [Readings(series=(line,), rows=rows)], at=NOW)

    async def ask(self, caller: str, path: str) -> httpx.Response:
        headers = {} if caller == "anonymous" else {"x-api-key": f"hinomi_{caller}"}
        return await self.client.get(path, headers=headers)


class _Keyring:
    def __init__(self, keys: dict[str, Principal]) -> None:
        self.keys = keys

    def principal(self, secret: str) -> Principal | None:
        return self.keys.get(secret)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    found = Town(tmp_path_factory.mktemp("canaries"))
    yield found
    if found.service.audit is not None:
        found.service.audit.close()


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


def quick_addresses(town: Town) -> list[str]:
    """Return every address that answers at once, its blanks filled with all that there is."""
    found = []
    for route in ROUTES:
        if route.method != "GET" or route.path in _APART:
            continue
        names = re.findall(r"\{(\w+)\}", route.path)
        every = route.name in {"items", "item"}
        choices = [_values(town, name, every=every) for name in names]
        for values in itertools.product(*choices):
            path = route.path
            for name, value in zip(names, values, strict=True):
                path = path.replace(f"{{{name}}}", value)
            tail = "?status=any" if any(p.name == "status" for p in route.parameters) else ""
            found.append(f"{path}{tail}")
    return found


_APART = {
    "/changes/stream", "/collections/{collection}/export", "/products/{product}",
    "/reports/{report}", "/cap/{record}", "/records/{record}", "/records/{record}/trace",
    "/photos/intake/{key}/{part}", "/photos/{key}/{part}", "/federation/batch",
    "/collections/{collection}/map/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}",
}  # fmt: skip
"""Asked by tests of their own, or not about statements."""


def _values(town: Town, name: str, *, every: bool) -> list[str]:
    match name:
        case "collection":
            # Features of all collections leave by the same code: two addresses ask for all.
            return sorted(town.planted) if every else list(SAMPLE)
        case "key":
            return ["open-1", "r-1"]
        case "digest":
            return [town.digest]
        case "series":
            return [f"{SERIES[0].id}.KANARIAREDx.value"]
        case "tileMatrixSet":
            return ["WebMercatorQuad"]
        case "tileMatrix" | "tileRow" | "tileCol":
            return ["0"]
        case "set":
            return ["Things", "Locations", "Datastreams", "Sensors", "Observations",
                    "ObservedProperties", "FeaturesOfInterest", "HistoricalLocations"]  # fmt: skip
        case _:
            return ["Things(1)"] if name == "second" else ["Datastreams"]


@pytest.mark.parametrize("caller", CALLERS)
async def test_no_address_gives_what_is_above_the_callers_marking(
    town: Town, caller: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: set[str] = set()
    statuses = set()
    for address in quick_addresses(town):
        response = await town.ask(caller, address)
        statuses.add(response.status_code)
        found = levels(response, address)
        assert found <= SEES[caller], f"{address}: {found}"
        seen |= found
    assert seen == SEES[caller]
    assert 500 not in statuses
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("hinomi")]
    assert CANARY.search("\n".join(ours).encode()) is None


@pytest.mark.parametrize("caller", CALLERS)
async def test_no_form_of_an_answer_gives_it_either(town: Town, caller: str) -> None:
    forms = [("items", f) for f in ("html", "csv", "sip4d-zip", "cap")]
    export = next(r for r in ROUTES if r.name == "export")
    forms += [("export", name) for _, name in export.offers]
    for (place, form), collection in itertools.product(forms, SAMPLE):
        for status in ("actual", "exercise"):
            address = f"/collections/{collection}/{place}?f={form}&status={status}"
            found = levels(await town.ask(caller, address), address)
            assert found <= SEES[caller], f"{address}: {found}"
            holds = {"AMBER"} if status == "actual" else {"DRILL"}
            # A package holds what is open or for the exchange alone; CAP has no shelters.
            searched = form not in {"cap", "sip4d-zip"} and collection == "response.shelters"
            if caller == "amber" and searched:
                assert found >= holds, f"{address} is not searched: {found}"


async def test_products_and_reports_hold_nothing_that_the_reader_may_not_see(town: Town) -> None:
    for product in CATALOG.products:
        if product.endswith((".pdf", ".xlsx")) and not product.startswith(("roster", "fdma")):
            continue  # The same figures as the HTML beside it.
        address = f"/products/{product}?status=actual"
        response = await town.ask("anonymous", address)
        assert response.status_code == 200, address
        assert levels(response, address) == set(), address


@pytest.mark.parametrize("caller", CALLERS)
async def test_a_records_id_opens_nothing(town: Town, caller: str) -> None:
    allowed = SEES[caller]
    for collection in ("hazards.quakes", "response.evacuation_orders", *SAMPLE):
        for level, record in zip(["", *MARKINGS], town.ids[collection], strict=True):
            for form in ("/records/{}?status=any", "/cap/{}.xml?status=any"):
                address = form.format(record)
                response = await town.ask(caller, address)
                assert levels(response, address) <= allowed, address
                if level and level not in allowed:
                    assert response.status_code == 404


async def test_near_names_of_what_is_hidden_are_not_told(town: Town) -> None:
    for address in (
        "/collections/response.shelters/items/KANARIAXMBERx-1",
        f"/series/{SERIES[0].id}.KANARIAXMBERx.value",
        "/collections/response.shelters/items?filter=nme='x'",
        "/collections/response.shelters/items?filter=name='KANARIAXMBERx'",
    ):
        found = levels(await town.ask("anonymous", address), address)
        assert found <= {"XMBER"}, address


async def _streamed(town: Town, caller: str) -> bytes:
    """Return what the change feed's stream sends from its beginning, until it is quiet."""
    got: list[bytes] = []
    quiet = asyncio.Event()
    keys = [] if caller == "anonymous" else [(b"x-api-key", f"hinomi_{caller}".encode())]
    scope = {
        "type": "http", "method": "GET", "path": "/changes/stream", "raw_path": b"/changes/stream",
        "query_string": b"after=0&status=any", "headers": keys, "scheme": "http",
        "server": ("town.test", 80), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        await quiet.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        got.append(message.get("body", b""))

    task = asyncio.ensure_future(town.app(scope, receive, send))
    last = -1
    for _ in range(100):
        await asyncio.sleep(0.1)
        if len(got) == last and len(got) > 1:
            break
        last = len(got)
    quiet.set()
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(task, 5)
    return b"".join(got)


@pytest.mark.parametrize("caller", CALLERS)
async def test_the_stream_of_changes_gives_no_more(town: Town, caller: str) -> None:
    data = await _streamed(town, caller)
    assert b"event: record" in data
    assert {m.decode() for m in CANARY.findall(data)} == SEES[caller]


def test_packages_that_are_delivered_hold_the_receivers_part_only(
    town: Town, tmp_path: Path
) -> None:
    delivery = OutDelivery(
        name="open", collection="response.shelters", to=str(tmp_path / "out"), settle_s=0.0
    )
    hands = [NOW]
    deliveries = Deliveries(town.store, CATALOG, [delivery], Sender(), now=lambda: hands[0])
    for _ in range(3):
        hands[0] += timedelta(seconds=5)
        deliveries.round()
    (package,) = (tmp_path / "out").iterdir()
    assert CANARY.search(unpacked(package.read_bytes())) is None


def test_the_search_finds_in_packed_bytes() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.gz", gzip.compress(b"KANARIAREDx"))
    assert CANARY.findall(unpacked(out.getvalue())) == [b"RED"]
    assert CANARY.findall(unpacked(b"xx" + gzip.compress(b"KANARIAGREENx"))) == [b"GREEN"]
