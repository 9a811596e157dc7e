"""Debian's QGIS, a stranger to us, loads features, filters them and draws tiles."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PYTHON = Path("/usr/bin/python3")
"""Debian's own, which has QGIS; ours has not."""


def qgis(folder: Path, script: str, *words: str | Path) -> str:
    probe = [PYTHON, "-c", "import qgis.core"]
    if not PYTHON.exists() or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("QGIS (Debian's python3-qgis) is not installed")
    done = subprocess.run(
        [PYTHON, HERE / script, *words],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_qgis_loads_a_collection_and_filters_it(server: str, tmp_path: Path) -> None:
    found = json.loads(qgis(tmp_path, "qgis_features.py", server, "town.shelters"))
    assert {"name", "state", "people"} <= set(found["fields"])
    # QGIS 3.22 asks in OGC:CRS84, longitude first.
    assert found["crs"] in {"OGC:CRS84", "EPSG:4326"}
    assert len(found["all"]) == 29
    assert not {"訓練用", "非公開"} & set(found["all"])
    assert found["box"] == ["避難所s01", "避難所s02"]
    assert found["expression"] == found["subset"] == ["避難所s03"]
    assert found["number"] == ["避難所s25", "避難所s26"]


def test_qgis_draws_the_tiles(server: str, tmp_path: Path) -> None:
    """What it draws of the town are the town's 28 points."""
    url = f"{server}/collections/town.shelters/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    assert int(qgis(tmp_path, "qgis_tiles.py", url, tmp_path / "drawn.png")) > 500
