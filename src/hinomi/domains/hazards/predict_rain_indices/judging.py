"""Indices against the criteria: a level for each mesh and each municipality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.domains.hazards.collections.rain_indices import RAIN_TABLES
from hinomi.domains.hazards.observe.rain_tables import MESHES, decode_meshes
from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.science.rain_indices import (
    AreaLevel,
    Lattice,
    Meshes,
    Outflow,
    area_levels,
    composite_levels,
    index_levels,
    places,
    shipped_parameters,
    soil_levels,
)
from hinomi.standards.jma_criteria import Criteria, decode

_MOST_HELD = 64
_CRITERIA: dict[str, Criteria] = {}
"""Decoded tables by the digest of their bytes, which never change: a table is 1.5 million cells."""

Fields = Mapping[str, NDArray[np.floating]]
"""Index by kind (soil, hour, surface, runoff), [shape (rows, columns)]."""


class _Rows(NamedTuple):
    """A table's rows that lie in the lattice."""

    criteria: Criteria
    inside: NDArray[np.int64]
    """Which rows."""
    at: NDArray[np.int64]
    """Where in the flattened grid."""


class Judge:
    """The tables that stand, for the meshes of one lattice."""

    def __init__(self, reader: Reader, items: Sequence[Stored], lattice: Lattice) -> None:
        self.lattice = lattice
        self.records: list[str] = []
        self.outflow: Outflow | None = None
        self.outflow_at: NDArray[np.int64] | None = None
        self.meshes_digest = ""
        self.faults: list[tuple[str, str]] = []
        """Tables that could not be used: key and why."""
        self._rows: list[_Rows] = []
        for item in items:
            try:
                self._add(reader, item)
            except (InputError, MissingError) as error:
                self.faults.append((item.key, str(error)))
        pairs = {
            (area, int(at))
            for rows in self._rows
            for area, at in zip(
                (rows.criteria.areas[i] for i in rows.inside.tolist()), rows.at, strict=True
            )
        }
        ordered = sorted(pairs)
        self._areas = [area for area, _ in ordered]
        self._at = np.array([at for _, at in ordered], np.int64)

    def _add(self, reader: Reader, item: Stored) -> None:
        digest = str(item.body()["digest"])
        if item.body()["table"] == MESHES:
            meshes, _ = decode_meshes(reader.blob(item, digest))
            at = places(meshes.codes, self.lattice)
            m, there = meshes, at >= 0
            if there.any():
                inside = Meshes(
                    m.codes[there], m.ground[there], m.urban[there], m.terrain[there],
                    m.below[there], m.width_m[there], m.slope[there],
                )  # fmt: skip
                self.outflow = Outflow(inside, shipped_parameters())
                self.outflow_at, self.meshes_digest = at[there], digest
                self.records.append(item.id)
            return
        if digest not in _CRITERIA:
            while len(_CRITERIA) >= _MOST_HELD:
                _CRITERIA.pop(next(iter(_CRITERIA)))
            _CRITERIA[digest] = decode(reader.blob(item, digest))
        criteria = _CRITERIA[digest]
        at = places(criteria.meshes, self.lattice)
        inside_rows = np.nonzero(at >= 0)[0]
        if inside_rows.size:
            self._rows.append(_Rows(criteria, inside_rows, at[inside_rows]))
            self.records.append(item.id)

    @property
    def areas(self) -> list[str]:
        """Return the municipalities that are judged."""
        return sorted(set(self._areas))

    def levels(self, fields: Fields) -> dict[str, NDArray[np.float32]]:
        """Return each kind's level by mesh and ``all``, NaN where none can be judged."""
        found: dict[str, NDArray[np.float32]] = {}
        for rows in self._rows:
            kind, levels = rows.criteria.index, self._levels(rows, fields)
            grid = found.setdefault(kind, np.full(self.lattice.shape, np.nan, np.float32))
            known = levels >= 0
            np.fmax.at(grid.reshape(-1), rows.at[known], levels[known].astype(np.float32))
        whole = np.full(self.lattice.shape, np.nan, np.float32)
        for grid in list(found.values()):
            whole = np.fmax(whole, grid)
        return {**found, "all": whole}

    def _levels(self, rows: _Rows, fields: Fields) -> NDArray[np.int8]:
        criteria, inside = rows.criteria, rows.inside
        index = self._at_rows(fields, criteria.index, rows.at)
        if criteria.index == "soil":
            hour = self._at_rows(fields, "hour", rows.at)
            by_curve = [
                soil_levels(index, hour, curve[inside], level)
                for level, curve in criteria.curves.items()
            ]
            highest: NDArray[np.int8] = np.max(by_curve, axis=0)
            return highest
        single = index_levels(
            index, {level: needed[inside] for level, needed in criteria.levels.items()},
            judged_at_4=self._judged_at_4(criteria, inside),
        )  # fmt: skip
        if not criteria.composites:
            return single
        surface = self._at_rows(fields, "surface", rows.at)
        both = composite_levels(
            index, surface,
            {c.level: (c.runoff[inside], c.surface[inside]) for c in criteria.composites},
        )  # fmt: skip
        joined: NDArray[np.int8] = np.maximum(single, both)
        return joined

    def _at_rows(self, fields: Fields, kind: str, at: NDArray[np.int64]) -> NDArray[np.floating]:
        grid = fields.get(kind)
        return np.full(at.size, np.nan) if grid is None else grid.reshape(-1)[at]

    def _judged_at_4(
        self, criteria: Criteria, inside: NDArray[np.int64]
    ) -> NDArray[np.bool_] | None:
        """Return where level 4 is judged, by the table that lists those meshes."""
        lists = {"1-1": "1-3", "1-2": "1-4"}.get(criteria.table)
        listed = [r.criteria.meshes for r in self._rows if r.criteria.table == lists]
        if not listed:
            return None
        found: NDArray[np.bool_] = np.isin(criteria.meshes[inside], np.concatenate(listed))
        return found

    def by_area(self, levels: NDArray[np.float32]) -> dict[str, AreaLevel]:
        """Return each municipality's level and how many meshes reach which."""
        if not self._areas:
            return {}
        own = levels.reshape(-1)[self._at]
        return area_levels(self._areas, np.where(np.isfinite(own), own, -1).astype(np.int8))


def tables_near(reader: Reader, bounds: tuple[float, float, float, float]) -> list[Stored]:
    """Return the tables whose meshes touch a box."""
    return list(reader.every(RAIN_TABLES.id, bbox=bounds))
