"""Marked canaries in every collection, looked for in everything that leaves: none ever does.

Callers of each clearance ask every address of the route table, in every form that it offers;
whatever comes out (headers, errors and log lines included) is unpacked and searched. That the
search can find is shown by those who may see: they find the canaries by the same means. What leaves
by other ways than pages is in ``test_canaries_elsewhere.py``, photos in ``test_photos.py``.
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
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hinomi.apps.web.table import ROUTES
from hinomi.domains.response.collections.roster import Duty
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.kernel.records import Record
from hinomi.runtime.config import OutDelivery
from hinomi.runtime.deliveries import Deliveries
from hinomi.vocabulary.exchange import Sender
from tests.apps.web.canaries import (
    CALLERS,
    CANARY,
    CATALOG,
    MARKINGS,
    NOW,
    SAMPLE,
    SEES,
    SERIES,
    TOWN,
    Town,
    levels,
    unpacked,
)

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    found = Town(tmp_path_factory.mktemp("canaries"))
    yield found
    if found.service.audit is not None:
        found.service.audit.close()


def quick_addresses(town: Town) -> list[str]:
    """Return every address that answers at once, its blanks filled with all that there is."""
    found = []
    for route in ROUTES:
        if route.method != "GET" or route.path in _APART:
            continue
        names = re.findall(r"\{(\w+)\}", route.path)
        # Features of all collections leave by the same code: one address asks for all.
        every = route.name == "items"
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
            return sorted(town.ids) if every else list(SAMPLE)
        case "key":
            return ["open-1", "r-1"]
        case "digest":
            return [town.planted.digest]
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


@pytest.mark.parametrize("caller", ["anonymous", "amber"])
async def test_no_form_of_an_answer_gives_it_either(town: Town, caller: str) -> None:
    forms = [("items", f) for f in ("html", "csv", "sip4d-zip", "cap")]
    export = next(r for r in ROUTES if r.name == "export")
    forms += [("export", name) for _, name in export.offers]
    for place, form in forms:
        # Each form is made by the same code for every collection and status.
        for collection, status in (
            ("response.shelters", "actual"), ("response.shelters", "exercise"),
            ("response.roster", "actual"),
        ):  # fmt: skip
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


async def _streamed(town: Town, caller: str, after: int = 0, until: bytes = b"") -> bytes:
    """Return what the stream sends from a position on, until it told of that and is quiet."""
    got: list[bytes] = []
    quiet = asyncio.Event()
    keys = [] if caller == "anonymous" else [(b"x-api-key", f"hinomi_{caller}".encode())]
    scope = {
        "type": "http", "method": "GET", "path": "/changes/stream", "raw_path": b"/changes/stream",
        "query_string": b"after=%d&status=any" % after, "headers": keys, "scheme": "http",
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
        if len(got) == last and len(got) > 1 and until in b"".join(got):
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


async def test_the_stream_shows_a_name_to_one_and_covers_it_for_another_with_the_same_markings(
    town: Town,
) -> None:
    """What is read once for all who see the same markings is not for who sees fewer fields."""
    other = Principal("pref", (TOWN,), Disclosure.AMBER, (), ("prefecture-officer",))
    town.keys["hinomi_pref"] = other
    after = town.store.position()
    told = [
        asyncio.ensure_future(_streamed(town, who, after, b'"n-1"')) for who in ("amber", "pref")
    ]
    await asyncio.sleep(0.3)  # Both wait for what comes.
    body = Duty(name="NOTOHANAKO", team="班", state="on_duty")
    record = Record(
        collection="response.roster", key="n-1", said_at=NOW, body=body, source="t",
        marking=MARKINGS["AMBER"],
    )  # fmt: skip
    town.store.put([record], at=NOW)
    shown, covered = await asyncio.gather(*told)
    assert b"NOTOHANAKO" in shown
    assert b"NOTOHANAKO" not in covered
    assert "●●●".encode() in covered


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
