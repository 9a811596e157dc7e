"""The tanks of one network: how they start, step, are kept and read again."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.domains.hazards.collections.rain_indices import RAIN_TANKS, RainTanks
from hinomi.kernel.errors import InputError
from hinomi.kernel.records import Origin, Record, instant
from hinomi.science import coverages
from hinomi.science.rain_indices import STEP, Lattice, lattice_of, onto, step, step_end
from hinomi.vocabulary.grids import box

SOURCE = "hinomi"
JMA = "jma"
"""Key of JMA's own tanks, where they came."""
_TANK_MM, _RAIN_MM, _MISSING_MIN = 0.02, 0.05, 0.5
"""Steps that the state is kept to; in memory it is rounded too: a restart changes nothing."""
_FORGET = float(np.exp(-STEP / timedelta(days=1)))
MOST_MISSING_MIN = 60.0
"""A mesh with more than this of unknown rain (forgotten over a day) has no known index."""
_HOUR = 6
_LONGEST_MISSING_MIN = 1_440.0


class State(msgspec.Struct):
    """The tanks at a time."""

    at: datetime
    lattice: Lattice
    tanks: NDArray[np.float32]
    """[mm, shape (3, rows, columns)]."""
    missing: NDArray[np.float32]
    """[min, shape (rows, columns)] of rain not known."""
    hour: list[NDArray[np.float32]]
    """[mm] rain of the last six steps."""
    running_since: datetime
    started_from: Literal["empty", "jma"] = "empty"
    meshes_digest: str = ""
    meshes: NDArray[np.float64] | None = None
    surface: NDArray[np.float64] | None = None
    runoff: NDArray[np.float64] | None = None
    """The other indices after the last step, by row of the table of meshes."""
    record: str = ""
    """The statement that it was read from."""

    def step(self, rain: NDArray[np.float32]) -> None:
        """Let it rain for ten minutes [mm]; NaN is taken as none and remembered."""
        missing = np.empty_like(self.missing)
        step(self.tanks, rain, out=missing)  # The index is not needed here, its place is.
        self.tanks = coverages.rounded(self.tanks, _TANK_MM)
        np.multiply(self.missing, np.float32(_FORGET), out=missing)
        unknown = ~np.isfinite(rain)
        if unknown.any():
            missing[unknown] += np.float32(STEP / timedelta(minutes=1))
            np.minimum(missing, np.float32(_LONGEST_MISSING_MIN), out=missing)
        self.missing = coverages.rounded(missing, _MISSING_MIN)
        self.hour = [*self.hour[1 - _HOUR :], coverages.rounded(rain, _RAIN_MM)]
        self.at += STEP

    def index(self) -> NDArray[np.float32]:
        """Return the soil water index [mm], NaN where too much rain is not known."""
        found: NDArray[np.float32] = self.tanks.sum(axis=0)
        found[self.missing > MOST_MISSING_MIN] = np.nan
        return found

    def hour_mm(self) -> NDArray[np.float32]:
        """Return the rain of the last hour as far as it is known [mm]."""
        total = np.zeros(self.lattice.shape, np.float32)
        for rain in self.hour:
            total += np.fmax(rain, np.float32(0))
        return total

    def copy(self) -> State:
        """Return tanks to step on into the hours ahead."""
        return msgspec.structs.replace(
            self, tanks=self.tanks.copy(), missing=self.missing.copy(), hour=list(self.hour)
        )


def empty(at: datetime, lattice: Lattice) -> State:
    """Return dry tanks."""
    shape = lattice.shape
    return State(
        at=at, lattice=lattice, tanks=np.zeros((3, *shape), np.float32),
        missing=np.zeros(shape, np.float32), hour=[], running_since=at,
    )  # fmt: skip


