"""Compiled functions that are kept on disk, and are never out of date there.

numba keeps what it compiled beside the function's file (``__pycache__``), else in the user's cache
folder, or where ``NUMBA_CACHE_DIR`` says; it compiles anew when *that file* changes. It does not
notice a change in another file whose functions or constants were compiled in. Here what is kept is
stamped with all files that its own imports, and those import in turn.

Limits:
    Files of ``hinomi.science`` only: nothing else is compiled in.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numba

_PACKAGE = __name__.rpartition(".")[0]
_ROOT = Path(__file__).parent


def njit(**options: Any) -> Callable[[Any], Any]:
    """Return ``numba.njit(cache=True, ...)`` that also heeds the files of what is called.

    Where nothing can be written (a read-only install without a cache folder) the function is
    compiled in each process instead.
    """

    def wrap(function: Any) -> Any:
        try:
            made = numba.njit(cache=True, **options)(function)
        except RuntimeError:  # numba: no locator available
            return numba.njit(**options)(function)
        made._cache._cache_file._source_stamp = stamp(inspect.getfile(function))
        return made

    return wrap


@cache
def stamp(file: str) -> str:
    """Return a digest of a module's file and of those that it imports, directly or not."""
    files, ahead = set[str](), [file]
    while ahead:
        name = ahead.pop()
        if name not in files:
            files.add(name)
            ahead += _imported(Path(name).read_bytes())
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(hashlib.sha256(Path(name).read_bytes()).digest())
    return whole.hexdigest()


def _imported(source: bytes) -> Iterator[str]:
    """Yield the files of the package's modules that a source imports from, when it is imported."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{_PACKAGE}."):
            inside = str(node.module).split(".")[len(_PACKAGE.split(".")) :]
            folder = _ROOT.joinpath(*inside)
            for path in (folder, *(folder / name.name for name in node.names)):
                file = path.with_suffix(".py")
                if file.is_file():
                    yield str(file)
