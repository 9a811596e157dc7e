"""A statement that makes a model fail: which one it is, found by hiding others.

``python -m hinomi.runtime.models_poison DATA MODEL STATUS POSITION`` (ids to hide on its standard
input) runs a model and stores nothing: what crashes it crashes only that process.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hinomi.kernel.marking import OPERATOR, Status
from hinomi.runtime.models_results import Noting

if TYPE_CHECKING:
    from hinomi.kernel.ports import Model

MOST = 20
"""More culprits than that, and it is the model that is at fault."""
PATIENCE_S = 120.0
"""A run apart that takes longer has failed."""


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


def apart(data: Path) -> Callable[[Model, Status, int, frozenset[str]], bool]:
    """Return what runs a model of a folder's town in a process of its own."""

    def fails(model: Model, status: Status, head: int, hidden: frozenset[str]) -> bool:
        command = [sys.executable, "-m", "hinomi.runtime.models_poison", str(data)]
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                [*command, model.id, status.value, str(head)],
                input="\n".join(sorted(hidden)).encode(),
                timeout=PATIENCE_S,
                check=False,
                capture_output=True,
            )
        except subprocess.TimeoutExpired:
            return True
        return done.returncode != 0

    return fails


def main(data: Path, model_id: str, status: Status, head: int, hidden: frozenset[str]) -> None:
    """Run one model on everything of a status."""
    # Imported here: the runner of models needs only what is above.
    from hinomi.runtime import storing  # noqa: PLC0415
    from hinomi.runtime.catalog import default_catalog  # noqa: PLC0415

    catalog = default_catalog()
    store = storing.open_store(storing.address(data), read_only=True)
    view = frozenset({status}), head
    catalog.models[model_id].predict(Noting(store, catalog, OPERATOR, view, hidden), {})


if __name__ == "__main__":
    _, _data, _model, _status, _head = sys.argv
    main(Path(_data), _model, Status(_status), int(_head), frozenset(sys.stdin.read().split()))
