"""A store with the merging model behind it, and people who settle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hinomi.domains.response.collections.merging import PLACES
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Marking, Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, Stored
from hinomi.kernel.store import Store
from hinomi.runtime.acting import Acting
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.socket import Perform
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 9, 1, tzinfo=UTC)
NANAO = "1720200"
TOWN, PREFECTURE = "nanao-city", "ishikawa-prefecture"
CATALOG = default_catalog()
AMBER = Marking(Status.ACTUAL, Disclosure.AMBER, (TOWN,))
OTHER_AMBER = Marking(Status.ACTUAL, Disclosure.AMBER, ("hakusan-city",))
EXERCISE = Marking(Status.EXERCISE)


class Desk:
    """A store with the merging model behind it, and people who settle."""

    def __init__(self, store: Store | None = None) -> None:
        self.time = T0
        self.store = store or MemoryStore()
        self.writer = Writer(self.store, now=self.now)
        self.acting = Acting(self.writer, CATALOG)
        self.models = Models(self.writer, CATALOG)
        self.count = 0

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    def say(self, *records: Record) -> None:
        self.writer.put(records)
        self.models.catch_up()

    def reader(self, who: Principal = OPERATOR, status: Status = Status.ACTUAL) -> Reader:
        return Reader(self.store, CATALOG, who, status=frozenset({status}))

    def places(self, who: Principal = ANONYMOUS, status: Status = Status.ACTUAL) -> list[Stored]:
        found = self.reader(who, status).find(PLACES.id).items
        return [item for item in found if item.body().get("stands", "stands") == "stands"]

    def do(self, act: str, on: Stored | None, status: str = "actual", **values: Any) -> Stored:
        self.count += 1
        put = self.acting.perform(
            Perform(
                act=f"response.{act}",
                id=f"deed-{self.count}",
                principal=officer(TOWN),
                status=Status(status),
                key=on.key if on else "",
                expected=on.id if on else "",
                values={"why": "電話で確認", **values},
            )
        )
        self.models.catch_up()
        return self.reader().record(put.ids[0])


def officer(organisation: str) -> Principal:
    return Principal("officer", (organisation, "exercise"), Disclosure.AMBER, roles=("officer",))


def statements_of(store: Store, who: Principal) -> set[frozenset[str]]:
    reader = Reader(store, CATALOG, who)
    return {
        frozenset(s["ref"] for s in p.body().get("statements", []))
        for p in reader.every(PLACES.id)
        if p.body().get("stands", "stands") == "stands"
    }
