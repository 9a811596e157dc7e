"""The local-inertial kernel beside its peers: ``python -m benchmarks.inundation`` prints one table.

landlab (MIT) and itzi (GPL) are installed by this program only, into ``.bench``; each runs in a
process of its own, in one thread, on the same grid, for as many steps of the same length, from the
same water. Times are CPU seconds; ours and theirs take turns, and each one's best round counts.

Terms: landlab keeps depth and discharge of its time step, and so do we then. itzi keeps depth,
discharge, the greatest depth and the greatest speed, and so do we then, and the time of arrival
(which it does not); its direction and Froude number of the moment are of the last step only, and we
work them out then, within the time. The water after the last step is compared.

Bound: a cell's step moves 28 bytes in single precision (depth, both discharges there and back,
ground), 56 in double; a copy of a large array, counted there and back, says how fast memory is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peers
from hinomi.science.inundation.basin import Basin, Greatest

PEERS = {
    # requireit 0.5 uses Python 3.12's syntax; landlab 2.11 takes any.
    "landlab": ["landlab==2.11.0", "requireit<0.5"],
    "itzi": ["itzi==25.8"],
}
GOALS = {("landlab", "float32"): 15, ("itzi", "float32"): 15, ("landlab", "float64"): 7,
         ("itzi", "float64"): 7}  # fmt: skip
BOUND, THREADS = 0.5, 1.7
DX_M, MANNING, THETA = 10.0, 0.03, 0.8
BYTES = {"float32": 28, "float64": 56}

_LANDLAB = """
import json, sys, time
import numpy as np
from landlab import RasterModelGrid
from landlab.components import OverlandFlow
d = json.load(sys.stdin)
case = np.load(d["case"])
bed, depth = case["bed"], case["depth"]
grid = RasterModelGrid(bed.shape, xy_spacing=d["dx"])
grid.set_closed_boundaries_at_grid_edges(True, True, True, True)
grid.add_field("topographic__elevation", bed.ravel().copy(), at="node")
grid.add_field("surface_water__depth", depth.ravel().copy(), at="node")
model = OverlandFlow(grid, mannings_n=d["n"], theta=d["theta"], h_init=1e-5, alpha=0.7,
                     steep_slopes=False)
def run(steps):
    begun = time.process_time()
    for _ in range(steps):
        model.overland_flow(d["dt"])
    return time.process_time() - begun
run(d["before"])
took = run(d["steps"])
np.save(d["out"], grid.at_node["surface_water__depth"].reshape(bed.shape))
print(json.dumps({"cpu_s": took}))
"""

_ITZI = """
import json, sys, time
from datetime import timedelta
import numpy as np
from itzi.rasterdomain import RasterDomain
from itzi.surfaceflow import SurfaceFlowSimulation
d = json.load(sys.stdin)
case = np.load(d["case"])
kind = np.dtype(d["kind"])
shape = case["bed"].shape
domain = RasterDomain(dtype=kind, arr_mask=np.zeros(shape, bool), cell_shape=(d["dx"], d["dx"]))
domain.update_array("dem", case["bed"].astype(kind))
domain.update_array("friction", np.full(shape, d["n"], kind))
domain.update_array("water_depth", case["depth"].astype(kind))
flow = SurfaceFlowSimulation(domain, {
    "dtmax": d["dt"], "cfl": 0.7, "g": 9.80665, "theta": d["theta"], "hmin": 0.001, "slmax": 0.1,
    "vrouting": 0.1})
flow.update_flow_dir()
def run(steps):
    begun = time.process_time()
    for _ in range(steps):
        flow.solve_dt()
        flow.step()
    return time.process_time() - begun
