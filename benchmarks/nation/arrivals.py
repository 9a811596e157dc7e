"""What arrived where and when: read straight from the nodes' files.

Half an hour is 180,000 records at each of 48 nodes; by the change feed that would take as long
again.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from contextlib import closing
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.nation.setting import Outcome
from hinomi.stores.sqlite.link import FILE

if TYPE_CHECKING:
    from benchmarks.nation.processes import Process

Sent = dict[str, tuple[str, float]]
"""Record id -> (prefecture, when it was said)."""
Window = tuple[float, float]


def count(data: Path) -> int:
    """Return how many records a node has."""
    with closing(_open(data)) as db:
        return int(db.execute("select count(*) from record").fetchone()[0])


def has_all(data: Path, sent: Iterable[str]) -> bool:
    """Tell whether a node has every record."""
    with closing(_open(data)) as db:
        there = {row[0] for row in db.execute("select lower(hex(id)) from record")}
    return there.issuperset(sent)


def recorded(data: Path) -> tuple[dict[str, float], int]:
    """Return when each record was first recorded at a node, and how many came more than once."""
    with closing(_open(data)) as db:
        rows = db.execute(
            "select lower(hex(id)), min(recorded_at), count(*) from record group by 1"
        )
        found, twice = {}, 0
        for record, at, times in rows:
            found[record] = at / 1e6
            twice += times > 1
    return found, twice


def tell(outcome: Outcome, hub: Process, nodes: Sequence[Process], sent: Sent) -> None:
    """Count what was lost or came twice, and how long each delivery took.

    A delivery is one to or from a node that was down if its way overlaps with that: from the kill
    or stop until the node was level again (it had heard the hub, and the hub it).
    """
    at_hub = recorded(hub.data)[0]
    start = min((said for _, said in sent.values()), default=0.0)
    at_town: dict[str, float] = {}
    down = {node.data.name: _windows(node, at_hub, sent) for node in nodes}
    for node in nodes:
        outcome.faults += [(begin - start, node.data.name) for begin, _ in node.down]
    for node in nodes:
        there, twice = recorded(node.data)
        outcome.twice += twice
        outcome.records += len(there)
        name = node.data.name
        for record, (town, said) in sent.items():
            at = there.get(record)
            if at is None:
                outcome.lost += 1
            elif town == name:
                at_town[record] = at
            else:
                way = said, at
                if _met(way, down[name]) or _met(way, down[town]):
                    outcome.faulted_s.append(at - said)
                else:
                    outcome.up_s.setdefault(int(said - start), array("d")).append(at - said)
                    outcome.from_hub_s.append(at - at_hub.get(record, at))
    outcome.faults.sort()
    outcome.to_hub_s.extend(
        at_hub[record] - at
        for record, at in at_town.items()
        if record in at_hub and not _met((at, at_hub[record]), down[sent[record][0]])
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def _windows(node: Process, at_hub: dict[str, float], sent: Sent) -> list[Window]:
    """Return when a node was away: until the first that it told and the first that it heard."""
    if not node.down:
        return []
    there = recorded(node.data)[0]
    name = node.data.name
    told = sorted(at_hub[r] for r, (town, _) in sent.items() if town == name and r in at_hub)
    heard = sorted(there[r] for r, (town, _) in sent.items() if town != name and r in there)
    return [
        (begin, max(next((at for at in way if at >= until), inf) for way in (told, heard)))
        for begin, until in node.down
    ]


def _met(way: Window, windows: list[Window]) -> bool:
    return any(way[0] <= end and way[1] >= begin for begin, end in windows)


def _open(data: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{data / FILE}?mode=ro", uri=True, timeout=10.0)
