"""The review of an exercise: what the players did, set against what they were expected to do.

For each event of the script that was played and names an expected action: when it became known, the
players' first answer to it, how long that took in the exercise's own time, or that none came. Only
who may see the script sees more than an empty review. An earlier run is reviewed as of its end.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec

from hinomi.domains.response.collections.alerts import ACKNOWLEDGEMENTS
from hinomi.domains.response.collections.chronology import CHRONOLOGY
from hinomi.domains.response.collections.exercises import (
    EXERCISES,
    SCRIPT,
    Exercise,
    ScriptEvent,
)
from hinomi.domains.response.collections.orders import MEASURES, ORDERS
from hinomi.domains.response.collections.tasks import TASKS
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Product
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import EPOCH
from hinomi.vocabulary.times import JST

Outcome = Literal["done", "early", "late", "missed"]
_RUNG = {"quake": "地震", "eew": "地震", "tsunami": "津波"}
"""Kind of an alert -> 種別 of the event that raised it."""
OUTCOMES: dict[Outcome, Text] = {
    "done": Text("実施", "done"),
    "early": Text("先に実施", "done before"),
    "late": Text("遅れ", "late"),
    "missed": Text("未実施", "missed"),
}


class Action(msgspec.Struct, frozen=True):
    """One thing that a player did, at the moment at which it was first stated."""

    at: datetime
    what: Literal["order", "entry", "task", "acknowledgement"]
    text: str
    by: str
    towns: tuple[str, ...] = ()
    level: int | None = None
    key: str = ""
    record: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One expected action and what came of it."""

    event: str
    at_s: float
    title: str
    expected: str
    within_min: float | None
    known_at: datetime
    outcome: Outcome
    answered_at: datetime | None = None
    delay_min: float | None = None
    """[min] of the exercise's own time from known to answered; below 0: done before."""
    delay_world_min: float | None = None
    """[min] on the players' clocks."""
    answer: str = ""
    by: str = ""
    record: str = ""
    heard_at: datetime | None = None
    """When an alert about it was acknowledged."""


def review(reader: Reader) -> list[Line]:
    """Return the latest exercise's lines at the reader's moment, in the order of its script."""
    stored = max(reader.every(EXERCISES.id), key=lambda s: s.key, default=None)
    if stored is None:
        return []
    exercise = msgspec.convert(stored.body(), Exercise)
    done = [a for a in actions(reader) if a.at >= exercise.started_at]
    events = (
        (s.key, msgspec.convert(s.body(), ScriptEvent))
        for s in reader.every(SCRIPT.id)
        if s.key.startswith(f"{stored.key}/")
    )
    lines = [
        _line(key, event, exercise, done)
        for key, event in events
        if event.expected and event.state == "played" and event.played_at is not None
    ]
    return sorted(lines, key=lambda line: (line.at_s, line.event))


def actions(reader: Reader) -> list[Action]:
    """Return all that players did: each order's statements, first words of entries and tasks."""
    found: list[Action] = []
    for collection, read in _READ.items():
        for current in reader.every(collection):
            for stored in reader.history(collection, current.key, limit=1000).items:
                action = None if stored.retracts else read(stored.body())
                if action is not None:
                    found.append(
                        msgspec.structs.replace(
                            action, at=stored.said_at, key=stored.key, record=stored.id
                        )
                    )
                if collection != ORDERS.id:
                    break  # A correction says when it was corrected, not when it was done.
    return sorted(found, key=lambda action: action.at)


_NO_TIME = EPOCH


def _order(body: dict[str, Any]) -> Action | None:
    if body["state"] != "in_force":
        return None
    text = f"{body['name']} {body['where']}"
    return Action(_NO_TIME, "order", text, "", (body["municipality_code"],), body["level"])


def _entry(body: dict[str, Any]) -> Action | None:
    if body.get("automatic"):
        return None
    towns = (body["area_code"],) if body.get("area_code") else ()
    return Action(_NO_TIME, "entry", body["text"], body["written_by"], towns)


def _task(body: dict[str, Any]) -> Action | None:
    towns = (body["area_code"],) if body.get("area_code") else ()
    text = f"{body['title']} {body.get('text', '')}".strip()
    return Action(_NO_TIME, "task", text, body["given_by"], towns)


def _acknowledgement(body: dict[str, Any]) -> Action | None:
    towns = tuple(body.get("areas", ())) or (body["area_code"],)
    kind, level = body.get("kind", "level"), body.get("level")
    return Action(_NO_TIME, "acknowledgement", kind, body["acknowledged_by"], towns, level)


_READ = {
    ORDERS.id: _order,
    CHRONOLOGY.id: _entry,
    TASKS.id: _task,
    ACKNOWLEDGEMENTS.id: _acknowledgement,
}


def measure_of(expected: str) -> int | None:
    """Return the level of the evacuation order that an expected action is, if it is one."""
    words = expected.strip().lower()
    for name, measure in MEASURES.items():
        if words in {name, measure.name.ja, measure.name.en.lower()}:
            return measure.level
    return None


