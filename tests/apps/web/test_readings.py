"""Series and readings."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType

import httpx
import pytest

from hinomi.kernel.records import Readings, Series, micros
from hinomi.kernel.store import Store

pytestmark = pytest.mark.anyio
DAY = "2026-05-01T00:00:00Z/2026-05-02T00:00:00Z"


async def test_series_come_with_their_latest_values(client: httpx.AsyncClient) -> None:
    answer = await client.get("/series?collection=town.levels&bbox=136.5,36,139,37")
    found = answer.json()["series"]
    assert [s["thing"] for s in found] == ["g1", "g2"]
    assert found[0]["latest"]["value"] == pytest.approx(2.43)
    assert found[0]["latest"]["quality"] == "good"
    again = {"If-None-Match": answer.headers["etag"]}
    same = await client.get("/series?collection=town.levels&bbox=136.5,36,139,37", headers=again)
    assert same.status_code == 304


def gauge(number: int, collection: str = "town.levels") -> Series:
    return Series(
        id=f"town.levels.g{number}.level_m", collection=collection, thing=f"g{number}",
        property="level_m", unit="m", source="town", longitude=136.0, latitude=36.5,
    )  # fmt: skip


async def test_kept_latest_values_are_those_made_anew(
    client: httpx.AsyncClient, store: Store, town: ModuleType
) -> None:
    # A box is always answered anew; the whole world's is the same answer.
    url = "/series?collection=town.levels"
    seen = set()
    appends = [gauge(1), gauge(1), gauge(9), gauge(0), gauge(1, "town.others")]
    for step, series in enumerate(appends):
        time = town.NOON + timedelta(days=1 + step)
        row = (0, micros(time), 7.0 + step, 0)
        store.put([], [Readings(series=(series,), rows=[row])], at=time)
        kept = (await client.get(url)).content
        assert kept == (await client.get(f"{url}&bbox=-180,-90,180,90")).content
        seen.add(kept)
    assert len(seen) == len(appends)


async def test_readings_of_a_series_are_paged_by_time(client: httpx.AsyncClient) -> None:
    url: str | None = "/series/town.levels.g1.level_m/readings?limit=50"
    rows: list[list[object]] = []
    while url:
        page = (await client.get(url)).json()
        rows += page["readings"]
        url = next((x["href"] for x in page["links"] if x["rel"] == "next"), None)
    assert len(rows) == 144
    assert rows[0] == ["2026-05-01T03:00:00Z", 1.0, "good"]
    assert rows == sorted(rows)


async def test_from_is_included_and_to_is_not(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        "/series/town.levels.g0.level_m/readings"
        "?from=2026-05-01T03:10:00Z&to=2026-05-01T12:20:00%2B09:00&f=csv"
    )
    assert answer.text.splitlines() == ["time,value,quality", "2026-05-01T03:10:00Z,0.01,good"]


async def test_readings_in_a_box_are_grouped_by_series(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        f"/readings?collection=town.levels&bbox=136.5,36,139,37&datetime={DAY}"
    )
    found = answer.json()
    assert set(found["readings"]) == {"town.levels.g1.level_m", "town.levels.g2.level_m"}
    assert found["numberReturned"] == sum(map(len, found["readings"].values())) == 2 * 127
    assert found["complete"] is True


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/series", 400),
        ("/series?collection=town.shelters", 404),
        ("/series/nowhere", 404),
        ("/readings?collection=town.levels&bbox=1,2,3,4", 400),
        ("/readings?collection=town.levels&bbox=1,2,3,4&datetime=../..", 400),
        ("/series/town.levels.g0.level_m/readings?from=x", 400),
        ("/series/town.levels.g0.level_m/readings?from=2026-05-02&to=2026-05-01", 400),
        ("/series/town.levels.g0.level_m/readings?token=abc", 400),
    ],
)
async def test_a_wrong_question_is_refused(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    assert (await client.get(path)).status_code == status
