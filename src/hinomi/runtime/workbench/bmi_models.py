"""Any model with a Basic Model Interface, run on a case: how well it does, and what it costs.

References:
    Hutton, Piper & Tucker 2020, J. Open Source Softw. 5, 2317 (BMI 2).
"""

from __future__ import annotations

import io
import math
import time
from contextlib import redirect_stdout
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np

from hinomi.domains.hazards.collections.scenarios import Curve, Score, Trace
from hinomi.domains.hazards.predict_inundation import FloodCase, Ground, decoded
from hinomi.domains.hazards.workbench.running import number, score_of
from hinomi.kernel.errors import HinomiError, InputError, MissingError, Text
from hinomi.runtime.workbench.grounds import beside

MOST_STEPS = 10_000_000
CONFIG = "config.npz"
DEPTH = "land_surface_water__depth"
RAIN = "atmosphere_water__rainfall_volume_flux"
"""CSDMS standard names, as our own model's."""
MM_H = 1e-3 / 3600
"""[m/s] in a millimetre an hour."""


class Forced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An input variable over time, the same everywhere on its grid, in the model's unit."""

    variable: str
    minutes: tuple[float, ...]
    values: tuple[float, ...]
    """As it is in force from its minute on, until the next."""


class Followed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An output variable at one place, and what was observed there."""

    name: str
    variable: str
    index: int
    """Into the variable's flattened values."""
    observed: Curve | None = None


class Mapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An output variable at the end, and a map of it to compare with (.npy beside the case)."""

    variable: str
    observed: str
    threshold: float


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case for a BMI model: how it is set up, what drives it, what it should give."""

    title: str
    config: str = ""
    """The model's own configuration file, beside the case."""
    seconds: float = 1.0
    """[s] in the model's unit of time."""
    hours: float | None = None
    """Until then; else until the model's end time."""
    every_min: float = 5.0
    """So often it is looked at and driven."""
    forced: tuple[Forced, ...] = ()
    followed: tuple[Followed, ...] = ()
    mapped: tuple[Mapped, ...] = ()


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a trial."""

    title: str
    model: str
    scores: tuple[Score, ...]
    traces: tuple[Trace, ...]
    cpu_s: float
    wall_s: float
    steps: int
    """Of the model's time step, as it states it."""
    cells: int


def decode_trial(data: bytes) -> Trial:
    """Return the trial of a TOML file.

    Raises:
        InputError: it is no TOML, or a name or value is not as the page says.
    """
    return decoded(data, Trial, Text("ケース", "case"))


