"""The Basic Model Interface (Hutton, Piper & Tucker 2020, J. Open Source Softw. 5, 2317) of a run.

So that frameworks which couple models (pymt, NOAA's NextGen, ENCflow) can drive ours.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from bmipy import Bmi
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.science.inundation.run import Case, Run

Array = NDArray[Any]
_IN = ("land_surface_water__depth", "atmosphere_water__rainfall_volume_flux")
_OUT = (
    "land_surface_water__depth",
    "land_surface_water_flow__speed",
    "land_surface__elevation",
    "land_surface_water__max_of_depth",
)
_UNITS = dict.fromkeys({*_IN, *_OUT}, "m") | {
    "land_surface_water_flow__speed": "m s-1",
    "atmosphere_water__rainfall_volume_flux": "m s-1",
}
"""CSDMS standard names."""


def read_case(path: Path) -> Case:
    """Return a case from an ``.npz`` with ``bed_m``, ``dx_m``, ``end_s`` and what else it has."""
    with np.load(path) as held:
        given = {name: held[name] for name in held.files}
    known = {"bed_m", "dx_m", "end_s", "manning", "depth_m"}
    texts = {"kernel", "precision"}
    if not {"bed_m", "dx_m", "end_s"} <= set(given) <= known | texts:
        raise InputError(f"{path.name}: expected bed_m, dx_m, end_s and of {known | texts}.")
    arrays: dict[str, Any] = {
        name: float(part) if part.ndim == 0 else part
        for name, part in given.items()
        if name in known
    }
    arrays |= {name: str(part) for name, part in given.items() if name in texts}
    return Case(threads=1, **arrays)


class InundationBmi(Bmi):
    """A run of either kernel behind BMI 2: one uniform rectilinear grid, values in C order."""

    def __init__(self, case: Case | None = None) -> None:
        self._case = case
        self._run: Run | None = None
        self._rain_m_s: Array = np.zeros(0)

    @property
    def run(self) -> Run:
        """The run; there is none before :meth:`initialize`."""
        if self._run is None:
            raise InputError("initialize first (先にinitializeが必要です)。")
        return self._run

    def initialize(self, config_file: str) -> None:
        """Start a run of the file's case, or of the case that was given."""
        self._case = read_case(Path(config_file)) if config_file else self._case
        if self._case is None:
            raise InputError("initialize: expected a case or its file (ケースが必要です)。")
        self._run = Run(self._case)
        self._rain_m_s = np.zeros(self._run.basin.bed_m.shape)

    def update(self) -> None:
        """Move on by one time step."""
        self.update_until(self.get_current_time() + self.get_time_step())

    def update_until(self, time: float) -> None:
        """Move on to a time [s]."""
        run = self.run
        if time < self.get_current_time():
            raise InputError("update_until: that time is past (過去の時刻です)。")
        run.advance(time, self._rain_m_s)

    def finalize(self) -> None:
        """Let the run go."""
        self._run = None

    def get_component_name(self) -> str:
        """Return the model's name."""
        return "Hinomi inundation"

    def get_input_item_count(self) -> int:
        """Return how many inputs there are."""
        return len(_IN)

    def get_output_item_count(self) -> int:
        """Return how many outputs there are."""
        return len(_OUT)

    def get_input_var_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the inputs' CSDMS names."""
        return _IN

    def get_output_var_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the outputs' CSDMS names."""
        return _OUT

    def _values(self, name: str) -> Array:
        basin = self.run.basin
        values: dict[str, Callable[[], Array]] = {
            "land_surface_water__depth": lambda: basin.depth_m,
            "land_surface_water_flow__speed": basin.speed_m_s,
            "land_surface__elevation": lambda: basin.bed_m,
            "land_surface_water__max_of_depth": self._deepest_m,
            "atmosphere_water__rainfall_volume_flux": lambda: self._rain_m_s,
        }
        if name not in values:
            raise MissingError(Text("変数", "variable"), name, values)
        return np.asarray(values[name]())

    def _deepest_m(self) -> Array:
        self.run.greatest.home()
        return self.run.greatest.depth_m

    def get_var_grid(self, name: str) -> int:
        """Return the grid of a variable: all lie on grid 0."""
        self._values(name)
        return 0

    def get_var_type(self, name: str) -> str:
        """Return the type of a variable's values."""
        return str(self._values(name).dtype)

    def get_var_units(self, name: str) -> str:
        """Return the unit of a variable."""
        self._values(name)
        return _UNITS[name]

    def get_var_itemsize(self, name: str) -> int:
        """Return the bytes of one value."""
        return int(self._values(name).itemsize)

    def get_var_nbytes(self, name: str) -> int:
        """Return the bytes of all values."""
        return int(self._values(name).nbytes)

    def get_var_location(self, name: str) -> str:
        """Return where on the grid the values lie: nodes, the cells' centres."""
        self._values(name)
        return "node"

    def get_current_time(self) -> float:
        """Return the time now [s]."""
        return self.run.basin.time_s

    def get_start_time(self) -> float:
        """Return the time at the start [s]."""
        return 0.0

    def get_end_time(self) -> float:
        """Return the time at the end [s]."""
        return float(self.run.case.end_s)

    def get_time_units(self) -> str:
        """Return the unit of time."""
        return "s"

    def get_time_step(self) -> float:
        """Return how far one update goes [s]; inside, steps are as short as stability asks."""
        left = self.get_end_time() - self.get_current_time()
        return min(60.0, left) if left > 0 else 60.0

    def get_value(self, name: str, dest: Array) -> Array:
        """Copy a variable's values into ``dest``, flattened."""
        dest[:] = self._values(name).reshape(-1)
        return dest

    def get_value_ptr(self, name: str) -> Array:
        """Return a variable's values by reference; refused where they are padded or computed."""
        held = self._values(name)
        if not held.flags.c_contiguous or name.endswith("speed"):
            raise NotImplementedError(f"{name}: no reference; use get_value.")
        return held.reshape(-1)

    def get_value_at_indices(self, name: str, dest: Array, inds: Array) -> Array:
        """Copy some values into ``dest``."""
        dest[:] = self._values(name).reshape(-1)[inds]
        return dest

    def set_value(self, name: str, src: Array) -> None:
        """Set all values of an input."""
        held = self._settable(name)
        held[:] = np.asarray(src).reshape(held.shape)

    def set_value_at_indices(self, name: str, inds: Array, src: Array) -> None:
        """Set some values of an input."""
        held = self._settable(name)
        held[np.unravel_index(np.asarray(inds), held.shape)] = src

    def _settable(self, name: str) -> Array:
        if name not in _IN:
            raise MissingError(Text("入力変数", "input variable"), name, _IN)
        return self._values(name)

    def get_grid_rank(self, grid: int) -> int:
        """Return the number of dimensions."""
        del grid
        return 2

    def get_grid_size(self, grid: int) -> int:
        """Return the number of cells."""
        del grid
        return int(self.run.basin.bed_m.size)

    def get_grid_type(self, grid: int) -> str:
        """Return the kind of grid."""
        del grid
        return "uniform_rectilinear"

    def get_grid_shape(self, grid: int, shape: Array) -> Array:
        """Write (rows, columns)."""
        del grid
        shape[:] = self.run.basin.bed_m.shape
        return shape

    def get_grid_spacing(self, grid: int, spacing: Array) -> Array:
        """Write the cell's size [m], twice."""
        del grid
        spacing[:] = self.run.basin.dx_m
        return spacing

    def get_grid_origin(self, grid: int, origin: Array) -> Array:
        """Write the place of the first cell's centre [m]."""
        del grid
        origin[:] = self.run.basin.dx_m / 2
        return origin

    def get_grid_x(self, grid: int, x: Array) -> Array:
        """Write the columns' centres [m]."""
        del grid
        x[:] = (np.arange(self.run.basin.bed_m.shape[1]) + 0.5) * self.run.basin.dx_m
        return x

    def get_grid_y(self, grid: int, y: Array) -> Array:
        """Write the rows' centres [m]."""
        del grid
        y[:] = (np.arange(self.run.basin.bed_m.shape[0]) + 0.5) * self.run.basin.dx_m
        return y

    def get_grid_z(self, grid: int, z: Array) -> Array:
        """Refuse: the grid has two dimensions."""
        raise NotImplementedError("get_grid_z")

    def get_grid_node_count(self, grid: int) -> int:
        """Return the number of nodes."""
        return self.get_grid_size(grid)

    def get_grid_edge_count(self, grid: int) -> int:
        """Refuse: BMI asks that of unstructured grids only."""
        raise NotImplementedError("get_grid_edge_count")

    def get_grid_face_count(self, grid: int) -> int:
        """Refuse: BMI asks that of unstructured grids only."""
        raise NotImplementedError("get_grid_face_count")

    def get_grid_edge_nodes(self, grid: int, edge_nodes: Array) -> Array:
        """Refuse: BMI asks that of unstructured grids only."""
        raise NotImplementedError("get_grid_edge_nodes")

    def get_grid_face_edges(self, grid: int, face_edges: Array) -> Array:
        """Refuse: BMI asks that of unstructured grids only."""
        raise NotImplementedError("get_grid_face_edges")

    def get_grid_face_nodes(self, grid: int, face_nodes: Array) -> Array:
        """Refuse: BMI asks that of unstructured grids only."""
        raise NotImplementedError("get_grid_face_nodes")

    def get_grid_nodes_per_face(self, grid: int, nodes_per_face: Array) -> Array:
        """Refuse: BMI asks that of unstructured grids only."""
        raise NotImplementedError("get_grid_nodes_per_face")
