"""Telegrams of quakes, with the real codes of areas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from hinomi.domains.hazards.observe import jma
from hinomi.kernel.ports import Parsed, Payload
from hinomi.vocabulary.areas import codes

Parse = Callable[[bytes], Parsed]
AT = datetime(2026, 6, 1, tzinfo=UTC)


class Table:
    """A gazetteer that knows the real codes and has no boundaries."""

    def place(self, code: str, on: date) -> None:
        """Return no place."""

    def knows(self, code: str, on: date) -> bool:
        return codes.knows(code, on)


def parse(data: bytes) -> Parsed:
    """Read a telegram with the real codes."""
    payload = Payload(data=data, name="made.xml", address="made.xml", digest="", taken_at=AT)
    return jma.parse(payload, Table())
