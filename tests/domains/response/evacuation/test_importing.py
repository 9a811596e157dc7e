"""Population and roads come from the files that offices and surveyors have."""

from __future__ import annotations

import json

from hinomi.kernel.marking import Status
from hinomi.kernel.records import Record
from hinomi.kernel.store import Put
from hinomi.runtime import imports
from hinomi.runtime.catalog import default_catalog
from tests.domains.response.evacuation.town import START, TOWN, Town, line, square


def taken(
    town: Town, collection: str, features: list[dict[str, object]], columns: dict[str, str]
) -> int:
    """Return how many records a GeoJSON file gives."""
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    plan = imports.Plan(
        collection=collection, source="町", columns=columns,
        constants={"municipality_code": TOWN} if collection.endswith("blocks") else {},
        status=Status.ACTUAL, said_at=START, sheet="",
    )  # fmt: skip

    def append(records: list[Record], **_: object) -> Put:
        return town.writer.put(records)

    found = imports.take(
        data, "file.geojson", plan, default_catalog(), START, by="山田",
        keep=town.store.put_blob, append=append,
    )  # fmt: skip
    assert found.refused == 0
    return found.new


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_a_census_and_a_road_file_become_a_plan() -> None:
    town = Town()
    blocks = [
        feature(square(n - 0.4, -0.4, n + 0.4, 0.4), S_NAME=f"町{n}", 人口総数=200)
        for n in range(6)
    ]
    roads = [
        feature(line([(n, 0), (n + 1, 0)]), name=f"市道{n}", oneway=False, width_m=5.5)
        for n in range(5)
    ]
    new = taken(
        town, "response.population_blocks", blocks, {"S_NAME": "name", "人口総数": "people"}
    )
    assert new == 6
    assert taken(town, "response.road_lines", roads, {}) == 5
    town.shelter("near", flood=True, capacity=900)
    plan = town.plan(town.begin()).body()
    assert "road_lines=5" in plan["based_on"]
    assert not any("直線距離" in note for note in plan.get("notes", ()))
    assert plan["planned"] > 0
