"""The example of how to write a source is a package that Hinomi finds and that works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("hinomi")
Ran = subprocess.CompletedProcess[str]
Hinomi = Callable[..., Ran]


@pytest.fixture
def hinomi(tmp_path: Path, root: Path) -> Hinomi:
    """Run hinomi where the example is installed: its module beside its entry points.

    This is what an installer leaves behind; it needs no build backend and no network.
    """
    example = root / "docs/how-to/rain-gauges"
    told = tomllib.loads((example / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    site = tmp_path / "site"
    listed = site / f"{told['name'].replace('-', '_')}-{told['version']}.dist-info"
    listed.mkdir(parents=True)
    shutil.copy(example / "rain_gauges.py", site)
    (listed / "METADATA").write_text(f"Name: {told['name']}\nVersion: {told['version']}\n")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in told["entry-points"].items()
    ]
    (listed / "entry_points.txt").write_text("\n".join(groups))

    def run(*arguments: str) -> Ran:
        return subprocess.run(
            [
                Path(sys.executable).with_name("hinomi"),
                *arguments,
                "--data",
                str(tmp_path / "data"),
            ],
            env={**os.environ, "PYTHONPATH": str(site), "LC_ALL": "C.UTF-8"},
            cwd=root,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_the_example_is_found_read_and_kept(hinomi: Hinomi) -> None:
    assert "town-rain" in hinomi("list", "sources").stdout
    taken = hinomi("ingest", "docs/how-to/rain-gauges/rain.csv")
    assert taken.returncode == 5
    assert "/line[4]" in taken.stderr
    assert "/line[6]" in taken.stderr
    found = hinomi("find", "rain.gauges", "--format", "csv").stdout.splitlines()
    assert [line.split(",")[:3] for line in found[1:]] == [
        ["R01", "役場", "12.5"],
        ["R02", "水源地", "44.5"],
    ]
    values = hinomi("readings", "rain.amounts.R02", "--format", "csv").stdout.splitlines()
    assert [line.split(",")[1] for line in values[1:]] == ["31.0", "44.5"]


def test_hinomi_is_whole_with_the_example_beside_it(hinomi: Hinomi) -> None:
    hinomi("ingest", "docs/how-to/rain-gauges/rain.csv")
    checked = hinomi("check")
    assert checked.returncode == 0, checked.stdout
    assert "5 domains" in checked.stdout
