"""A thing's statements as CAP messages: one thread a thing, each statement one message.

The first is an Alert, later ones are Updates that name those before, a withdrawal (取消) is a
Cancel that names them, a release (解除) an Update that gives the all-clear. A message's
identifier is its record's id, so it is the same whenever and by whomever it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.records import Stored
from hinomi.standards.cap import alert as c

MOST_REFERENCES = 40
STATUSES = {Status.ACTUAL: "Actual", Status.EXERCISE: "Exercise", Status.TEST: "Test"}
_PREFIX = {
    Status.EXERCISE: {"ja": "【訓練】", "en": "EXERCISE: "},
    Status.TEST: {"ja": "【試験】", "en": "TEST: "},
}
_NOTES = {Status.EXERCISE: "訓練 / Exercise", Status.TEST: "試験 / Test"}


class Outline(msgspec.Struct, frozen=True):
    """What one statement says: its infos, and whether what it speaks of is in force."""

    infos: tuple[c.Info, ...]
    in_force: bool = True


Draw = Callable[[Stored], Outline | None]
"""From a statement to what it says; None where it is no alert (an observation)."""


def compose(target: Stored, history: Iterable[Stored], draw: Draw, sender: str) -> c.Alert | None:
    """Return one statement as a message; None where it is none (a release of nothing, …).

    Args:
        target: the statement.
        history: what was said about the same thing; other sources' and markings' are set aside.
        draw: what a statement says.
        sender: CAP's ``sender``: no blanks, commas, ``<`` or ``&``.
    """
    lane = [s for s in history if (s.source, s.marking) == (target.source, target.marking)]
    thread: list[tuple[Stored, Outline]] = []
    for stored in sorted(lane, key=lambda s: (s.said_at, s.seq)):
        outline = None if stored.retracts else draw(stored)
        last = stored.id == target.id
        if stored.retracts or (outline is not None and not outline.in_force):
            if last:
                return _ending(stored, outline, thread, sender)
            thread = []
        elif outline is not None:
            if last:
                return _message(
                    stored, outline.infos, "Update" if thread else "Alert", thread, sender
                )
            thread.append((stored, outline))
        elif last:
            return None
    return None


def _ending(
    stored: Stored, outline: Outline | None, thread: list[tuple[Stored, Outline]], sender: str
) -> c.Alert | None:
    if not thread:
        return None
    if outline is not None:
        return _message(stored, tuple(map(_all_clear, outline.infos)), "Update", thread, sender)
    infos = tuple(map(_withdrawn, thread[-1][1].infos))
    return _message(stored, infos, "Cancel", thread, sender)


def _all_clear(info: c.Info) -> c.Info:
    return msgspec.structs.replace(
        info, responses=("AllClear",), urgency="Past", severity="Minor", certainty="Observed",
        expires=None, instruction="",
    )  # fmt: skip


def _withdrawn(info: c.Info) -> c.Info:
    ja = info.language.startswith("ja")
    return msgspec.structs.replace(
        info,
        responses=("None",),
        urgency="Past",
        certainty="Unlikely",
        expires=None,
        headline=f"【取消】{info.headline}" if ja else f"CANCELLED: {info.headline}",
        instruction="この情報は取り消されました。" if ja else "This message has been withdrawn.",
    )


def _message(
    stored: Stored,
    infos: tuple[c.Info, ...],
    message_type: str,
    thread: list[tuple[Stored, Outline]],
    sender: str,
) -> c.Alert:
    marking = stored.marking
    scope, restriction = scope_of(marking)
    return c.Alert(
        identifier=identifier(stored),
        sender=sender,
        sent=stored.said_at,
        status=STATUSES[marking.status],
        message_type=message_type,
        scope=scope,
        restriction=restriction,
        addresses=marking.audience if scope != "Public" else (),
        note=_NOTES.get(marking.status, ""),
        references=tuple(
            c.Reference(sender, identifier(s), s.said_at) for s, _ in thread[-MOST_REFERENCES:]
        ),
        incidents=(f"{stored.collection}/{stored.key}",),
        infos=tuple(_prefixed(info, marking.status) for info in infos),
    )


def _prefixed(info: c.Info, status: Status) -> c.Info:
    """Return the info with 訓練 or 試験 said in its headline: not everybody reads ``status``."""
    if status is Status.ACTUAL:
        return info
    prefix = _PREFIX[status]["ja" if info.language.startswith("ja") else "en"]
    return msgspec.structs.replace(info, headline=f"{prefix}{info.headline or info.event}")


def identifier(stored: Stored) -> str:
    """Return the message's identifier; the receiver compares it byte by byte."""
    return f"{stored.collection}.{stored.id}"


def scope_of(marking: Marking) -> tuple[str, str]:
    """Return ``scope`` and ``restriction``; Private only where it says for whom."""
    if marking.disclosure is Disclosure.CLEAR and not marking.audience:
        return "Public", ""
    if marking.disclosure is Disclosure.RED and marking.audience:
        return "Private", "TLP:RED"
    return "Restricted", f"TLP:{marking.disclosure.label}"


def expires(until: datetime | None, said_at: datetime) -> datetime | None:
    """Return an end that a receiver can use: none where the statement has ended when it is said."""
    return until if until is not None and until > said_at else None
