"""The short form of ``make chaos``: faults on real processes, and nothing acknowledged is lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.__main__ import report
from chaos.faults import Outcome

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_whatever_is_killed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chaos"], cwd=ROOT, env={**os.environ, "CHAOS": "short"},
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "faults 8, lost 0"


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(fault="f", sent=2, acknowledged=2, found=2), 0),
        (Outcome(fault="f", sent=2, acknowledged=2, found=1, lost=1), 1),
        (Outcome(fault="f", failed=True), 1),
    ],
)
def test_it_ends_non_zero_when_something_is_lost_or_does_not_come_back(
    outcome: Outcome, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(iter([outcome])) == code
    assert capsys.readouterr().out.splitlines()[-1] == f"faults 1, lost {outcome.lost}"
