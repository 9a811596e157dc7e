"""The faults of a town on PostgreSQL: each is done to real processes while people write."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import resource
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import msgspec

from chaos.load import COLLECTION, Load, unit
from chaos.servers import Process, wait_for
from chaos.town import Town, town
from hinomi.stores.postgres import PostgresStore


class Outcome(msgspec.Struct, kw_only=True):
    """What a fault did."""

    fault: str
    sent: int = 0
    acknowledged: int = 0
    found: int = 0
    lost: int = 0
    recovery_s: float = 0.0
    """The longest time without an acknowledgement, or until all was as before."""
    note: str = ""
    failed: bool = False
    """What was expected did not come, though nothing was lost."""


class Place(Protocol):
    """What people write to: a town, on whatever store."""

    port: int
    key: str
    pause_s: float
    incoming: Path | None

    def found(self) -> Counter[str]:
        """Return how often each unit is in the log."""


def measured(
    one: Place, name: str, fault: Callable[[], str | None], *, after_s: float = 0.7
) -> Outcome:
    """Write, do the fault, write on; count what was acknowledged and is there."""
    load = Load(
        one.port, one.key, name=slug(name), pause_s=one.pause_s, folder=one.incoming
    ).start()  # fmt: skip
    ready = wait_for(lambda: len(load.at) > 20, 60.0)
    began = time.monotonic()
    note = fault() or ""
    done = time.monotonic()
    back = wait_for(lambda: load.at and load.at[-1] > done, 60.0)
    time.sleep(after_s)
    load.stop()
    found = one.found()
    if load.files - found.keys():
        wait_for(lambda: load.files <= one.found().keys(), 60.0, 0.5)
        found = one.found()
    return outcome(name, load, found, began, good=ready and back, note=note)


def outcome(
    name: str, load: Load, found: Counter[str], began: float, *, good: bool, note: str
) -> Outcome:
    """Count: what was acknowledged and is not in the log, or is not what stands, is lost."""
    twice = sum(found[unit] > 1 for unit in load.sent)
    told = [note, f"{twice} twice" if twice else "", load.troubles()]
    if load.hidden:
        told.append(f"{load.hidden} hidden")
    if load.files:
        told.append(f"{len(load.files)} of them files")
    return Outcome(
        fault=name, sent=len(load.sent), acknowledged=len(load.acknowledged),
        found=len(load.acknowledged & found.keys()),
        lost=len(load.acknowledged - found.keys()) + load.hidden,
        recovery_s=load.gap_s(began), failed=not good or bool(load.wrong) or twice > 0,
        note="; ".join(part for part in told if part),
    )  # fmt: skip


def slug(name: str) -> str:
    """Return how a row's units begin: no two rows may count the same ones."""
    return re.sub("[^a-z0-9]+", "-", name.replace("+", "plus ").lower()).strip("-") + "-"


def kill_each(one: Town, *names: str) -> Iterator[Outcome]:
    """SIGKILL of each process in turn; what watches over them starts them again."""
    for name in names:
        process = one.processes[name]

        def fault(process: Process = process) -> None:
            process.kill()
            time.sleep(0.5)
            process.start()

        title = f"SIGKILL {name}"
        row = measured(one, title, fault)
        if name == "models" and one.incoming is not None:
            row = with_results(one, row, slug(title))
        yield row
        # In turn: who was killed is back before the next is, or nobody would be left to answer.
        process.ready()


def worker(one: Town) -> Iterator[Outcome]:
    """SIGKILL of a web worker; its hub starts another."""

    def fault() -> None:
        process = one.processes["api-1"]
        wait_for(process.children)
        os.kill(process.children()[0], 9)

    yield measured(one, "SIGKILL web worker", fault)


def rolling(one: Town, *names: str) -> Iterator[Outcome]:
    """Processes are replaced one by one; not one request may break or be refused."""

    def fault() -> str:
        for name in names:
            one.processes[name].stop()
            one.processes[name].start()
            one.processes[name].ready()
        return ""

    row = measured(one, "rolling restart", fault, after_s=2.0)
    row.failed = row.failed or "0 broken, 0 refused" not in row.note
    yield row


def database_restart(one: Town) -> Iterator[Outcome]:
    """PostgreSQL crashes and starts again."""

    def fault() -> None:
        one.servers[0].stop("immediate")
        time.sleep(0.5)
        one.servers[0].start()

    yield measured(one, "PostgreSQL crash and restart", fault)


def failover(one: Town) -> Iterator[Outcome]:
    """The primary dies for good; its synchronous standby takes over at the same address."""

    def fault() -> None:
        first, second = one.servers
        first.stop("immediate")
        second.promote()
        second.sql("ALTER SYSTEM SET synchronous_standby_names = ''")
        second.sql("SELECT pg_reload_conf()")

    yield measured(one, "failover to the standby", fault, after_s=2.0)


