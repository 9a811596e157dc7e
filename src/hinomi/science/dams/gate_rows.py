"""The rows of the optimum's programme that keep each gate to its speed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hinomi.science.dams.gates import Array
from hinomi.science.dams.programme import Columns, hull
from hinomi.science.dams.reservoir import Dam, Start


def gate_rows(
    columns: Columns, dam: Dam, water: tuple[Array, Array], start: Start,
    how: tuple[float, float | None],
) -> None:  # fmt: skip
    """Part the release into what each gate and what runs by itself lets out; bound their changes.

    Args:
        columns: the programme.
        dam: with its outlets one by one.
        water: variables of the release and of the storage, shapes (members, steps) and + 1.
        start: how the dam stands.
        how: [s] the step, and what a change beyond the gates' speed costs where none else is left.
    """
    release, stored = water
    unit, price = how
    gates = dam.outlets
    if gates is None:
        return
    inside = (dam.level_m > dam.least_m) & (dam.level_m < dam.full_m)
    level = np.unique(np.concatenate([[dam.least_m, dam.full_m], dam.level_m[inside]]))
    volume = dam.storage(level) / unit
    before = stored[:, :-1]
    parts = []
    openings = start.openings(gates)
    for k, gate in enumerate(gates.moving):
        through = columns.block(release.shape, 0.0, np.inf)
        _below(columns, through, before, volume, gate.flow(level, gate.height_m))
        change = gate.least_change_m3_s(level, unit)
        slack = columns.block(release.shape, 0.0, 0.0 if price is None else np.inf, price or 0.0)
        was = float(gate.flow(start.level_m, openings[k]))
        for sign in (1, -1):
            _below(
                columns, (sign, through[:, :1]), before[:, :1], volume, change,
                more=sign * was, slack=slack[:, :1],
            )  # fmt: skip
            _below(
                columns, (sign, through[:, 1:]), before[:, 1:], volume, change,
                less=(sign, through[:, :-1]), slack=slack[:, 1:],
            )  # fmt: skip
        parts.append((1, through))
    itself = columns.block(release.shape, 0.0, np.inf)
    _below(columns, itself, before, volume, dam.spill(volume * unit))
    columns.add(*parts, (1, itself), (-1, release), right=0.0, equal=True)


def _below(  # noqa: PLR0913 - one kind of row
    columns: Columns,
    what: Array | tuple[int, Array],
    stored: Array,
    volume: Array,
    most: Array,
    *,
    more: float = 0.0,
    less: tuple[int, Array] | None = None,
    slack: Array | None = None,
) -> None:
    """Keep a variable (less another) under the concave hull of a table over the storage."""
    sign, variable = what if isinstance(what, tuple) else (1, what)
    extra = [] if less is None else [(-less[0], less[1])]
    extra += [] if slack is None else [(-1, slack)]
    for (v0, q0), (v1, q1) in pairwise(hull(volume, -np.asarray(most))):
        s = -(q1 - q0) / (v1 - v0)
        columns.add((sign, variable), (-s, stored), *extra, right=-q0 - s * v0 + more)
