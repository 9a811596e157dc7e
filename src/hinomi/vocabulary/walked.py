"""Statements too many to be held at once: made anew from the sender's bytes at each walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from hinomi.kernel.records import Record


class Walked(list[Record]):
    """A list of records that holds none: each walk reads the payload again, one at a time.

    What is asked of all of them (how many, in which collections, as of when) is known beforehand,
    so that one walk suffices to store them.
    """

    def __init__(
        self, walk: Callable[[], Iterator[Record]], counts: Mapping[str, int], said_at: datetime
    ) -> None:
        super().__init__()
        self._walk = walk
        self.counts = dict(counts)
        self.said_at = said_at
        """When all of them were stated."""

    def __iter__(self) -> Iterator[Record]:
        return self._walk()

    def __len__(self) -> int:
        return sum(self.counts.values())
