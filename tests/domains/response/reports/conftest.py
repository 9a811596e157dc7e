"""A headquarters' night in a store: damage, lifelines, people, a decision, a hand-over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hinomi.domains.hazards.collections.warnings import AlertLevel, InForce
from hinomi.domains.response.collections.shelters import Shelter
from hinomi.kernel.marking import OPERATOR, Disclosure, Marking, Principal, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record, Stored
from hinomi.runtime.acting import Acting
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.socket import Perform
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

START = datetime(2026, 9, 11, 18, tzinfo=UTC)
WAJIMA, NANAO, TOYAMA = "1720400", "1720200", "1620100"


class Night:
    """A store, a clock that goes a minute a deed, and people of one organisation."""

    def __init__(self) -> None:
        self.time = START
        self.store = MemoryStore()
        self.acting = Acting(Writer(self.store, now=lambda: self.time), default_catalog())
        self.count = 0

    def do(self, act: str, /, *, on: Stored | None = None, **values: Any) -> Stored:
        """Return the statement that an act made; ``who`` and ``status`` may be given."""
        self.count += 1
        self.time += timedelta(minutes=1)
        status = Status(values.pop("status", "actual"))
        who = values.pop("who", "yamada")
        principal = Principal(
            who, ("town", "exercise"), Disclosure.AMBER, roles=("officer", "commander")
        )
        wish = Perform(
            act=f"response.{act}",
            id=f"deed-{self.count:04}",
            principal=principal,
            status=status,
            key=on.key if on else "",
            expected=on.id if on else "",
            values=values,
        )
        return self.reader(status.value).record(self.acting.perform(wish).ids[0])

    def reader(self, status: str = "actual", principal: Principal = OPERATOR) -> Reader:
        """Return what somebody sees, the operator unless another is named."""
        return Reader(self.store, default_catalog(), principal, status=frozenset({Status(status)}))

    def say(self, *records: Record) -> None:
        """Append statements of others."""
        self.time += timedelta(minutes=1)
        self.store.put(records, at=self.time)

    def level(self, code: str, name: str, level: int, status: str = "actual") -> None:
        """State a municipality's level."""
        force = InForce(
            "rain", "レベル４大雨危険警報", "43", level, level_stated=True, stated_at=self.time
        )
        body = AlertLevel(
            area_code=code, area_name=name, level=level, level_stated=True, count=1,
            hazards="rain", in_force=[force],
        )  # fmt: skip
        marking = Marking(Status(status))
        self.say(
            Record(
                collection="hazards.levels", key=code, said_at=self.time,
                when=Interval(self.time, None), body=body, source="jma", marking=marking,
            )
        )  # fmt: skip

    def shelter(self, name: str, people: int | None, status: str = "actual") -> None:
        """State an open shelter in Wajima."""
        body = Shelter(
            name=name, municipality="輪島市", municipality_code=WAJIMA, match_key=name,
            state="open", people=people, capacity=100,
        )  # fmt: skip
        marking = Marking(Status(status))
        self.say(
            Record(collection="response.shelters", key=name, said_at=self.time, body=body,
                   source="wajima", marking=marking)
        )  # fmt: skip


@pytest.fixture
def night() -> Night:
    return Night()
