"""The statements that an exercise makes of itself: how it stands, its script, what was told."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from hinomi.domains.response.collections.exercises import (
    EXERCISES,
    INJECTS,
    PLAYERS,
    SCRIPT,
    SECRET,
    EventState,
    Exercise,
    Inject,
    RunState,
    ScriptEvent,
)
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.records import Interval, Origin, Record, Stored, instant
from hinomi.runtime.drill.guard import ADDRESS
from hinomi.runtime.drill.scenario import Event, Level, River, Scenario
from hinomi.vocabulary.times import JST

SOURCE = "hinomi-drill"
WORDS: dict[RunState, tuple[str, str]] = {
    "running": (
        "訓練を進行中です。画面の内容は訓練で、実際のものではありません。",
        "An exercise is playing; nothing that it shows is real.",
    ),
    "paused": (
        "訓練を一時停止しています。画面の内容は訓練で、実際のものではありません。",
        "The exercise is paused; nothing that it shows is real.",
    ),
    "ended": (
        "訓練は終了しました。まだ見えている内容は訓練のもので、実際のものではありません。",
        "The exercise has ended. What is still shown belongs to it and is not real.",
    ),
    "stopped": (
        "訓練は途中で終えました。まだ見えている内容は訓練のもので、実際のものではありません。",
        "The exercise was stopped. What is still shown belongs to it and is not real.",
    ),
}


def run_id(at: datetime) -> str:
    """Return the name of a run: when it began, in Japan's time."""
    return f"{at.astimezone(JST):%Y%m%dT%H%M%S.%f}"


def exercise(run: str, body: Exercise, at: datetime) -> Record:
    """Return how a run stands."""
    return Record(
        collection=EXERCISES.id,
        key=run,
        said_at=at,
        body=body,
        source=SOURCE,
        when=Interval(body.started_at, None),
        marking=PLAYERS,
        origin=Origin(address=f"{ADDRESS}{run}"),
    )


def interrupted(stored: Stored, at: datetime) -> Record:
    """Return that a run which a crash left open is over."""
    before = msgspec.convert(stored.body(), Exercise)
    ja, en = WORDS["stopped"]
    body = msgspec.structs.replace(before, state="stopped", words_ja=ja, words_en=en, ended_at=at)
    return exercise(stored.key, body, max(at, stored.said_at))


def script(
    run: str,
    scenario: Scenario,
    event: Event,
    at: datetime,
    state: EventState,
    played_at: datetime | None = None,
) -> Record:
    """Return a line of the script, for instructors alone."""
    level = event.detail.level if isinstance(event.detail, Level | River) else None
    return Record(
        collection=SCRIPT.id,
        key=f"{run}/{event.key}",
        said_at=at,
        body=ScriptEvent(
            run=run,
            line=event.line,
            at_s=event.after.total_seconds(),
            kind=event.kind,
            title=event.title,
            where=event.where,
            text=event.text,
            expected=event.expected,
            within_min=event.within_min,
            clues=event.clues,
            towns=event.towns if len(event.towns) < len(scenario.stage.towns) else (),
            level=level,
            state=state,
            played_at=played_at,
            injected_by=event.injected_by,
        ),
        source=SOURCE,
        place=_place(event),
        marking=SECRET,
        origin=Origin(address=f"{ADDRESS}{run}/script", entered_by=event.injected_by),
    )


def inject(run: str, event: Event, at: datetime, drill: timedelta) -> Record:
    """Return what the players are told."""
    return Record(
        collection=INJECTS.id,
        key=f"{run}/{event.key}",
        said_at=at,
        body=Inject(
            run=run,
            kind=event.kind,
            title=event.title,
            text=event.text,
            where=event.where,
            drill_s=drill.total_seconds(),
        ),
        source=SOURCE,
        when=instant(at),
        place=_place(event),
        marking=PLAYERS,
        origin=Origin(address=f"{ADDRESS}{run}/inject"),
    )


def _place(event: Event) -> Geometry | None:
    return point(*event.point) if event.point else None
