"""``python -m benchmarks.photos.recall [FACES.json]``: how many faces and plates are covered.

FACES.json lists portraits with the face that is in each: ``[{"path": …, "face": [l, t, r, b]}]``.
A face or plate counts as covered if its box is, to nine tenths.
"""

from __future__ import annotations

import argparse
import io
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.photos.scenes import SIZE, Edges, with_face, with_plate
from hinomi.runtime.photos.networks import Detector, detectors

PLATE_WIDTHS = (192, 96, 64, 48, 128, 288, 32)
FACE_WIDTHS = (24, 48, 16, 96, 32, 12, 192)
COVERED = 0.9


class Score(NamedTuple):
    """What a set of scenes gave."""

    recall: float
    false: float
    """Boxes a scene that cover nothing that was sought."""
    area: float
    """Share of the picture that they cover."""


def score(scenes: list[tuple[Image.Image, Edges]], kind: str) -> Score:
    """Return how many of the scenes' things are covered, and how much else is."""
    detector = next(d for d in _loaded() if d.network.kind == kind)
    hits, false, area = 0, 0, 0.0
    for picture, edges in scenes:
        pictures = {s: _scaled(_sent(picture), s) for s in detector.network.scales}
        mask = np.zeros((SIZE[1], SIZE[0]), bool)
        for left, top, right, bottom, _ in detector.find(pictures, *SIZE):
            mask[int(top) : round(bottom), int(left) : round(right)] = True
            false += not _touch((left, top, right, bottom), edges)
        west, north, east, south = (round(v) for v in edges)
        wanted = mask[max(north, 0) : south, max(west, 0) : east]
        hits += bool(wanted.mean() >= COVERED)
        wanted[:] = False
        area += float(mask.mean())
    return Score(hits / len(scenes), false / len(scenes), area / len(scenes))


@cache
def _loaded() -> tuple[Detector, ...]:
    return detectors()


def _sent(picture: Image.Image) -> Image.Image:
    """Return the picture as it comes from a telephone: through JPEG."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return Image.open(out).convert("RGB")


def _scaled(picture: Image.Image, scale: float) -> NDArray[np.uint8]:
    size = (round(picture.width * scale), round(picture.height * scale))
    return np.asarray(picture.resize(size, Image.Resampling.BILINEAR))


def plates(width_px: float, count: int, seed: int = 1) -> Score:
    """Return the score for rendered plates of a width [px] in the published picture."""
    chance = np.random.default_rng([seed, int(width_px)])
    return score([with_plate(chance, width_px) for _ in range(count)], "plate")


def faces(
    portraits: list[tuple[Image.Image, Edges]], width_px: float, count: int, *, masked: bool
) -> Score:
    """Return the score for portraits pasted in at a face's width [px]."""
    chance = np.random.default_rng([2, int(width_px), masked])
    scenes = [
        with_face(chance, *portraits[n % len(portraits)], width_px, masked=masked)
        for n in range(count)
    ]
    return score(scenes, "face")


def _touch(one: Edges, other: Edges) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]


def main() -> None:
    """Print the rows that are asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("faces", nargs="?", type=Path, help="FACES.json; without it: plates")
    asked.add_argument("--count", type=int, default=24, help="scenes a row")
    given = asked.parse_args()
    print("| what | width px | covered | false boxes a picture | other area covered |")
    if given.faces is None:
        for width in PLATE_WIDTHS:
            print_row("plate", width, plates(width, given.count))
        return
    listed = json.loads(given.faces.read_text(encoding="utf-8"))
    portraits = [(Image.open(one["path"]).convert("RGB"), tuple(one["face"])) for one in listed]
    for width in FACE_WIDTHS:
        for masked in (False, True):
            found = faces(portraits, width, given.count, masked=masked)
            print_row("masked face" if masked else "face", width, found)


def print_row(what: str, width: float, found: Score) -> None:
    """Print one row."""
    print(f"| {what} | {width} | {found.recall:.0%} | {found.false:.1f} | {found.area:.1%} |",
          flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