def from_jma(at: datetime, lattice: Lattice, packed: bytes) -> State:
    """Return tanks as JMA has them; where it has none, dry ones."""
    state = empty(at, lattice)
    grids = {g.parameter: g for g in coverages.unpack_all(packed)}
    for number in range(3):
        grid = grids[f"soil_{number + 1}_mm"]
        mean = onto(grid.values[0], grid.bounds, lattice)
        state.tanks[number] = coverages.rounded(np.nan_to_num(mean), _TANK_MM)
    return msgspec.structs.replace(state, started_from="jma")


def slot(network: str, at: datetime) -> str:
    """Return the key that the state of a time of day is kept under."""
    return f"{network}/{step_end(at):%H%M}"


def slots(network: str) -> tuple[str, ...]:
    """Return the keys of a day's states."""
    return tuple(
        f"{network}/{minutes // 60:02d}{minutes % 60:02d}" for minutes in range(0, 1440, 10)
    )


def packed_tanks(
    tanks: NDArray[np.float32], at: datetime, bounds: tuple[float, float, float, float],
    *more: tuple[coverages.Packed, float],
) -> bytes:  # fmt: skip
    """Return three tanks [mm] as a file."""
    first, *others = (
        coverages.Packed(
            parameter=f"soil_{i + 1}_mm", unit="mm", times=(at,), bounds=bounds, values=layer[None]
        )
        for i, layer in enumerate(tanks)
    )
    return coverages.pack(first, _TANK_MM, *((grid, _TANK_MM) for grid in others), *more)


def kept(state: State, network: str, inputs: tuple[str, ...]) -> tuple[Record, bytes]:
    """Return the record of a state and its file."""
    bounds = state.lattice.bounds

    def grid(name: str, values: NDArray[np.float32]) -> coverages.Packed:
        unit = "min" if name == "missing_min" else "mm"
        return coverages.Packed(
            parameter=name, unit=unit, times=(state.at,), bounds=bounds, values=values[None]
        )

    more = [(grid(f"rain_{i + 1}_mm", rain), _RAIN_MM) for i, rain in enumerate(state.hour)]
    more.append((grid("missing_min", state.missing), _MISSING_MIN))
    data = packed_tanks(state.tanks, state.at, bounds, *more)
    if state.meshes is not None:
        whole = coverages.from_zarr(data)
        whole["meshes"] = (("layer", "mesh"), state.meshes.astype(np.float32))
        data = coverages.zarr_bytes(whole)
    rows, columns = state.lattice.shape
    body = RainTanks(
        parameter="soil_1_mm", unit="mm", bounds=bounds, rows=rows, columns=columns,
        moments=(state.at,), grid_digest=sha256(data).hexdigest(), error=_TANK_MM / 2,
        network=network, running_since=state.running_since, started_from=state.started_from,
        meshes_digest=state.meshes_digest,
    )  # fmt: skip
    record = Record(
        collection=RAIN_TANKS.id, key=slot(network, state.at), said_at=state.at, body=body,
        when=instant(state.at), place=box(*bounds), source=SOURCE, origin=Origin(inputs=inputs),
    )  # fmt: skip
    return record, data


def opened(body: RainTanks, record: str, data: bytes) -> State:
    """Return the state of a record and its file.

    Raises:
        InputError: the file is no state.
    """
    grids = {g.parameter: g.values[0] for g in coverages.unpack_all(data)}
    try:
        tanks = np.ascontiguousarray(np.stack([grids[f"soil_{i}_mm"] for i in (1, 2, 3)]))
        missing = grids["missing_min"]
    except KeyError as error:
        raise InputError(f"no state of tanks: {error} is absent.") from None
    meshes: Any = None
    if body.meshes_digest:
        meshes = coverages.from_zarr(data)["meshes"].to_numpy().astype(np.float64)
    return State(
        at=body.moments[0], lattice=lattice_of(body.bounds), tanks=tanks, missing=missing,
        hour=[grids[name] for name in sorted(grids) if name.startswith("rain_")],
        running_since=body.running_since, started_from=body.started_from,
        meshes_digest=body.meshes_digest, meshes=meshes, record=record,
    )  # fmt: skip
