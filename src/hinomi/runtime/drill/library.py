"""Where scenarios are: the shipped ones by name, a town's own by their files."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

from hinomi.kernel.errors import DataError, MissingError, Text
from hinomi.runtime.drill.names import FIRST, SHIPPED
from hinomi.runtime.drill.reading import read
from hinomi.runtime.drill.scenario import Scenario

__all__ = ["FIRST", "SHIPPED", "data_of", "is_file", "load"]


def is_file(name: str) -> bool:
    """Tell whether a drill is named by its file: shipped ones have no ending and no folder."""
    return name not in SHIPPED and (Path(name).suffix != "" or Path(name).name != name)


def data_of(name: str) -> bytes:
    """Return the bytes of a shipped drill or of a file.

    Raises:
        MissingError: there is neither.
    """
    if name in SHIPPED:
        return (files("hinomi.runtime.drill") / f"{name}.csv").read_bytes()
    path = Path(name)
    if not path.is_file():
        what = Text("シナリオのファイル", "scenario file") if is_file(name) else _DRILL
        raise MissingError(what, name, SHIPPED)
    return path.read_bytes()


def load(name: str, on: date) -> Scenario:
    """Return a shipped drill or a file's scenario.

    Raises:
        MissingError: there is neither.
        DataError: the file has faults; all of them, by line.
    """
    # Players see what it is called, and need not see where it lies.
    scenario, problems = read(data_of(name), Path(name).name, on)
    faults = [p for p in problems if p.grade == "error"]
    if scenario is None:
        raise DataError([p.within(name) for p in faults or problems])
    return scenario


_DRILL = Text("訓練", "drill")
