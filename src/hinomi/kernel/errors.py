"""Errors: one class for each person who can act, and the problems found inside a payload."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Text(msgspec.Struct, frozen=True):
    """A text for people, in Japanese and in English."""

    ja: str
    en: str

    def to(self, language: str) -> str:
        """Return the Japanese text for ``ja`` (any region), the English one otherwise."""
        return self.ja if language[:2] == "ja" else self.en


Grade = Literal["error", "alarm", "note"]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding about one place in a payload.

    ``error``: the part was refused. ``alarm``: it was kept, but a person must look (a type or an
    area that is unknown, a telegram from which nothing was understood). ``note``: a reading of
    something the sender left open (a time without a zone).
    """

    code: str
    """Machine-readable, ``<codec>.<finding>``: ``jmaxml.unknown-area``."""
    path: str
    """Where inside the payload: ``telegrams.zip!/a.xml/Report/Body/Warning[2]/Item[7]``."""
    text: Text
    grade: Grade = "error"
    found: str = ""
    expected: str = ""

    def within(self, outer: str) -> Problem:
        """Return the same finding with its path set below ``outer``."""
        return msgspec.structs.replace(self, path=f"{outer}{self.path}")


class HinomiError(Exception):
    """The root of the errors that name who can act; ``status`` is HTTP's."""

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, en: str, ja: str | None = None) -> None:
        super().__init__(en)
        self.text = Text(ja if ja is not None else en, en)


class InputError(HinomiError):
    """The caller acts: the question makes no sense."""

    status = 400
    exit_code = 2


class DeniedError(HinomiError):
    """The caller acts: policy says no; ``rule`` says which rule."""

    status = 403
    exit_code = 3

    def __init__(self, en: str, ja: str | None = None, *, rule: str = "") -> None:
        super().__init__(en, ja)
        self.rule = rule


class MissingError(HinomiError):
    """The caller acts: there is no such name; the nearest ones are given."""

    status = 404
    exit_code = 4

    def __init__(self, what: Text, name: str, known: Iterable[str] = ()) -> None:
        self.name = name
        self.nearest = get_close_matches(name, list(known), n=3, cutoff=0.5)
        near = ", ".join(self.nearest)
        super().__init__(
            f"No {what.en} named {name!r}." + (f" Nearest: {near}." if near else ""),
            f"{what.ja}「{name}」はありません。" + (f"近い名前: {near}" if near else ""),
        )


class ConflictError(InputError):
    """The caller acts: the thing has changed since it was read (optimistic locking)."""

    status = 412


class DataError(HinomiError):
    """Whoever sent the bytes acts: they break their own standard; ``problems`` lists how."""

    status = 422
    exit_code = 5

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = problems[0] if problems else None
        more = f" (+{len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"{first.path}: {first.text.en}{more}" if first else "The payload breaks its standard.",
            f"{first.path}: {first.text.ja}{more}" if first else "規格に合わないデータです。",
        )


class UnavailableError(HinomiError):
    """Time acts: a remote, a file or the store is not there now; try again."""

    status = 503
    exit_code = 6
