"""The quarantine: payloads that were set aside, listed, shown, and read again from kept bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.ports import Payload
from hinomi.kernel.store import Store
from hinomi.runtime import ledger
from hinomi.runtime.intake import Intake, Watch, unwatched
from hinomi.runtime.operations import POISONED, QUARANTINED, Alarm, PayloadState
from hinomi.runtime.report import Report


class Kept(msgspec.Struct, frozen=True):
    """A payload by its digest and what became of it."""

    digest: str
    state: PayloadState


class Aside(msgspec.Struct, frozen=True):
    """A statement that a model is spared, since it failed on it three times."""

    model: str
    record: str
    collection: str
    key: str
    since: datetime


def list_aside(store: Store) -> list[Aside]:
    """Return the statements that are set aside for a model, the newest first.

    Where a newer statement of the thing, or a newer version of the model, has come since, it reads
    that one again: what is listed was set aside once.
    """
    found = []
    for item in ledger.alarm_records(store):
        alarm = msgspec.convert(item.body(), Alarm)
        if alarm.code == POISONED:
            trace = store.trace(alarm.found, visible=store.markings())
            told = trace.record if trace is not None else None
            where = (told.collection, told.key) if told is not None else ("", "")
            found.append(Aside(alarm.source_id, alarm.found, *where, item.recorded_at))
    return sorted(found, key=lambda one: one.since, reverse=True)


def list_kept(store: Store) -> list[Kept]:
    """Return what stands in the quarantine, by digest."""
    return [k for k in _kept(store) if k.state.outcome in QUARANTINED]


def show(store: Store, prefix: str) -> Kept:
    """Return one payload, in the quarantine or not, by the beginning of its digest.

    Raises:
        MissingError: no payload's digest begins so.
        InputError: several do.
    """
    found = [k for k in _kept(store) if k.digest.startswith(prefix)]
    if not found:
        raise MissingError(Text("受信データ", "payload"), prefix)
    if len(found) > 1:
        raise InputError(
            f"{prefix!r} begins {len(found)} digests; give more of it.",
            f"「{prefix}」で始まるものが{len(found)}件あります。もう少し長く指定してください。",
        )
    return found[0]


def replay(intake: Intake, prefixes: Sequence[str] = (), *, watch: Watch = unwatched) -> Report:
    """Read kept payloads again with today's code: those named, or all in the quarantine."""
    store = intake.writer.store
    kept = [show(store, p) for p in prefixes] if prefixes else list_kept(store)
    return _again(intake, kept, watch)


def rejoin(intake: Intake, *, watch: Watch = unwatched) -> Report:
    """Read those payloads again whose areas had no geometry: after areas were imported."""
    kept = [k for k in _kept(intake.writer.store) if k.state.places_missing]
    return _again(intake, kept, watch)


def _again(intake: Intake, kept: list[Kept], watch: Watch) -> Report:
    return intake.replay(_payloads(intake.writer.store, kept), len(kept), watch=watch)


def _payloads(store: Store, kept: list[Kept]) -> Iterator[Payload]:
    for one in kept:
        data = store.blob(one.digest)
        # What was refused unread (a bomb) has no bytes to read again.
        if data is not None:
            yield Payload(
                data=data,
                name=one.state.name,
                address=one.state.address,
                digest=one.digest,
                taken_at=one.state.taken_at,
            )


def _kept(store: Store) -> Iterator[Kept]:
    for item in ledger.payload_records(store):
        yield Kept(item.key, msgspec.convert(item.body(), PayloadState))
