"""The marks on a time slider, and lists without shapes."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest

from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Record
from hinomi.runtime import clock

pytestmark = pytest.mark.anyio


async def _marks(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    now = clock.now()
    span = {"from": (now - timedelta(days=4000)).isoformat(), "to": now.isoformat()}
    answer = await client.get("/changes/moments", params={**span, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["moments"]
    return found


def _count(marks: list[dict[str, Any]], collection: str) -> int:
    return sum(mark["collections"].get(collection, 0) for mark in marks)


def _hall(town: ModuleType, status: Status) -> Record:
    return Record(
        collection="town.shelters",
        key="hall",
        said_at=clock.now(),
        place=point(139, 36),
        body=town.Shelter(name="公民館", state="open"),
        source="town",
        marking=Marking(status),
    )


async def test_a_mark_stands_where_something_changed(
    client: httpx.AsyncClient, store: Any, town: ModuleType
) -> None:
    before = _count(await _marks(client), "town.shelters")
    at = clock.now()
    store.put([_hall(town, Status.ACTUAL)], at=at)
    marks = await _marks(client)
    assert _count(marks, "town.shelters") == before + 1
    as_of = {"as-of": marks[-1]["at"]}
    found = await client.get("/collections/town.shelters/items/hall", params=as_of)
    assert found.json()["properties"]["name"] == "公民館"


async def test_an_exercise_leaves_no_mark_on_the_actual_line(
    client: httpx.AsyncClient, store: Any, town: ModuleType
) -> None:
    before = await _marks(client)
    store.put([_hall(town, Status.EXERCISE)], at=clock.now())
    assert _count(await _marks(client), "town.shelters") == _count(before, "town.shelters")
    drill = await _marks(client, status="exercise")
    assert _count(drill, "town.shelters") >= 1


async def test_marks_are_gathered_into_so_many_steps(client: httpx.AsyncClient) -> None:
    fine, coarse = await _marks(client, steps="1000"), await _marks(client, steps="1")
    assert len(coarse) == 1
    assert _count(coarse, "town.shelters") == _count(fine, "town.shelters")


async def test_a_span_needs_a_beginning_before_its_end(client: httpx.AsyncClient) -> None:
    answer = await client.get("/changes/moments", params={"from": "2999-01-01T00:00:00Z"})
    assert answer.status_code == 400


async def test_lists_without_shapes_are_the_same_but_for_the_shapes(
    client: httpx.AsyncClient,
) -> None:
    path = "/collections/town.shelters/items"
    whole = (await client.get(path)).json()["features"]
    bare = (await client.get(path, params={"skip-geometry": "true"})).json()["features"]
    assert any(feature["geometry"] for feature in whole)
    assert bare == [{**feature, "geometry": None} for feature in whole]