def _line(key: str, event: ScriptEvent, exercise: Exercise, done: list[Action]) -> Line:
    known_at = event.played_at
    assert known_at is not None  # noqa: S101  (the caller's choice)
    level = measure_of(event.expected)
    fitting = [a for a in done if _answers(a, event, level)]
    answer = next((a for a in fitting if a.at >= known_at), None)
    if level is not None and answer is None:
        # An order of that level or above that stood already is no omission.
        answer = next((a for a in reversed(fitting) if a.at < known_at), None)
    heard = next((a.at for a in done if a.at >= known_at and _heard(a, event)), None)
    delay = None if answer is None else _minutes(exercise, known_at, answer.at)
    return Line(
        event=key,
        at_s=event.at_s,
        title=event.title,
        expected=event.expected,
        within_min=event.within_min,
        known_at=known_at,
        outcome=_outcome(delay, event.within_min),
        answered_at=answer.at if answer else None,
        delay_min=delay,
        delay_world_min=(round((answer.at - known_at).total_seconds() / 60, 1) if answer else None),
        answer=answer.text if answer else "",
        by=answer.by if answer else "",
        record=answer.record if answer else "",
        heard_at=heard,
    )


def _answers(action: Action, event: ScriptEvent, level: int | None) -> bool:
    if level is not None:
        return action.what == "order" and (action.level or 0) >= level and _near(action, event)
    if action.what not in {"entry", "task"}:
        return False
    return not event.clues or any(clue in action.text for clue in event.clues)


def _heard(action: Action, event: ScriptEvent) -> bool:
    """Tell whether somebody thereby acknowledged an alert that the event raised."""
    if action.what != "acknowledgement" or not _near(action, event):
        return False
    if action.text != "level":
        return _RUNG.get(action.text) == event.kind
    return event.level is not None and (action.level or 0) <= event.level


def _near(action: Action, event: ScriptEvent) -> bool:
    """Tell whether it is about one of the event's towns, or the prefecture that they lie in.

    Parts of a town are the town.
    """
    said = tuple(code[:5] for code in action.towns)
    return not event.towns or any(code.startswith(said) for code in event.towns)


def _minutes(exercise: Exercise, known_at: datetime, at: datetime) -> float:
    return round((exercise.drill_s(at) - exercise.drill_s(known_at)) / 60, 1)


def _outcome(delay: float | None, within: float | None) -> Outcome:
    if delay is None:
        return "missed"
    if delay < 0:
        return "early"
    return "late" if within is not None and delay > within else "done"


_COLUMNS = (
    Text("訓練の時刻", "exercise time"),
    Text("出来事", "event"),
    Text("伝わった時刻", "known at"),
    Text("期待する行動", "expected"),
    Text("期限(分)", "within (min)"),
    Text("結果", "outcome"),
    Text("最初の行動", "first answer"),
    Text("行動の時刻", "answered at"),
    Text("所要(訓練の分)", "delay (exercise min)"),
    Text("所要(実時間の分)", "delay (real min)"),
    Text("行った人", "by"),
    Text("確認の時刻", "alert heard at"),
    Text("記録", "record"),
)


def render_csv(reader: Reader, language: str) -> Iterator[bytes]:
    """Yield the review as CSV, UTF-8 with the mark that Excel looks for."""
    yield "\ufeff".encode() + _csv([column.to(language) for column in _COLUMNS])
    for line in review(reader):
        yield _csv(
            [
                f"{int(line.at_s) // 3600}:{int(line.at_s) // 60 % 60:02d}",
                line.title,
                _time(line.known_at),
                line.expected,
                "" if line.within_min is None else f"{line.within_min:g}",
                OUTCOMES[line.outcome].to(language),
                line.answer,
                _time(line.answered_at),
                "" if line.delay_min is None else f"{line.delay_min:g}",
                "" if line.delay_world_min is None else f"{line.delay_world_min:g}",
                line.by,
                _time(line.heard_at),
                line.record,
            ]
        )


def render_json(reader: Reader, language: str) -> Iterator[bytes]:
    """Yield the review as data."""
    del language
    yield msgspec.json.encode({"lines": review(reader)})


def _time(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(JST).strftime("%Y-%m-%d %H:%M:%S")


def _csv(cells: list[str]) -> bytes:
    text = io.StringIO()
    # A cell that begins like a formula would be run by a spreadsheet: a quote makes it a text.
    csv.writer(text).writerow([f"'{c}" if c[:1] in tuple("=+-@\t\r") else c for c in cells])
    return text.getvalue().encode()


_NEEDS = (EXERCISES.id, SCRIPT.id, *_READ)
_TITLE = Text("訓練の振り返り", "Review of an exercise")
PRODUCTS = (
    Product(
        id="drill-review.csv",
        title=Text(f"{_TITLE.ja}(表)", f"{_TITLE.en}, as a table"),
        needs=_NEEDS,
        media_type="text/csv; charset=utf-8",
        render=render_csv,
    ),
    Product(
        id="drill-review.json",
        title=Text(f"{_TITLE.ja}(データ)", f"{_TITLE.en}, as data"),
        needs=_NEEDS,
        media_type="application/json",
        render=render_json,
    ),
)
