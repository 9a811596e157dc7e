"""What is played, and what was found."""

from __future__ import annotations

from array import array

import msgspec


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What is played."""

    nodes: int = 47
    rate: float = 100.0
    """Changes a second, all towns together."""
    rounds: int = 2
    """A shelter is closed in one of so many statements and open in the others: in 2, each turns it,
    and the hub's chronology doubles what all nodes take; in 10, most tell how many people came."""
    seconds: float = 180.0
    warm_s: float = 5.0
    faults: bool = True
    telegrams: int = 20
    """Real telegrams to the hub, spread over the time."""


class Outcome(msgspec.Struct, kw_only=True):
    """What was found."""

    sent: int = 0
    lost: int = 0
    twice: int = 0
    up_s: dict[int, array[float]] = {}
    """Delays between nodes that were up meanwhile, by the second in which it was said."""
    faulted_s: array[float] = msgspec.field(default_factory=lambda: array("d"))
    """Delays to or from a node that was down or cut off meanwhile."""
    to_hub_s: array[float] = msgspec.field(default_factory=lambda: array("d"))
    """Of the delays above: from the town's node to the hub, one a change."""
    from_hub_s: array[float] = msgspec.field(default_factory=lambda: array("d"))
    """Of the delays above: from the hub to a prefecture, one a delivery."""
    faults: list[tuple[float, str]] = []
    """What was done, and when [s since the start]."""
    idle_mb: list[float] = []
    cpu_s: float = 0.0
    hub_cpu_s: float = 0.0
    load_cpu_s: float = 0.0
    """What this process took to play the towns: no part of the nodes' CPU."""
    others_cpu_s: float = 0.0
    """What everything else on the machine took meanwhile."""
    written_mb_s: list[float] = []
    """How fast the disk was written, by all on the machine, part by part of the time [MB/s]."""
    records: int = 0
    """What all nodes hold in the end: what towns said, and what the hub's models made of it."""
    wall_s: float = 0.0
    telegrams: int = 0
    append_ms: list[float] = []

    @property
    def between_up_s(self) -> array[float]:
        """Return all delays between nodes that were up."""
        delays = array("d")
        for one in self.up_s.values():
            delays.extend(one)
        return delays

    @property
    def deliveries(self) -> int:
        """Return how many there were, to whomever."""
        return sum(map(len, self.up_s.values())) + len(self.faulted_s)
