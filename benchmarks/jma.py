"""JMA telegrams, bytes to stored records, beside the one Python package and bare XML parsers."""

from __future__ import annotations

import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import sites

SAMPLES = sites.ROOT.parent / "shared/data/exchange/jma-xml/official_samples.tar.xz"
ROUNDS = 3


def telegrams() -> list[tuple[str, bytes]]:
    """Return the official samples: name, bytes."""
    found = []
    with tarfile.open(SAMPLES) as archive:
        for member in archive:
            handle = archive.extractfile(member) if member.name.endswith(".xml") else None
            if handle is not None:
                found.append((Path(member.name).name, handle.read()))
    return found


def cpu(work: Callable[[], object]) -> float:
    """Return the median CPU seconds of the rounds."""
    spent = []
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return statistics.median(spent)


def measure() -> dict[str, Any]:
    """Return telegrams per CPU second of each, in one run."""
    from lxml import etree

    from hinomi.kernel.ports import Payload
    from hinomi.runtime import clock
    from hinomi.runtime.catalog import default_catalog

    files = telegrams()
    source = default_catalog().sources["jma-xml"]
    now = clock.now()
    payloads = [
        Payload(data=data, name=name, address=name, digest="0" * 64, taken_at=now)
        for name, data in files
    ]
    found: dict[str, Any] = {"telegrams": len(files), "bytes": sum(len(d) for _, d in files)}
    found["lxml bare parse"] = cpu(lambda: [etree.fromstring(data) for _, data in files])
    found["jmaxml bare parse"] = cpu(lambda: _peer(files))
    found["ours, decoded to records"] = cpu(lambda: [source.parse(p, Nowhere()) for p in payloads])
    stored = [_stored(files) for _ in range(ROUNDS)]
    found["ours, decoded and stored"] = statistics.median(s for s, _ in stored)
    found["records"] = stored[0][1]
    return found


class Nowhere:
    """A gazetteer that knows every code and no geometry."""

    def place(self, code: str, on: object) -> None:
        """Return no geometry."""

    def knows(self, code: str, on: object) -> bool:
        """Know it."""
        return True


def _peer(files: list[tuple[str, bytes]]) -> None:
    import jmaxml

    for _, data in files:
        jmaxml.parse(data.decode("utf-8"))


def _stored(files: list[tuple[str, bytes]]) -> tuple[float, int]:
    """Return CPU seconds and new records of one intake into an empty SQLite store."""
    from hinomi.runtime import clock
    from hinomi.runtime import files as kept
    from hinomi.runtime.catalog import default_catalog
    from hinomi.runtime.intake import Intake
    from hinomi.runtime.writer import Writer
    from hinomi.stores.sqlite import SqliteStore

    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder))
        intake = Intake(Writer(store), default_catalog(), Nowhere())
        now = clock.now()
        before = time.process_time()
        report = intake.take_all([kept.payload(d, n, n, now) for n, d in files])
        spent = time.process_time() - before
        store.close()
    return spent, report.records_new


if __name__ == "__main__":
    if not SAMPLES.exists():
        sys.exit("the official samples are not beside the project")
    result = measure()
    for name, value in result.items():
        rate = (
            f"  {result['telegrams'] / value:8.0f} telegrams/s" if isinstance(value, float) else ""
        )
        print(f"{name:28} {value}{rate}")
