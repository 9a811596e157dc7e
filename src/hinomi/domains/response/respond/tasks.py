"""The tasks' acts: give, change, finish."""

from __future__ import annotations

import msgspec

from hinomi.domains.response.collections.chronology import CHRONOLOGY
from hinomi.domains.response.collections.tasks import TASK_STATES, TASKS, Task
from hinomi.domains.response.respond.words import body_of, choices
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.acts import Act, Deed, Input

_BOXES = (
    Input(name="title", label=Text("作業", "Task"), required=True, prefill="title"),
    Input(name="owner", label=Text("担当", "Owner"), required=True, prefill="owner"),
    Input(name="due_at", label=Text("期限", "Due"), kind="time", prefill="due_at"),
    Input(name="urgent", label=Text("至急", "Urgent"), kind="flag", prefill="urgent"),
    Input(name="text", label=Text("詳細", "Details"), kind="longtext", prefill="text"),
    Input(name="area_code", label=Text("市町村", "Municipality"), kind="area", prefill="area_code"),
)


def give(reader: Reader, deed: Deed) -> Parsed:
    """Return a new task."""
    if deed.text("entry"):
        reader.get(CHRONOLOGY.id, deed.text("entry"))
    body = Task(
        title=deed.text("title"),
        text=deed.text("text"),
        owner=deed.text("owner"),
        due_at=deed.values.get("due_at"),
        state="open",
        urgent=deed.values.get("urgent", False),
        area_code=deed.text("area_code"),
        entry=deed.text("entry"),
        given_by=deed.person.name,
        given_at=deed.at,
        organisation=deed.person.organisation,
    )
    return Parsed(records=[deed.record(TASKS.id, deed.id, body)])


def change(reader: Reader, deed: Deed) -> Parsed:
    """Return the task with other values; boxes that were not sent stay."""
    item = reader.get(TASKS.id, deed.key)
    was = body_of(item, Task)
    names = [box.name for box in (*_BOXES, _STATE, _RESULT)]
    needed = {"title", "owner"}
    given = {
        n: deed.values[n] for n in names if deed.values.get(n) or n in deed.values.keys() - needed
    }
    body = msgspec.structs.replace(was, **given)
    if body == was:
        raise InputError("Nothing would change.", "変わるところがありません。")
    body = msgspec.structs.replace(body, changed_by=deed.person.name)
    return Parsed(records=[deed.record(TASKS.id, item.key, body, before=item, place=item.place())])


def finish(reader: Reader, deed: Deed) -> Parsed:
    """Return the task done, with its result."""
    item = reader.get(TASKS.id, deed.key)
    body = msgspec.structs.replace(
        body_of(item, Task),
        state="done",
        result=deed.text("result"),
        changed_by=deed.person.name,
    )
    return Parsed(records=[deed.record(TASKS.id, item.key, body, before=item, place=item.place())])


_STATE = Input(
    name="state",
    label=Text("状態", "State"),
    kind="choice",
    choices=choices(TASK_STATES),
    prefill="state",
)
_RESULT = Input(name="result", label=Text("結果", "Result"), kind="longtext", prefill="result")

ACTS: tuple[Act, ...] = (
    Act(
        id="response.give-task",
        title=Text("タスクを追加", "Add a task"),
        text=Text("担当と期限を決めて作業を頼みます。", "Give somebody something to do by a time."),
        collection=TASKS.id,
        perform=give,
        new=True,
        inputs=(
            *_BOXES,
            Input(
                name="entry",
                label=Text("元の記録", "From the entry"),
                kind="key",
                collection=CHRONOLOGY.id,
            ),
        ),
    ),
    Act(
        id="response.finish-task",
        title=Text("完了", "Done"),
        text=Text("作業を終えます。", "The task is done."),
        collection=TASKS.id,
        perform=finish,
        states={"state": ("open", "doing")},
        inputs=(_RESULT,),
    ),
    Act(
        id="response.change-task",
        title=Text("変更", "Change"),
        text=Text("担当・期限・状態を変えます。", "Change owner, due time, state."),
        collection=TASKS.id,
        perform=change,
        inputs=(*(msgspec.structs.replace(box, required=False) for box in _BOXES), _STATE, _RESULT),
    ),
)
