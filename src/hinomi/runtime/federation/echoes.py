"""Stretches of this node's log that one partner told: nothing in them is for that partner."""

from __future__ import annotations

_MOST = 1000


class Echoes:
    """Only saves looking: what is forgotten here is read, and left out statement by statement."""

    def __init__(self) -> None:
        self._ends: dict[str, dict[int, int]] = {}

    def note(self, node: str, first: int, last: int) -> None:
        """Remember that all of (first, last] came from a node."""
        ends = self._ends.setdefault(node, {})
        if len(ends) >= _MOST:
            # The partner has not been told anything for long: then it is told by reading.
            ends.clear()
        ends[first] = last

    def past(self, node: str, position: int) -> int:
        """Return the first position from ``position`` on after which there is more than echo."""
        ends = self._ends.get(node, {})
        while position in ends:
            position = ends.pop(position)
        return position
