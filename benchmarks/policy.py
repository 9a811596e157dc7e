"""The policy on and off: the same requests with marking decision, masking and audit, and without.

Also what a published package costs: signature and durable log entry. ``python -m
benchmarks.policy``; in process, medians, the two taking turns.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hinomi.apps.web.app import create_app
from hinomi.domains.response.collections.shelters import SHELTERS, Shelter
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime import policy
from hinomi.runtime.audit import Audit
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.runtime.translog.trust import Trust
from hinomi.stores.sqlite import SqliteStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROUNDS, PAGES = 41, 60
GOAL_SLOWER, GOAL_MS = 0.10, 5.0
SUZUKI = Principal("suzuki", ("nanao-city",), Disclosure.AMBER, (), ("town-officer",))


def filled(folder: Path) -> SqliteStore:
    """Return a store with 5,000 shelters in three markings."""
    store = SqliteStore(folder)
    markings = (
        Marking(),
        Marking(Status.ACTUAL, Disclosure.GREEN),
        Marking(Status.ACTUAL, Disclosure.AMBER, ("nanao-city",)),
    )
    records = [
        Record(
            collection=SHELTERS.id,
            key=f"s{n}",
            said_at=NOW,
            body=Shelter(name=f"避難所{n}", match_key=f"s{n}", state="open"),
            source="town",
            place=point(136.0 + n / 5000, 37.0),
            marking=markings[n % 3],
        )
        for n in range(5000)
    ]
    store.put(records, at=NOW)
    return store


class Blind(Service):
    """A service whose readers see everything: no policy at all."""

    def reader(self, principal: Principal = SUZUKI, **how: Any) -> Reader:
        """Return a reader that decides nothing."""
        del how
        return Everything(self.store, self.catalog, principal)


class Everything(Reader):
    """A reader without the marking decision; what is in the store is looked up once."""

    seen: frozenset[Marking] = frozenset()

    def visible(self) -> frozenset[Marking]:
        """Return all."""
        return self.seen


class Ring:
    """One key."""

    def principal(self, secret: str) -> Principal:
        """Return whose it is."""
        del secret
        return policy.shipped().principal(SUZUKI)


def scope(number: int) -> dict[str, Any]:
    """Return a request for a page that was not asked for before."""
    path = b"/collections/response.shelters/items"
    west = 136.0 + number % 900 / 1000
    return {
        "type": "http", "method": "GET", "path": path.decode(), "raw_path": path,
        "query_string": f"limit=100&bbox={west},36,{west + 0.1},38".encode(), "scheme": "http",
        "headers": [(b"host", b"town.test"), (b"x-api-key", b"secret")],
        "server": ("town.test", 80), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip


def slower(folder: Path) -> tuple[float, float]:
    """Return the median CPU time of a request [ms] without the policy and with all of it."""
    store, catalog = filled(folder), default_catalog()
    Everything.seen = store.markings()
    on, off = Service(store, catalog, keyring=Ring()), Blind(store, catalog, keyring=Ring())
    on.audit = Audit(folder)
    apps = {name: create_app(one, kept_bytes=0) for name, one in (("off", off), ("on", on))}
    found: dict[str, list[float]] = {"off": [], "on": []}
    for turn in range(ROUNDS):
        for name, web in apps.items():
            begun = time.process_time()
            for number in range(PAGES):
                sent = web.at_once(scope(turn * PAGES + number))
                if sent is None or sent.status != 200:
                    raise RuntimeError(f"the page was not answered: {sent}")
            found[name].append((time.process_time() - begun) / PAGES * 1e3)
    on.audit.close()
    store.close()
    return statistics.median(found["off"]), statistics.median(found["on"])


def published(folder: Path) -> list[float]:
    """Return the times of signing and logging a package of 100 kB [ms]."""
    trust = Trust(folder)
    trust.publish("package", b"first", "first")
    took = []
    for number in range(200):
        data = number.to_bytes(4) * 25_000
        begun = time.perf_counter()
        trust.publish("package", data, f"{number}.zip")
        took.append((time.perf_counter() - begun) * 1e3)
    trust.close()
    return sorted(took)


def main() -> None:
    """Print both lines."""
    with tempfile.TemporaryDirectory() as folder:
        off, on = slower(Path(folder))
        took = published(Path(folder) / "trust")
    ratio = on / off - 1.0
    met = "met" if ratio < GOAL_SLOWER else "not met"
    print(
        f"policy on versus off, CPU of a request for a page of 100: {on:.3f} ms and {off:.3f} ms,"
        f" {ratio:+.1%} (goal < 10 %: {met})"
    )
    median, late = took[len(took) // 2], took[int(len(took) * 0.99)]
    met = "met" if median < GOAL_MS else "not met"
    print(
        f"signature (Ed25519 and ML-DSA-65) and durable log entry per published package:"
        f" p50 {median:.2f} ms, p99 {late:.2f} ms (goal < 5 ms: {met})"
    )


if __name__ == "__main__":
    main()
