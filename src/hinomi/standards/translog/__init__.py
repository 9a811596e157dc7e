"""Transparency logs: RFC 9162's Merkle trees (the hashing is RFC 6962's), proofs, checkpoints.

The tree's hashes come from whoever keeps them: a function of level and index gives the hash of a
complete subtree (level 0: a leaf's). Signing is not done here: codecs take and give bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeAlias

Nodes: TypeAlias = Callable[[int, int], bytes]
"""(level, index) -> hash of the complete subtree over leaves [index·2^level, (index+1)·2^level)."""

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves, RFC 9162 §2.1.1."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 ‖ entry), RFC 9162 §2.1.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 9162 §2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def completed(index: int, leaf: bytes, nodes: Nodes) -> list[tuple[int, int, bytes]]:
    """Return the subtrees (level, index, hash) that a new leaf completes, itself first.

    One more node a leaf on average, log2 of the size at most.
    """
    found = [(0, index, leaf)]
    level, place, top = 0, index, leaf
    while place & 1:
        top = node_hash(nodes(level, place - 1), top)
        level, place = level + 1, place >> 1
        found.append((level, place, top))
    return found


def subtree(start: int, end: int, nodes: Nodes) -> bytes:
    """Return MTH(D[start:end]) where ``start`` is a multiple of the range's power of two.

    The complete subtrees of the range, smallest last, are joined from the right: O(log n).
    """
    if start == end:
        return EMPTY
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(nodes(level, start >> level))
        start += 1 << level
    top = parts.pop()
    while parts:
        top = node_hash(parts.pop(), top)
    return top


def root(size: int, nodes: Nodes) -> bytes:
    """Return the tree's root at a size."""
    return subtree(0, size, nodes)


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Return PATH(index, D[size]): what proves that a leaf is in the tree, RFC 9162 §2.1.3.1.

    Raises:
        ValueError: the tree of that size has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    found: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(subtree(middle, end, nodes))
            end = middle
        else:
            found.append(subtree(start, middle, nodes))
            start = middle
    return found[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """Return PROOF(old, D[new]): the larger tree only appends to the smaller, RFC 9162 §2.1.4.1.

    Raises:
        ValueError: the old size is greater than the new one, or negative.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not follow on one of {old}")
    if old in {0, new}:
        return []
    found: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append(subtree(middle, end, nodes))
            end = middle
        else:
            found.append(subtree(start, middle, nodes))
            start, whole = middle, False
    if not whole:
        found.append(subtree(start, end, nodes))
    return found[::-1]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the proof leads from a leaf's hash to the root, RFC 9162 §2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, top = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            top = node_hash(step, top)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            top = node_hash(top, step)
        place, last = place >> 1, last >> 1
    return last == 0 and top == root


def consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether the proof shows the new tree to follow on the old, RFC 9162 §2.1.4.2."""
    if old == 0:
        return new >= 0 and not proof and old_root == EMPTY
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


class Edge:
    """A tree that is only read from left to right: it keeps its right edge, O(log n)."""

    def __init__(self) -> None:
        self.size = 0
        self._tops: dict[tuple[int, int], bytes] = {}

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; return the subtrees that it completes, as :func:`completed` does."""
        made = completed(self.size, leaf, lambda level, index: self._tops.pop((level, index)))
        level, index, top = made[-1]
        self._tops[level, index] = top
        self.size += 1
        return made

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return root(self.size, lambda level, index: self._tops[level, index])


def _split(size: int) -> int:
    """Return the largest power of two below the size, RFC 9162 §2.1.1."""
    return 1 << ((size - 1).bit_length() - 1)
