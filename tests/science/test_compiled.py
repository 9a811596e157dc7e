"""Compiled functions on disk: found again, and never out of date."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from numba.core.caching import NullCache
from numba.core.dispatcher import Dispatcher

import hinomi.science
from hinomi.science import compiled

_LAWS = """
FACTOR = {factor}
def law(x):
    return FACTOR * x
"""
_KERNEL = """
import numba
from hinomi.science.compiled import njit
from floods.laws import FACTOR, law
_law = numba.njit(law, inline="always")
@njit(error_model="numpy")
def step(x):
    return _law(x) + 0 * FACTOR
"""


def _written(folder: Path, factor: float) -> Any:
    """Return the step, imported anew from two files of which one calls the other's function."""
    (folder / "laws.py").write_text(_LAWS.format(factor=factor))
    (folder / "kernel.py").write_text(_KERNEL)
    for name in ("floods", "floods.laws", "floods.kernel"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    compiled.stamp.cache_clear()
    return importlib.import_module("floods.kernel").step


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "floods"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(compiled, "_PACKAGE", "floods")
    monkeypatch.setattr(compiled, "_ROOT", folder)
    return folder


def test_what_was_compiled_is_found_again_until_a_called_file_changes(folder: Path) -> None:
    assert _written(folder, 2.0)(3.0) == 6.0
    again = _written(folder, 2.0)
    assert again(3.0) == 6.0
    assert sum(again.stats.cache_hits.values()) == 1
    changed = _written(folder, 5.5)
    assert changed(3.0) == 16.5
    assert not changed.stats.cache_hits


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    step = _written(folder, 2.0)
    assert isinstance(step._cache, NullCache)
    assert step(3.0) == 6.0


def _with_kernels() -> list[ModuleType]:
    root = Path(hinomi.science.__file__).parent
    files = [path for path in root.rglob("*.py") if "njit" in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(root).with_suffix("").parts) for path in files]
    return [importlib.import_module(f"hinomi.science.{name}") for name in sorted(names)]


def _foreign(module: ModuleType) -> set[str]:
    """Return the names that a module has from other modules of the package."""
    tree = ast.parse(Path(str(module.__file__)).read_bytes())
    return {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hinomi.science")
        for name in node.names
    }


def _named(function: Any, seen: set[str]) -> set[str]:
    """Return what a function names, and what those of its file that it calls do."""
    for name in set(function.__code__.co_names) - seen:
        seen.add(name)
        called = getattr(function.__globals__.get(name), "py_func", None)
        if called is not None and called.__module__ == function.__module__:
            _named(called, seen)
    return seen


def test_no_kept_function_can_be_out_of_date() -> None:
    checked = 0
    for module in _with_kernels():
        for name, value in vars(module).items():
            kept = getattr(value, "_cache", None)
            if not isinstance(value, Dispatcher) or isinstance(kept, NullCache):
                continue
            stamped = kept._cache_file._source_stamp == compiled.stamp(str(module.__file__))
            others = _named(value.py_func, set()) & _foreign(module)
            assert stamped or not others, f"{module.__name__}.{name}: use compiled.njit: {others}"
            checked += 1
    assert checked > 30
