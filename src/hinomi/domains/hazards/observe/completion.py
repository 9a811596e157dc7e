"""A telegram's word that what it lists is all that stands; shared by the weather's readers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from hinomi.domains.hazards.observe.telegrams import SOURCE, marking, origin
from hinomi.kernel.ports import Payload
from hinomi.kernel.records import Complete, Record
from hinomi.standards.jmaxml.envelope import Telegram


def complete(
    telegram: Telegram,
    payload: Payload,
    collection: str,
    covers: tuple[str, ...],
    records: Iterable[Record],
) -> Complete:
    """Return that of ``covers`` only these records stand; none where the telegram is withdrawn.

    A 取消 mostly carries the ReportDateTime of what it withdraws, so it speaks a microsecond later.
    """
    withdrawn = telegram.head.act == "cancel"
    return Complete(
        collection=collection,
        source=SOURCE,
        said_at=telegram.head.reported_at + timedelta(microseconds=1 if withdrawn else 0),
        covers=covers,
        keys=() if withdrawn else tuple(r.key for r in records),
        marking=marking(telegram),
        origin=origin(payload, "/Report/Body"),
    )
