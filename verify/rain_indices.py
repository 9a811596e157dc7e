"""Soil water index: the tank model's own equation, and the steps that JMA and others take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hinomi.science.rain_indices import exact, soil_water_index
from verify.rows import Row

_CASE = "30 mm/h for 3 h, then 3 h dry"


def _series(step_h: float) -> np.ndarray:
    steps = round(3 / step_h)
    return soil_water_index(np.repeat([30 * step_h, 0.0], steps), step_h=step_h)


def steps() -> Iterator[Row]:
    """The explicit step's own numbers, found with two independent codes' coefficients."""
    theirs = {
        1 / 60: (82.377, 69.842), 1 / 6: (82.699, 69.751),
        0.5: (83.475, 69.422), 1.0: (84.510, 68.420),
    }  # fmt: skip
    for step_h, values in theirs.items():
        index = _series(step_h)
        for name, ours, value in zip(
            ("peak", "end"), (index.max(), index[-1]), values, strict=True
        ):
            yield Row(
                model="soil water index", case=f"{_CASE}; {name}, step {step_h * 60:g} min",
                reference="Euler step of another code with the same coefficients",
                ours=float(ours), theirs=value, tolerance=6e-4,
            )  # fmt: skip


def equation() -> Iterator[Row]:
    """The differential equation: RK4 at 3 s by another code; our closed form; our fine step."""
    peak = exact(np.zeros(3), 30.0, 3.0)
    end = exact(peak, 0.0, 3.0)
    for name, ours, theirs in (("peak", peak, 82.342), ("end", end, 69.851)):
        yield Row(
            model="soil water index", case=f"{_CASE}; {name}, exact",
            reference="Runge-Kutta 4, step 3 s, of another code", ours=float(ours.sum()),
            theirs=theirs, tolerance=6e-4,
        )  # fmt: skip
    # Richardson: an Euler step is first order, so two fine steps extrapolate to the equation.
    fine, finer = _series(1 / 3600)[-1], _series(1 / 7200)[-1]
    yield Row(
        model="soil water index", case=f"{_CASE}; end, fine step extrapolated",
        reference="closed form between the outlets' heights", ours=float(2 * finer - fine),
        theirs=float(end.sum()), tolerance=1e-6,
    )  # fmt: skip


ROWS = (steps, equation)
