"""Any BMI model on a trial: a linear reservoir against its closed form, and what is no trial."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hinomi.kernel.errors import InputError, MissingError
from hinomi.runtime.workbench.bmi_models import decode_trial, is_flood_case, loaded, tried

TRIAL = """
title = "a reservoir"
hours = 2
every_min = 10
[[followed]]
name = "outlet"
variable = "storage"
index = 0
observed = {{minutes = [0, 60, 120], values = [1.0, {half}, {quarter}]}}
[[mapped]]
variable = "storage"
observed = "end.npy"
threshold = 0.2
"""


class Reservoir:
    """dS/dt = -k S with a half-life of an hour, solved exactly; as little of BMI as is asked."""

    def initialize(self, config: str) -> None:
        assert config == ""
        self.time, self.storage = 0.0, np.ones(1)

    def update_until(self, time: float) -> None:
        self.storage *= math.exp(-math.log(2) * (time - self.time) / 3600)
        self.time = time

    def finalize(self) -> None: ...

    def get_component_name(self) -> str:
        return "reservoir"

    def get_start_time(self) -> float:
        return 0.0

    def get_end_time(self) -> float:
        return 1e9

    def get_time_step(self) -> float:
        return 60.0

    def get_output_var_names(self) -> tuple[str, ...]:
        return ("storage",)

    def get_input_var_names(self) -> tuple[str, ...]:
        return ()

    def get_var_type(self, _: str) -> str:
        return "float64"

    def get_var_itemsize(self, _: str) -> int:
        return 8

    get_var_nbytes = get_var_itemsize

    def get_value(self, _: str, into: Any) -> Any:
        into[:] = self.storage
        return into

    def get_value_at_indices(self, _: str, into: Any, at: Any) -> Any:
        into[:] = self.storage[at]
        return into


def test_a_model_that_is_right_scores_one_and_tells_its_cost(tmp_path: Path) -> None:
    np.save(tmp_path / "end.npy", np.array([0.25]))
    text = TRIAL.format(half=0.5, quarter=0.25)
    found = tried(Reservoir(), decode_trial(text.encode()), tmp_path)
    series, whole = found.scores
    assert (series.nse, series.kge, series.peak_error_m) == (1, 1, 0)
    assert (whole.csi, whole.rmse_m) == (1, 0)
    assert found.steps == 120
    assert found.cpu_s >= 0


def test_a_model_that_is_wrong_scores_as_its_closed_form_says(tmp_path: Path) -> None:
    """Errors 0, -0.1, -0.1 on 1, 0.6, 0.35: NSE = 1 - 0.02 / 0.215."""
    np.save(tmp_path / "end.npy", np.array([0.25]))
    text = TRIAL.format(half=0.6, quarter=0.35)
    series = tried(Reservoir(), decode_trial(text.encode()), tmp_path).scores[0]
    assert series.nse == pytest.approx(1 - 0.02 / 0.215, abs=1e-4)


def test_what_is_no_model_and_no_variable_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="MODULE:CLASS"):
        loaded("numpy")
    with pytest.raises(MissingError):
        loaded("no_such_module:Model")
    with pytest.raises(InputError, match="no BMI"):
        loaded("pathlib:Path")
    bad = TRIAL.format(half=1, quarter=1).replace('variable = "storage"', 'variable = "flow"')
    with pytest.raises(MissingError, match="flow"):
        tried(Reservoir(), decode_trial(bad.encode()), tmp_path)
    assert is_flood_case(b'dem = "a.asc"')
    assert not is_flood_case(b"\xff")


def test_a_model_in_a_file_of_ones_own_runs_and_what_breaks_in_it_is_theirs(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "class Bad:\n"
        "    def initialize(self, config): raise KeyError('depth')\n"
        "    def update_until(self, time): ...\n"
        "    def get_value(self, name, into): ...\n"
    )
    bad = loaded(f"{file}:Bad")
    with pytest.raises(InputError, match="KeyError: 'depth'"):
        tried(bad, decode_trial(b'title = "x"'), tmp_path)
    file.write_text("def broken(:")
    with pytest.raises(InputError, match="SyntaxError"):
        loaded(f"{file}:Bad")
    with pytest.raises(MissingError):
        loaded(f"{tmp_path / 'none.py'}:Bad")
