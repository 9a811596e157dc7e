"""Real data and an exercise at once, about the same towns, gauges and shelters: nothing mixes.

Three worlds hear the same minutes: one only real payloads, one only the exercise, one both. Every
output of the one with both must be the first one's for actual and the second one's for exercise.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hinomi.apps.web.app import create_app
from hinomi.kernel.collections import Kind
from hinomi.kernel.marking import OPERATOR, Status
from hinomi.kernel.reader import Reader
from hinomi.runtime.alerts import AlertMail
from hinomi.runtime.config import Config, Mail
from hinomi.runtime.drill.play import rehearse
from hinomi.runtime.drill.reading import read
from hinomi.runtime.service import Service
from tests.runtime.drill.conftest import START, Theatre

HEAD = """時刻,種別,対象,値,経度,緯度,文,期待する行動,期限(分),手がかり
,設定,場所,石川県
,設定,水位の間隔,20
,避難所の定義,七尾市 第一小学校,200,136.97,37.04
,避難所の定義,七尾市 第二小学校,100,136.98,37.05
,水位計の定義,七尾市 御祓川 桧物橋,1.2/2.1/2.9,136.96,37.04
"""
REAL = f"""{HEAD}0:00,大雨,七尾市、輪島市,2
0:00,水位,桧物橋,0.5
0:05,避難所,第一小学校,7
0:10,土砂災害,七尾市,4
0:20,地震,七尾市=4,M5.0 深さ10km,137.0,37.2
0:30,台風,日本海,985hPa 25m/s,135.0,36.0
1:00,終了
"""
DRILL = f"""{HEAD}0:00,大雨,七尾市、輪島市,5,,,,緊急安全確保,10
0:00,水位,桧物橋,3.3
0:05,避難所,第一小学校、第二小学校,満員
0:15,停電,七尾市,,,,全域が停電
0:16,通行止,国道249号、輪島市,,136.9,37.3,のり面が崩れた
0:20,地震,七尾市=6強,M7.0 深さ10km,137.0,37.2
0:22,津波,石川県能登,津波警報 3m
0:30,台風,日本海,940hPa 50m/s,135.0,36.0
1:00,終了
"""
STATUSES = ("actual", "exercise")
PATHS = (
    "/series?collection=hazards.river_levels",
    "/readings?collection=hazards.river_levels&bbox=136,36,138,38&datetime=2026-06-01T00:00:00Z/2026-06-02T00:00:00Z",
    "/products/open-shelters.csv",
    "/products/drill-review.csv",
)


class World(Theatre):
    """A theatre with mails, which may hear real payloads, an exercise, or both."""

    def __init__(self, folder: Path, *, real: bool, drill: bool) -> None:
        super().__init__()
        self.mails: list[tuple[tuple[str, ...], str, str]] = []
        folder.mkdir()
        config = Config(mail=Mail(server="x", sender="h@x", to=("us",), exercise_to=("them",)))
        kept = folder / "alerts.json"
        self.mail = AlertMail(self.writer, self.catalog, config, kept, send=self.send)
        scenario, problems = read(REAL.encode(), "real", date(2026, 6, 1))
        assert scenario is not None, problems
        steps = rehearse(scenario, START) if real else []
        if drill:
            path = folder / "drill.csv"
            path.write_text(DRILL, encoding="utf-8")
            self.conductor.start(str(path), speed=1)
        for minute in range(59):
            self.now = START + timedelta(minutes=minute, seconds=1)
            for step in steps:
                if step.after == timedelta(minutes=minute):
                    actual = step.data.replace("訓練</Status>".encode(), "通常</Status>".encode())
                    self.real.take(actual, step.name, f"feed:{step.name}", self.now)
            if drill:
                self.conductor.tick()
            self.models.catch_up()
            self.mail.look()

    def send(self, to: Sequence[str], subject: str, text: str) -> None:
        self.mails.append((tuple(to), subject, text))

    def items(self, status: Status) -> dict[str, list[Any]]:
        reader = Reader(self.store, self.catalog, OPERATOR, status=frozenset({status}))
        found = {}
        for name, collection in self.catalog.collections.items():
            if collection.kind is Kind.FEATURES:
                found[name] = sorted(map(_plain, reader.every(name, beside=True)), key=str)
        return found

    def counts(self, status: Status) -> dict[tuple[str, str], int]:
        return {
            (name, str(m)): n for (name, m), n in self.store.counts().items() if m.status is status
        }

    def changes(self, status: Status) -> list[tuple[str, str, str]]:
        reader = Reader(self.store, self.catalog, OPERATOR, status=frozenset({status}))
        found, position = [], 0
        while True:
            page = reader.changes(position)
            found += [(c.kind, c.collection, c.key) for c in page.items]
            if page.position == position:
                return sorted(found)
            position = page.position


def _plain(stored: Any) -> dict[str, Any]:
    said = {k: v for k, v in stored.properties().items() if k != "recorded_at"}
    return {"key": stored.key, "place": stored.place(), **said}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    folder = tmp_path_factory.mktemp("worlds")
    return {
        "actual": World(folder / "a", real=True, drill=False),
        "exercise": World(folder / "b", real=False, drill=True),
        "both": World(folder / "c", real=True, drill=True),
    }


@pytest.mark.parametrize("status", STATUSES)
def test_every_collection_is_as_if_the_other_did_not_exist(
    worlds: dict[str, World], status: str
) -> None:
    alone, both = (worlds[w].items(Status(status)) for w in (status, "both"))
    assert sum(map(len, alone.values())) > 20
    for name in alone:
        assert both[name] == alone[name], name


@pytest.mark.parametrize("status", STATUSES)
def test_feed_and_counts_are_as_if_the_other_did_not_exist(
    worlds: dict[str, World], status: str
) -> None:
    alone, both = worlds[status], worlds["both"]
    assert both.counts(Status(status)) == alone.counts(Status(status))
    assert both.changes(Status(status)) == alone.changes(Status(status))


def test_models_see_one_status_each(worlds: dict[str, World]) -> None:
    both = worlds["both"]
    for status, level in ((Status.ACTUAL, 4), (Status.EXERCISE, 5)):
        found = {b["key"]: b for b in both.items(status)["hazards.levels"]}
        assert found["1720200"]["level"] == level
    gauges = {s: worlds["both"].items(Status(s))["hazards.gauges"][0]["state"] for s in STATUSES}
    assert gauges == {"actual": "below", "exercise": "overflow"}


def test_mails_of_an_exercise_go_to_its_own_list_alone(worlds: dict[str, World]) -> None:
    mails = worlds["both"].mails
    ours, theirs = ([m for m in mails if m[0] == (who,)] for who in ("us", "them"))
    assert len(ours) + len(theirs) == len(mails)
    assert ours == worlds["actual"].mails
    assert theirs == worlds["exercise"].mails
    assert ours
    assert theirs
    assert all("訓練" in subject and "訓練" in text for _, subject, text in theirs)
    assert not any("訓練" in subject + text for _, subject, text in ours)


def _app(world: World) -> Any:
    service = Service(world.store, world.catalog, now=lambda: world.now)
    return create_app(service)


async def _get(world: World, path: str) -> tuple[int, bytes]:
    transport = httpx.ASGITransport(app=_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        answer = await client.get(path)
        return answer.status_code, answer.content


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", STATUSES)
def test_series_readings_and_products_are_as_if_the_other_did_not_exist(
    worlds: dict[str, World], path: str, status: str
) -> None:
    asked = f"{path}{'&' if '?' in path else '?'}status={status}"
    alone, both = (asyncio.run(_get(worlds[w], asked)) for w in (status, "both"))
    assert alone[0] == 200
    assert both == alone


@pytest.mark.parametrize("status", STATUSES)
def test_tiles_are_as_if_the_other_did_not_exist(worlds: dict[str, World], status: str) -> None:
    path = f"/collections/response.shelters/tiles/WebMercatorQuad/6/24/56?status={status}&f=mvt"
    alone, both = (asyncio.run(_get(worlds[w], path)) for w in (status, "both"))
    assert alone[0] == 200, alone
    assert alone[1]
    assert both == alone


async def _streamed(world: World, query: str) -> str:
    told: list[bytes] = []
    asked = asyncio.Event()

    async def send(message: Any) -> None:
        told.append(message.get("body", b""))

    async def receive() -> Any:
        await asked.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http", "method": "GET", "path": "/changes/stream", "raw_path": b"/changes/stream",
        "query_string": query.encode(), "headers": [(b"host", b"t")], "scheme": "http",
    }  # fmt: skip
    app = _app(world)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(app(scope, receive, send), 1.0)
    await app.hub.close()
    return b"".join(told).decode()


def test_the_stream_tells_of_one_status(worlds: dict[str, World]) -> None:
    query = "after=0&collections=hazards.warnings,response.shelters,response.injects"
    for status, other in (("actual", "exercise"), ("exercise", "actual")):
        text = asyncio.run(_streamed(worlds["both"], f"{query}&status={status}"))
        assert f'"status":"{status}"' in text
        assert f'"status":"{other}"' not in text
    assert "停電" not in asyncio.run(_streamed(worlds["both"], query))


def test_what_is_actual_never_names_the_exercise(worlds: dict[str, World]) -> None:
    text = msgspec.json.encode(worlds["both"].items(Status.ACTUAL)).decode()
    for word in ("drill:", "全域が停電", "津波警報", "のり面"):
        assert word not in text


def test_a_cut_road_and_an_outage_are_the_exercise_s_alone(worlds: dict[str, World]) -> None:
    for collection in ("response.roads", "response.lifelines"):
        found = {s: worlds["both"].items(Status(s))[collection] for s in STATUSES}
        assert len(found["exercise"]) == 1
        assert found["actual"] == []
        path = f"/collections/{collection}/items"
        assert b"drill" not in asyncio.run(_get(worlds["both"], path))[1]
        told = asyncio.run(_get(worlds["both"], f"{path}?status=exercise"))[1]
        assert b'"numberReturned":1' in told.replace(b" ", b"")