def is_flood_case(data: bytes) -> bool:
    """Tell whether a TOML is a flood case (it names its ground), not a trial."""
    try:
        return "dem" in msgspec.toml.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def of_flood_case(plan: FloodCase, ground: Ground, folder: Path) -> Trial:
    """Return a flood case as a trial: its ground in a file for ``initialize``, its rain as input.

    Args:
        plan: a case of ground and rain.
        ground: its elevation.
        folder: where the configuration (``.npz``: bed_m, dx_m, end_s, manning, kernel, precision)
            is written.

    Raises:
        InputError: the case has water that BMI has no standard name for.
    """
    beyond = [n for n in ("inflow", "breach", "pump", "edge", "soil", "drain_mm_h",
                              "channel", "land_use") if
              getattr(plan, n)]  # fmt: skip
    if beyond:
        raise InputError(
            f"case: {', '.join(beyond)} cannot be told to another model; give a trial with the"
            " model's own config.",
            f"{', '.join(beyond)}は他のモデルに渡せません。"
            "モデル自身の設定ファイルを使ってください。",
        )
    np.savez(
        folder / CONFIG, bed_m=ground.height_m, dx_m=ground.cell_m, end_s=3600 * plan.hours,
        manning=plan.manning, kernel=plan.kernel, precision=plan.precision,
    )  # fmt: skip
    minutes = tuple(float(m) for m in range(math.ceil(60 * plan.hours)))
    rain = plan.rain_mm_h
    forced = () if rain is None else (
        Forced(RAIN, minutes, tuple(
            # The middle of each minute stands for it.
            float(np.interp(m + 0.5, rain.minutes, rain.values)) * MM_H for m in minutes
        )),
    )  # fmt: skip
    columns = ground.height_m.shape[1]
    followed = []
    for post in plan.gauge:
        row = int((ground.north_m - post.at[1]) // ground.cell_m)
        column = int((post.at[0] - ground.west_m) // ground.cell_m)
        observed = Curve(post.minutes, post.depth_m) if post.minutes else None
        followed.append(Followed(post.name, DEPTH, row * columns + column, observed))
    return Trial(
        title=plan.title, config=CONFIG, hours=plan.hours, forced=forced, followed=tuple(followed)
    )


def loaded(name: str) -> Any:
    """Return a new model of ``module:Class`` or ``file.py:Class``.

    Raises:
        InputError: the name is not of that form, or what is there is no BMI.
        MissingError: there is no such module or class.
    """
    module, _, attribute = name.rpartition(":")
    if not module or not attribute:
        raise InputError(f"{name!r}: expected MODULE:CLASS (モジュール:クラス)。")
    try:
        found = getattr(_imported(module), attribute, None)
    except ModuleNotFoundError as absent:
        if absent.name == module:
            raise MissingError(Text("モジュール", "module"), module) from None
        raise _theirs(module, absent) from absent
    except HinomiError:
        raise
    except Exception as error:
        raise _theirs(module, error) from error
    if found is None:
        raise MissingError(Text("クラス", "class"), name)
    try:
        model = found()
    except Exception as error:
        raise _theirs(name, error) from error
    missing = [m for m in ("initialize", "update_until", "get_value") if not hasattr(model, m)]
    if missing:
        raise InputError(f"{name}: no BMI, it lacks {', '.join(missing)} (BMIではありません)。")
    return model


def _imported(module: str) -> ModuleType:
    """Import a module by its name, or a file ``.py`` from where it lies."""
    if not module.endswith(".py"):
        return import_module(module)
    path = Path(module)
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise MissingError(Text("ファイル", "file"), module)
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def _theirs(name: str, error: Exception) -> InputError:
    """Return what is wrong with somebody's model: theirs to mend, no fault of ours."""
    what = f"{type(error).__name__}: {error}"[:300]
    return InputError(f"{name} does not run: {what}", f"{name}が動きません: {what}")


def tried(model: Any, trial: Trial, folder: Path) -> Tried:
    """Run a model over a trial.

    Raises:
        InputError: a variable or place is none of the model's, or its grid is another one.
    """
    config = ""
    if trial.config:
        beside(folder, trial.config, Text("設定ファイル", "configuration"))
        config = str((folder / trial.config).resolve())
    cpu, wall = time.process_time(), time.perf_counter()
    # A model that prints must not stand in the way of --json.
    with redirect_stdout(io.StringIO()):
        try:
            model.initialize(config)
            try:
                _known(model, trial)
                traces, ends = _driven(model, trial)
                maps = tuple(_map_score(model, one, folder) for one in trial.mapped)
                name, cells = str(model.get_component_name()), _cells(model, trial)
            finally:
                model.finalize()
        except HinomiError:
            raise
        except Exception as error:
            raise _theirs(type(model).__name__, error) from error
    series = tuple(
        score_of(trace, Trace(one.name, one.observed.minutes, one.observed.values), "observed")
        for trace, one in zip(traces, trial.followed, strict=True)
        if one.observed is not None
    )
    return Tried(
        title=trial.title, model=name, scores=(*series, *maps), traces=traces,
        cpu_s=round(time.process_time() - cpu, 3), wall_s=round(time.perf_counter() - wall, 3),
        steps=ends, cells=cells,
    )  # fmt: skip


def _driven(model: Any, trial: Trial) -> tuple[tuple[Trace, ...], int]:
    """Move the model on, from look to look; return what it said at the places."""
    unit_min = trial.seconds / 60
    begin = float(model.get_start_time()) * unit_min
    end = float(model.get_end_time()) * unit_min
    if trial.hours is not None:
        end = min(end, begin + 60 * trial.hours)
    looks = math.ceil((end - begin) / trial.every_min) if math.isfinite(end) else MOST_STEPS + 1
    if not 0 < looks <= MOST_STEPS:
        raise InputError(f"{looks} looks from {begin:g} to {end:g} min: give hours (時間が不正)。")
    moments = sorted(
        {begin, end, *(min(begin + n * trial.every_min, end) for n in range(looks + 1)),
         *(m for one in trial.forced for m in one.minutes if begin < m < end)}
    )  # fmt: skip
    said: list[list[float]] = [[] for _ in trial.followed]
    steps, before = 0, begin
    for minute in moments:
        if minute > begin:
            step = float(model.get_time_step()) * unit_min
            steps += max(round((minute - before) / step), 1) if step > 0 else 1
            model.update_until(minute / unit_min)
        before = minute
        for one, values in zip(trial.followed, said, strict=True):
            values.append(_at(model, one))
        for forced in trial.forced:
            _force(model, forced, minute)
    times = tuple(round(minute - begin, 6) for minute in moments)
    return tuple(
        Trace(one.name, times, tuple(values))
        for one, values in zip(trial.followed, said, strict=True)
    ), steps


def _known(model: Any, trial: Trial) -> None:
    given, taken = set(model.get_output_var_names()), set(model.get_input_var_names())
    for name in _looked_at(trial):
        if name not in given:
            raise MissingError(Text("出力変数", "output variable"), name, given)
    for forced in trial.forced:
        if forced.variable not in taken:
            raise MissingError(Text("入力変数", "input variable"), forced.variable, taken)
    for place in trial.followed:
        size = _size(model, place.variable)
        if not 0 <= place.index < size:
            raise InputError(f"{place.name}: index {place.index} of {size} values (範囲外です)。")


def _size(model: Any, variable: str) -> int:
    return int(model.get_var_nbytes(variable)) // int(model.get_var_itemsize(variable))


def _empty(model: Any, variable: str, size: int) -> Any:
    return np.empty(size, np.dtype(str(model.get_var_type(variable))))


def _at(model: Any, one: Followed) -> float:
    into = _empty(model, one.variable, 1)
    model.get_value_at_indices(one.variable, into, np.array([one.index]))
    return round(float(into[0]), 6)


def _force(model: Any, forced: Forced, minute: float) -> None:
    held = [v for m, v in zip(forced.minutes, forced.values, strict=True) if m <= minute + 1e-9]
    values = _empty(model, forced.variable, _size(model, forced.variable))
    values[:] = held[-1] if held else 0
    model.set_value(forced.variable, values)


def _map_score(model: Any, one: Mapped, folder: Path) -> Score:
    from hinomi.science.scores import csi, rmse  # noqa: PLC0415

    data = beside(folder, one.observed, Text("観測の格子", "observed map"))
    came = np.load(io.BytesIO(data), allow_pickle=False).astype(float).ravel()
    values = _empty(model, one.variable, _size(model, one.variable))
    model.get_value(one.variable, values)
    if values.size != came.size:
        raise InputError(
            f"{one.observed}: {came.size} values; the model's {one.variable} has {values.size}.",
            f"{one.observed}の大きさ({came.size})がモデル({values.size})と違います。",
        )
    said = values.astype(float)
    return Score(
        of=f"map {one.variable}", against=one.observed, csi=number(csi(said, came, one.threshold)),
        rmse_m=number(rmse(said, came)), peak_error_m=number(float(said.max() - np.nanmax(came))),
    )  # fmt: skip


def _cells(model: Any, trial: Trial) -> int:
    return max((_size(model, name) for name in _looked_at(trial)), default=0)


def _looked_at(trial: Trial) -> list[str]:
    return [one.variable for one in trial.followed] + [one.variable for one in trial.mapped]
