"""What the runtime states about its own work: payloads, alarms, the state of each source.

These are ordinary collections: the feed, as-of and the map serve them like all others. A payload's
name, path and problems may hold what was marked inside it, so they are TLP:AMBER without an
audience: the operator sees them, anonymous callers do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.marking import OPEN, Disclosure, Marking, Status
from hinomi.kernel.ports import Domain
from hinomi.kernel.records import Origin, Record, instant
from hinomi.vocabulary.layers import Board, Class, Field, Layer

INTERNAL = Marking(Status.ACTUAL, Disclosure.AMBER)
POISONED = "model.poisoned"
"""The alarm of a statement that is set aside for a model."""
STATED_BY = "hinomi"
NO_SOURCE = "unknown"
MAX_PROBLEMS = 100
"""A payload's record lists so many problems; ``problems_in_all`` counts the rest."""

Outcome = Literal["understood", "partly", "unknown", "refused", "fault"]
ERASED_TOGETHER = 500
"""Statements that one order of erasure names."""
QUARANTINED: frozenset[Outcome] = frozenset({"partly", "unknown", "refused", "fault"})
"""Outcomes whose payloads are set aside for people to look at and to read again."""


class PayloadState(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one payload. Key: its SHA-256."""

    name: str
    address: str
    source_id: str
    """Which of the catalogue's sources took it; ``unknown`` for none."""
    kind: str
    """The payload's own type, such as ``VPWW55``."""
    outcome: Outcome
    size_bytes: int
    taken_at: datetime
    records: int
    readings: int
    refused: int
    """Parts with a problem of grade error."""
    places_missing: int
    """Areas whose geometry was not known; the payload is read again when areas are imported."""
    problems_in_all: int
    problems: tuple[Problem, ...] = ()


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Kept, but a person must look at it. Key: source, code and what was found."""

    source_id: str
    code: str
    text_ja: str
    text_en: str
    found: str
    expected: str
    path: str
    payload_name: str
    payload_digest: str
    """The payload in which it was first seen."""


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How a source is doing. Amber: some payload of it stands in the quarantine."""

    title_ja: str
    title_en: str
    state: Literal["green", "amber"]
    payloads: int
    quarantined: int
    records: int
    readings: int
    last_at: datetime
    """When the last payload came."""
    last_kind: str


class Expiry(msgspec.Struct, frozen=True, kw_only=True):
    """The clock alone has changed what is valid in a collection. Key: the collection."""

    expired_collection: str
    expired_at: datetime


class ErasureOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Personal data were erased, and are to be wherever else the statements are. Key: their digest.

    It names no person: the ids are digests of what was said.
    """

    erased_collection: str
    fields: tuple[str, ...]
    statements: tuple[str, ...]
    cause: Literal["retention", "request"]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An order of erasure as a line of the list beside back-ups."""

    key: str
    said_at: datetime
    marking: Marking
    order: ErasureOrder


def _collection(
    name: str, ja: str, en: str, schema: type, marking: Marking, text: Text
) -> Collection:
    return Collection(
        id=f"operations.{name}",
        title=Text(ja, en),
        text=text,
        schema=schema,
        verb=Verb.OBSERVE,
        licence="CC0-1.0",
        marking=marking,
    )


PAYLOADS = _collection(
    "payloads",
    "受信データ",
    "Payloads",
    PayloadState,
    INTERNAL,
    Text("届いたデータそれぞれの扱い。", "What became of each payload that came."),
)
ALARMS = _collection(
    "alarms",
    "要確認",
    "Alarms",
    Alarm,
    INTERNAL,
    Text(
        "未知の種別や地域など、人が確認すべきこと。",
        "What was kept but needs a person's look: unknown types and areas, empty extractions.",
    ),
)
SOURCES = _collection(
    "sources",
    "情報源の状態",
    "Source states",
    SourceState,
    OPEN,
    Text("情報源ごとの受信状態。", "How each source is doing."),
)
EXPIRIES = _collection(
    "expiries",
    "有効期限の到来",
    "Expiries",
    Expiry,
    OPEN,
    Text(
        "時刻の経過だけで有効な内容が変わったことの知らせ。",
        "Announcements that the clock alone has changed what is valid in a collection.",
    ),
)
ERASURES = _collection(
    "erasures",
    "個人情報の消去",
    "Erasures",
    ErasureOrder,
    INTERNAL,
    Text(
        "個人情報を消去した記録の番号。同じ記録を受け取った連携先も消去し、写しからの復元後も消去し"
        "ます。",
        "Which statements' personal data were erased: partners who hold them erase them too, and so"
        " does a restored back-up. Each carries the marking of the statements.",
    ),
)

SOURCES_LAYER = Layer(
    id="sources",
    collection=SOURCES.id,
    title=SOURCES.title,
    shape="none",
    property="state",
    classes=(
        Class(value="amber", label=Text("要確認", "Needs a look"), colour="#f08c00"),
        Class(value="green", label=Text("正常", "In order"), colour="#2b8a3e", ink="#ffffff"),
    ),
    name=Text("title_ja", "title_en"),
    fields=(
        Field(name="last_at", label=Text("最終受信", "Last heard"), kind="time"),
        Field(name="last_kind", label=Text("その種別", "What it was")),
        Field(name="quarantined", label=Text("隔離中", "In quarantine"), kind="number"),
        Field(name="payloads", label=Text("受信数", "Payloads"), kind="number"),
        Field(name="records", label=Text("記録数", "Records"), kind="number"),
    ),
    board=Board(
        title=Text("情報源", "Sources"),
        empty=Text("受信した情報源はありません。", "No source has been heard."),
        since="last_at",
        fields=(Field(name="quarantined", label=Text("隔離", "quarantine"), kind="number"),),
        happens=True,
        slim=True,
    ),
)

DOMAIN = Domain(
    id="operations",
    title=Text("運用", "Operations"),
    collections=(PAYLOADS, ALARMS, SOURCES, EXPIRIES, ERASURES),
    layers=(SOURCES_LAYER,),
)


def payload_record(digest: str, state: PayloadState, *, at: datetime) -> Record:
    """Return the statement of what became of a payload."""
    return Record(
        collection=PAYLOADS.id,
        key=digest,
        said_at=at,
        when=instant(at),
        body=state,
        source=STATED_BY,
        marking=INTERNAL,
        origin=Origin(digest=digest, address=state.address),
    )


def alarm_key(source_id: str, problem: Problem) -> str:
    """Return what makes two alarms the same one: an area unknown in 500 telegrams is one alarm."""
    return f"{source_id}:{problem.code}:{problem.found or problem.text.en}"[:300]


def alarm_of(
    source_id: str, problem: Problem, *, payload_name: str = "", payload_digest: str = ""
) -> Alarm:
    """Return the alarm of a problem, and of the payload that brought it if one did."""
    return Alarm(
        source_id=source_id,
        code=problem.code,
        text_ja=problem.text.ja,
        text_en=problem.text.en,
        found=problem.found,
        expected=problem.expected,
        path=problem.path,
        payload_name=payload_name,
        payload_digest=payload_digest,
    )


def alarm_record(key: str, alarm: Alarm, *, at: datetime, over: bool = False) -> Record:
    """Return an alarm, or (``over``) the statement that it no longer stands."""
    return Record(
        collection=ALARMS.id,
        key=key,
        said_at=at,
        body=alarm,
        source=STATED_BY,
        marking=INTERNAL,
        origin=Origin(digest=alarm.payload_digest, path=alarm.path),
        retracts=over,
    )


def source_record(source_id: str, state: SourceState, *, at: datetime) -> Record:
    """Return a source's state."""
    return Record(
        collection=SOURCES.id,
        key=source_id,
        said_at=at,
        body=state,
        source=STATED_BY,
        marking=OPEN,
    )


def expiry_record(collection: str, expired_at: datetime) -> Record:
    """Return the announcement that something in the collection began or ended by the clock."""
    return Record(
        collection=EXPIRIES.id,
        key=collection,
        said_at=expired_at,
        when=instant(expired_at),
        body=Expiry(expired_collection=collection, expired_at=expired_at),
        source=STATED_BY,
        marking=OPEN,
    )


def erasure_records(
    erased: Mapping[str, Marking], order: ErasureOrder, *, at: datetime
) -> list[Record]:
    """Return the orders for erased statements (ids with their markings), each under its marking."""
    groups: dict[Marking, list[str]] = {}
    for record_id, marking in sorted(erased.items()):
        groups.setdefault(marking, []).append(record_id)
    found = []
    for marking, ids in groups.items():
        for first in range(0, len(ids), ERASED_TOGETHER):
            part = tuple(ids[first : first + ERASED_TOGETHER])
            found.append(
                Record(
                    collection=ERASURES.id,
                    key=sha256("".join(part).encode()).hexdigest(),
                    said_at=at,
                    when=instant(at),
                    body=msgspec.structs.replace(order, statements=part),
                    source=STATED_BY,
                    marking=marking,
                )
            )
    return found
