"""The command line in this process, with its output and exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hinomi.apps.cli import main
from hinomi.runtime.drill.play import steps


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Hinomi = Callable[..., Ran]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def hinomi(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Hinomi:
    """Run ``hinomi`` on an own data folder, in English."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    for name in [n for n in os.environ if n.startswith("HINOMI")]:
        monkeypatch.delenv(name)

    def run(*arguments: object) -> Ran:
        told = [str(a) for a in arguments]
        if "--data" not in told and told[0] not in {"--version", "--help"}:
            told += ["--data", str(data)]
        code = main(told)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


def drilled(name: str) -> bytes:
    """Return the first payload of that kind that the shipped drill sends, as a real one (通常)."""
    found = steps(datetime(2026, 6, 1, tzinfo=UTC), 60.0)
    step = next(s for s in found if s.name.startswith(name))
    return step.data.replace("<Status>訓練</Status>".encode(), "<Status>通常</Status>".encode())


@pytest.fixture(scope="session")
def warning() -> bytes:
    return drilled("VPWW55")


@pytest.fixture(scope="session")
def sites() -> bytes:
    return drilled("drill_sites")


@pytest.fixture(scope="session")
def gauges() -> bytes:
    return drilled("gauges")
