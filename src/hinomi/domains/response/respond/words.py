"""What the acts of a headquarters share: choices from a table of words, and the item at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from hinomi.kernel.errors import Text
from hinomi.kernel.records import Stored
from hinomi.vocabulary.acts import Choice

T = TypeVar("T", bound=msgspec.Struct)


def choices(words: Mapping[str, Text], *, but: tuple[str, ...] = ()) -> tuple[Choice, ...]:
    """Return a table of words as choices, in its order."""
    return tuple(Choice(value, label) for value, label in words.items() if value not in but)


def body_of(item: Stored, schema: type[T]) -> T:
    """Return an item's typed body."""
    return msgspec.convert(item.body(), schema)
