"""Conformance as strangers see it: suites and clients that nobody here wrote, on a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from owslib.ogcapi.features import Features

from tests.apps.web.environments import environment

FUZZ_SECONDS = os.environ.get("HINOMI_FUZZ_SECONDS")
"""``make fuzz`` gives it so long; else each operation is asked a few times."""
EACH = 2
PATIENCE_S = 400.0
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)


@pytest.fixture(scope="session")
def ogctests() -> Path:
    return environment("ogctests", "ogctests==0.1.15") / "bin/python"


def test_ogctests_finds_features_core_conformant(
    server: str, ogctests: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [ogctests, "-m", "ogctests", "features/core", "-i", f"{server}/", "-v", "True"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    last = done.stdout.strip().splitlines()[-1]
    assert "29 passed" in last, done.stdout[-3000:]
    assert "failed" not in last


def test_gdal_reads_a_collection_a_box_and_a_filter(server: str) -> None:
    pyogrio = pytest.importorskip("pyogrio")
    address = f"OAPIF:{server}/collections/town.shelters"
    info = pyogrio.read_info(address)
    assert {"name", "state", "people"} <= set(info["fields"])
    assert info["geometry_type"] in {"Point", "Unknown"}
    assert _count(pyogrio, address) >= 29
    assert _count(pyogrio, address, bbox=(136.05, 36, 136.25, 36.2)) == 2
    assert _count(pyogrio, address, where="people > 245 AND people < 265") == 2


def _count(pyogrio: object, address: str, **options: object) -> int:
    _, _, geometry, _ = pyogrio.raw.read(address, **options)  # type: ignore[attr-defined]
    assert all(part is not None for part in geometry)
    return len(geometry)


def test_owslib_walks_from_the_landing_page_to_an_item(server: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        api = Features(server)
        assert "town.shelters" in api.feature_collections()
        assert (
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
            in (api.conformance()["conformsTo"])
        )
        page = api.collection_items("town.shelters", limit=3, bbox=[136, 36, 138, 38])
        assert page["numberReturned"] == 3
        item = api.collection_item("town.shelters", "3220100/rain")
        assert item["id"] == "3220100/rain"
        found = api.collection_items("town.shelters", filter="state = 'full'")
        assert [f["id"] for f in found["features"]] == ["s03"]
        assert "people" in api.collection_queryables("town.shelters")["properties"]
        assert api.api()["openapi"] == "3.0.3"


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S + 100 + float(FUZZ_SECONDS or 0))
@pytest.mark.parametrize(
    ("words", "share"), [(["--header", "X-API-Key: writer"], 2 / 3), ([], 1 / 3)],
    ids=["writer", "anonymous"],
)  # fmt: skip
def test_schemathesis_finds_no_server_error_and_no_undocumented_answer(
    server: str, tmp_path: Path, words: list[str], share: float
) -> None:
    st = Path(sys.executable).with_name("st")
    seconds = float(FUZZ_SECONDS or 0) * share
    most = ["--max-time", f"{seconds:.0f}"] if seconds else ["--max-examples", str(EACH)]
    done = subprocess.run(
        [
            st, "run", f"{server}/api", "--url", server, "--phases", "examples,fuzzing",
            *most, "--checks", CHECKS, *words,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=seconds + PATIENCE_S,
    )  # fmt: skip
    failures = done.stdout.partition("FAILURES")[2][:8000]
    assert done.returncode == 0, failures or done.stdout[-4000:]
    told = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", done.stdout)
    assert told, done.stdout[-2000:]
    # A time that ran out would leave operations unasked without a word.
    assert seconds or len(set(told.groups())) == 1, told[0]
