"""A small town: 36 blocks on a grid of streets, three shelters, people who act, the model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from hinomi.domains.response.collections.facilities import ROADS, Road
from hinomi.domains.response.collections.shelters import SHELTERS, SITES, Shelter, Site
from hinomi.domains.response.evacuation.collections import (
    CONFIRMATIONS,
    EDITS,
    PLANS,
    POPULATION,
    ROAD_LINES,
    SHELTER_PLANS,
    Block,
    RoadLine,
)
from hinomi.domains.response.evacuation.model import EVACUATION_PLANS
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, Stored
from hinomi.runtime.acting import Acting
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.socket import Perform
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

START = datetime(2026, 9, 1, 18, tzinfo=UTC)
TOWN = "1720400"
WEST, SOUTH, STEP = 136.90, 37.38, 0.003
SIDE = 6
WHERE = {"east": (5, 3), "north": (2, 5), "west": (0, 1)}
"""Shelter to its column and row."""
CAPACITY = {"east": 800, "north": 600, "west": 700}


def spot(column: float, row: float) -> tuple[float, float]:
    return round(WEST + STEP * column, 6), round(SOUTH + STEP * row, 6)


def square(west: float, south: float, east: float, north: float) -> Geometry:
    """An outline by columns and rows."""
    a, b = spot(west, south), spot(east, north)
    ring = [[a[0], a[1]], [b[0], a[1]], [b[0], b[1]], [a[0], b[1]], [a[0], a[1]]]
    return {"type": "Polygon", "coordinates": [ring]}


def line(ends: Sequence[tuple[float, float]]) -> Geometry:
    return {"type": "LineString", "coordinates": [list(spot(*end)) for end in ends]}


class Town:
    """The store with what stands there; ``status`` is that of all that is put in."""

    def __init__(self, status: Status = Status.ACTUAL) -> None:
        self.status = status
        self.time = START
        self.store = MemoryStore()
        self.catalog = default_catalog()
        self.writer = Writer(self.store, now=lambda: self.time)
        self.acting = Acting(self.writer, self.catalog)
        alone = [
            msgspec.structs.replace(
                d, models=tuple(m for m in d.models if m.id == EVACUATION_PLANS.id)
            )
            for d in self.catalog.domains
        ]
        self.models = Models(self.writer, Catalog(alone))
        self.count = 0

    def furnish(self, *, people: int = 100, roads: bool = True) -> None:
        """Put in blocks, streets, shelters and sites."""
        for column in range(SIDE):
            for row in range(SIDE):
                name = f"町{column}{row}"
                block = Block(name=name, municipality_code=TOWN, people=people, needs_time=20)
                self.put(POPULATION.id, f"block-{column}{row}", block, point(*spot(column, row)))
        for n in range(SIDE if roads else 0):
            for name, ends in ((f"横{n}", [(k, n) for k in range(SIDE)]),
                               (f"縦{n}", [(n, k) for k in range(SIDE)])):  # fmt: skip
                road = RoadLine(name=name, width_m=4.0)
                self.put(ROAD_LINES.id, f"road-{name}", road, line(ends))
        for key in WHERE:
            self.shelter(key)
            site = Site(name=key, match_key=f"{TOWN}/{key}", municipality_code=TOWN, flood=True)
            self.put(SITES.id, f"site-{key}", site, point(*spot(*WHERE[key])))

    def shelter(self, key: str, *, state: str = "unknown", **more: Any) -> None:
        body = Shelter(
            name=key, match_key=f"{TOWN}/{key}", municipality_code=TOWN, state=state,  # type: ignore[arg-type]
            **({"capacity": CAPACITY.get(key, 100)} | more),
        )  # fmt: skip
        self.put(SHELTERS.id, key, body, point(*spot(*WHERE.get(key, (3, 3)))))

    def close_road(
        self, key: str, ends: list[tuple[float, float]], *, state: str = "road_close"
    ) -> None:
        self.put(ROADS.id, key, Road(name=key, state=state), line(ends))

    def flood(self, place: Geometry, *, rank: int = 3, arrives_min: float = 90.0) -> None:
        from hinomi.domains.hazards.collections.inundation_forecasts import (  # noqa: PLC0415
            INUNDATION_FORECASTS,
            InundationForecast,
        )

        body = InundationForecast(
            run="r1", part="depth", title="t", rank=rank, earliest_arrival_min=arrives_min
        )
        self.put(INUNDATION_FORECASTS.id, f"r1/rank-{rank}", body, place, start=START)

    def put(
        self, collection: str, key: str, body: msgspec.Struct, place: Geometry | None = None, *,
        marking: Marking | None = None, start: datetime | None = None,
    ) -> None:  # fmt: skip
        from hinomi.kernel.records import ALWAYS, Interval  # noqa: PLC0415

        self.time += timedelta(seconds=1)
        record = Record(
            collection=collection, key=key, said_at=self.time, body=body, source="test",
            place=place, marking=marking or Marking(self.status),
            when=ALWAYS if start is None else Interval(start, None),
        )  # fmt: skip
        self.writer.put([record])

    def do(self, act: str, /, *, on: Stored | None = None, key: str = "", who: str = "山田",
           **values: Any) -> Stored:  # fmt: skip
        """Return the first statement that the act made, once the model has heard of it."""
        self.count += 1
        self.time += timedelta(minutes=1)
        put = self.acting.perform(
            Perform(
                act=f"response.{act}", id=f"deed-{self.count:04}", principal=self.principal(who),
                status=self.status, key=on.key if on else key, expected=on.id if on else "",
                values=values,
            )
        )  # fmt: skip
        self.work()
        return self.reader(who).record(put.ids[0])

    def principal(self, name: str, organisation: str = "town") -> Principal:
        return Principal(
            name, (organisation, "exercise"), Disclosure.AMBER, roles=("officer", "commander")
        )

    def reader(self, who: str = "山田", organisation: str = "town") -> Reader:
        principal = self.principal(who, organisation)
        return Reader(self.store, self.catalog, principal, status=frozenset({self.status}))

    def work(self) -> None:
        """Let the model catch up, it alone."""
        self.models.catch_up()

    def begin(self, **values: Any) -> Stored:
        given = {"area_code": TOWN, "hazard": "flood", "starts_at": START.isoformat(),
                 "assume_level": "4", "hours": 6} | values  # fmt: skip
        return self.do("plan-evacuation", **given)

    def plan(self, case: Stored) -> Stored:
        return self.reader().get(PLANS.id, case.key)

    def shelters(self, case: Stored) -> dict[str, dict[str, Any]]:
        rows = self.reader().every(SHELTER_PLANS.id)
        return {r.body()["shelter"]: r.body() for r in rows if r.key.startswith(f"{case.key}/")}

    def row(self, case: Stored, shelter: str) -> Stored:
        return self.reader().get(SHELTER_PLANS.id, f"{case.key}/{shelter}")

    def people(self, case: Stored) -> dict[str, int]:
        """People planned for each shelter that opens."""
        rows = self.shelters(case)
        return {k: r.get("people", 0) for k, r in rows.items() if r["use"] == "open"}

    def edits(self) -> list[Stored]:
        return list(self.reader().every(EDITS.id))

    def confirmations(self) -> list[Stored]:
        return list(self.reader().every(CONFIRMATIONS.id))
