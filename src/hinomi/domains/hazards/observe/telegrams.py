"""What every reader of JMA's telegrams shares: marking, order, origin, areas on the map."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias
from zlib import crc32

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Origin
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.vocabulary.times import day_in_japan

Parser: TypeAlias = Callable[[Telegram, Payload, Gazetteer], Parsed]
"""``parse(telegram, payload, gazetteer)``: one kind's telegrams to records."""

SOURCE = "jma"
"""Who states it: Record.source of all that JMA says."""

_AFTER = {"issue": 0, "delay": 0, "correction": 1, "cancel": 2}
_MOST_ORDERS = 8_000
"""Keeps the serial within 63 bits: Serial up to 2,000."""


_MARKINGS = {status: Marking(status) for status in Status}


def marking(telegram: Telegram) -> Marking:
    """Return the marking of 通常, 訓練 or 試験; JMA's telegrams are for everyone."""
    return _MARKINGS[telegram.control.status]


def order(telegram: Telegram) -> int:
    """Return the serial that orders telegrams of one ReportDateTime.

    The sender's Serial leads; of one serial a correction comes after what it corrects, and a
    withdrawal after both.
    """
    return telegram.head.number * 4 + _AFTER[telegram.head.act]


def last_word(telegram: Telegram, payload: Payload, *, precedence: int = 0) -> int:
    """Return the serial that orders whatever is said at one ReportDateTime, without a tie.

    After :func:`order` comes the product's precedence (0 to 3), then the time of sending, then
    the bytes themselves: telegrams that differ and are otherwise equal end in the same state in
    whichever order they arrive.
    """
    lead = min(order(telegram), _MOST_ORDERS) * 4 + precedence
    sent = telegram.control.sent_at
    seconds = int(sent.timestamp()) & 0xFFFFFFFF if sent is not None else 0
    return (lead << 48) | (seconds << 16) | (crc32(payload.digest.encode()) & 0xFFFF)


def origin(payload: Payload, path: str = "") -> Origin:
    """Return where a statement was read: the payload and the place inside it."""
    return Origin(digest=payload.digest, address=payload.address, path=path)


class Areas:
    """Looks up areas for one telegram, once each, and reports the codes that are unknown."""

    def __init__(self, gazetteer: Gazetteer, telegram: Telegram, problems: list[Problem]) -> None:
        self._gazetteer = gazetteer
        self._on: date = day_in_japan(telegram.head.reported_at)
        self._problems = problems
        self._known: dict[str, Geometry | None] = {}

    def place(self, code: str, name: str, path: str) -> Geometry | None:
        """Return the area's geometry; None, with an alarm, for a code that is not known.

        A code that the master knows without a geometry gives None and no alarm.
        """
        if code not in self._known:
            self._known[code] = self._gazetteer.place(code, self._on)
            if self._known[code] is None and not self._gazetteer.knows(code, self._on):
                self._problems.append(
                    Problem(
                        "jmaxml.unknown-area",
                        path,
                        Text(
                            f"知らない地域コードです({name})。名前のまま、地図なしで保存しました。",
                            f"The area code is not known ({name}); kept by name, without a map.",
                        ),
                        "alarm",
                        found=f"{code} {name}"[:200],
                        expected="a code of the area master",
                    )
                )
        return self._known[code]
