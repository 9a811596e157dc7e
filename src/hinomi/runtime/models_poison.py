"""A statement that makes a model fail: which one it is, found by hiding others.

``python -m hinomi.runtime.models_poison DATA MODEL STATUS POSITION`` reads lines of ids to hide
(JSON) and runs the model without them, each time in a child that stores nothing: what crashes it
crashes only that child. It answers each line by 0 (went well) or 1.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from hinomi.kernel.marking import OPERATOR, Status
from hinomi.runtime.models_results import Noting

if TYPE_CHECKING:
    from hinomi.kernel.ports import Model

MOST = 20
"""More culprits than that, and it is the model that is at fault."""
PATIENCE_S = 120.0
"""A run apart that takes longer has failed."""


class Apart(Protocol):
    """Tells whether a run fails without some statements, in a process of its own."""

    def __call__(self, model: Model, status: Status, head: int, hidden: frozenset[str], /) -> bool:
        """Run it; it may die of it."""

    def over(self) -> None:
        """The search is over."""


def culprits(suspects: Sequence[str], fails: Callable[[frozenset[str]], bool]) -> list[str]:
    """Return the ids without which a run ends well; none where that is not their doing.

    ``fails`` tells whether the run fails with some ids hidden. Each culprit costs some log2(n)
    runs.

    Example:
        >>> culprits("abcdefgh", lambda hidden: not {"c", "g"} <= hidden)
        ['c', 'g']
        >>> culprits("abc", lambda hidden: True)
        []
    """
    if not suspects or fails(frozenset(suspects)):
        return []
    found: list[str] = []
    while fails(frozenset(found)):
        if len(found) == MOST:
            return []
        rest = [one for one in suspects if one not in found]
        while len(rest) > 1:
            half = rest[: len(rest) // 2]
            hidden = frozenset(one for one in suspects if one not in half)
            rest = half if fails(hidden) else rest[len(half) :]
        if not rest:
            return []
        found.append(rest[0])
    return found


class RunApart:
    """Runs a model of a folder's town in a process of its own, for as long as one is looked at."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._words: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, model: Model, status: Status, head: int, hidden: frozenset[str]) -> bool:
        """Tell whether the model fails at a position with some ids hidden."""
        words = [str(self._data), model.id, status.value, str(head)]
        if self._process is None or self._process.poll() is not None or words != self._words:
            self.over()
            self._words = words
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "hinomi.runtime.models_poison", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        try:
            return _asked(self._process, hidden) != b"0\n"
        except OSError:
            return True

    def over(self) -> None:
        """End the process: the search is over."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _asked(process: subprocess.Popen[bytes], hidden: frozenset[str]) -> bytes:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(msgspec.json.encode(sorted(hidden)) + b"\n")
    process.stdin.flush()
    answer = select.poll()
    answer.register(process.stdout, select.POLLIN)
    if not answer.poll(PATIENCE_S * 1000):
        process.kill()
        return b""
    return process.stdout.readline()


def main(data: Path, model_id: str, status: Status, head: int) -> None:
    """Run one model on everything of a status, without what each line names."""
    # Imported here: the runner of models needs only what is above.
    from hinomi.runtime import storing  # noqa: PLC0415
    from hinomi.runtime.catalog import default_catalog  # noqa: PLC0415

    catalog, address = default_catalog(), storing.address(data)
    view = frozenset({status}), head
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            failed = 1
            with contextlib.suppress(Exception):
                store = storing.open_store(address, read_only=True)
                hidden = msgspec.json.decode(line, type=frozenset[str])
                catalog.models[model_id].predict(Noting(store, catalog, OPERATOR, view, hidden), {})
                failed = 0
            os._exit(failed)
        _, ended = os.waitpid(child, 0)
        sys.stdout.buffer.write(b"0\n" if ended == 0 else b"1\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _, _data, _model, _status, _head = sys.argv
    main(Path(_data), _model, Status(_status), int(_head))
