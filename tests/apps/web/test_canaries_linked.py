"""Canaries behind every link: real addresses of each operation, asked by those who may see less.

An address that is made up is answered 404 and proves nothing. So who sees most follows the links
from where they begin, and each operation that reads must have answered them at least once; what
they were shown is then asked for by the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.apps.web.canaries import (
    PATHS,
    SEES,
    SERIES,
    Town,
    crawled,
    levels,
    operation,
)

pytestmark = pytest.mark.anyio
_LINE = SERIES[0].id
_DAY = "2026-06-01T00:00:00Z/2026-06-02T00:00:00Z"
STARTS = [
    "/", "/collections", "/stac", "/sta/v1.1", "/sta/v2.0", "/changes?status=any&limit=10", "/acts",
    f"/series?collection={_LINE}", f"/series/{_LINE}.KANARIAAMBERx.value",
    f"/series/{_LINE}.KANARIAAMBERx.value/readings",
    f"/readings?collection={_LINE}&datetime={_DAY}&bbox=136,36,138,38",
    "/changes/moments?from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z&status=any",
    "/collections/response.roster/items?status=any", "/collections/response.shelters/items?f=html",
    "/collections/hazards.warnings/items",
    "/collections/response.shelters/tiles/WebMercatorQuad/0/0/0",
    "/sta/v1.1/Things?$expand=Datastreams/Observations", "/stac/collections/hazards.rain/items",
    "/sta/v1.1/Datastreams('hazards.river_levels.KANARIAAMBERx.value')/Observations",
    "/sta/v1.1/Datastreams('hazards.river_levels.KANARIAAMBERx.value')/Thing/Locations",
    "/collections/hazards.rain/map/tiles/WebMercatorQuad/6/25/55", "/cap/feed.atom",
    "/cap/feed.rss",
    "/workbench/compare?runs=KANARIAAMBERx-1", "/me", "/me/alerts", "/drill", "/photo", "/photos",
    "/reports", "/reports/style.css", "/healthz", "/readyz",
]  # fmt: skip
ELSEWHERE = {
    # test_canaries_elsewhere: grids with their values
    "position", "area", "cube", "radius", "coverage",
    "workbench-picture", "workbench-probe",  # test_workbench: maps of a run
    "photo-received", "photo-published",  # test_photos
    "federation-challenge", "federation-batch", "federation-cursor", "federation-blob",  # partners'
    "log-checkpoint", "log-growth", "log-receipt",  # hashes alone; test_trail
    "peers", "audit", "metrics",  # administrators'
    "my-watch", "oidc", "oidc-callback",  # no statements; test_oidc, test_watch
    "record-trace",  # test_canaries: every id, by every caller
    # The same code as of fewer parts.
    "sta-get-4", "sta-get-5", "sta-get-6",
    "sta-2-get-3", "sta-2-get-4", "sta-2-get-5", "sta-2-get-6",
}  # fmt: skip
"""Operations that are looked at by other tests."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    found = Town(tmp_path_factory.mktemp("linked"))
    yield found
    if found.service.audit is not None:
        found.service.audit.close()


async def test_what_is_shown_behind_links_is_not_shown_to_who_may_see_less(town: Town) -> None:
    asked = await crawled(town, STARTS)
    assert [address for address, status in asked.items() if status >= 400] == []
    assert set(PATHS) - {operation(address) for address in asked} == ELSEWHERE
    for caller in ("anonymous", "green"):
        for address in asked:
            answer = await town.ask(caller, address)
            assert levels(answer, address) <= SEES[caller], (caller, address)
            if "KANARIAAMBER" not in address:
                continue
            # What is hidden is answered as what does not exist.
            nowhere = await town.ask(caller, address.replace("KANARIAAMBER", "KANARIAXMBER"))
            assert answer.status_code == nowhere.status_code, (caller, address)
