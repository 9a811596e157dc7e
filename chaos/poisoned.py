"""A domain from outside: a source of one-line files, and a model that dies of one record."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from chaos.faults import Outcome, measured, results
from chaos.load import Load
from chaos.servers import wait_for
from chaos.town import Town
from hinomi.kernel.marking import OPERATOR
from hinomi.kernel.reader import Reader
from hinomi.runtime import operations
from hinomi.runtime.catalog import default_catalog
from hinomi.stores.postgres import PostgresStore

POISON = """
import os
from hinomi.domains.response.collections.shelters import Shelter
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain, Model, Parsed, Source
from hinomi.kernel.records import Origin, Record

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
BEGINS = b"chaos shelter:"


def parse(payload, gazetteer):
    key = payload.data.removeprefix(BEGINS).decode().strip()
    body = Shelter(name=key, match_key=key, state="open")
    return Parsed(records=[
        Record(collection=NEEDS, key=key, said_at=payload.taken_at, body=body, source="files",
               origin=Origin(digest=payload.digest))
    ])


FILES = Source(
    id="chaos-files", title=T, gives=(NEEDS,), licence="CC0-1.0", reference="none",
    detect=lambda payload: payload.data.startswith(BEGINS), parse=parse,
)
DOMAIN = Domain(id="poison", title=T, collections=(GIVEN,), sources=(FILES,), models=(MODEL,))
"""


def package(home: Path) -> dict[str, str]:
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
        load.put(link, "poison")
        link.close()
        start = time.monotonic()
        good = wait_for(set_aside, 240.0, 0.2)
        return f"set aside: {good}, after {deaths} deaths and {time.monotonic() - start:.0f} s"

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    row = measured(one, "poisoned record", fault)
    others = wait_for(
        lambda: {key for key in one.found() if "=" not in key} - {"poison"} <= results(one),
        120.0, 2.0,
    )  # fmt: skip
    stop.set()
    watcher.join()
    store.close()
    row.note += "; every other record has its result" if others else "; results are missing"
    row.failed = row.failed or "set aside: True" not in row.note or not others
    yield row
