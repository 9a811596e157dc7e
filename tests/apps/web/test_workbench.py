"""The workbench over HTTP: ask, run apart, compare, cancel; and who sees what of it."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from hinomi.apps.web.app import create_app
from hinomi.domains.hazards.collections.scenarios import SCENARIO_MAPS, SCENARIO_RUNS
from hinomi.domains.hazards.predict_inundation import Curve, FloodCase, Ground, Post
from hinomi.domains.hazards.workbench.grounds import case_record, exposure_of, place_of
from hinomi.kernel.marking import OPEN, OPERATOR, Disclosure, Marking, Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.runtime.people import People
from hinomi.runtime.service import Service
from hinomi.runtime.workbench.job import Workbench
from hinomi.runtime.workbench.work import Apart, Ended, timed
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
CRS = "EPSG:6677"
EXERCISE = Marking(Status.EXERCISE)


class Town:
    """A store with one case of a flat basin, in the exercise and for everyone."""

    def __init__(self, folder: Path) -> None:
        self.store, self.catalog = MemoryStore(), default_catalog()
        self.now = datetime(2026, 9, 1, tzinfo=UTC)
        self.writer = Writer(self.store, now=self.clock)
        self.bench = Workbench(self.writer, self.catalog)
        keys = Keys(folder)
        self.keys = {
            name: keys.create(Principal(name, (town,), Disclosure.AMBER, (), ("officer",)))
            for name, town in (("佐藤", "town"), ("他町", "elsewhere"))
        }
        ground = Ground(np.zeros((12, 16)), 20.0, 0.0, 240.0, "0" * 64)
        plan = FloodCase(
            title="平らな町", dem="-", hours=0.5, crs=CRS, rain_mm_h=Curve((200.0,)),
            gauge=(Post("橋", (110.0, 110.0)),),
        )  # fmt: skip
        people = exposure_of(b"x,y,people,buildings\n110,110,40,9\n", ground)
        for marking in (EXERCISE, OPEN):
            at = self.clock()
            record, packed = case_record("flat", plan, ground, people, marking, said_at=at)
            self.store.put_blob(packed)
            self.writer.put([record])
        service = Service(self.store, self.catalog, keyring=People(folder), now=self.clock)
        self.app = create_app(service)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def reader(self) -> Reader:
        return Reader(self.store, self.catalog, OPERATOR, status=frozenset(Status))

    def states(self, key: str) -> list[str]:
        page = self.reader().history(SCENARIO_RUNS.id, key)
        return [str(item.properties()["state"]) for item in page.items]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


@pytest.fixture
async def client(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=town.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        yield found


@pytest.fixture
def here(town: Town) -> None:
    """Runs in this process: another one takes seconds to import."""
    town.bench.apart = timed


async def asked(client: httpx.AsyncClient, town: Town, title: str, **values: Any) -> str:
    head = {"X-API-Key": town.keys["佐藤"]}
    status = values.pop("status", "exercise")
    cases = await client.get(
        f"/collections/hazards.scenario_cases/items?status={status}&f=json", headers=head
    )
    case = cases.json()["features"][0]
    made = await client.post(
        f"/acts/hazards.run-scenario?status={status}", headers=head,
        json={"key": case["id"], "expected": case["properties"]["record"],
              "values": {"title": title, **values}},
    )  # fmt: skip
    assert made.status_code == 200, made.text
    key: str = made.json()["records"][0]["key"]
    return key


async def get(client: httpx.AsyncClient, town: Town, path: str, who: str = "") -> httpx.Response:
    head = {"X-API-Key": town.keys[who]} if who else {}
    return await client.get(path, headers=head)


@pytest.mark.usefixtures("here")
async def test_runs_are_asked_for_run_and_compared(client: httpx.AsyncClient, town: Town) -> None:
    one = await asked(client, town, "いまの雨")
    two = await asked(client, town, "2倍", rain=200)
    assert town.bench.catch_up() == 2
    assert town.states(one)[0] == "queued"
    assert town.states(one)[-1] == "done"
    path = f"/workbench/compare?runs={one},{two}&status=exercise"
    told = (await get(client, town, path, "佐藤")).json()
    first, second = (entry["run"]["figures"] for entry in told["runs"])
    assert second["volume_m3"] == pytest.approx(2 * first["volume_m3"], rel=1e-3)
    assert first["people"] == 40
    assert told["runs"][0]["run"]["cost"]["steps"] > 10
    of = {score["of"]: score for score in told["runs"][1]["scores"]}
    assert of["橋"]["against"] == one
    assert of["map"]["csi"] is not None
    probed = await get(
        client, town,
        "/workbench/probe?status=exercise&runs={},{}&place={},{}".format(
            one, two, *place_of(CRS, (110.0, 110.0))
        ), "佐藤",
    )  # fmt: skip
    depths = [run["max_depth_m"] for run in probed.json()["runs"]]
    assert depths == pytest.approx([0.1, 0.2], abs=0.01)
    for of_what in ("max_depth_m", "arrival_min", "depth_m&moment=3", "difference"):
        drawn = await get(
            client, town, f"/workbench/picture?runs={one},{two}&of={of_what}&status=exercise",
            "佐藤",
        )  # fmt: skip
        assert drawn.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(drawn.content)).size[0] >= 16


@pytest.mark.usefixtures("here")
async def test_a_run_is_removed_with_its_maps_and_can_be_compared_no_more(
    client: httpx.AsyncClient, town: Town
) -> None:
    one, two = await asked(client, town, "残す"), await asked(client, town, "消す")
    assert town.bench.catch_up() == 2
    item = town.reader().get(SCENARIO_RUNS.id, two)
    gone = await client.post(
        "/acts/hazards.remove-scenario?status=exercise", headers={"X-API-Key": town.keys["佐藤"]},
        json={"key": two, "expected": item.id},
    )  # fmt: skip
    assert gone.status_code == 200, gone.text
    assert [run.key for run in town.reader().every(SCENARIO_RUNS.id)] == [one]
    assert {m.key.partition("/")[0] for m in town.reader().every(SCENARIO_MAPS.id)} == {one}
    path = f"/workbench/compare?runs={one},{two}&status=exercise"
    assert (await get(client, town, path, "佐藤")).status_code == 404


@pytest.mark.usefixtures("here")
async def test_nobody_else_sees_a_run_and_no_run_leaves_its_exercise(
    client: httpx.AsyncClient, town: Town
) -> None:
    exercise = await asked(client, town, "訓練の計算")
    actual = await asked(client, town, "通常の計算", status="actual")
    town.bench.catch_up()

    async def codes(key: str, who: str, status: str) -> set[int]:
        paths = [
            f"/workbench/compare?runs={key}&",
            f"/workbench/picture?runs={key}&",
            f"/workbench/probe?runs={key}&place=139,36&",
            f"/collections/hazards.scenario_runs/items/{key}?",
            f"/collections/hazards.scenario_maps/items/{key}%2Fmax_depth_m?",
        ]
        return {
            (await get(client, town, f"{path}status={status}", who)).status_code for path in paths
        }

    assert await codes(exercise, "佐藤", "exercise") == {200}
    assert await codes(actual, "佐藤", "actual") == {200}
    assert await codes(exercise, "佐藤", "actual") == {404}
    assert await codes(actual, "佐藤", "exercise") == {404}
    # In a drill all who take part are one headquarters; of the actual another town sees nothing.
    assert await codes(actual, "他町", "actual") == {404}
    for key in (exercise, actual):
        assert await codes(key, "", "any") == {404}
    for name in ("scenario_runs", "scenario_maps"):
        listed = await get(client, town, f"/collections/hazards.{name}/items?status=any&f=json")
        assert listed.json()["features"] == []


@pytest.mark.usefixtures("here")
async def test_what_cannot_be_run_says_why_and_holds_up_nothing(
    client: httpx.AsyncClient, town: Town
) -> None:
    sea = {"type": "Point", "coordinates": [150.0, 30.0]}
    bad = await asked(client, town, "海", breach=sea)
    good = await asked(client, town, "町")
    town.bench.catch_up()
    assert town.states(bad)[-1] == "failed"
    assert town.states(good)[-1] == "done"
    body = town.reader().get(SCENARIO_RUNS.id, bad).body()
    assert "範囲の外" in body["reason"]
    assert "outside" in body["reason_en"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("levee_by_m", "地盤を変える線"),
        ("gate_crest_m", "水門の位置"),
        ("pump_m3_s", "ポンプの位置"),
    ],
)
async def test_a_figure_without_its_place_is_refused_and_not_left_out(
    client: httpx.AsyncClient, town: Town, figure: str, said: str
) -> None:
    head = {"X-API-Key": town.keys["佐藤"], "Accept-Language": "ja"}
    path = "/collections/hazards.scenario_cases/items?status=exercise"
    (case,) = (await client.get(path, headers=head)).json()["features"]
    refused = await client.post(
        "/acts/hazards.run-scenario?status=exercise&lang=ja", headers=head,
        json={"key": case["id"], "expected": case["properties"]["record"],
              "values": {"title": "x", figure: 2}},
    )  # fmt: skip
    assert refused.status_code == 400
    assert said in refused.text


CHILD = """
import sys, time
from hinomi.domains.hazards.collections.scenarios import Cost, Figures
from hinomi.domains.hazards.workbench.running import Outcome
from hinomi.kernel.errors import InputError
from hinomi.runtime.workbench import work

