"""The acts of a change of shift: draw the sheet up from the records; both sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.response.collections.alerts import ACKNOWLEDGEMENTS, ALERTS
from hinomi.domains.response.collections.decisions import DECISIONS
from hinomi.domains.response.collections.handovers import HANDOVERS, Handover, Line
from hinomi.domains.response.collections.orders import ORDERS
from hinomi.domains.response.collections.shelters import SHELTERS
from hinomi.domains.response.collections.tasks import TASKS
from hinomi.domains.response.respond.words import body_of
from hinomi.kernel.errors import DeniedError, Text
from hinomi.kernel.filters import Compare, Filter, In, Property, Value
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.vocabulary.acts import Act, Deed, Input

_LEVELS = "hazards.levels"
MOST_LINES = 500
"""A longer sheet is not read; the report counts what it leaves out."""


def unacknowledged(reader: Reader, at: datetime) -> list[Stored]:
    """Return the alerts that hold at a time and that nobody whom the reader sees acknowledged."""
    heard = {item.key for item in reader.every(ACKNOWLEDGEMENTS.id)}
    raised = reader.every(ALERTS.id, filter=_equal("state", "raised"), when=(at, at))
    return [alert for alert in raised if alert.key not in heard]


def last_handover(reader: Reader) -> Stored | None:
    """Return the newest hand-over, by the moment whose picture it holds."""
    every = reader.every(HANDOVERS.id)
    return max(every, key=lambda i: (i.properties()["position"], i.seq), default=None)


def draw_up(reader: Reader, deed: Deed) -> Parsed:
    """Return the sheet: what stands now, and what was decided since the last hand-over."""
    last = last_handover(reader)
    since = body_of(last, Handover).known_at if last else None
    lines = list(_lines(reader, since, deed.at))
    body = Handover(
        outgoing=deed.text("outgoing"),
        incoming=deed.text("incoming"),
        notes=deed.text("notes"),
        since=since,
        known_at=deed.at,
        position=reader.position(),
        state="drawn_up",
        lines=tuple(lines[:MOST_LINES]),
        omitted=max(0, len(lines) - MOST_LINES),
    )
    inputs = tuple(line.record for line in body.lines)
    return Parsed(records=[deed.record(HANDOVERS.id, deed.id, body, inputs=inputs)])


def sign_out(reader: Reader, deed: Deed) -> Parsed:
    """Return the sheet as signed by whoever leaves."""
    return _signed(reader, deed, state="signed_out", signed_out_by=deed.person.name,
                   signed_out_at=deed.at)  # fmt: skip


def sign_in(reader: Reader, deed: Deed) -> Parsed:
    """Return the sheet as signed by whoever takes over.

    Raises:
        DeniedError: it is the same person who signed as leaving.
    """
    item = reader.get(HANDOVERS.id, deed.key)
    if body_of(item, Handover).signed_out_by == deed.person.name:
        raise DeniedError(
            f"{deed.person.name} signed as leaving; the one who takes over signs here.",
            f"{deed.person.name}さんは引継者として確認済みです。引受者が確認してください。",
            rule="two-people",
        )
    return _signed(reader, deed, state="signed", signed_in_by=deed.person.name,
                   signed_in_at=deed.at)  # fmt: skip


def _signed(reader: Reader, deed: Deed, **changed: Any) -> Parsed:
    before = reader.get(HANDOVERS.id, deed.key)
    body = msgspec.structs.replace(body_of(before, Handover), **changed)
    return Parsed(records=[deed.record(HANDOVERS.id, before.key, body, before=before)])


def _lines(reader: Reader, since: datetime | None, at: datetime) -> Iterator[Line]:
    for item in unacknowledged(reader, at):
        yield _line("alert", item, item.properties()["text"])
    for item in reader.every(_LEVELS, filter=Compare(">=", Property("level"), Value(3))):
        said = item.properties()
        yield _line("level", item, f"{said['area_name']} レベル{said['level']}")
    for item in reader.every(ORDERS.id, filter=_equal("state", "in_force")):
        said = item.properties()
        yield _line("order", item, f"{said['municipality']} {said['district']} {said['name']}")
    for item in reader.every(TASKS.id, filter=In(Property("state"), ("open", "doing"))):
        said = item.properties()
        yield _line("task", item, f"{said['title']}({said['owner']})")
    for item in reader.every(SHELTERS.id, filter=_equal("state", "open")):
        said = item.properties()
        people = said.get("people")
        count = "" if people is None else f" {people}人"
        yield _line("shelter", item, f"{said.get('municipality', '')} {said['name']}{count}")
    for item in reader.every(DECISIONS.id, filter=_equal("state", "in_force")):
        if since is None or item.said_at > since:
            yield _line("decision", item, item.properties()["what"])


def _line(kind: str, item: Stored, text: str) -> Line:
    return Line(kind=kind, text=text.strip(), record=item.id)


def _equal(name: str, value: str) -> Filter:
    return Compare("=", Property(name), Value(value))


ACTS: tuple[Act, ...] = (
    Act(
        id="response.hand-over",
        title=Text("引継書を作る", "Draw up a hand-over"),
        text=Text(
            "いまの記録から引継書を作ります。双方が確認して完了します。",
            "Draw the sheet up from the records as they stand; both then sign.",
        ),
        collection=HANDOVERS.id,
        perform=draw_up,
        new=True,
        inputs=(
            Input(name="outgoing", label=Text("引継者", "Leaves"), required=True),
            Input(name="incoming", label=Text("引受者", "Takes over"), required=True),
            Input(name="notes", label=Text("申し送り", "Notes"), kind="longtext"),
        ),
    ),
    Act(
        id="response.sign-handover-out",
        title=Text("引継者として確認", "Sign as leaving"),
        text=Text("引き継いだことを確認します。", "Sign that you have handed over."),
        collection=HANDOVERS.id,
        perform=sign_out,
        states={"state": ("drawn_up",)},
    ),
    Act(
        id="response.sign-handover-in",
        title=Text("引受者として確認", "Sign as taking over"),
        text=Text("引き受けたことを確認します。", "Sign that you have taken over."),
        collection=HANDOVERS.id,
        perform=sign_in,
        states={"state": ("signed_out",)},
    ),
)
