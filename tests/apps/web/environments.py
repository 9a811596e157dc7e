"""Suites that cannot share our environment get one of their own beside it, made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

VENV = Path(__file__).resolve().parents[3] / ".venv"


def environment(name: str, *packages: str, beside: str = "") -> Path:
    """Return the folder of a virtual environment with the packages, in ``.venv/NAME``.

    ``beside`` is a package that is only laid beside it, in ``beside/``, for its files.
    """
    folder = VENV / name
    ready = folder / "ready"
    wanted = " ".join((*packages, beside))
    if ready.exists() and ready.read_text() == wanted:
        return folder
    uv = Path(sys.executable).with_name("uv")
    install = [uv, "pip", "install", "-q", "--python", folder / "bin" / "python"]
    steps: list[list[str | Path]] = [
        [uv, "venv", "-q", "--python", sys.executable, "--clear", folder],
        [*install, *packages],
    ]
    if beside:
        steps.append([*install, "--no-deps", "--target", folder / "beside", beside])
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"{name} cannot be installed without a package index: {done.stderr[-300:]}")
    ready.write_text(wanted)
    return folder
