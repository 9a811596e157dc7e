"""Partners' transparency logs: each node holds the others' to what it saw of them before.

Who calls a partner asks it; who is only called is shown: the caller sends how its own log grew.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from hinomi.kernel.errors import DeniedError, HinomiError
from hinomi.runtime.federation.agreement import Peer

if TYPE_CHECKING:
    from hinomi.runtime.federation.calling import Caller
    from hinomi.runtime.federation.following import Federation

log = logging.getLogger("hinomi.federation")

SHOW_S = 60.0
"""How often this node shows its log to a partner that it sends to."""


def about_s(seconds: float) -> float:
    """Return about so long: nodes that were started together do not all ask at one moment."""
    return seconds * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


class Logs(msgspec.Struct, frozen=True):
    """What the trust chain does for partners."""

    look: Callable[[Peer, Callable[[int], bytes]], None]
    """Asks a partner for its log's growth since a size."""
    heed: Callable[[Peer, bytes], int]
    """Takes the growth that a partner shows; returns the size from which it goes on."""
    grown: Callable[[int], bytes]
    """Tells how this node's own log grew since a size."""


class Showing:
    """Shows one partner how this node's log grew, now and then."""

    def __init__(self) -> None:
        self._due = 0.0
        self._shown = 0

    def is_due(self, logs: Logs | None) -> bool:
        """Tell whether it is time to show the log again."""
        return logs is not None and time.monotonic() >= self._due

    def show(self, caller: Caller, logs: Logs | None) -> None:
        """Show what the partner has not seen, if it is time."""
        if logs is None or not self.is_due(logs):
            return
        self._due = time.monotonic() + about_s(SHOW_S)
        try:
            # Should it have seen another part, it says which: the proof begins there, and is shown
            # at once. A node that is started anew each minute is held to its log all the same.
            since, self._shown = self._shown, caller.show(logs.grown(self._shown))
            if not since and self._shown:
                self._shown = caller.show(logs.grown(self._shown))
        except HinomiError as error:
            # One that keeps no logs, or that holds ours for rewritten: its people are told.
            log.info("this node's log is not taken: %s", error)


def shown(federation: Federation, logs: Logs | None, node: str, growth: bytes) -> int:
    """Hold the log of a partner that shows it to what was seen before; people are told.

    Returns:
        The size from which its next proof begins.

    Raises:
        DeniedError: it is no partner, or its log's past is not what it was.
    """
    peer = federation.registry.of_node(node)
    if peer is None or logs is None:
        raise DeniedError("No partner.", "連携先ではありません。", rule="peer")
    try:
        return logs.heed(peer, growth)
    except DeniedError as error:
        if error.rule == "history":
            federation.inbox().alarms.history(peer.name, error.text)
        raise
