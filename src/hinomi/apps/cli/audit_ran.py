"""What is written down of each command: which, on which folder, by whom."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from hinomi.kernel.errors import HinomiError
from hinomi.kernel.marking import OPERATOR, Principal
from hinomi.runtime import policy
from hinomi.runtime.audit import Audit, Event, Verb, account, by

if TYPE_CHECKING:
    from hinomi.apps.cli.shell import Shell

log = logging.getLogger("hinomi.audit")

_TAKES_AWAY = frozenset({"export", "report", "backup", "store", "sip4d", "cap"})
"""Commands that write what the folder holds into a file, or elsewhere."""
_WHOLE = frozenset({"backup", "store", "report"})
"""Of these, those that may hold all of it."""


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
        name = names[-1] if names else ""
        verb: Verb = "exported" if name in _TAKES_AWAY else "ran"
        who = by(principal, verb, " ".join([*reversed(names), *words]))
        place = account() if principal == OPERATOR else ""
        personal = _personal(shell, principal, name, words)
        event = msgspec.structs.replace(who, how="command", address=place, personal=personal)
        _written(shell.data, event)
    except (HinomiError, OSError) as error:
        log.warning("part=audit %s", error)


def _personal(shell: Shell, principal: Principal, name: str, words: list[str]) -> bool:
    """Tell whether personal data could be read in what a command gives."""
    rules = policy.of(shell.data)
    open_ = rules.personal.keys() - rules.masked(principal).keys()
    return bool(open_) and (name in _WHOLE or not open_.isdisjoint(words))


def _written(data: Path, event: Event) -> None:
    with closing(Audit(data)) as audit:
        audit.write(event)
