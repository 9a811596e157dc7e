"""What put has acknowledged survives SIGKILL, and nothing is torn."""

import json
import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hinomi.kernel.marking import OPEN
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.strategies import SERIES

SEE = frozenset({OPEN})
FOLDERS, KILLS = 2, 25

WRITER = """
import itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from hinomi.kernel.records import Readings, Record, Series
from hinomi.stores.sqlite import SqliteStore
START = datetime(2026, 6, 1, tzinfo=UTC)
level = Series(id="levels.1", collection="test.levels", thing="1", property="level_m", unit="m",
               source="mlit")
store = SqliteStore(Path(sys.argv[1]))
for n in itertools.count(store.position()):
    blob = store.put_blob(f"raw {n}".encode())
    records = [Record(collection="test.sightings", key=f"{n}-{k}", said_at=START, body={"n": n},
                      source="jma") for k in range(20)]
    done = store.put(records, [Readings(series=(level,), rows=[(0, n, float(n), 0)])], at=START)
    sys.stdout.write(f"{done.position} {blob} {n} {' '.join(done.ids)}\\n")
    sys.stdout.flush()
"""


def write_until_killed(folder: Path, seed: int) -> list[str]:
    """Return the lines that the writer acknowledged before it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(random.Random(seed).randint(1, 12))]
    os.kill(process.pid, signal.SIGKILL)
    lines += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return [line for line in lines if line.endswith("\n")]


def kill_again_and_again(folder: Path, seed: int) -> int:
    acknowledged = 0
    for n in range(KILLS):
        lines = write_until_killed(folder, seed + n)
        assert lines
        store = SqliteStore(folder)
        for line in lines:
            position, blob, number, *ids = line.split()
            assert int(position) <= store.position()
            assert store.blob(blob) == f"raw {number}".encode()
            for record_id in ids:
                record = store.record(record_id, visible=SEE)
                assert record is not None
                assert json.loads(record.feature)["properties"]["record"] == record_id
            acknowledged += len(ids)
            (reading,) = store.readings("levels.1", visible=SEE, after=int(number) - 1, limit=1)
            assert (reading.time, reading.value) == (int(number), float(number))
        # A transaction is there whole or not at all: 20 statements and one batch.
        assert store.position() % 21 == 0
        assert len(store.series(SERIES, visible=SEE)) == 1
        assert store.check() == []
        store.close()
    return acknowledged


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_torn_in_50_kills(tmp_path: Path) -> None:
    with ThreadPoolExecutor(FOLDERS) as pool:
        counts = list(
            pool.map(lambda n: kill_again_and_again(tmp_path / str(n), 100 * n), range(FOLDERS))
        )
    assert sum(counts) >= FOLDERS * KILLS * 20
