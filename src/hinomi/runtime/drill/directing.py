"""Commands to an exercise: written as records, so that they are kept with who gave them.

Whoever may write them and see them (:data:`SECRET`) is an instructor; the conductor in the writer's
process carries them out as they are appended, wherever they were written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.response.collections.exercises import DIRECTIONS, SECRET, Direction
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import Principal
from hinomi.kernel.records import Origin, Record, instant
from hinomi.runtime.drill.rows import COLUMNS

COMMANDS = ("start", "pause", "resume", "speed", "jump", "inject", "stop")


def record(key: str, at: datetime, *, by: str, **said: Any) -> Record:
    """Return a command as the statement that the conductor obeys.

    Raises:
        InputError: the command is none, or does not say what it needs.
    """
    try:
        body = msgspec.convert({**said, "by": by}, Direction)
    except msgspec.ValidationError as error:
        listed = ", ".join(COMMANDS)
        raise InputError(
            f"{error}; a command is one of {listed}.", f"{error}。指示は{listed}のどれかです。"
        ) from None
    strange = set(body.event) - set(COLUMNS)
    if strange:
        raise InputError(f"event: {', '.join(sorted(strange))}? Known: {', '.join(COLUMNS)}.")
    needed = {"speed": body.speed, "jump": body.phase, "inject": body.event}
    if body.command in needed and not needed[body.command]:
        what = {"speed": "speed", "jump": "phase", "inject": "event"}[body.command]
        raise InputError(f"{body.command} needs {what}.", f"{body.command}には{what}が必要です。")
    return Record(
        collection=DIRECTIONS.id,
        key=key,
        said_at=at,
        body=body,
        source=by,
        when=instant(at),
        marking=SECRET,
        origin=Origin(entered_by=by),
    )


def leads(principal: Principal) -> bool:
    """Tell whether the caller is an instructor: may see the script and write commands."""
    return principal.may_see(SECRET) and principal.may_write(DIRECTIONS.id)
