"""What all readers of satellite reports share: marking, order, origin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.standards.qzss import Report
from hinomi.vocabulary.times import day_in_japan

SOURCE = "qzss"
AFTER_JMA = -1
"""Of one ``said_at`` the greater serial is shown; JMA's begin at 0."""


class Stating:
    """One report on its way to records."""

    def __init__(
        self,
        report: Report,
        payload: Payload,
        path: str,
        gazetteer: Gazetteer,
        parsed: Parsed,
    ) -> None:
        self.report = report
        self.stated: dict[str, Any] = report.stated
        self.path = path
        self.parsed = parsed
        self._payload = payload
        self._gazetteer = gazetteer

    @property
    def marking(self) -> Marking:
        """Return actual; 訓練/試験, one code for both, is an exercise and never actual."""
        if self.stated.get("a1_message_type") == "Test":
            return Marking(Status.TEST)
        return Marking(Status.EXERCISE if self.report.exercise else Status.ACTUAL)

    def place(self, key: str) -> Geometry | None:
        """Return an area's geometry by its key in ``areas``."""
        return self._gazetteer.place(key, day_in_japan(self.report.reported_at))

    def add(
        self,
        collection: Collection,
        key: str,
        body: Any,
        *,
        when: Interval | None = None,
        place: Geometry | None = None,
    ) -> None:
        """State something; a cancelled report withdraws what it stated."""
        self.parsed.records.append(
            Record(
                collection=collection.id,
                key=key,
                said_at=self.report.reported_at,
                serial=AFTER_JMA,
                when=when or Interval(self.report.reported_at),
                place=place,
                body=body,
                source=SOURCE,
                origin=Origin(self._payload.digest, self._payload.address, self.path),
                marking=self.marking,
                retracts=self.report.act == "cancel",
            )
        )

    def alarm(self, code: str, found: str, ja: str, en: str) -> None:
        """Tell of a code that is not known."""
        text = Text(ja, en)
        self.parsed.problems.append(Problem(code, self.path, text, "alarm", found=found[:200]))


Reader: TypeAlias = Callable[[Stating], None]

INFO = {"issue": "発表", "correction": "訂正", "cancel": "取消"}


def minute(time: datetime) -> str:
    """Return a time as the name of an event: the satellite knows its minute only."""
    return time.strftime("%Y%m%d%H%M")
