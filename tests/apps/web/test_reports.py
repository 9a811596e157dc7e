"""Reports over the web: listed as data, made for the caller, by the town's own templates."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pypdf
import pytest

from hinomi.apps.web.app import create_app
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.runtime.people import People
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
TOWN = "1720400"


@pytest.fixture
def key(tmp_path: Path) -> str:
    return Keys(tmp_path).create(Principal("佐藤", ("town",), Disclosure.AMBER, (), ("officer",)))


@pytest.fixture
async def client(tmp_path: Path, key: str) -> AsyncIterator[httpx.AsyncClient]:
    service = Service(
        MemoryStore(), default_catalog(), keyring=People(tmp_path),
        templates=tmp_path / "templates",
    )  # fmt: skip
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        values = {"area_code": TOWN, "dead": 3, "destroyed_buildings": 12}
        made = await found.post(
            "/acts/response.report-damage", json={"values": values}, headers={"X-API-Key": key}
        )
        assert made.status_code == 200, made.text
        yield found


def text(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return "".join(p.extract_text() for p in pages).replace("\0", "").replace("\n", "")


async def test_one_address_gives_the_situation_as_pdf(client: httpx.AsyncClient, key: str) -> None:
    mine = {"X-API-Key": key}
    answer = await client.get("/reports/situation?f=pdf", headers=mine)
    assert answer.headers["content-type"] == "application/pdf"
    assert "輪島市" in text(answer)
    assert "死者(人)3" in text(answer)
    assert "輪島市" not in text(await client.get("/reports/situation?f=pdf"))
    product = await client.get(f"/products/fdma-4.pdf?area={TOWN}&lang=ja", headers=mine)
    assert "第4号様式(その2)" in text(product)


async def test_the_list_gives_addresses_under_the_view(client: httpx.AsyncClient) -> None:
    found = (await client.get("/reports?status=exercise&area=17")).json()["reports"]
    assert [r["name"] for r in found][:2] == ["situation", "fdma-4"]
    for report in found:
        for form in report["formats"]:
            made = await client.get(form["href"])
            assert made.status_code == 200
            assert made.headers["content-type"].split(";")[0] == form["type"]
            assert "status=exercise" in form["href"]


async def test_the_town_s_template_stands_in_the_place_of_the_shipped_one(
    client: httpx.AsyncClient, key: str, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    own = 'title = "町長への速報"\n[[sections]]\nkind = "summary"\ncolumns = ["dead"]\n'
    (folder / "situation.toml").write_text(own, encoding="utf-8")
    (folder / "mayor.toml").write_text(own, encoding="utf-8")
    (folder / "broken.toml").write_text('title = "x"\n[[sections]]\nkind = "?"', encoding="utf-8")
    mine = {"X-API-Key": key}
    for address in ("/reports/situation?f=pdf", "/products/situation.pdf?lang=ja"):
        assert "町長への速報" in text(await client.get(address, headers=mine))
    listed = {r["name"]: r for r in (await client.get("/reports")).json()["reports"]}
    assert listed["mayor"]["own"]
    assert "sections[1].kind" in listed["broken"]["fault"]["en"]
    assert (await client.get("/reports/broken")).status_code == 422
    assert "町長への速報" in text(await client.get("/reports/mayor?f=pdf", headers=mine))


async def test_the_page_obeys_the_content_security_policy_and_prints(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/reports/situation?f=html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "<style" not in page.text
    assert 'href="http://town.test/reports/style.css"' in page.text
    sheet = await client.get("/reports/style.css")
    assert "@media print" in sheet.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/reports/situatoin", 404),
        ("/reports/situation?status=any", 400),
        ("/reports/situation?area=17x", 400),
        ("/reports/situation?f=docx", 400),
        ("/reports/..%2Fhinomi", 404),
        ("/products/open-shelters.csv?area=17", 400),
    ],
    ids=["name", "statuses mixed", "area", "format", "path", "product without areas"],
)
async def test_what_makes_no_sense_is_told(
    client: httpx.AsyncClient, address: str, status: int
) -> None:
    answer = await client.get(address)
    assert answer.status_code == status
    detail: Any = answer.json()
    assert detail["detail"]


async def test_a_report_of_a_past_moment_says_what_was_known_then(
    client: httpx.AsyncClient, key: str
) -> None:
    mine = {"X-API-Key": key}
    feed = (await client.get("/changes", headers=mine)).json()
    values = {"area_code": TOWN, "dead": 8}
    await client.post("/acts/response.report-damage", json={"values": values}, headers=mine)
    then = await client.get(f"/reports/situation?f=pdf&as-of={feed['position']}", headers=mine)
    assert "死者(人)3" in text(then)
    assert "死者(人)8" in text(await client.get("/reports/situation?f=pdf", headers=mine))
