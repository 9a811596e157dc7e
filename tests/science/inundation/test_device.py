"""The kernel on CUDA: under numba's simulator it does what the processor's does."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from numba import cuda

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.run import Case, Run

_PROGRAM = """
import json
import numpy as np
from hinomi.science.inundation.run import Case, EdgeSeries, run
from hinomi.science.inundation.sources import Breach, Inflow, steady

y, x = np.mgrid[0:6, 0:10]
bed = 5 - 0.02 * x + 0.1 * np.sin(x / 3) * np.cos(y / 2)
bed[:, 5] = 6.5
wet = np.maximum(5.5 - bed, 0) * (x < 5)

def flood(kind, device):
    return run(Case(
        bed, 10.0, 15.0, precision=kind, threads=1, device=device, depth_m=wet,
        sources=(Inflow(((3, 2),), steady(5.0)), Breach(((3, 5),), 4.2, 2.0, 1.0)),
        edges=(EdgeSeries("east", "free"),),
    ))

one, other, single = flood("float64", "cpu"), flood("float64", "cuda"), flood("float32", "cuda")
fields = ("depth_m", "max_depth_m", "max_speed_m_s", "across_m2_s", "along_m2_s")
apart = lambda a, b: max(float(np.abs(getattr(a, f) - getattr(b, f)).max()) for f in fields)
found = {
    "double": apart(one, other), "single": apart(one, single),
    "came": np.array_equal(one.arrival_s, other.arrival_s, equal_nan=True),
    "balance": abs(other.balance_error), "beyond": float(other.max_depth_m[:, 6:].max()),
    "kind": str(single.depth_m.dtype),
}
print(json.dumps(found))
"""


def test_on_cuda_the_flood_is_the_processors() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["double"] < 1e-11
    assert found["single"] < 1e-4
    assert found["kind"] == "float32"
    assert found["came"]
    assert found["balance"] < 1e-12
    assert found["beyond"] > 0.02, "else the breach let nothing through"


def test_without_a_gpu_cuda_is_refused_and_told_what_to_do() -> None:
    if cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(InputError, match="CUDA finds no GPU"):
        Run(Case(np.zeros((4, 4)), 10.0, 60.0, device="cuda"))


def test_the_finite_volume_kernel_is_for_processors() -> None:
    with pytest.raises(InputError, match="finite-volume"):
        Run(Case(np.zeros((4, 4)), 10.0, 60.0, device="cuda", kernel="finite-volume"))
