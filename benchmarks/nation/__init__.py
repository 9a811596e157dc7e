"""The nation on one machine: prefecture nodes and the state's hub as real processes.

    NATION_MINUTES=3 make nation        (NATION_NODES=8 for fewer, NATION_ROUNDS=10: see below)

Each prefecture is a light node (one process, SQLite) that sends to the hub and follows it by long
poll. All are fed with shelter updates at NATION_RATE changes a second in all, the hub with real
telegrams where there are some; each minute one node is killed, and another is stopped (a
partition) for ten seconds. Delay: from the call that appends in the town to the moment at which
another prefecture's writer takes the record (its ``recorded_at``). The commit that follows is not
in the delay; what an append takes in the town, its commit included, is printed beside it. The CPU
is that of hub and nodes; the load's own is printed beside it, since it runs on the same cores.

A shelter opens and closes in turn: of each change but a town's first fifty the hub writes a line of
chronology, which goes to all as well. It loads every hop and is no delivery: all nodes take up to
9,400 records a second where 4,700 are counted. With NATION_ROUNDS=10 a shelter opens, tells eight
times how many people are there, and closes: 5,600 a second.
"""

from benchmarks.nation.playing import play
from benchmarks.nation.setting import Outcome, Setting
from benchmarks.nation.towns import update

__all__ = ["Outcome", "Setting", "play", "update"]
