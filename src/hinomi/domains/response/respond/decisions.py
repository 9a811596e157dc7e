"""The acts of decisions: write one down with the picture of what was known; withdraw it."""

from __future__ import annotations

import msgspec

from hinomi.domains.response.collections.decisions import DECISIONS, Decision
from hinomi.domains.response.respond.words import body_of
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval
from hinomi.vocabulary.acts import Act, Deed, Input


def decide(reader: Reader, deed: Deed) -> Parsed:
    """Return a decision, with the moment whose picture it was taken on.

    Raises:
        InputError: the moment lies ahead.
        MissingError: a record that it names is not there for this person.
    """
    records = tuple(dict.fromkeys(deed.values.get("records", [])))
    for record in records:
        reader.record(record)
    known_at = deed.values.get("known_at", deed.at)
    if known_at > deed.at:
        raise InputError(
            "What was known cannot lie ahead of now.", "決定の時刻が現在より後になっています。"
        )
    position = reader.position() if known_at == deed.at else reader.at(known_at).position()
    body = Decision(
        what=deed.text("what"),
        decided_by=deed.text("decided_by"),
        why=deed.text("why"),
        options=tuple(o.strip() for o in deed.text("options").split("\n") if o.strip()),
        state="in_force",
        records=records,
        known_at=known_at,
        position=position,
        written_by=deed.person.name,
    )
    when = Interval(known_at, None)
    made = deed.record(DECISIONS.id, deed.id, body, when=when, inputs=records)
    return Parsed(records=[made])


def withdraw(reader: Reader, deed: Deed) -> Parsed:
    """Return the decision as withdrawn; that it was taken stays in the history."""
    before = reader.get(DECISIONS.id, deed.key)
    body = msgspec.structs.replace(
        body_of(before, Decision), state="withdrawn", withdrawn_why=deed.text("why")
    )
    start = before.when.start
    when = Interval(start, max(deed.at, start) if start else deed.at)
    return Parsed(records=[deed.record(DECISIONS.id, before.key, body, before=before, when=when)])


ACTS: tuple[Act, ...] = (
    Act(
        id="response.decide",
        title=Text("決定を記録", "Write down a decision"),
        text=Text(
            "本部の決定を、その時点で把握していた状況とともに記録します。",
            "Write down what was decided, with the picture of what was known.",
        ),
        collection=DECISIONS.id,
        perform=decide,
        new=True,
        inputs=(
            Input(name="what", label=Text("決定", "What"), kind="longtext", required=True),
            Input(name="decided_by", label=Text("決定者", "Decided by"), required=True),
            Input(name="why", label=Text("理由", "Why"), kind="longtext", required=True),
            Input(
                name="options",
                label=Text("検討した案", "Options"),
                kind="longtext",
                hint=Text("1行に1案", "one a line"),
            ),
            Input(name="records", label=Text("根拠の記録", "Records"), many=True),
            Input(
                name="known_at",
                label=Text("決定の時刻", "Decided at"),
                kind="time",
                hint=Text("空欄はいま", "empty: now"),
            ),
        ),
    ),
    Act(
        id="response.withdraw-decision",
        title=Text("決定を撤回", "Withdraw"),
        text=Text("決定を撤回します。", "Withdraw a decision."),
        collection=DECISIONS.id,
        perform=withdraw,
        states={"state": ("in_force",)},
        inputs=(Input(name="why", label=Text("理由", "Why"), kind="longtext", required=True),),
    ),
)
