"""Made scenes: rendered Japanese number plates on crude vehicles, portraits pasted in.

A plate is 自動車登録番号標's 中板, 330 × 165 mm, two lines (place and class above, kana and serial
below), in four colour pairs (private and commercial, ordinary and light).
The stroke widths are a Gothic typeface's, not the plates' own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pylopdf_fonts_jp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (1600, 1200)
"""As large as what is published [px]."""
_PAIRS = (
    ((245, 245, 245), (0, 100, 60)),
    ((0, 100, 60), (245, 245, 245)),
    ((250, 205, 40), (20, 20, 20)),
    ((20, 20, 20), (250, 205, 40)),
)
_PLACES = ("富山", "石川", "熊本", "品川", "足立", "なにわ", "福岡", "仙台", "金沢", "宮崎")
_KANA = "さすせそたちつてとなにぬねの"
_WIDE = 660
"""Width at which a plate is rendered [px]: a pixel is half a millimetre."""

Edges = tuple[float, float, float, float]


def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pylopdf_fonts_jp.sans_path()), int(size))


def plate(chance: np.random.Generator) -> Image.Image:
    """Return a plate, face on."""
    wide, high = _WIDE, _WIDE // 2
    ground, ink = _PAIRS[chance.integers(4)]
    picture = Image.new("RGB", (wide, high), ground)
    pen = ImageDraw.Draw(picture)

    def write(x: float, y: float, size: float, text: str) -> None:
        pen.text(
            (wide * x, high * y), text, fill=ink, font=_font(wide * size), anchor="mm",
            stroke_width=max(int(wide * size * 0.04), 1),
        )  # fmt: skip

    place = _PLACES[chance.integers(len(_PLACES))]
    write(0.5, 0.2, 0.16, f"{place} {chance.integers(300, 600)}")
    write(0.1, 0.66, 0.12, _KANA[chance.integers(len(_KANA))])
    write(0.58, 0.64, 0.28, f"{chance.integers(10, 100)}-{chance.integers(10, 100)}")
    pen.rounded_rectangle((3, 3, wide - 4, high - 4), 20, outline=ink, width=3)
    return picture


def ground(chance: np.random.Generator) -> Image.Image:
    """Return a sky, a street and some boxes: nothing to be found in it."""
    wide, high = SIZE
    top, bottom = chance.uniform(90, 230, 3), chance.uniform(40, 160, 3)
    slope = np.linspace(0, 1, high)[:, None, None]
    coarse = (chance.random((high // 16, wide // 16)) * 255).astype(np.uint8)
    rough = np.asarray(Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC), float)
    pixels = top + (bottom - top) * slope + (rough[..., None] - 128) * chance.uniform(0.05, 0.3)
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.integers(3, 9)):
        x, y = chance.integers(wide), chance.integers(high * 2 // 3)
        w, h = chance.integers(20, 300), chance.integers(40, 400)
        pen.rectangle((x, y, x + w, y + h), fill=_colour(chance))
    return picture


def _colour(chance: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in chance.integers(30, 220, 3))
    return red, green, blue


def with_plate(chance: np.random.Generator, width_px: float) -> tuple[Image.Image, Edges]:
    """Return a scene with a vehicle, and where its plate is [px]."""
    picture = ground(chance)
    wide, high = SIZE
    pen = ImageDraw.Draw(picture)
    body = width_px / 0.33 * 1.65  # A car is 1.65 m wide and its plate 0.33 m.
    tall = body * 0.8
    x = chance.uniform(0.3, 0.7) * wide
    top = chance.uniform(0.55, 0.75) * high - tall * 0.75
    left = x - body / 2
    paint = _colour(chance)
    pen.rounded_rectangle((left, top + tall * 0.4, left + body, top + tall), body * 0.06, paint)
    pen.polygon(
        [
            (left + body * f, top + tall * g)
            for f, g in ((0.1, 0.42), (0.2, 0), (0.8, 0), (0.9, 0.42))
        ],
        fill=paint,
    )
    pen.polygon(
        [(left + body * f, top + tall * g)
         for f, g in ((0.16, 0.38), (0.24, 0.06), (0.76, 0.06), (0.84, 0.38))],
        fill=(40, 50, 60),
    )  # fmt: skip
    lamp = (230, 230, 240) if chance.random() < 0.5 else (180, 20, 20)
    for side in (0.03, 0.8):
        box = (left + body * side, top + tall * 0.5, left + body * (side + 0.17), top + tall * 0.62)
        pen.rounded_rectangle(box, body * 0.02, fill=lamp)
    pen.rectangle((left, top + tall * 0.88, left + body, top + tall), fill=(30, 30, 30))
    middle = (x + chance.uniform(-0.1, 0.1) * body, top + tall * 0.76)
    return _worn(chance, *_hung(chance, picture, middle, width_px))


def _hung(
    chance: np.random.Generator, picture: Image.Image, middle: tuple[float, float], width: float
) -> tuple[Image.Image, Edges]:
    """Return the picture with a plate seen from the side, turned and in perspective."""
    turn = np.deg2rad(chance.uniform(-8, 8))
    yaw, lean = chance.uniform(0.65, 1), chance.uniform(-0.12, 0.12)
    corners = []
    for across, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x, y = across * width / 2 * yaw, down * width / 4 * (1 + across * lean)
        corners.append((middle[0] + x * np.cos(turn) - y * np.sin(turn),
                        middle[1] + x * np.sin(turn) + y * np.cos(turn)))  # fmt: skip
    face = plate(chance)
    shape = _perspective(corners, [(0, 0), (_WIDE, 0), (_WIDE, _WIDE // 2), (0, _WIDE // 2)])
    soft = face.filter(ImageFilter.BoxBlur(max(0.0, (_WIDE / width - 1) / 2)))
    kind, smooth = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    laid = soft.transform(picture.size, kind, shape, smooth)
    mask = Image.new("L", face.size, 255).transform(picture.size, kind, shape, smooth)
    picture.paste(laid, (0, 0), mask)
    xs, ys = zip(*corners, strict=True)
    return picture, (min(xs), min(ys), max(xs), max(ys))


def _perspective(to: Any, of: Any) -> tuple[float, ...]:
    rows, values = [], []
    for (x, y), (u, v) in zip(to, of, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return tuple(np.linalg.solve(np.array(rows, float), np.array(values, float)))


def with_face(
    chance: np.random.Generator,
    portrait: Image.Image,
    face: Edges,
    width_px: float,
    *,
    masked: bool,
) -> tuple[Image.Image, Edges]:
    """Return a scene with a person in it whose face is so wide, and where the face is [px].

    Args:
        chance: what varies: place, tilt, mirror, light, noise, blur.
        portrait: somebody's picture.
        face: where their face is in it [px].
        width_px: how wide it shall be [px].
        masked: whether the face's lower half is behind a white mask.
    """
    person = portrait.copy()
    left, top, right, bottom = face
    if masked:
        box = (left, top + (bottom - top) * 0.55, right, bottom)
        ImageDraw.Draw(person).rounded_rectangle(box, (right - left) * 0.15, fill=(238, 240, 245))
    share = width_px / (right - left)
    size = (max(round(person.width * share), 1), max(round(person.height * share), 1))
    person = person.resize(size, Image.Resampling.LANCZOS)
    edges = np.array(face) * share
    if chance.random() < 0.5:
        person = person.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        edges = np.array([size[0] - edges[2], edges[1], size[0] - edges[0], edges[3]])
    angle = chance.uniform(-15, 15)
    middle = ((edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2)
    person = person.rotate(
        angle, Image.Resampling.BICUBIC, center=middle, fillcolor=(120, 120, 120)
    )
    picture = ground(chance)
    x = chance.uniform(0.15, 0.85) * SIZE[0] - middle[0]
    y = chance.uniform(0.3, 0.6) * SIZE[1] - middle[1]
    picture.paste(person, (round(x), round(y)))
    shifted = edges + np.array([round(x), round(y)] * 2)
    w, n, e, s = (float(v) for v in shifted)
    return _worn(chance, picture, (w, n, e, s))


def _worn(
    chance: np.random.Generator, picture: Image.Image, edges: Edges
) -> tuple[Image.Image, Edges]:
    """Return the picture darker or lighter, with noise and out of focus."""
    pixels: NDArray[np.float64] = np.asarray(picture, float) * chance.uniform(0.45, 1.1)
    pixels += chance.normal(0, chance.uniform(0, 9), pixels.shape)
    worn = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return worn.filter(ImageFilter.GaussianBlur(chance.uniform(0, 1))), edges
