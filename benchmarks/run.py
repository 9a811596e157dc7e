"""``make bench``: every measurement in one run, side by side, written to docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import live, peers, sites, versus
from hinomi.runtime import clock

PAGE = sites.ROOT / "docs" / "benchmarks.md"
GOALS = {
    # question: required CPU ratio against (pygeoapi, TiPg)
    "limit=10": (40, 20),
    "limit=100&bbox": (40, 20),
    "limit=100&bbox, counted": (None, 12),
    "limit=1000": (40, 20),
    "single": (40, None),
}

KEPT = 0.5
"""Required share of the engines' limit, measured in the same run."""
NOTES = "## What was tried"


def machine() -> str:
    """Return what it was measured on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = os.getloadavg()[0]
    names = ("apsw", "granian", "msgspec", "lxml")
    return (
        f"{clock.now():%Y-%m-%d}, {os.cpu_count()} cores of {model}, load {load:.1f} at the start, "
        f"Python {platform.python_version()}, " + ", ".join(f"{n} {version(n)}" for n in names)
    )


def versus_table(found: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Return the API beside its peers as a Markdown table, ratios by CPU time and by requests/s."""
    lines = [
        "| question | server | requests/s | p50 ms | p99 ms | CPU ms a request | CPU ratio |"
        " requests/s ratio | errors |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for question, servers in found.items():
        ours = servers["hinomi"]
        for name, one in servers.items():
            by_cpu, by_rate = (
                one["cpu_ms"] / ours["cpu_ms"],
                ours["per_s"] / max(one["per_s"], 0.01),
            )
            ratio = "| 1 | 1 |" if name == "hinomi" else f"| {by_cpu:.0f} × | {by_rate:.0f} × |"
            lines.append(
                f"| {question} | {name} | {one['per_s']:.0f} | {one['p50_ms']:.1f} |"
                f" {one['p99_ms']:.1f} | {one['cpu_ms']:.2f} {ratio} {one['errors']} |"
            )
    return "\n".join(lines)


def verdicts(found: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Return for each required ratio whether it was met, by CPU time against the better peer."""
    lines = ["| question | against | required | measured | |", "|---|---|---:|---:|---|"]
    for question, servers in found.items():
        goals = GOALS[question]
        for prefix, goal in zip(("pygeoapi", "TiPg"), goals, strict=True):
            rivals = [one["cpu_ms"] for name, one in servers.items() if name.startswith(prefix)]
            if goal is None or not rivals:
                continue
            ratio = min(rivals) / servers["hinomi"]["cpu_ms"]
            met = "met" if ratio >= goal else "**not met**"
            lines.append(f"| {question} | {prefix} | {goal} × | {ratio:.0f} × | {met} |")
    return "\n".join(lines)


def engine_table(found: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Return how much of its two engines' own speed the API keeps, by CPU time, as a table."""
    lines = [
        "| question | the store alone | the server alone | both: the limit | the API |"
        " the API keeps | required | | both in one, under load | keeps of it |",
        "|---|---:|---:|---:|---:|---:|---:|---|---:|---:|",
    ]
    for question, servers in found.items():
        ours = servers["hinomi"]
        limit = ours["store_ms"] + ours["server_ms"]
        share = limit / ours["cpu_ms"]
        met = "met" if share >= KEPT else "**not met**"
        lines.append(
            f"| {question} | {ours['store_ms']:.3f} | {ours['server_ms']:.3f} | {limit:.3f} |"
            f" {ours['cpu_ms']:.3f} | {share:.0%} | {KEPT:.0%} | {met} |"
            f" {ours['both_ms']:.3f} | {ours['both_ms'] / ours['cpu_ms']:.0%} |"
        )
    return "\n".join(lines)


def notes() -> str:
    """Return the part of the page that people write; it stays from run to run."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    _, heading, rest = text.partition(NOTES)
    return (heading + rest).rstrip() if heading else NOTES


def printed(module: str, *words: str) -> str:
    """Return what one of the other benchmarks prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *words],
        cwd=sites.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return f"{module} failed:\n{done.stderr[-1500:]}"
    return done.stdout.rstrip()


def main() -> None:
    """Measure everything and write the page."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=versus.ROUNDS)
    words.add_argument("--seconds", type=float, default=versus.SECONDS)
    words.add_argument(
        "--small", action="store_true", help="growth and store a hundredth as big, short rounds"
    )
    words.add_argument(
        "--only",
        action="append",
        choices=versus.QUESTIONS,
        help="this question alone (or again: these), printed and not written",
    )
    chosen = words.parse_args()
    versus.ROUNDS, versus.SECONDS = chosen.rounds, chosen.seconds
    if chosen.only is not None:
        found = versus.measure(peers.HOME / "work", chosen.only)
        print("\n\n".join([machine(), versus_table(found), verdicts(found), engine_table(found)]))
        return
    small = ["--small"] if chosen.small else []
    command = "python -m benchmarks.run --small" if chosen.small else "make bench"
    started = machine()
    found = versus.measure(peers.HOME / "work")
    running = live.measure(peers.HOME / "live")
    parts = [
        "# Benchmarks",
        f"Written by `{command}` ({started}). Medians of {versus.ROUNDS} rounds of"
        f" {versus.SECONDS:.0f} s; the servers take turns in each round. Load by wrk, 16"
        " connections, on the same cores, so that requests/s are lower bounds on a shared machine;"
        " CPU time per request (server and database, all processes) is the fair figure.",
        "## The API beside its peers",
        f"The same {sites.COUNT:,} sites in each; boxes of 2° × 2° that never repeat, so no page"
        " cache helps. All answer the links of the standard. Ours applies the marking policy on"
        " each request and counts only where asked; pygeoapi and TiPg always count.",
        versus_table(found),
        verdicts(found),
        "### Beside the engines' limit",
        "CPU ms for an answer, in the same run: the store alone, one process, asked for the same"
        " kind of boxes and keys (no server, no links, no headers); and the server alone, handing"
        " over as many bytes that lie ready, by the same way past its event loop. What both need"
        " is what the API could reach; what is above it is parsing, policy, links and tags. The"
        " store alone has a core and its caches to itself; the last two columns have the store"
        " behind the server, nothing between them, under the API's own load.",
        engine_table(found),
        "## Growth",
        "One web worker; about 1,500 sites in each box, whatever the table's size. CPU ms a"
        " request, and in brackets the p50 under load of 8 connections. Up to 10⁵ records each"
        " site has two versions; as-of asks for the first, at 10⁶ for the newest.",
        printed("scale", *small),
        "## A running server",
        "\n".join(f"- {name}: {value:.3g}" for name, value in running.items()),
        f"{live.SUBSCRIBERS} SSE subscribers, {live.CHANGES_PER_S} changes/s; delays from before"
        " the append to the subscriber's socket (and, apart, what the append and what the feed take"
        " of it). `start_s` is the median of three after a first one. `cores` is writer and web"
        " worker together.",
        "## JMA telegrams",
        f"```\n{printed('jma')}\n```" if sites.ARCHIVE.exists() else "(real data absent)",
        "## Exchange",
        *(printed("sensors"), f"```\n{printed('sip4d', '--million')}\n```", printed("tiles")),
        "## The store, beside bare SQLite with the same layout",
        f"```\n{printed('store', *small)}\n```",
        "## Policy and trust",
        f"```\n{printed('policy')}\n```",
        notes(),
    ]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
