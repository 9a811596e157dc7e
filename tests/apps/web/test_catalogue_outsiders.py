"""The catalogue as others' software reads it: STAC's client and validator, CKAN's harvester."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pystac_client import Client

from tests.apps.web.catalogued import CANARY, filled, serving
from tests.apps.web.conftest import TOWN
from tests.apps.web.environments import environment

HERE = Path(__file__).parent
JAPAN = '{"type":"Polygon","coordinates":[[[135,36],[139,36],[139,38],[135,38],[135,36]]]}'


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The catalogue's town on a port."""
    with serving(TOWN, filled(TOWN)) as url:
        yield url


def test_pystac_client_walks_searches_and_finds_valid_items(address: str) -> None:
    api = Client.open(f"{address}/stac")
    assert [c.id for c in api.get_collections()] == ["town.photos"]
    for collection in api.get_collections():
        collection.validate()
    found = api.search(bbox=[135.95, 36, 137.55, 38], limit=4)
    assert found.matched() == 16
    items = list(found.items())
    assert len({item.id for item in items}) == 16
    for item in items:
        item.validate()
    data = httpx.get(items[0].assets["data"].href)
    assert data.content == f"jpeg of {items[0].id}".encode()
    assert items[0].assets["data"].media_type == "image/jpeg"
    (one,) = api.search(ids=["p03"], method="GET").items()
    assert one.collection_id == "town.photos"
    shape = {"type": "Point", "coordinates": [136.1, 37.0]}
    assert [item.id for item in api.search(intersects=shape).items()] == ["p01"]


def test_stac_api_validator_finds_no_error(address: str) -> None:
    folder = environment("stac-api-validator", "stac-api-validator==0.6.8", beside="pystac==1.10.1")
    classes = ("core", "collections", "features", "item-search")
    done = subprocess.run(
        [
            folder / "bin/python", HERE / "stac_suite.py",
            folder / "beside/pystac/validation/jsonschemas", "--root-url", f"{address}/stac",
            "--collection", "town.photos", "--geometry", JAPAN,
            *(word for name in classes for word in ("--conformance", name)),
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode == 0, told[-3000:]
    assert "Validating STAC API - Item Search" in told
    assert "Errors: none" in told


def test_ckans_own_harvester_reads_each_dataset(address: str) -> None:
    """ckanext-dcat, unchanged: what it makes of our JSON-LD are packages that CKAN can store."""
    folder = environment("ckan", "ckan[requirements]==2.12.0", "ckanext-dcat==2.4.4")
    done = subprocess.run(
        [folder / "bin/python", HERE / "ckan_reader.py", f"{address}/catalogue.jsonld"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    packages: list[dict[str, Any]] = json.loads(done.stdout)
    by_id = {_extra(one, "identifier"): one for one in packages}
    shelters = by_id["town.shelters"]
    assert shelters["title"] in {"避難所", "Shelters"}
    assert _extra(shelters, "publisher_name") == "みほん市"
    place = json.loads(_extra(shelters, "spatial"))
    assert (place["type"], place["coordinates"][0][0][0]) == ("Polygon", pytest.approx(135.99))
    formats = {resource.get("format") for resource in shelters["resources"]}
    assert {"GeoJSON", "CSV", "KML", "XLSX"} <= formats
    for package in packages:
        assert package["title"]
        assert all(r["url"].startswith(address) for r in package["resources"])
    assert CANARY not in done.stdout


def _extra(package: dict[str, Any], name: str) -> str:
    return str(next((e["value"] for e in package["extras"] if e["key"] == name), ""))
