"""The BMI: a walk over all that the interface promises, then a coupling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hinomi.kernel.errors import HinomiError
from hinomi.science.inundation.bmi import InundationBmi


@pytest.fixture(params=["inertial", "finite-volume"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> InundationBmi:
    path = tmp_path / "case.npz"
    bed = np.random.default_rng(3).random((8, 12))
    np.savez(path, bed_m=bed, dx_m=10.0, end_s=600.0, kernel=request.param, precision="float64")
    started = InundationBmi()
    started.initialize(str(path))
    return started


def test_every_promise_of_the_interface_is_kept(model: InundationBmi) -> None:
    assert model.get_component_name()
    names = {*model.get_input_var_names(), *model.get_output_var_names()}
    assert len(model.get_input_var_names()) == model.get_input_item_count()
    assert len(model.get_output_var_names()) == model.get_output_item_count()
    for name in names:
        grid = model.get_var_grid(name)
        values = np.empty(model.get_grid_size(grid), model.get_var_type(name))
        assert model.get_value(name, values) is values
        assert np.isfinite(values).all()
        assert values.itemsize == model.get_var_itemsize(name)
        assert values.nbytes == model.get_var_nbytes(name)
        assert model.get_var_units(name)
        assert model.get_var_location(name) == "node"
        some = np.empty(3, values.dtype)
        assert (
            model.get_value_at_indices(name, some, np.array([0, 5, 9])) == values[[0, 5, 9]]
        ).all()
        try:
            pointer = model.get_value_ptr(name)
        except NotImplementedError:
            continue
        assert (pointer == values).all()
    rank = model.get_grid_rank(0)
    assert model.get_grid_type(0) == "uniform_rectilinear"
    shape = model.get_grid_shape(0, np.empty(rank, int))
    assert shape.tolist() == [8, 12]
    assert model.get_grid_spacing(0, np.empty(rank)).tolist() == [10.0, 10.0]
    assert model.get_grid_origin(0, np.empty(rank)).tolist() == [5.0, 5.0]
    assert model.get_grid_x(0, np.empty(12))[1] == 15.0
    assert model.get_grid_y(0, np.empty(8))[1] == 15.0
    assert model.get_grid_node_count(0) == 96
    assert model.get_time_units() == "s"
    assert model.get_start_time() == model.get_current_time() == 0.0
    assert model.get_end_time() == 600.0
    model.update()
    assert model.get_current_time() == model.get_time_step() == 60.0
    model.update_until(90.0)
    assert model.get_current_time() == pytest.approx(90.0)
    model.finalize()
    with pytest.raises(HinomiError, match="initialize"):
        model.get_current_time()


def test_rain_that_is_set_from_outside_fills_the_grid(model: InundationBmi) -> None:
    rain = "atmosphere_water__rainfall_volume_flux"
    model.set_value(rain, np.full(96, 1e-4))
    model.set_value_at_indices(rain, np.array([0]), np.array([0.0]))
    model.update_until(100.0)
    depth = model.get_value("land_surface_water__depth", np.empty(96))
    assert depth.sum() * 100.0 == pytest.approx(95 * 1e-4 * 100.0 * 100.0, rel=1e-9)
    with pytest.raises(HinomiError, match="Nearest"):
        model.set_value("land_surface_water__dept", np.zeros(96))
