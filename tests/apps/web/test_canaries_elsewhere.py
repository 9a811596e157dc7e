"""Canaries in what leaves by other ways: batches to partners, refusals, logs, pictures."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from hinomi.domains.hazards.collections.rain import RAIN, RainGrid
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import HinomiError, Text
from hinomi.kernel.marking import OPERATOR
from hinomi.kernel.ports import Domain, Model
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record
from hinomi.runtime import operations
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Agreement
from hinomi.runtime.federation.outbox import Outbox, View
from hinomi.runtime.models import Models
from hinomi.runtime.policy import masking, shipped
from hinomi.runtime.writer import Writer
from hinomi.science.coverages import Packed, pack
from hinomi.standards import batches
from hinomi.standards.batches import Cursor
from hinomi.stores.sqlite import SqliteStore
from hinomi.vocabulary.grids import box
from tests.apps.web.canaries import (
    CALLERS,
    CANARY,
    CATALOG,
    MARKINGS,
    NOW,
    SAMPLE,
    SEES,
    TOWN,
    Planted,
    Town,
    canary,
    levels,
)

pytestmark = pytest.mark.anyio
TILE = "/collections/hazards.rain/map/tiles/WebMercatorQuad/6/25/55"
PLACE = "/collections/hazards.rain/position?coords=POINT(134%2034)"
PARTS = (
    PLACE,
    "/collections/hazards.rain/cube?bbox=133,33,135,35",
    "/collections/hazards.rain/area?coords=POLYGON((133%2033,135%2033,135%2035,133%2035,133%2033))",
    "/collections/hazards.rain/radius?coords=POINT(134%2034)&within=90&within-units=km",
)
BOUNDS = (130.0, 30.0, 140.0, 40.0)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    found = Town(tmp_path_factory.mktemp("elsewhere"))
    yield found
    if found.service.audit is not None:
        found.service.audit.close()


def told(data: bytes) -> set[str]:
    return {m.decode() for m in CANARY.findall(data)}


@pytest.mark.parametrize(
    ("terms", "may"),
    [
        ({}, set()),
        ({"statuses": ("actual", "exercise", "test")}, set()),
        ({"disclosure": "RED"}, {"GREEN"}),
        ({"disclosure": "GREEN", "audience": (TOWN,)}, {"GREEN"}),
        ({"disclosure": "AMBER", "audience": (TOWN,)}, {"GREEN", "AMBER"}),
        ({"disclosure": "RED", "audience": (TOWN,), "statuses": ("exercise",)}, {"DRILL"}),
    ],
)
def test_a_partner_gets_what_its_agreement_and_each_marking_allow(
    planted_folder: Path, terms: dict[str, Any], may: set[str]
) -> None:
    """The whole log as it goes over the wire: first as a snapshot, then what follows."""
    key = nodekey.load(planted_folder)
    with closing(SqliteStore(planted_folder, read_only=True)) as store:
        outbox = Outbox(f"sqlite:{planted_folder}", store, CATALOG, key, "log")
        view = View(Agreement(collections=("*",), **terms))
        cursor, sent = Cursor(), b""
        for _ in range(1000):
            batch = outbox.batch(view, cursor, 1e9)
            sealed = batches.unseal(outbox.sealed(batch))
            # What is packed, unpacked; and whatever lies beside it.
            sent += msgspec.json.encode(batches.unpack(sealed.packed))
            if batch.then == cursor:
                break
            cursor = batch.then
        outbox.close()
    assert told(sent) == may


@pytest.fixture(scope="module")
def planted_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node")
    with closing(SqliteStore(folder)) as store:
        Planted(store)
    return folder


@pytest.mark.parametrize("caller", CALLERS)
async def test_what_is_refused_is_refused_without_saying_what_stands_there(
    town: Town, caller: str
) -> None:
    """Writing to hidden things, with and without a right, with bodies that are wrong."""
    body = b'{"type":"Feature","id":"r-1","geometry":null,"properties":{"nme":1}}'
    places = ["r-1", "KANARIAXMBERx-1", "KANARIAREDx-1", "none"]
    head = {"content-type": "application/geo+json", "if-match": '"x"'}
    for collection in SAMPLE:
        for key in places:
            path = f"/collections/{collection}/items/{key}"
            for method in ("PUT", "DELETE", "PATCH"):
                answer = await town.ask(caller, path, method, content=body, headers=head)
                assert answer.status_code >= 400
                assert levels(answer, path) <= SEES[caller] | {"XMBER"}, (method, path)
    for path in ("/acts/response.change-duty", "/blobs/0", "/records/0", "/acts/none"):
        answer = await town.ask(caller, path, "POST", content=b'{"key":"r-1"}')
        assert levels(answer, path) <= SEES[caller], path


def test_a_model_that_fails_over_closed_statements_tells_nobody_what_they_say(
    planted_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its own error names the statement, as errors do: log and alarm are the operator's alone."""

    def predict(reader: Reader, keys: Any) -> Any:
        del keys
        raise ValueError(next(iter(reader.every("response.roster"))).key)

    text = Text("故障", "faulty")
    model = Model(
        id="faulty", title=text, version="1", needs=("response.roster",), gives=(),
        predict=predict, reference="none", limits=text,
    )  # fmt: skip
    catalog = Catalog((*CATALOG.domains, Domain(id="more", title=text, models=(model,))))
    with closing(SqliteStore(tmp_path)) as store:
        Planted(store)
        Models(Writer(store), catalog).advance("faulty")
        for caller in CALLERS.values():
            reader = masking.reader(store, catalog, caller, shipped(), now=lambda: NOW)
            alarms = b"".join(i.feature for i in reader.every(operations.ALARMS.id))
            own = {n for n in SEES if CALLERS[n] == caller}.pop()
            assert told(alarms) <= SEES[own]
        everyone = Reader(store, catalog, OPERATOR)
        codes = {i.body()["code"] for i in everyone.every(operations.ALARMS.id)
                 if "code" in i.body()}  # fmt: skip
        assert "model.failed" in codes
    assert planted_folder.exists()
    del caplog