run(d["before"])
took = run(d["steps"])
np.save(d["out"], domain.get_array("water_depth"))
print(json.dumps({"cpu_s": took}))
"""


def field(rows: int, columns: int) -> tuple[Any, Any]:
    """Return rough ground on a slope, and water over all of it, 1.2 to 1.8 m deep."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:rows, 0:columns]
    bed = 0.002 * x + 0.3 * np.sin(x / 17) * np.cos(y / 23) + 0.02 * rng.random((rows, columns))
    return bed, 1.5 + 0.3 * np.sin(x / 9) * np.sin(y / 11)


def filled(bed: Any, depth: Any, kind: str, threads: int = 1) -> Basin:
    basin = Basin(
        bed, DX_M, manning=MANNING, theta=THETA, precision=np.dtype(kind).type, threads=threads
    )
    basin.depth_m[:] = depth
    return basin


def froude_and_direction(basin: Basin) -> tuple[Any, Any]:
    """Return what itzi keeps of the last step besides."""
    qx = 0.5 * (basin.qx_m2_s[:, 1:] + basin.qx_m2_s[:, :-1])
    qy = 0.5 * (basin.qy_m2_s[1:] + basin.qy_m2_s[:-1])
    wave = np.sqrt(basin.depth_m.dtype.type(9.80665) * np.maximum(basin.depth_m, 0))
    return basin.speed_m_s() / np.maximum(wave, 1e-6), np.degrees(np.arctan2(-qy, qx))


def ours(case: dict[str, Any], kind: str, *, as_itzi: bool) -> tuple[float, Any]:
    """Return CPU seconds of our steps, and the water after them."""
    held = np.load(case["case"])
    basin = filled(held["bed"], held["depth"], kind)
    greatest = Greatest(basin.depth_m) if as_itzi else None
    for _ in range(case["before"]):
        basin.step(case["dt"], 0.0, greatest)
    begun = time.process_time()
    for _ in range(case["steps"]):
        basin.step(case["dt"], 0.0, greatest)
    if as_itzi:
        froude_and_direction(basin)
    return time.process_time() - begun, basin.depth_m


def theirs(name: str, case: dict[str, Any], kind: str) -> tuple[float, Any]:
    """Return CPU seconds of a peer's steps, and the water after them."""
    peers.PEERS[name] = PEERS[name]
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(
        [peers.python_of(name), "-c", {"landlab": _LANDLAB, "itzi": _ITZI}[name]],
        input=json.dumps({**case, "kind": kind}), capture_output=True, text=True, check=False,
        env={**os.environ, **one_thread},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-1500:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])["cpu_s"], np.load(case["out"])


def beside(size: int, rounds: int, folder: Path) -> list[tuple[str, str, str, bool]]:
    """Measure ours beside both peers, in turns."""
    bed, depth = field(size, size)
    # Closed edges: itzi and landlab let nothing pass the outer cells, ours the outer faces.
    np.savez(folder / "case.npz", bed=bed, depth=depth)
    dt = 0.4 * DX_M / float(np.sqrt(9.80665 * depth.max()))
    case = {
        "case": str(folder / "case.npz"), "out": str(folder / "out.npy"), "dx": DX_M, "n": MANNING,
        "theta": THETA, "dt": dt, "before": 3, "steps": 40,
    }  # fmt: skip
    rows = []
    cells = size * size * case["steps"] / 1e6
    for name, kind in GOALS:
        mine, others, apart = [], [], 0.0
        for _ in range(rounds):
            took, water = ours(case, kind, as_itzi=name == "itzi")
            mine.append(took)
            took, reference = theirs(name, case, kind)
            others.append(took)
            inside = (slice(50, -50), slice(50, -50))  # out of reach of how edges are closed
            apart = float(np.abs(water[inside] - reference[inside]).max())
        ratio, goal = min(others) / min(mine), GOALS[name, kind]
        kept = "float64 only" if name == "landlab" else kind
        rows.append((
            f"{size} x {size}, {case['steps']} steps, {kind}; {name} ({kept})",
            f"{cells / min(mine):.0f} Mcell/cpu-s; {cells / min(others):.1f}",
            f"{ratio:.1f} x (goal {goal}); depths within {apart:.1e} m", ratio >= goal,
        ))  # fmt: skip
    return rows


