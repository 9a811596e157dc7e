"""How an exercise stands, as anyone may see it, and its script, as its instructors do."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hinomi.domains.response.collections.exercises import DIRECTIONS, EXERCISES, SCRIPT, Exercise
from hinomi.kernel.errors import Text
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.runtime.drill.rows import clock

PATIENCE_S = 3.0
_TRY_S = 0.05


def latest(reader: Reader) -> tuple[Stored, Exercise] | None:
    """Return the exercise that was started last, as it stood at the reader's moment."""
    found = max(reader.every(EXERCISES.id), key=lambda stored: stored.key, default=None)
    return None if found is None else (found, msgspec.convert(found.body(), Exercise))


def standing(reader: Reader, now: datetime) -> dict[str, Any] | None:
    """Return how the latest exercise stands at a moment, for whoever asks."""
    found = latest(reader)
    if found is None:
        return None
    stored, exercise = found
    drill_s = exercise.drill_s(now)
    return {
        "run": stored.key,
        "title": exercise.title,
        "scenario": exercise.scenario,
        "state": exercise.state,
        "words_ja": exercise.words_ja,
        "words_en": exercise.words_en,
        "phase": exercise.phase,
        "phases": exercise.phases,
        "speed": exercise.speed,
        "drill_s": drill_s,
        "time": clock(timedelta(seconds=drill_s)),
        "length_s": exercise.length_s,
        "length": clock(timedelta(seconds=exercise.length_s)),
        "started_at": exercise.started_at,
        "ended_at": exercise.ended_at,
        "refused_ja": exercise.refused_ja,
        "refused_en": exercise.refused_en,
    }


def script(reader: Reader, run: str) -> list[dict[str, Any]]:
    """Return a run's events in the order of time: nothing where the caller is no instructor."""
    found = (s for s in reader.every(SCRIPT.id) if s.key.startswith(f"{run}/"))
    lines = [{"key": stored.key, **stored.body()} for stored in found]
    return sorted(lines, key=lambda line: (line["at_s"], line["key"]))


def answered(reader: Callable[[], Reader], key: str) -> Text | None:
    """Wait a little for the conductor's answer to a command.

    Returns:
        The refusal, or an empty text where it was carried out; None where no answer came.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        found = latest(reader())
        if found is not None and found[1].direction == key:
            return Text(found[1].refused_ja, found[1].refused_en)
        if time.monotonic() > until:
            return None
        time.sleep(_TRY_S)


def commands(reader: Reader) -> list[dict[str, Any]]:
    """Return the commands given, oldest first: nothing where the caller is no instructor."""
    found = sorted(reader.every(DIRECTIONS.id), key=lambda stored: stored.seq)
    return [{"at": stored.said_at, **stored.body()} for stored in found]