async def test_log_lines_hold_no_statement_even_where_all_is_logged(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for caller in CALLERS:
        for path in ("/collections/response.roster/items?status=any", "/changes?status=any",
                     "/collections/response.roster/items/r-1", "/records/none", TILE, PLACE,
                     "/collections/response.shelters/items?filter=name%20LIKE%20'%25x'",
                     "/products/situation.html", "/catalogue?q=x"):  # fmt: skip
            await town.ask(caller, path)
            await town.ask(caller, path, "POST", content=b"{")
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("hinomi"))
    assert told(ours.encode()) == set()


async def test_closed_grids_are_in_no_picture_and_in_no_value(town: Town) -> None:
    at = NOW
    for number, (level, marking) in enumerate(MARKINGS.items()):
        values = np.full((1, 20, 20), 60.0 + number, np.float32)
        grid = Packed(parameter="rain_mm_per_h", unit="mm/h", times=(at,), bounds=BOUNDS,
                      values=values)  # fmt: skip
        body = RainGrid(
            parameter="rain_mm_per_h", unit="mm/h", bounds=BOUNDS, rows=20, columns=20,
            moments=(at,), grid_digest=town.store.put_blob(pack(grid, 0.1)), network=canary(level),
        )  # fmt: skip
        record = Record(
            collection=RAIN.id, key=f"grid-{level}", when=Interval(at, at), said_at=at, body=body,
            source="radar", place=box(*BOUNDS), marking=marking,
        )  # fmt: skip
        town.store.put([record], at=at)
    moment = f"datetime={at.isoformat().replace('+00:00', 'Z')}"
    for caller, sees in SEES.items():
        picture = await town.ask(caller, f"{TILE}?{moment}")
        assert picture.status_code == 200, picture.text
        shown = Image.open(io.BytesIO(picture.content)).convert("RGBA").getextrema()[3][1] > 0
        assert shown is bool(sees & {"GREEN", "AMBER"}), caller
        for level in ("GREEN", "AMBER", "RED"):
            file = await town.ask(caller, f"/collections/hazards.rain/coverage?key=grid-{level}")
            assert file.status_code == (200 if level in sees else 404), file.text
        hidden = {60.0 + n for n, level in enumerate(MARKINGS) if level not in sees}
        for part in PARTS:
            place = await town.ask(caller, f"{part}&{moment}")
            assert place.status_code in {200, 404}, place.text
            assert levels(place, "") <= sees
            given = {v for one in place.json().get("coverages", ())
                     for v in one["ranges"]["rain_mm_per_h"]["values"]}  # fmt: skip
            assert not hidden & given, (caller, part)


def test_the_search_would_find_a_leak_in_a_batch(planted_folder: Path) -> None:
    with closing(SqliteStore(planted_folder, read_only=True)) as store:
        whole = b"".join(
            change.record.feature
            for change in store.changes(0, visible=store.markings(), limit=10_000).items
            if change.record is not None
        )
    assert told(whole) == set(MARKINGS)
    with pytest.raises(HinomiError):
        batches.unseal(b"no batch")
