"""Lines of CODE, JCODE, AVS, ARV into numbers by first mesh, and back."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import DataError, Problem, Text

MESH_LON, MESH_LAT = 1 / 320, 1 / 480
"""[degree] 11.25 and 7.5 seconds of arc: 4分の1地域メッシュ (JIS X 0410)."""
SIDE = 320
"""Such meshes along each side of a first mesh (1次メッシュ), 1 degree by 40 minutes."""
COLUMNS = ("CODE", "JCODE", "AVS", "ARV")
SLOWEST_M_S, FASTEST_M_S = 30.0, 3_000.0
"""[m/s] AVS beyond it is no ground; J-SHIS's lie between some 90 and 700."""
_CODE = re.compile(r"\d{4}[0-7]{2}\d\d[1-4]{2}\Z")
_LINE = re.compile(rb"\s*\d{4}[0-7]{2}\d\d[1-4]{2}\s*,\s*\d{1,2}\s*,\s*\d+(?:\.\d*)?\s*,")
_MOST_LINES = 8_000_000
"""Japan has some 6 million."""
_MOST_PROBLEMS = 50


class Ground(NamedTuple):
    """What was read: for each first mesh its velocities, and what could not be read."""

    avs30_m_s: dict[str, NDArray[np.float32]]
    """[m/s, shape (320, 320)] by code of the first mesh; rows from the north, NaN: none stated."""
    problems: list[Problem]


def looks_like(data: bytes) -> bool:
    """Tell whether it is such a file: its comments, then its first line."""
    head = data[:65_536].removeprefix(b"\xef\xbb\xbf")
    for line in head.split(b"\n"):
        if not line.startswith(b"#") and line.strip() and not line.startswith(b"CODE,"):
            return _LINE.match(line) is not None
    return False


def decode(data: bytes) -> Ground:
    """Return the velocities; lines that cannot be read are told and left out.

    Raises:
        DataError: no line can be read, or there are too many.
    """
    found: dict[str, NDArray[np.float32]] = {}
    problems: list[Problem] = []
    for number, line in _lines(data):
        if number > _MOST_LINES:
            raise DataError([_problem("too-long", "/", f"over {_MOST_LINES} lines")])
        try:
            code, velocity = _row(line)
        except ValueError:
            if len(problems) < _MOST_PROBLEMS:
                problems.append(_problem("row", f"/line[{number}]", line[:80]))
            continue
        if velocity is None:
            continue
        grid = found.get(code[:4])
        if grid is None:
            grid = found[code[:4]] = np.full((SIDE, SIDE), np.nan, np.float32)
        up, right = _inside(code)
        grid[SIDE - 1 - up, right] = velocity
    if not found:
        raise DataError(problems or [_problem("empty", "/", "no mesh with AVS")])
    return Ground(found, problems)


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    text = data.decode("utf-8-sig", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith(("#", "CODE,")):
            yield number, line


def _row(line: str) -> tuple[str, float | None]:
    code, _, avs, *_ = (part.strip() for part in line.split(","))
    if _CODE.match(code) is None:
        raise ValueError(code)
    velocity = float(avs)
    if velocity <= 0:
        return code, None  # 0: water, where nothing is known.
    if not SLOWEST_M_S <= velocity <= FASTEST_M_S:
        raise ValueError(avs)
    return code, velocity


def _inside(code: str) -> tuple[int, int]:
    """Return a mesh's place in its first mesh: from the south, from the west."""
    q, v, r, w, half, quarter = (int(digit) for digit in code[4:])
    up = q * 40 + r * 4 + (half - 1) // 2 * 2 + (quarter - 1) // 2
    right = v * 40 + w * 4 + (half - 1) % 2 * 2 + (quarter - 1) % 2
    return up, right


def south_west(first: str) -> tuple[float, float]:
    """Return longitude and latitude [degree] of a first mesh's corner.

    Example:
        >>> [round(v, 4) for v in south_west("5339")]
        [139.0, 35.3333]
    """
    return 100.0 + int(first[2:]), int(first[:2]) / 1.5


def encode(grids: Mapping[str, NDArray[np.floating]], *, version: str = "4.0") -> bytes:
    """Return such a file of velocities by first mesh; JCODE and ARV follow from them.

    JCODE is 0 (not stated); ARV is Fujimoto & Midorikawa's (2006), from Vs 400 m/s to the surface.
    """
    lines = [f"# VER. = {version}", "# CODE,JCODE,AVS,ARV,AVS_EB,AVS_REF"]
    for first, grid in sorted(grids.items()):
        for row, column in np.argwhere(np.isfinite(grid)).tolist():
            avs = float(grid[row, column])
            arv = 10 ** (0.852 * (math.log10(400.0) - math.log10(avs)))
            code = first + _digits(SIDE - 1 - row, column)
            lines.append(f"{code},0,{avs:.1f},{arv:.2f},,1")
    return ("\n".join(lines) + "\n").encode()


def _digits(up: int, right: int) -> str:
    half = up // 2 % 2 * 2 + right // 2 % 2 + 1
    quarter = up % 2 * 2 + right % 2 + 1
    return f"{up // 40}{right // 40}{up // 4 % 10}{right // 4 % 10}{half}{quarter}"


_TEXTS = {
    "row": Text("表層地盤のメッシュとして読めません。", "Not a mesh of the surface ground."),
    "empty": Text("AVSのあるメッシュがありません。", "No mesh has an AVS."),
    "too-long": Text("行が多すぎます。", "There are too many lines."),
}


def _problem(code: str, path: str, found: str) -> Problem:
    return Problem(f"jshis-ground.{code}", path, _TEXTS[code], found=found[:160],
                   expected=",".join(COLUMNS) + " of a 250-m mesh")  # fmt: skip
