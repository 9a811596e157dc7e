"""OGC API – Features: what a GIS developer would expect of pages, items and CRS."""

from __future__ import annotations

import json
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
ITEMS = "/collections/town.shelters/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


async def ids(client: httpx.AsyncClient, query: str, path: str = ITEMS) -> list[str]:
    answer = await client.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


async def test_a_page_holds_the_stored_bytes_of_its_features(
    client: httpx.AsyncClient, store: Any, town: ModuleType
) -> None:
    answer = await client.get(f"{ITEMS}?limit=1000")
    reader = town.service(store).reader()
    for stored in reader.every("town.shelters"):
        assert stored.feature in answer.content
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json()["numberReturned"] == len(answer.json()["features"]) == 29


async def test_next_links_lead_through_every_item_once(client: httpx.AsyncClient) -> None:
    seen: list[str] = []
    url: str | None = f"{ITEMS}?limit=7&bbox=130,30,140,40"
    while url:
        page = (await client.get(url)).json()
        seen += [f["id"] for f in page["features"]]
        url = next((x["href"] for x in page["links"] if x["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == 29


async def test_nothing_is_counted_unless_asked(client: httpx.AsyncClient) -> None:
    assert "numberMatched" not in (await client.get(f"{ITEMS}?limit=1")).json()
    assert (await client.get(f"{ITEMS}?limit=1&count=true")).json()["numberMatched"] == 29


async def test_bbox_selects_in_every_crs(client: httpx.AsyncClient) -> None:
    wanted = await ids(client, "bbox=136.05,36,136.25,36.2")
    assert wanted == ["s01", "s02"]
    swapped = "bbox=36,136.05,36.2,136.25"
    assert await ids(client, f"{swapped}&bbox-crs={EPSG}4326") == wanted
    assert await ids(client, f"{swapped}&bbox-crs=EPSG:6668") == wanted
    metres = "bbox=15145016.7,4300621.4,15167280.6,4328131.2"
    assert await ids(client, f"{metres}&bbox-crs={EPSG}3857") == wanted


async def test_an_answer_in_another_crs_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{ITEMS}/s01?crs={EPSG}4326")
    assert answer.headers["content-crs"] == f"<{EPSG}4326>"
    assert answer.json()["geometry"]["coordinates"] == [36.05, 136.1]
    page = (await client.get(f"{ITEMS}?limit=2&crs={EPSG}3857")).json()
    assert page["features"][1]["geometry"]["coordinates"][0] == pytest.approx(15139335.4, abs=1000)
    plain = await client.get(f"{ITEMS}/s01")
    assert plain.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("people >= 250 AND people < 270", ["s25", "s26"]),
        ("name LIKE '斜線%'", ["3220100/rain"]),
        ("state = 'full'", ["s03"]),
        ("id IN ('s01', 's05')", ["s01", "s05"]),
        ("people IS NULL", ["3220100/rain"]),
        ("S_WITHIN(geometry, POLYGON((139 35, 140 35, 140 36, 139 36, 139 35)))", ["3220100/rain"]),
        ("height_m BETWEEN 1 AND 1.5 AND checked_at = DATE('2026-05-01')", ["s02"]),
    ],
)
async def test_cql2_text_selects(
    client: httpx.AsyncClient, condition: str, expected: list[str]
) -> None:
    answer = await client.get(ITEMS, params={"filter": condition})
    assert [f["id"] for f in answer.json()["features"]] == expected


async def test_cql2_json_selects_and_filter_crs_is_obeyed(client: httpx.AsyncClient) -> None:
    condition = '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[35,139,36,140]}]}'
    answer = await client.get(
        ITEMS,
        params={"filter": condition, "filter-lang": "cql2-json", "filter-crs": f"{EPSG}4326"},
    )
    assert [f["id"] for f in answer.json()["features"]] == ["3220100/rain"]


async def test_a_key_with_a_slash_is_found_in_both_spellings(client: httpx.AsyncClient) -> None:
    first = await client.get(f"{ITEMS}/3220100%2Frain")
    second = await client.get(f"{ITEMS}/3220100/rain")
    assert first.json()["id"] == second.json()["id"] == "3220100/rain"
    own = next(x["href"] for x in first.json()["links"] if x["rel"] == "self")
    assert (await client.get(own)).json()["id"] == "3220100/rain"
    assert (await client.get(f"{ITEMS}/3220100/rain/history")).json()["numberReturned"] == 1


async def test_as_of_gives_the_answer_of_then(client: httpx.AsyncClient) -> None:
    now = (await client.get(f"{ITEMS}/s03")).json()["properties"]["state"]
    then = await client.get(f"{ITEMS}/s03?as-of=2026-05-01T03:30:00Z")
    assert (now, then.json()["properties"]["state"]) == ("full", "open")
    by_position = await client.get(f"{ITEMS}/s03?as-of=10")
    assert by_position.json()["properties"]["state"] == "open"
    assert (await client.get(f"{ITEMS}/s03?as-of=2020-01-01T00:00:00Z")).status_code == 404


async def test_history_tells_every_statement(client: httpx.AsyncClient) -> None:
    said = (await client.get(f"{ITEMS}/s03/history")).json()["features"]
    assert [f["properties"]["state"] for f in said] == ["open", "full"]


async def test_datetime_is_validity(client: httpx.AsyncClient) -> None:
    path = "/collections/town.notices/items"
    assert await ids(client, "datetime=2026-05-01T12:00:00Z", path) == ["n1"]
    assert await ids(client, "datetime=2026-05-03T00:00:00Z/..", path) == []
    assert await ids(client, "datetime=../2026-05-01T03:00:00Z", path) == ["n1"]


async def test_exercise_shows_only_where_it_is_asked_for(client: httpx.AsyncClient) -> None:
    assert "drill" not in await ids(client, "limit=100")
    assert await ids(client, "status=exercise") == ["drill"]
    assert (await client.get(f"{ITEMS}/drill")).status_code == 404
    page = await client.get(f"{ITEMS}?status=exercise&f=html")
    assert "訓練" in page.text
    assert "訓練" not in (await client.get(f"{ITEMS}?f=html")).text


async def test_what_is_marked_is_seen_by_those_who_may(client: httpx.AsyncClient) -> None:
    query = f"{ITEMS}?filter=name='非公開'"
    assert (await client.get(query)).json()["features"] == []
    seen = await client.get(query, headers={"X-API-Key": "reader"})
    assert [f["id"] for f in seen.json()["features"]] == ["secret"]
    assert seen.headers["cache-control"] == "private, no-cache"
    for path in (f"{ITEMS}/secret", f"{ITEMS}/secret/history", f"{ITEMS}/secret/trace"):
        assert (await client.get(path)).status_code == 404
    record = seen.json()["features"][0]["properties"]["record"]
    assert (await client.get(f"/records/{record}")).status_code == 404
    assert (await client.get("/products/town.names")).text.count("非公開") == 0


async def test_an_unknown_key_is_401_and_bearer_is_a_key_too(client: httpx.AsyncClient) -> None:
    refused = await client.get(ITEMS, headers={"X-API-Key": "guess"})
    assert refused.status_code == 401
    assert "www-authenticate" in refused.headers
    accepted = await client.get(
        f"{ITEMS}?filter=id='secret'", headers={"Authorization": "Bearer reader"}
    )
    assert accepted.json()["numberReturned"] == 1


async def test_a_limit_above_the_greatest_is_clamped(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{ITEMS}?limit=999999999999999999999")).status_code == 200


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("limit=0", "limit"),
        ("limit=ten", "limit"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=NaN,1,2,3", "bbox"),
        ("bbox=1,2,1e400,3", "bbox"),
        ("bbox=" + ",".join(["1"] * 100_00), "bbox"),
        ("bbox=139,36,140,35", "bbox"),
        ("bbox=35,139,36,140", "bbox"),
        ("datetime=yesterday", "datetime"),
        ("datetime=2026-05-02T00:00:00Z/2026-05-01T00:00:00Z", "datetime"),
        ("datetime=9999-12-31T23:59:59-23:59", "datetime"),
        ("as-of=2026-05-01", None),
        ("as-of=later", "as-of"),
        ("status=real", "status"),
        ("crs=EPSG:9999", "crs"),
        ("filter=levvl=3", "levvl"),
        ("filter=name=3", "name"),
        ("filter=1;DROP TABLE records", "character"),
        ("filter=' OR 1=1 --", "character"),
        ("filter-lang=sql", "filter-lang"),
        ("token=AAAA", "token"),
        ("limits=3", "limit"),
        ("limit=1&limit=2", "more than once"),
        ("f=xml", "f="),
        ("filter=%FF", "UTF-8"),
    ],
)
async def test_a_question_that_makes_no_sense_is_400_with_its_reason(
    client: httpx.AsyncClient, query: str, word: str | None
) -> None:
    answer = await client.get(f"{ITEMS}?{query}")
    if word is None:
        assert answer.status_code == 200
        return
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert word in problem["detail"]


async def status_of(app: Any, query: bytes) -> int:
    """Ask below any client's own limits."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": ITEMS, "raw_path": ITEMS.encode(),
             "query_string": query, "headers": [], "scheme": "http"}  # fmt: skip
    await app(scope, None, send)
    found: int = sent[0]["status"]
    return found


async def test_attacks_with_size_are_refused_and_the_server_lives(
    app: Any, client: httpx.AsyncClient
) -> None:
    million = b"filter=people%20IN%20(" + b",".join([b"1"] * 1_000_000) + b")"
    assert await status_of(app, million) == 414
    many = "people IN (" + ",".join("1" for _ in range(12_000)) + ")"
    assert (await client.get(ITEMS, params={"filter": many})).status_code == 400
    deep = "(" * 5_000 + "people = 1" + ")" * 5_000
    assert (await client.get(ITEMS, params={"filter": deep})).status_code == 400
    nested = '{"op":"not","args":[' * 500 + "true" + "]}" * 500
    asked = {"filter": nested, "filter-lang": "cql2-json"}
    assert (await client.get(ITEMS, params=asked)).status_code == 400
    assert (await client.get(ITEMS)).status_code == 200


async def test_errors_speak_the_callers_language(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{ITEMS}?limit=0", headers={"Accept-Language": "ja,en;q=0.5"})
    assert "整数" in answer.json()["detail"]
    page = await client.get(f"{ITEMS}?limit=0&lang=ja", headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "整数" in page.text


async def test_a_fault_is_500_with_a_hop_and_tells_nothing_of_its_inside(
    app: Any, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(app.service.store, "find", broken)
    answer = await client.get(ITEMS)
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.json()["hop"] in caplog.text
    assert "secret detail" in caplog.text


async def test_csv_has_a_row_for_each_feature_and_runs_no_formula(
    client: httpx.AsyncClient, store: Any, town: ModuleType
) -> None:
    later = town.NOON + timedelta(hours=2)
    store.put([town.shelter("f", later, name="=cmd|' /C calc'!A0")], at=later)
    answer = await client.get(f"{ITEMS}?f=csv&limit=1000")
    lines = answer.text.splitlines()
    assert lines[0].startswith("id,name,state,people,")
    assert len(lines) == 31
    assert "'=cmd" in answer.text
    assert "POINT(136.1 36.05)" in answer.text


async def test_trace_leads_to_the_bytes_and_hides_folders(client: httpx.AsyncClient) -> None:
    hops = (await client.get(f"{ITEMS}/s00/trace")).json()
    (origin,) = hops["origins"]
    assert origin["address"] == "town.csv"
    raw = await client.get(origin["blob"])
    assert raw.content.decode().startswith("名前")
    assert raw.headers["content-disposition"] == "attachment"
    digest = origin["digest"]
    assert (await client.get(f"/blobs/{digest}")).status_code == 400
    other = (await client.get(f"{ITEMS}/3220100%2Frain")).json()["properties"]["record"]
    assert (await client.get(f"/blobs/{digest}?record={other}")).status_code == 404


async def test_an_odd_address_never_breaks_an_answer(
    app: Any, store: Any, town: ModuleType
) -> None:
    key = 'a"b\\c 避難'
    store.put([town.shelter(key)], at=town.NOON + timedelta(hours=2))
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    raw = f"{ITEMS}/{key}/history".encode()
    scope = {"type": "http", "method": "GET", "path": raw.decode(), "raw_path": raw,
             "query_string": b'token="&limit=\\', "headers": [], "scheme": "http"}  # fmt: skip
    await app(scope, None, send)
    assert sent[0]["status"] == 400
    sent.clear()
    await app({**scope, "query_string": b"lang=en"}, None, send)
    page = json.loads(sent[1]["body"])
    assert page["features"][0]["id"] == key
    assert page["links"][0]["href"].isascii()


async def test_an_unknown_name_is_404_with_the_nearest(client: httpx.AsyncClient) -> None:
    answer = await client.get("/collections/town.shelter/items")
    assert answer.status_code == 404
    assert "town.shelters" in answer.json()["nearest"]
    assert (await client.get("/collectionz")).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/?f=html", "/collections", "/collections/town.shelters", ITEMS, f"{ITEMS}/s00",
     f"{ITEMS}/s00/history", f"{ITEMS}/s00/trace", "/collections/town.shelters/queryables",
     "/changes", "/api", "/conformance", "/series?collection=town.levels",
     "/series/town.levels.g1.level_m/readings"],
)  # fmt: skip
async def test_every_address_has_a_page_for_people(client: httpx.AsyncClient, path: str) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "ja"}
    page = await client.get(path, headers=browser)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert '<html lang="ja">' in page.text
    assert "<script" not in page.text
    outside = [
        part for part in page.text.split('src="')[1:] if not part.startswith("http://town.test")
    ]
    assert outside == []


async def test_what_is_stored_never_becomes_markup(
    client: httpx.AsyncClient, store: Any, town: ModuleType
) -> None:
    later = town.NOON + timedelta(hours=2)
    store.put([town.shelter('"><script>', later, name="<img src=x onerror=alert(1)>")], at=later)
    for path in (ITEMS, f"{ITEMS}/%22%3E%3Cscript%3E", f"{ITEMS}?filter=<script>"):
        page = await client.get(path, headers={"Accept": "text/html"})
        assert "<script" not in page.text
        assert "<img" not in page.text
