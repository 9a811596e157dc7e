"""Roads: a graph from lines on the map, and the quickest ways on it, walking or driving (道路網).

Lines meet where they share a vertex: at their ends, and wherever two lines have the same point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]
EARTH_M = 6_371_008.8
"""[m] mean radius (IUGG)."""
WALK_M_S, SLOW_WALK_M_S = 1.0, 0.5
"""[m/s] on foot, and with people who need help: 消防庁 津波避難対策推進マニュアル検討会報告書 2013,
as the guideline of 宮城県 (2014) quotes it."""
DRIVE_KM_H = 20.0
"""[km/h] where a road has no speed: assumed, for town streets in rain. (The same guideline counts
with 3 m/s, 11 km/h, where everyone drives at once: the queues here are computed.)"""
ROUNDING_DEGREE = 1e-6
"""Vertices closer than this are one: a tenth of a metre."""


@dataclass(frozen=True, kw_only=True)
class Roads:
    """A directed graph: link ``e`` leads from node ``tail[e]`` to node ``head[e]``."""

    longitude: Array
    latitude: Array
    """[degree, shape (nodes,)]"""
    tail: Array
    head: Array
    """[shape (links,)] nodes."""
    length_m: Array
    """[m, shape (links,)]"""
    line: Array
    """[shape (links,)] which of the lines given it is part of."""
    first: Array
    last: Array
    """[shape (links,)] its ends among the vertices of all lines, one line after the other."""
    walks: Array
    drives: Array
    """[bool, shape (links,)] whether one may walk, drive along it in this direction."""

    @property
    def nodes(self) -> int:
        """How many nodes."""
        return int(self.longitude.size)

    def without(self, links: Array) -> Roads:
        """Return the graph with these links closed to all, in both directions (通行止め)."""
        half = self.tail.size // 2  # the second half are the first's ways back
        closed = np.isin(np.arange(self.tail.size) % half, np.asarray(links, np.int64) % half)
        return replace(self, walks=self.walks & ~closed, drives=self.drives & ~closed)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """The quickest ways from everywhere to some nodes."""

    goals: Array
    """[shape (goals,)] nodes."""
    time_s: Array
    """[s, shape (goals, nodes)] infinite where no road leads there in time."""
    link: Array
    """[shape (goals, nodes)] the link to take at each node; -1 at the goal and off its roads."""


def roads_from(
    lines: Sequence[Array], *, oneway: Array | None = None, drives: Array | None = None
) -> Roads:
    """Return the graph of lines.

    Args:
        lines: each [degree, shape (vertices, 2)] longitude, latitude.
        oneway: [bool, shape (lines,)] cars only go from the first vertex to the last; walkers do
            both. Nowhere by default.
        drives: [bool, shape (lines,)] cars may use it; everywhere by default.

    Raises:
        InputError: a line of one vertex, positions out of range.

    Limits:
        A bridge that shares a vertex with the road under it is joined to it; so it is in the data.
    """
    if not len(lines):
        raise InputError("roads: expected at least one line.", "道路の線がありません。")
    sizes = np.array([len(line) for line in lines])
    points = np.concatenate([np.asarray(line, float)[:, :2] for line in lines])
    if (sizes < 2).any():
        raise InputError(
            f"line {int((sizes < 2).argmax())}: expected two vertices or more.",
            f"{int((sizes < 2).argmax())}番目の線の頂点が2つ未満です。",
        )
    if not (np.isfinite(points).all() and (np.abs(points) <= (180.0, 90.0)).all()):
        raise InputError(
            "roads: expected longitude within ±180 and latitude within ±90.",
            "道路の座標が範囲外です(経度, 緯度の順)。",
        )
    of = np.repeat(np.arange(sizes.size), sizes)
    ends = np.zeros(of.size, bool)
    ends[np.cumsum(sizes) - 1] = True
    ends[np.cumsum(sizes) - sizes] = True
    whole = np.rint((points + np.array([180.0, 90.0])) / ROUNDING_DEGREE).astype(np.int64)
    _, first, vertex, count = np.unique(
        whole[:, 0] * 10**9 + whole[:, 1], return_index=True, return_inverse=True,
        return_counts=True,
    )  # fmt: skip
    is_node = np.zeros(first.size, bool)
    is_node[vertex[ends]] = True
    is_node |= count > 1
    along = np.concatenate([[0.0], np.cumsum(distance_m(points[:-1], points[1:]))])
    at = np.flatnonzero(is_node[vertex])  # vertices that are nodes, line by line
    same = of[at[:-1]] == of[at[1:]]
    one, two = at[:-1][same], at[1:][same]
    number = np.cumsum(is_node) - 1
    tail, head, length = number[vertex[one]], number[vertex[two]], along[two] - along[one]
    good = tail != head
    tail, head, length, line = tail[good], head[good], length[good], of[one][good]
    one, two = one[good], two[good]
    one_way = np.zeros(sizes.size, bool) if oneway is None else np.asarray(oneway, bool)
    open_ = np.ones(sizes.size, bool) if drives is None else np.asarray(drives, bool)
    node = points[first[is_node]]
    return Roads(
        longitude=node[:, 0], latitude=node[:, 1],
        tail=np.concatenate([tail, head]), head=np.concatenate([head, tail]),
        length_m=np.maximum(np.concatenate([length, length]), 0.1),
        line=np.concatenate([line, line]), first=np.concatenate([one, one]),
        last=np.concatenate([two, two]), walks=np.ones(2 * tail.size, bool),
        drives=np.concatenate([open_[line], open_[line] & ~one_way[line]]),
    )  # fmt: skip


def distance_m(one: Array, two: Array) -> Array:
    """Return the great-circle distance (haversine) of positions.

    Args:
        one: [degree, shape (..., 2)] longitude, latitude.
        two: as ``one``.

    Example:
        >>> distance_m(np.array([0.0, 0.0]), np.array([0.0, 1.0])).round(1)
        np.float64(111195.1)
    """
    a, b = np.radians(np.asarray(one, float)), np.radians(np.asarray(two, float))
    half = (b - a) / 2
    squared = (
        np.sin(half[..., 1]) ** 2
        + np.cos(a[..., 1]) * np.cos(b[..., 1]) * np.sin(half[..., 0]) ** 2
    )
    result: Array = 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(squared, 1.0)))
    return result


def nearest_nodes(roads: Roads, points: Array, usable: Array) -> tuple[Array, Array]:
    """Return for each point the nearest node on usable links, and how far it is.

    Args:
        roads: the graph.
        points: [degree, shape (points, 2)]
        usable: [bool, shape (links,)] links to start or end on.

    Returns:
        Nodes [shape (points,)] and distances [m, shape (points,)].

    Raises:
        InputError: no link is usable, or a point is no place.
    """
    from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

    on = np.zeros(roads.nodes, bool)
    on[roads.tail[usable]] = on[roads.head[usable]] = True
    known = np.flatnonzero(on)
    if not known.size:
        raise InputError("No road is open.", "通行できる道路がありません。")
    nodes = np.column_stack([roads.longitude, roads.latitude])
    if not np.isfinite(points).all():
        raise InputError("points: expected degrees, no gaps.", "地点の座標に欠測があります。")
    # On the unit sphere the nearest by chord is the nearest on the ground.
    _, found = KDTree(_sphere(nodes[known])).query(_sphere(np.asarray(points, float)))
    nearest: Array = known[found]
    return nearest, distance_m(points, nodes[nearest])


def _sphere(points: Array) -> Array:
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def ways(
    roads: Roads, goals: Array, time_s: Array, usable: Array, *, longest_s: float = np.inf
) -> Ways:
    """Return the quickest ways from every node to each goal (Dijkstra 1959, by SciPy).

    Args:
        roads: the graph.
        goals: [shape (goals,)] nodes.
        time_s: [s, shape (links,)] to pass each link.
        usable: [bool, shape (links,)]
        longest_s: [s] no way is longer.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - heavy
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

    time, open_ = np.asarray(time_s, float), np.flatnonzero(usable)
    if (time[open_] <= 0).any() or not np.isfinite(time[open_]).all():
        raise InputError("time_s: expected times above 0.", "所要時間は正の数です。")
    # Of links side by side only the quickest is a way; from the goals the links are gone backwards.
    order = open_[np.lexsort((time[open_], roads.tail[open_], roads.head[open_]))]
    pair = roads.head[order] * roads.nodes + roads.tail[order]
    quickest = order[np.unique(pair, return_index=True)[1]]
    shape = (roads.nodes, roads.nodes)
    back = csr_array((time[quickest], (roads.head[quickest], roads.tail[quickest])), shape=shape)
    goals = np.asarray(goals, np.int64)
    found, after = dijkstra(back, indices=goals, return_predecessors=True, limit=longest_s)
    pairs = roads.head[quickest].astype(np.int64) * roads.nodes + roads.tail[quickest]
    here = np.arange(roads.nodes)[None, :]
    position = np.searchsorted(pairs, np.maximum(after, 0).astype(np.int64) * roads.nodes + here)
    link = np.where(after >= 0, quickest[np.minimum(position, quickest.size - 1)], -1)
    return Ways(goals=goals, time_s=found, link=link.astype(np.int32))
