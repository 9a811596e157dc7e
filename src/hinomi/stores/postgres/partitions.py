"""The readings' partitions: a day each, or an old year; made as they are needed, dropped whole."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime

from hinomi.kernel.errors import InputError
from hinomi.kernel.records import from_micros, micros
from hinomi.stores.postgres.link import Link

DAY = 86_400_000_000
"""[us]"""
_RECENT = 400 * DAY
"""What is older than this goes into a partition for its year: archives of a century stay few."""
_LISTED = (
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
    " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'hinomi.reading'::regclass"
)


class Partitions:
    """The partitions that are there, as [start, end) [us], and the making of new ones."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._starts: list[int] = []
        self._ends: list[int] = []

    def forget(self) -> None:
        """Read again which there are, at the next need."""
        self._starts, self._ends = [], []

    def ensure(self, first: int, last: int, now: int) -> None:
        """See that each time of a batch has its partition; ``first`` and ``last`` are its ends."""
        if self.hold(first, last):
            return
        time = first
        while time <= last:
            if not self._holds(time):
                self._read()
            if not self._holds(time):
                self._make(time, now)
            time = self._ends[bisect_right(self._starts, time) - 1]

    def hold(self, first: int, last: int) -> bool:
        """Tell whether both ends of a batch have partitions, as far as is known, within a day."""
        return last - first < DAY and self._holds(first) and self._holds(last)

    def ensure_each(self, days: list[int], now: int) -> None:
        """See that the days (numbers since 1970) of a scattered batch have their partitions."""
        for day in days:
            self.ensure(day * DAY, day * DAY, now)

    def _holds(self, time: int) -> bool:
        place = bisect_right(self._starts, time) - 1
        return place >= 0 and time < self._ends[place]

    def _read(self) -> None:
        found = sorted(bounds(self._link).values())
        self._starts = [start for start, _ in found]
        self._ends = [end for _, end in found]

    def _make(self, time: int, now: int) -> None:
        start, end = _calendar(time, now)
        place = bisect_right(self._starts, time)
        # Where a year meets days that are there already, it takes what is left between them.
        if place:
            start = max(start, self._ends[place - 1])
        if place < len(self._starts):
            end = min(end, self._starts[place])
        name = f"reading_{str(start).replace('-', 'm')}"
        # Attached, not made as a partition: so questions that run meanwhile do not wait.
        self._link.run(f"CREATE TABLE {name} (LIKE reading INCLUDING ALL)")
        self._link.run(
            f"ALTER TABLE reading ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})"
        )
        self._read()


def bounds(link: Link) -> dict[str, tuple[int, int]]:
    """Return each partition's [start, end) [us] by its name."""
    found = {}
    for name, text in link.rows(_LISTED):
        parts = text.replace("'", "").split("(")
        found[name] = int(parts[1].split(")")[0]), int(parts[2].split(")")[0])
    return found


def _calendar(time: int, now: int) -> tuple[int, int]:
    """Return the day or, long ago, the year [us] that a time is in."""
    try:
        year = from_micros(time).year
        if time >= now - _RECENT:
            day = time // DAY * DAY
            return day, day + DAY
        return micros(datetime(year, 1, 1, tzinfo=UTC)), micros(
            datetime(year + 1, 1, 1, tzinfo=UTC)
        )
    except (OverflowError, ValueError) as error:
        raise InputError(
            f"A reading's time {time} us lies outside of the years 1 to 9998.",
            f"観測時刻{time}µsは西暦1〜9998年の外です。",
        ) from error
