"""Load from a second process: wrk where it is installed, with a URL list that never repeats."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

LUA = """
local paths = {}
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], {["Accept"] = "application/geo+json"})
end
done = function(summary, latency, requests)
  local form = 'BENCH {"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,'
    .. '"status":%d,"socket":%d}\\n'
  io.write(string.format(form, summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


def cpu_s(pids: list[int]) -> float:
    """Return the CPU seconds that the processes and all their children have used."""
    tick = os.sysconf("SC_CLK_TCK")
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            used[int(entry.name)] = (int(fields[11]) + int(fields[12])) / tick
    wanted = set(pids)
    while True:
        more = {pid for pid, parent in parents.items() if parent in wanted} - wanted
        if not more:
            break
        wanted |= more
    return sum(used.get(pid, 0.0) for pid in wanted)


def load(
    base: str, paths: list[str], pids: list[int], *, seconds: float = 6, connections: int = 16
) -> dict[str, Any]:
    """Return requests/s, percentiles [ms] and server CPU per request [ms] under full load."""
    if shutil.which("wrk") is None:
        raise SystemExit("make bench needs wrk (Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "paths").write_text("\n".join(paths))
        (Path(folder) / "bench.lua").write_text(LUA)
        before = cpu_s(pids)
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "10s", "-s",
             f"{folder}/bench.lua", base],
            capture_output=True, text=True, check=True,
            env={**os.environ, "BENCH_PATHS": f"{folder}/paths"},
        )  # fmt: skip
        spent = cpu_s(pids) - before
    line = next(x for x in done.stdout.splitlines() if x.startswith("BENCH "))
    found = json.loads(line[6:])
    requests = max(found["requests"], 1)
    return {
        "per_s": found["requests"] / (found["duration_us"] / 1e6),
        "p50_ms": found["p50_us"] / 1e3,
        "p99_ms": found["p99_us"] / 1e3,
        "cpu_ms": spent * 1e3 / requests,
        "errors": found["status"] + found["socket"],
    }
