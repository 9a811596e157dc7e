"""response.tasks: what is to be done, by whom and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

TaskState = Literal["open", "doing", "done", "dropped"]
"""未着手, 着手, 完了, 中止."""

TASK_STATES: dict[str, Text] = {
    "open": Text("未着手", "Open"),
    "doing": Text("着手", "In hand"),
    "done": Text("完了", "Done"),
    "dropped": Text("中止", "Dropped"),
}


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to do. Overdue: ``due_at`` has passed while it is open or in hand."""

    title: str
    text: str = ""
    owner: str
    """A person or a section (班)."""
    due_at: datetime | None = None
    state: TaskState
    urgent: bool = False
    area_code: str = ""
    entry: str = ""
    """Key of the chronology's entry that it comes from."""
    given_by: str
    given_at: datetime
    changed_by: str = ""
    result: str = ""
    organisation: str


TASKS = Collection(
    id="response.tasks",
    title=Text("タスク", "Tasks"),
    text=Text(
        "本部の作業。担当・期限・状態。期限を過ぎて終わっていないものは遅れです。",
        "The headquarters' tasks: owner, due time, state. Past due and not done is overdue.",
    ),
    schema=Task,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
