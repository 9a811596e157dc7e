"""Japan's time: the zone that people read, and the day on which something was said."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")


def day_in_japan(at: datetime) -> date:
    """Return the calendar day in Japan: areas change by date, at midnight there."""
    return at.astimezone(JST).date()
