"""What is moved: rows by names and not by a store's own numbers, in an order that all stores give.

What is derived (lanes, places, counts, what was made from what) is not moved: the store that
takes the rows derives it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from hashlib import blake2b
from itertools import groupby
from typing import Any, NamedTuple, Protocol

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.records import Origin
from hinomi.stores.encoding import record_number

KINDS = (
    "marking", "step", "complete", "remark", "series", "record", "restated", "delivery", "reading",
    "latest", "batch",
)  # fmt: skip
"""In the order in which they are moved."""
COMPARED = tuple(kind for kind in KINDS if kind != "restated")

Row = tuple[Any, ...]


class Part(NamedTuple):
    """The positions that are moved now: after ``done``, up to ``upto``."""

    done: int
    upto: int


class Source(Protocol):
    """A store that rows are read from; all that is read is of one moment."""

    def reading(self) -> AbstractContextManager[None]:
        """Hold the moment."""

    def position(self) -> int:
        """Return the position of that moment."""

    def rows(self, kind: str, part: Part, after: Row | None = None) -> Iterator[Row]:
        """Yield the rows of a kind; ``after`` is what :meth:`Target.reached` gave."""

    def place_of(self, name: Sequence[Any]) -> int:
        """Return a series' number by (name, source, marking as moved)."""


class Target(Source, Protocol):
    """A store that rows are written to."""

    def begun(self) -> Part | None:
        """Return which part was being moved when it was last left off, None in an empty store.

        Raises:
            InputError: the store has been written to by others.
        """

    def begin(self, part: Part) -> None:
        """Note which part is being moved; with nothing between its ends, that all is there."""

    def reached(self, kind: str, part: Part) -> Row | None:
        """Return the last row's place of what is there already."""

    def load(self, kind: str, rows: Sequence[Row]) -> None:
        """Write rows, all or none."""

    def derive(self) -> None:
        """Derive what is not moved."""


def digest(store: Source, kind: str, upto: int) -> tuple[int, str]:
    """Return how many rows of a kind there are up to a position, and a digest over all of them."""
    total, state = 0, blake2b(digest_size=16)
    for row in _ordered(kind, store.rows(kind, Part(0, upto))):
        state.update(_encode(row))
        total += 1
    return total, state.hexdigest()


def _ordered(kind: str, rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the rows in an order that knows no store's own numbers."""
    if kind == "marking":
        yield from sorted(rows)
    elif kind == "batch":
        for _, parts in groupby(rows, key=lambda row: row[0]):
            yield from sorted(parts)
    else:
        yield from rows


_encode = msgspec.msgpack.Encoder().encode


def marking_text(marking: Marking) -> str:
    """Return a marking as moved."""
    named = (marking.status.value, int(marking.disclosure), marking.audience)
    return msgspec.json.encode(named).decode()


def text_marking(text: str) -> Marking:
    """Return a marking that was moved as text."""
    status, disclosure, audience = msgspec.json.decode(text)
    return Marking(Status(status), Disclosure(disclosure), tuple(audience))


def inputs(origin: str) -> list[bytes]:
    """Return the records (by stored id) that an origin names as its inputs."""
    if '"inputs"' not in origin:
        return []
    numbers = map(record_number, msgspec.json.decode(origin, type=Origin).inputs)
    return [number for number in numbers if number is not None]


def geometry(feature: bytes, shape: bytes | None) -> Any:
    """Return the decoded geometry of a stored feature."""
    if shape is not None:
        return msgspec.json.decode(shape)
    return msgspec.json.decode(feature)["geometry"]


def written_to() -> InputError:
    """Return the error for a target that holds what was not moved into it."""
    return InputError(
        "The target store holds statements of its own; a town is moved into an empty store only.",
        "移行先に別の内容があります。空のストアにのみ移せます。",
    )
