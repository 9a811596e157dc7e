"""All hostile files, taken in once by the real command in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HINOMI = Path(sys.executable).parent / "hinomi"

# A process remembers in ru_maxrss the one that it was forked from, and these tests' own is large:
# a small one in between starts the command and tells its peak.
WITH_PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print("peak_kb", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture(scope="session")
def hostile() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("hostile.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Outcome:
    """What the command did."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self.data = data
        done = subprocess.run(
            [sys.executable, "-c", WITH_PEAK, HINOMI, "ingest", folder, "--data", data, "--json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "LANG": "C.UTF-8"},
        )
        self.code = done.returncode
        self.report: dict[str, Any] = json.loads(done.stdout)
        self.peak_mb = int(done.stderr.rsplit("peak_kb", 1)[1]) / 1024

    def find(self, collection: str, *words: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [HINOMI, "find", collection, "--data", self.data, "--format", "geojson", *words],
            capture_output=True,
            text=True,
            check=True,
        )
        features: list[dict[str, Any]] = json.loads(done.stdout)["features"]
        return features


@pytest.fixture(scope="session")
def outcome(hostile: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    root = tmp_path_factory.mktemp("attacks")
    hostile.write_all(root / "files")
    return Outcome(root / "files", root / "data")