def quickest(work: Callable[[], object], clock: Callable[[], float], rounds: int) -> float:
    """Return the seconds of the quickest of some rounds."""
    found = []
    for _ in range(rounds):
        begun = clock()
        work()
        found.append(clock() - begun)
    return min(found)


def roofline(size: int, rounds: int) -> list[tuple[str, str, str, bool]]:
    """Measure how near to a copy's bandwidth one thread comes; copy and steps take turns."""
    bed, depth = field(size, size)
    rows = []
    given = np.ones(size * size * 2, np.float32)
    taken = np.zeros_like(given)
    for kind, moved in BYTES.items():
        basin = filled(bed, depth, kind)
        dt = 0.5 * basin.longest_step_s()
        basin.step(dt)
        copied, stepped = [], []
        for _ in range(rounds):
            copied.append(quickest(lambda: np.copyto(taken, given), time.process_time, 2))
            stepped.append(quickest(lambda: basin.step(dt), time.process_time, 2))  # noqa: B023
        bandwidth = 2 * given.nbytes / min(copied)
        rate = size * size / min(stepped)
        share = rate * moved / bandwidth
        rows.append((
            f"{size} x {size}, {kind}, of the bound of a copy", f"{rate / 1e6:.0f} Mcell/cpu-s",
            f"{share:.0%} of {bandwidth / moved / 1e6:.0f} ({bandwidth / 1e9:.1f} GB/s, {moved}"
            f" bytes) (goal {BOUND:.0%})", share >= BOUND,
        ))  # fmt: skip
    return rows


def threads(size: int, rounds: int) -> list[tuple[str, str, str, bool]]:
    """Measure two threads beside one, by the clock on the wall; they take turns."""
    bed, depth = field(size, size)
    rows = []
    for kind in BYTES:
        one, two = (filled(bed, depth, kind, n) for n in (1, 2))
        dt = 0.5 * one.longest_step_s()
        one.step(dt)
        two.step(dt)
        alone, together = [], []
        for _ in range(rounds):
            alone.append(quickest(lambda: one.step(dt), time.perf_counter, 2))  # noqa: B023
            together.append(quickest(lambda: two.step(dt), time.perf_counter, 2))  # noqa: B023
        gain = min(alone) / min(together)
        spent = [
            quickest(lambda: basin.step(dt), time.process_time, rounds)  # noqa: B023
            for basin in (one, two)
        ]
        rows.append((
            f"{size} x {size}, {kind}, two threads beside one",
            f"{min(alone) * 1e3:.1f} ms; {min(together) * 1e3:.1f} ms",
            f"{gain:.2f} x (goal {THREADS}); by CPU time, as if both cores were free,"
            f" {2 * spent[0] / spent[1]:.2f} x", gain >= THREADS,
        ))  # fmt: skip
    return rows


def main() -> int:
    """Print the table and return the exit status: 1 where a goal is missed."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--only", choices=("peers", "bound", "threads"))
    chosen = words.parse_args()
    folder = peers.HOME / "inundation"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"# inundation, load {os.getloadavg()[0]:.1f}, numpy {np.__version__}")
    print("| what | ours; theirs | | |\n|---|---|---|---|")
    met = True
    parts: dict[str, Callable[[], list[tuple[str, str, str, bool]]]] = {
        "peers": lambda: beside(512, chosen.rounds, folder),
        "bound": lambda: roofline(2048, 4 * chosen.rounds),
        "threads": lambda: threads(2048, 4 * chosen.rounds),
    }
    for name, measured in parts.items():
        for what, figures, verdict, good in measured() if chosen.only in (None, name) else []:
            met &= good
            print(f"| {what} | {figures} | {verdict} | {'met' if good else '**not met**'} |")
            sys.stdout.flush()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
