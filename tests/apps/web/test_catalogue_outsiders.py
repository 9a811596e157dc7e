"""The catalogue as others' software reads it: STAC's validator and CKAN's own harvester."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps.web import test_catalogue
from tests.apps.web.conftest import TOWN
from tests.apps.web.environments import environment

HERE = Path(__file__).parent
JAPAN = '{"type":"Polygon","coordinates":[[[135,36],[139,36],[139,38],[135,38],[135,36]]]}'


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The catalogue's town on a port."""
    with test_catalogue.serving(TOWN, test_catalogue.filled(TOWN)) as url:
        yield url


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
    assert test_catalogue.CANARY not in done.stdout


def _extra(package: dict[str, Any], name: str) -> str:
    return str(next((e["value"] for e in package["extras"] if e["key"] == name), ""))
