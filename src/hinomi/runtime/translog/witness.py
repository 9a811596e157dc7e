"""Partners as witnesses: the last tree head of each is remembered, so that none can be unsaid."""

from __future__ import annotations

from collections.abc import Callable

from hinomi.runtime import clock
from hinomi.runtime.translog import proving
from hinomi.runtime.translog.log import Log
from hinomi.runtime.translog.trust import Growth
from hinomi.standards import translog

Ask = Callable[[int], Growth]
"""What a partner's log answers to: its growth since a size."""


class Witness:
    """What this node has seen of its partners' logs."""

    def __init__(self, log: Log, *, now: clock.Clock = clock.now) -> None:
        self._log, self._now = log, now

    def look(self, node: str, public: bytes, ask: Ask) -> int:
        """Ask a partner for its head, hold it to what was seen before, and remember it.

        Returns:
            The log's size.

        Raises:
            DeniedError: rule ``history``: the past was rewritten, or the log is shorter than it
                was; what was remembered stays, as evidence. Rule ``trust``: not its signature.
        """
        size, root = self._log.witnessed(node) or (0, translog.EMPTY)
        found = ask(size)
        if found.since != size:
            # It has fewer entries than we have seen, or says so.
            proving.head(found.checkpoint, found.certificates, public)
            raise proving.rewritten(size, found.since)
        return self._hold(node, public, root, found)

    def heed(self, node: str, public: bytes, found: Growth) -> int:
        """Hold what a partner shows of itself to what was seen before, and remember it.

        Returns:
            The log's size as it is remembered now: where the partner's next proof begins. A proof
            that begins elsewhere is only answered so.

        Raises:
            DeniedError: as :meth:`look`.
        """
        size, root = self._log.witnessed(node) or (0, translog.EMPTY)
        if found.since != size:
            checkpoint, _ = proving.head(found.checkpoint, found.certificates, public)
            if checkpoint.size < size:
                raise proving.rewritten(size, checkpoint.size)
            return size
        return self._hold(node, public, root, found)

    def _hold(self, node: str, public: bytes, root: bytes, found: Growth) -> int:
        checkpoint = proving.growth(found, root, public)
        at = self._now().isoformat()
        self._log.witness(node, checkpoint.size, checkpoint.root, at=at, note=found.checkpoint)
        return checkpoint.size
