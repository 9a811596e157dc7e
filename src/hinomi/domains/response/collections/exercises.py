"""Exercises (訓練): how one stands, what players were told, the instructor's script and commands.

Only what players may know is open. The script with its coming events and expected actions, and the
instructor's commands, are for the audience :data:`INSTRUCTORS`; all of it is of status exercise.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Disclosure, Marking, Status

INSTRUCTORS = "instructors"
"""The organisation of those who lead an exercise: they see its script and may command it."""
PLAYERS = Marking(Status.EXERCISE)
SECRET = Marking(Status.EXERCISE, Disclosure.AMBER, (INSTRUCTORS,))
"""For the instructors alone; a player of whatever clearance is not in the audience."""

RunState = Literal["running", "paused", "ended", "stopped"]
"""``ended``: played to its end; ``stopped``: called off, by a person or by the server's end."""
EventState = Literal["coming", "played", "skipped"]


class ClockPart(msgspec.Struct, frozen=True, gc=False):
    """From ``at`` on the exercise's clock goes on from ``drill_s`` [s] at ``speed`` (0: paused)."""

    at: datetime
    drill_s: float
    speed: float


class Phase(msgspec.Struct, frozen=True, gc=False):
    """A part of the story that an instructor may jump to."""

    name: str
    at_s: float


class Exercise(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a scenario. Key: when it was started."""

    title: str
    scenario: str
    """The shipped drill's name, or the file's."""
    state: RunState
    words_ja: str
    """What the state means to whoever reads it."""
    words_en: str
    speed: float
    phase: str = ""
    """Which one the clock is in."""
    phases: tuple[Phase, ...] = ()
    length_s: float
    """[s] of the exercise's own time."""
    started_at: datetime
    ended_at: datetime | None = None
    clock: tuple[ClockPart, ...]
    """How the exercise's time went, part by part."""
    direction: str = ""
    """The last command that was carried out."""
    refused_ja: str = ""
    """Why the last command was not."""
    refused_en: str = ""

    def drill_s(self, at: datetime) -> float:
        """Return the exercise's own time [s] at a moment: it stands still in a pause."""
        part = next((p for p in reversed(self.clock) if p.at <= at), None)
        if part is None:
            return 0.0
        if self.ended_at is not None:
            at = min(at, max(self.ended_at, part.at))
        gone_s = (at - part.at).total_seconds() * part.speed
        return min(self.length_s, part.drill_s + gone_s)


class Inject(msgspec.Struct, frozen=True, kw_only=True):
    """状況付与: what the players were told beside telegrams, shelters and gauges."""

    run: str
    kind: str
    title: str
    text: str
    where: str = ""
    drill_s: float
    """The exercise's own time [s] at which it was told."""


class ScriptEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the script and what the players are expected to do about it."""

    run: str
    line: int
    """Of the scenario's file; 0 for what the instructor injected."""
    at_s: float
    """[s] of the exercise's own time."""
    kind: str
    title: str
    where: str = ""
    text: str = ""
    expected: str = ""
    within_min: float | None = None
    """[min] of the exercise's own time."""
    clues: tuple[str, ...] = ()
    """A player's word that holds one of these answers the event."""
    towns: tuple[str, ...] = ()
    """Codes of the municipalities that it is about."""
    level: int | None = None
    state: EventState = "coming"
    played_at: datetime | None = None
    injected_by: str = ""


class Direction(msgspec.Struct, frozen=True, kw_only=True):
    """An instructor's command, and who gave it."""

    command: Literal["start", "pause", "resume", "speed", "jump", "inject", "stop"]
    scenario: str = ""
    speed: float | None = None
    phase: str = ""
    event: dict[str, str] = {}
    """A row of a scenario, by the columns' English names (docs/reference/scenario.md)."""
    by: str = ""


def _collection(
    name: str, title: Text, text: Text, schema: type[msgspec.Struct], marking: Marking
) -> Collection:
    return Collection(
        id=f"response.{name}",
        title=title,
        text=text,
        schema=schema,
        verb=Verb.RESPOND,
        licence="CC0-1.0",
        marking=marking,
    )


EXERCISES = _collection(
    "exercises",
    Text("訓練の進行", "Exercises"),
    Text(
        "訓練がどの局面にあるか、いつ終わったか。", "How each exercise stands, and when it ended."
    ),
    Exercise,
    PLAYERS,
)
INJECTS = _collection(
    "injects",
    Text("状況付与", "Injects"),
    Text(
        "訓練で参加者に伝えた状況(通行止め、停電、電話など)。これから起きることは含みません。",
        "What an exercise's players were told: roads cut, power failures, calls. Nothing to come.",
    ),
    Inject,
    PLAYERS,
)
SCRIPT = _collection(
    "script",
    Text("訓練の台本", "Script"),
    Text(
        "訓練の出来事と期待する行動。進行役だけが見ます。",
        "An exercise's events, past and coming, and the expected actions. For instructors only.",
    ),
    ScriptEvent,
    SECRET,
)
DIRECTIONS = _collection(
    "directions",
    Text("訓練の指示", "Directions"),
    Text(
        "進行役の指示(開始、一時停止、速さ、局面、状況付与、終了)。誰がいつ出したかを残します。",
        "An instructor's commands to an exercise, with who gave them and when.",
    ),
    Direction,
    SECRET,
)
