"""Take an example of each collection from the shipped drill: ``python -m docs.site.examples``.

It writes ``examples.json`` beside it; the tests hold each example against its schema.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hinomi.kernel.collections import Kind
from hinomi.runtime.catalog import default_catalog

PATH = Path(__file__).with_name("examples.json")
HINOMI = Path(sys.executable).with_name("hinomi")
FITS, POSITIONS = 4000, 6
"""Characters of a record's body, brackets of its place."""
SKIPPED = ("operations.", "areas")
"""What the drill writes here tells of this machine's paths, or is the made-up prefecture."""


def take(data: Path) -> dict[str, Any]:
    """Play the drill into a folder; return the most telling record of each collection."""
    subprocess.run(  # noqa: S603 - our own command
        [HINOMI, "drill", "typhoon", "--speed", "900000", "--data", data],
        check=True,
        capture_output=True,
    )
    found = {}
    for name, collection in default_catalog().collections.items():
        if collection.kind is Kind.FEATURES and not name.startswith(SKIPPED):
            features = _history(name, data)
            if features:
                found[name] = _shortened(max(features, key=_tells))
    return found


def _history(name: str, data: Path) -> list[dict[str, Any]]:
    command = [HINOMI, "find", name, "--data", data, "--json", "--history"]
    asked = [*command, "--status", "exercise", "--limit", "2000"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True)  # noqa: S603
    return list(json.loads(told.stdout)["features"])


def _tells(feature: dict[str, Any]) -> tuple[bool, bool, int]:
    """Order by whether it fits a page, what stands, how short it is."""
    said = feature["properties"]
    size = len(json.dumps(said, ensure_ascii=False))
    return size < FITS, bool(said.get("in_force", True)) and said.get("level") != 0, -size


def _shortened(feature: dict[str, Any]) -> dict[str, Any]:
    """Return a feature without its outline, where that is a long one."""
    place = feature["geometry"]
    if place and json.dumps(place).count("[") > POSITIONS:
        return {**feature, "geometry": {"type": place["type"], "coordinates": "…"}}
    return feature


def read() -> dict[str, Any]:
    """Return the examples that were taken: collection -> a record as the API serves it."""
    return dict(json.loads(PATH.read_text(encoding="utf-8")))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        taken = take(Path(folder) / "data")
    PATH.write_text(json.dumps(taken, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{PATH}: {len(taken)} examples\n")
