"""The faults of a town on PostgreSQL: each is done to real processes while people write."""

from __future__ import annotations

import contextlib
import http.client
import os
import resource
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from chaos.servers import Process, wait_for
from chaos.town import Load, Town, town
from hinomi.kernel.marking import OPERATOR
from hinomi.kernel.reader import Reader
from hinomi.runtime import operations
from hinomi.runtime.catalog import default_catalog
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


def measured(
    one: Town, name: str, fault: Callable[[], str | None], *, after_s: float = 0.7
) -> Outcome:
    """Write, do the fault, write on; count what was acknowledged and is there."""
    first = name.split()[0].lower()
    load = Load(one.port, one.key, name=f"{first}-", pause_s=one.pause_s).start()
    wait_for(lambda: len(load.at) > 20)
    began = time.monotonic()
    note = fault() or ""
    done = time.monotonic()
    back = wait_for(lambda: load.at and load.at[-1] > done, 40.0)
    time.sleep(after_s)
    load.stop()
    found = one.found()
    return Outcome(
        fault=name, sent=len(load.sent), acknowledged=len(load.acknowledged),
        found=len(load.acknowledged & found), lost=len(load.acknowledged - found),
        recovery_s=load.gap_s(began), failed=not back,
        note="; ".join(part for part in (note, load.troubles()) if part),
    )  # fmt: skip


def kill_each(one: Town, *names: str) -> Iterator[Outcome]:
    """SIGKILL of each process in turn; what watches over them starts them again."""
    for name in names:
        process = one.processes[name]

        def fault(process: Process = process) -> None:
            process.kill()
            time.sleep(0.5)
            process.start()

        yield measured(one, f"SIGKILL {name}", fault)
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

    outcome = measured(one, "rolling restart", fault, after_s=2.0)
    outcome.failed = outcome.failed or not outcome.note.endswith(
        "0 broken, 0 refused, all tried again"
    )
    yield outcome


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
    """One node of the NATS cluster dies."""
    assert one.nats is not None
    nats = one.nats

    def one_dies() -> None:
        nats.kill(0)
        time.sleep(1.0)

    yield measured(one, "NATS node of three lost", one_dies)
    nats.restart(0)


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

    outcome = measured(one, "slow connections", fault)
    outcome.failed = outcome.failed or max(delays, default=9.0) > 5.0 or len(held) < 0.9 * room
    for line in held:
        line.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    yield outcome


POISON = """
import os
from hinomi.domains.response.collections.shelters import Shelter
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain, Model, Parsed
from hinomi.kernel.records import Record

T = Text("毒", "poison")
NEEDS = "response.shelters"
GIVEN = Collection(
    id="poison.seen", title=T, text=T, schema=Shelter, verb=Verb.PREDICT, licence="CC0-1.0"
)


def predict(reader, keys):
    made = []
    for item in reader.every(NEEDS, keys=tuple(keys.get(NEEDS, ())) or None):
        if item.key == "poison":
            os.kill(os.getpid(), 9)
        body = Shelter(name=item.key, match_key=item.key, state="open")
        made.append(
            Record(collection=GIVEN.id, key=item.key, said_at=item.said_at, body=body, source="m")
        )
    return Parsed(records=made)


MODEL = Model(
    id="poison-model", version="1", title=T, needs=(NEEDS,), gives=(GIVEN.id,), predict=predict,
    reference="none", limits=T,
)
DOMAIN = Domain(id="poison", title=T, collections=(GIVEN,), models=(MODEL,))
"""


def poison_package(home: Path) -> dict[str, str]:
    """Write a domain from outside whose model dies of one record; return what makes it known."""
    info = home / "poison-1.0.dist-info"
    info.mkdir(parents=True)
    (home / "hinomi_poison.py").write_text(POISON, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: poison\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hinomi.domains]\npoison = hinomi_poison:DOMAIN\n")
    return {"PYTHONPATH": f"{home}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}


def poison(one: Town) -> Iterator[Outcome]:
    """One record kills whatever runs a model on it; the worker is started again each time."""
    models = one.processes["models"]
    store = PostgresStore(one.url, read_only=True)
    reader = Reader(store, default_catalog(), OPERATOR)
    deaths = 0
    stop = threading.Event()

    def watch() -> None:
        nonlocal deaths
        while not stop.wait(0.1):
            if models.process is not None and models.process.poll() is not None:
                deaths += 1
                models.start()

    def set_aside() -> bool:
        alarms = reader.every(operations.ALARMS.id)
        return any(a.body()["code"] == "model.poisoned" for a in alarms)

    def fault() -> str:
        load = Load(one.port, one.key, writers=0)
        link = http.client.HTTPConnection("127.0.0.1", one.port, timeout=10)
        load._put(link, "poison")
        link.close()
        start = time.monotonic()
        good = wait_for(set_aside, 240.0, 0.2)
        return f"set aside: {good}, after {deaths} deaths and {time.monotonic() - start:.0f} s"

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    outcome = measured(one, "poisoned record", fault)
    others = wait_for(
        lambda: {
            c.record.key
            for c in store.changes(0, visible=store.markings(), collections=("poison.seen",),
                                   limit=1_000_000).items if c.record
        } >= one.found() - {"poison"}, 120.0, 2.0,
    )  # fmt: skip
    stop.set()
    watcher.join()
    store.close()
    outcome.failed = outcome.failed or "set aside: True" not in outcome.note or not others
    yield outcome


def clock_jumps(hours: float) -> Iterator[Outcome]:
    """The clock of an api and the models' process jumps by an hour, forwards and back."""
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

            yield measured(one, f"clock +{hours:.0f} h", jump(f"+{hours:.0f}h"))
            yield measured(one, f"clock -{hours:.0f} h", jump(f"-{hours:.0f}h"))
