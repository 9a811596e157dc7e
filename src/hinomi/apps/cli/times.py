"""Moments as people type them: RFC 3339, dates, and local times without a zone, which are JST."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from hinomi.kernel.errors import InputError
from hinomi.vocabulary.times import JST

Span = tuple[datetime | None, datetime | None]
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def moment(text: str) -> tuple[datetime, bool]:
    """Return the instant (UTC) and whether its zone was assumed to be JST; a date is its start.

    Raises:
        InputError: it is no time.
    """
    try:
        if _DAY.match(text):
            local = datetime.combine(date.fromisoformat(text), time(), JST)
            return local.astimezone(UTC), True
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text!r} is no time; expected 2024-01-09T18:00+09:00, 2024-01-09T18:00 (JST)"
            " or 2024-01-09.",
            f"「{text}」は時刻ではありません。例: 2024-01-09T18:00+09:00,"
            " 2024-01-09T18:00(日本時間), 2024-01-09",
        ) from None
    assumed = found.tzinfo is None
    return (found.replace(tzinfo=JST) if assumed else found).astimezone(UTC), assumed


def span(text: str) -> tuple[Span, bool]:
    """Return the closed interval of ``a/b`` (``..`` is open), an instant or a whole day (JST)."""
    start_text, slash, end_text = text.partition("/")
    if not slash:
        at, assumed = moment(text)
        return (at, _last(text, at)), assumed
    start, first = _edge(start_text)
    end, last = _edge(end_text)
    if end is not None:
        end = _last(end_text, end)
    if start is not None and end is not None and end < start:
        raise InputError(
            f"The interval {text} ends before it starts.", f"期間{text}の終わりが始まりより前です。"
        )
    return (start, end), first or last


def shown(at: datetime | None) -> str:
    """Return an instant in JST as people read it."""
    return at.astimezone(JST).strftime("%Y-%m-%d %H:%M") if at else ""


def _edge(text: str) -> tuple[datetime | None, bool]:
    return (None, False) if text in {"", ".."} else moment(text)


def _last(text: str, start: datetime) -> datetime:
    whole_day = timedelta(days=1) - timedelta(microseconds=1)
    return start + whole_day if _DAY.match(text) else start