def nats_node(one: Town) -> Iterator[Outcome]:
    """The node that leads the models' queue dies; the others go on with what is in it."""
    assert one.nats is not None
    nats, queue = one.nats, "hinomi_work"
    killed = nats.leader(queue)

    def leader_dies() -> str:
        began = time.monotonic()
        nats.kill(killed)
        again = wait_for(lambda: nats.leader(queue) != killed, 60.0)
        time.sleep(1.0)
        took = time.monotonic() - began - 1.0
        return f"the queue has a new leader: {again}, after {took:.1f} s"

    title = "NATS node of three lost"
    row = with_results(one, measured(one, title, leader_dies), slug(title))
    row.failed = row.failed or "leader: True" not in row.note
    yield row
    nats.restart(killed)


def nats_gone(one: Town) -> Iterator[Outcome]:
    """All of NATS dies: the log goes on, wake-ups are late."""
    assert one.nats is not None
    nats = one.nats

    def all_die() -> None:
        for number in range(len(nats.processes)):
            nats.kill(number)
        time.sleep(1.0)

    yield measured(one, "NATS gone altogether", all_die)
    for number in range(len(nats.processes)):
        nats.restart(number)


def with_results(one: Town, row: Outcome, begins: str) -> Outcome:
    """Hold a row to this too: the model outside gives its result for all that was stated."""
    began = time.monotonic()
    stated = {unit for unit in one.found() if unit.startswith(begins) and "=" not in unit}
    good = wait_for(lambda: stated <= results(one), 120.0, 0.5)
    took = time.monotonic() - began
    missing = "" if good else f", {len(stated - results(one))} without"
    row.note += f"; {len(stated)} results of the model{missing}, {took:.0f} s after"
    row.failed = row.failed or not good
    return row


def results(one: Town) -> set[str]:
    """Return the keys for which the model from outside has given its result."""
    store = PostgresStore(one.url, read_only=True)
    try:
        given = store.changes(
            0, visible=store.markings(), collections=("poison.seen",), limit=1_000_000
        )
        return {change.record.key for change in given.items if change.record}
    finally:
        store.close()


def slow_callers(one: Town, count: int, minutes: float = 0.0) -> Iterator[Outcome]:
    """Many connections that send a byte a minute; others are answered meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    room = min(count, hard - 500)
    held: list[socket.socket] = []
    delays: list[float] = []

    def fault() -> str:
        for _ in range(room):
            with contextlib.suppress(OSError):
                held.append(socket.create_connection(("127.0.0.1", one.port), timeout=5))
                held[-1].sendall(b"G")
        until = time.monotonic() + 60.0 * minutes
        while len(delays) < 30 or time.monotonic() < until:
            start = time.monotonic()
            link = http.client.HTTPConnection("127.0.0.1", one.port, timeout=10)
            link.request("GET", "/healthz")
            link.getresponse().read()
            link.close()
            delays.append(time.monotonic() - start)
            time.sleep(0.5 if minutes else 0.0)
        for line in held:
            with contextlib.suppress(OSError):
                line.send(b"E")
        return f"{len(held):,} connections, slowest answer beside them {max(delays) * 1e3:.0f} ms"

    row = measured(one, "slow connections", fault)
    row.failed = row.failed or max(delays, default=9.0) > 5.0 or len(held) < 0.9 * count
    for line in held:
        line.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    yield row


def clock_jumps(hours: float) -> Iterator[Outcome]:
    """The clock of all Hinomi processes jumps by an hour, forwards and back."""
    library = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
    if library is None:
        yield Outcome(fault="clock jumps", note="libfaketime is missing: apt-get install faketime",
                      failed=True)  # fmt: skip
        return
    with tempfile.NamedTemporaryFile("w", suffix=".offset") as offset:
        offset.write("+0\n")
        offset.flush()
        faked = {
            "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": offset.name,
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }  # fmt: skip
        with town(environment=faked) as one:

            def jump(by: str) -> Callable[[], None]:
                def fault() -> None:
                    Path(offset.name).write_text(f"{by}\n", encoding="ascii")
                    time.sleep(1.0)

                return fault

            for by in (hours, -hours):
                title = f"clock {by:+.0f} h"
                row = measured(one, title, jump(f"{by:+.0f}h"))
                yield jumped(one, row, slug(title), by)


def jumped(one: Town, row: Outcome, begins: str, hours: float) -> Outcome:
    """Hold a row to this too: the clock did jump, and the log's time did not run backwards."""
    store = PostgresStore(one.url, read_only=True)
    try:
        log = store.changes(0, visible=store.markings(), collections=(COLLECTION,), limit=1_000_000)
        said = [c.record.said_at for c in log.items
                if c.record and c.key.startswith(begins) and "=" not in unit(c.record)]  # fmt: skip
        recorded = [c.recorded_at for c in log.items]
    finally:
        store.close()
    span = (max(said) - min(said)).total_seconds() / 3600.0
    steady = all(a <= b for a, b in pairwise(recorded))
    # From an hour ahead to an hour behind are two.
    row.failed = row.failed or not steady or span < (1.0 if hours > 0 else 2.0) * abs(hours) - 0.05
    row.note += (
        f"; statements {span:.2f} h apart by their own clock, the log's time steady: {steady}"
    )
    return row
