"""``python -m proof [--quick] [WORD...]``: run others' software on us; print one table.

The tests of the test command, with longer fuzzing, and what takes over five minutes: a million
features through SIP4D's door. Exit 1 where any line falls short, or was not run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from proof.lines import LINES, ROOT, Line, version_of

FUZZ_SECONDS = 600
"""Of schemathesis; the test command's share is 120."""


def run_tests(lines: list[Line], *, quick: bool) -> dict[str, Counter[str]]:
    """Run the lines' tests once; return how each file::function went, by outcome."""
    nodes = dict.fromkeys(node for line in lines for node in line.tests)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *nodes,
             f"--junitxml={report}", "-o", "junit_family=xunit1", "--timeout", "1200"],
            cwd=ROOT, check=False,
            env={**os.environ, "HINOMI_FUZZ_SECONDS": "20" if quick else str(FUZZ_SECONDS)},
        )  # fmt: skip
        found: dict[str, Counter[str]] = {}
        if report.exists():
            for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest's own
                outcome = next(
                    (one.tag for one in case if one.tag in {"failure", "error", "skipped"}),
                    "passed",
                )
                path = case.get("file", "")
                name = case.get("name", "").partition("[")[0]
                for node in (path, f"{path}::{name}"):
                    found.setdefault(node, Counter())[outcome] += 1
        return found


def million() -> tuple[bool, str]:
    """Write, judge, store and read again a million features in bounded memory."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sip4d", "--million"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode == 0, (done.stdout or done.stderr).strip().splitlines()[-1]


def main(words: list[str]) -> int:
    """Print the table and return the exit status."""
    quick = "--quick" in words
    wanted = [word.lower() for word in words if word != "--quick"]
    lines = [x for x in LINES if not wanted or any(w in x.software.lower() for w in wanted)]
    begun = time.monotonic()
    went = run_tests(lines, quick=quick)
    table = Table(title="Proof by software that nobody here wrote")
    for title in ("software", "version", "proves", "passed", "verdict"):
        table.add_column(title, overflow="fold")
    short = 0
    for line in lines:
        sums = sum((went.get(node, Counter({"not run": 1})) for node in line.tests), Counter())
        good = set(sums) == {"passed"}
        short += not good
        rest = ", ".join(f"{count} {what}" for what, count in sums.items() if what != "passed")
        verdict = "agrees" if good else f"[bold red]FALLS SHORT[/] {rest}"
        row = (line.software, version_of(line.found), line.proves, str(sums["passed"]))
        table.add_row(*map(escape, row), verdict)
    if not quick and not wanted:
        good, told = million()
        short += not good
        verdict = "agrees" if good else "[bold red]FALLS SHORT[/]"
        table.add_row("a million features", "", escape(told), "", verdict)
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    spent = time.monotonic() - begun
    console.print(f"{short} of {table.row_count} fall short ({spent:.0f} s)")
    return 1 if short or not table.row_count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