def timed(task, told, stopped=None):
    hours = task.changes.hours
    if hours == 1:
        raise InputError("no", "だめ")
    if hours == 2:
        raise RuntimeError("broken")
    while hours == 240:
        told(0.5)
        time.sleep(0.05)
    figures = Figures(area_m2=1.0, area_by_rank_m2=(1.0,), volume_m3=1.0, deepest_m=1.0,
                      fastest_m_s=1.0)
    outcome = Outcome(
        figures=figures, traces=(), scores=(), steps=1, cells=1, bounds=task.case.bounds, rows=1,
        columns=1, moments=(task.starts_at,), extremes=b"x", depths=b"y", kernel="none",
        parameters="",
    )
    return work.Ended(outcome, Cost(cpu_s=1.0, wall_s=1.0, cells=1, steps=1))

work.timed = timed
sys.exit(work.main())
"""
"""The other process as it is, with a model in it that is not compiled."""


async def test_runs_share_another_process_and_one_under_way_can_be_cancelled(
    client: httpx.AsyncClient, town: Town
) -> None:
    town.bench.apart = Apart([sys.executable, "-c", CHILD])
    refused = await asked(client, town, "だめ", hours=1)
    broken = await asked(client, town, "障害", hours=2)
    short = await asked(client, town, "短い", hours=0.1)
    assert town.bench.catch_up() == 3
    assert town.states(short)[-1] == "done"
    reasons = [town.reader().get(SCENARIO_RUNS.id, k).body()["reason"] for k in (refused, broken)]
    assert reasons[0] == "だめ"
    assert "broken" in reasons[1]
    long = await asked(client, town, "長い", hours=240)
    running = threading.Thread(target=town.bench.catch_up)
    running.start()
    try:
        while True:
            item = town.reader().get(SCENARIO_RUNS.id, long)
            gone = await client.post(
                "/acts/hazards.cancel-scenario?status=exercise",
                headers={"X-API-Key": town.keys["佐藤"]},
                json={"key": long, "expected": item.id},
            )
            if gone.status_code != 412:  # It was stated anew meanwhile.
                break
        assert gone.status_code == 200, gone.text
    finally:
        running.join(60)
        town.bench.close()
    assert not running.is_alive()
    assert town.states(long)[-1] == "cancelled"
    assert town.bench.catch_up() == 0


@pytest.mark.usefixtures("here")
async def test_a_run_that_the_server_left_is_begun_again(
    client: httpx.AsyncClient, town: Town
) -> None:
    key = await asked(client, town, "停電")
    stop = threading.Event()

    def dies(*_: Any) -> Ended | None:
        stop.set()
        return None

    town.bench.apart = dies
    town.bench.catch_up(stop)
    assert town.states(key)[-1] == "running"
    after = Workbench(town.writer, town.catalog)
    after.apart = timed
    assert after.catch_up() == 1
    assert town.states(key)[-1] == "done"
