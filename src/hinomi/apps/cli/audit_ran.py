"""What is written down of each command: which, on which folder, by whom."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from hinomi.kernel.errors import HinomiError
from hinomi.kernel.marking import OPERATOR
from hinomi.runtime.audit import Audit, Event, account, by

if TYPE_CHECKING:
    from hinomi.apps.cli.shell import Shell

log = logging.getLogger("hinomi.audit")


def ran(shell: Shell, context: click.Context) -> None:
    """Write down which command runs on a folder, and by whom; a folder that is read-only has none.

    Options' values are left out: they may be long, or secret.
    """
    if not (shell.data / "hinomi.lock").exists():
        return
    names = []
    step: click.Context | None = context
    while step is not None and step.info_name != "hinomi":
        names.append(step.info_name or "")
        step = step.parent
    words = [
        str(context.params[p.name])
        for p in context.command.params
        if isinstance(p, click.Argument) and p.name and context.params.get(p.name)
    ]
    try:
        principal = shell.principal()
        who = by(principal, "ran", " ".join([*reversed(names), *words]))
        place = account() if principal == OPERATOR else ""
        event = msgspec.structs.replace(who, how="command", address=place)
        _written(shell.data, event)
    except (HinomiError, OSError) as error:
        log.warning("part=audit %s", error)


def _written(data: Path, event: Event) -> None:
    with closing(Audit(data)) as audit:
        audit.write(event)
