"""Resource paths: ``Things('a')/Datastreams('b')/Observations/$ref``."""

from __future__ import annotations

import re

import msgspec

from hinomi.kernel.errors import InputError

MAX_STEPS = 8
MAX_ID = 250
_STEP = re.compile(r"(\$?[A-Za-z]{1,60})(?:\((.{1,600})\))?", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,18}")


class Step(msgspec.Struct, frozen=True):
    """One segment: a name and, of an entity, its id (text, with its quotes taken off)."""

    name: str
    id: str | None = None


def parse_path(text: str) -> tuple[Step, ...]:
    """Return a path's steps.

    Raises:
        InputError: a segment that is none, or too many.

    Example:
        >>> parse_path("Datastreams('a''b')/Observations")
        (Step(name='Datastreams', id="a'b"), Step(name='Observations', id=None))
    """
    if not text.strip("/"):
        return ()
    parts = _segments(text.strip("/"))
    if len(parts) > MAX_STEPS:
        raise InputError(f"The path has more than {MAX_STEPS} steps.", "パスが長すぎます。")
    return tuple(_step(part) for part in parts)


def _segments(text: str) -> list[str]:
    """Divide at slashes that stand outside of quotes."""
    parts, start, quoted = [], 0, False
    for at, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif character == "/" and not quoted:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _step(part: str) -> Step:
    match = _STEP.fullmatch(part)
    if match is None:
        # Properties of properties: properties/owner; @iot.id is none of ours to write.
        if re.fullmatch(r"[A-Za-z0-9_.@$-]{1,60}", part):
            return Step(part)
        raise _bad(part)
    name, given = match.groups()
    return Step(name, None if given is None else _id(part, given))


def _id(part: str, text: str) -> str:
    if text[0] == "'" and text[-1] == "'" and len(text) > 2:
        found = text[1:-1].replace("''", "'")
        if len(found) <= MAX_ID and found.isprintable():
            return found
    elif _NUMBER.fullmatch(text):
        return text
    raise _bad(part)


def _bad(part: str) -> InputError:
    return InputError(
        f"{part[:60]!r} is no step of a path: expected Name, Name(1) or Name('id').",
        f"パスの「{part[:60]}」は解釈できません。",
    )
