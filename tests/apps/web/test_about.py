"""What the API says of itself is true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "api.md"


def links(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["href"]] if "href" in value else []
        return own + [x for v in value.values() for x in links(v)]
    return [x for v in value for x in links(v)] if isinstance(value, list) else []


async def test_every_link_leads_somewhere(client: httpx.AsyncClient) -> None:
    seen: set[str] = set()
    queue = ["http://town.test/"]
    while queue:
        url = queue.pop()
        if url in seen or "/changes" in url or "token=" in url or "{" in url:
            continue
        seen.add(url)
        answer = await client.get(url)
        assert answer.status_code == 200, url
        if "json" in answer.headers["content-type"] and not url.endswith("/api"):
            queue += links(answer.json())[:40]
    assert any(url.endswith("/items") for url in seen)
    assert len(seen) > 20


async def test_the_description_holds_itself_together(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api")).json()
    text = json.dumps(document)
    assert document["openapi"] == "3.0.3"
    for piece in text.split('"$ref": "')[1:]:
        name = piece.split('"')[0]
        assert name.startswith("#/components/schemas/")
        assert name.rsplit("/", 1)[1] in document["components"]["schemas"]


async def test_queryables_are_what_filters_take(client: httpx.AsyncClient) -> None:
    known = (await client.get("/collections/town.shelters/queryables")).json()
    assert known["properties"]["people"]["type"] == "integer"
    assert known["properties"]["checked_at"]["format"] == "date-time"
    assert "tags" not in known["properties"]
    for name in known["properties"]:
        if name != "geometry":
            path = f"/collections/town.shelters/items?filter={name} IS NULL"
            assert (await client.get(path)).status_code == 200


async def test_products_and_layers_are_served(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/products")).json()["products"]
    assert [p["id"] for p in listed] == ["town.names"]
    made = await client.get("/products/town.names", headers={"Accept-Language": "ja"})
    assert made.headers["content-type"] == "text/plain; charset=utf-8"
    assert made.text.endswith("ja")
    assert (await client.get("/products/none")).status_code == 404
    layers = (await client.get("/layers?f=json")).json()
    assert layers["layers"][0]["id"] == "shelters"
    assert layers["groups"][0]["title"] == {"ja": "警報・警戒レベル", "en": "Warnings and levels"}


async def test_a_browser_gets_the_dashboard_where_it_is_built(
    town: Any, store: Any, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>dashboard</title>")
    (tmp_path / "assets" / "app-1.js").write_text("export {}")
    app = town.create_app(town.service(store), page=tmp_path)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://town.test"
    ) as client:
        browser = {"Accept": "text/html,*/*;q=0.8"}
        page = await client.get("/?status=exercise", headers=browser)
        assert "dashboard" in page.text
        script = await client.get("/assets/app-1.js")
        assert "immutable" in script.headers["cache-control"]
        assert (await client.get("/")).json()["links"]
        assert "<h1>" in (await client.get("/?f=html", headers=browser)).text
        assert (await client.get("/assets/..%2f..%2fetc%2fpasswd")).status_code == 404
        assert (await client.get("/../../etc/passwd")).status_code == 404
