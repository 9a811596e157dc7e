"""The covering process: ``python -m hinomi.runtime.photos.process``, one picture, then it ends.

Pictures of strangers meet native decoders and networks only here: limits on time, memory and
writing hold it, its end gives everything back, and the hub never loads any of it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import Text
from hinomi.runtime.photos.messages import Failed, Made, Result, Row, Task
from hinomi.runtime.photos.networks import SIDE, Detector, detectors
from hinomi.science.redaction import cover

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 64_000_000
"""The largest picture that is decoded; telephones make up to 50 million."""
THUMBNAIL = 320
QUALITY = 85
CPU_S = 90
MEMORY = 6 << 30
"""Address space [bytes]; the networks take about a fifth."""
_FORMATS = ("JPEG", "PNG", "WEBP")


def main() -> None:
    """Cover the picture on the standard input, and write the result to the standard output."""
    _limit()
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_answer(task)))
    sys.stdout.buffer.flush()
    # Native libraries have nothing to tidy up here, and some fail at it.
    os._exit(0)


def _answer(task: Task) -> Result:
    try:
        return Result(made=make(task))
    except Exception as error:  # noqa: BLE001 - decoders fail in every way
        # The words are about the picture; they hold none of it.
        name = type(error).__name__
        return Result(
            failed=Failed(Text(f"写真を読めません({name})", f"the picture cannot be read ({name})"))
        )


def make(task: Task) -> Made:
    """Return the upright copy, the covered picture and its thumbnail.

    Raises:
        OSError: the picture is cut off or broken.
        ValueError: it is no picture, or too large.
    """
    whole = _open(task.data)
    picture = _fitted(whole, SIDE)
    width, height = picture.size
    found: tuple[Row, ...] = ()
    looking: tuple[Detector, ...] = ()
    if task.boxes is None:
        looking = detectors()
        found = tuple(_look(looking, whole, picture))
        shares = [row[:4] for row in found]
    else:
        shares = list(task.boxes)
    edges = np.array(shares, float).reshape(-1, 4) * np.array([width, height] * 2)
    covered = _picture(cover(np.asarray(picture), np.pad(edges, ((0, 0), (0, 1)))))
    return Made(
        width=width,
        height=height,
        # Where nothing is covered the two show the same, and are two blobs still: the working copy
        # is erased after the decision, the published one is not.
        working=_jpeg(picture, QUALITY + 1),
        covered=_jpeg(covered),
        thumbnail=_jpeg(_fitted(covered, THUMBNAIL)),
        found=found,
        detectors=tuple(f"{d.network.kind}: {d.network.package}" for d in looking),
    )


def _look(looking: Iterable[Detector], whole: Image.Image, picture: Image.Image) -> Iterable[Row]:
    width, height = picture.size
    for detector in looking:
        network = detector.network
        pictures = {s: _scaled(whole, picture, s) for s in network.scales}
        for left, top, right, bottom, score in detector.find(pictures, width, height):
            shares = (left / width, top / height, right / width, bottom / height)
            west, north, east, south = (round(float(share), 5) for share in shares)
            yield west, north, east, south, network.kind, round(float(score), 3)


def _scaled(whole: Image.Image, picture: Image.Image, scale: float) -> NDArray[np.uint8]:
    """Return the picture at a scale; what is larger than the published one from the original."""
    from PIL import Image  # noqa: PLC0415

    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    source = whole if scale > 1 else picture
    return np.asarray(source.resize(size, Image.Resampling.BILINEAR))


def _open(data: bytes) -> Image.Image:
    """Return the picture upright, in red, green and blue, with nothing beside its pixels."""
    from PIL import Image, ImageOps  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    Image.init()
    formats = (*_FORMATS, "HEIF") if _reads_heif() else _FORMATS
    with Image.open(io.BytesIO(data), formats=formats) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError("too large")
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))
        upright = ImageOps.exif_transpose(opened)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        ground = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(ground, upright.convert("RGBA"))
    if upright.mode.startswith("I;16"):
        upright = _picture(np.repeat((np.asarray(upright) >> 8)[..., None], 3, axis=2))
    return upright.convert("RGB")


def _reads_heif() -> bool:
    """Teach Pillow to read HEIF where its reader is installed."""
    try:
        from pi_heif import register_heif_opener  # noqa: PLC0415
    except ImportError:
        return False
    register_heif_opener()
    return True


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    from PIL import Image  # noqa: PLC0415

    share = side / max(picture.size)
    if share >= 1:
        return picture
    size = (max(round(picture.width * share), 1), max(round(picture.height * share), 1))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _picture(pixels: NDArray[Any]) -> Image.Image:
    from PIL import Image  # noqa: PLC0415

    return Image.fromarray(pixels.astype(np.uint8))


def _jpeg(picture: Image.Image, quality: int = QUALITY) -> bytes:
    """Return the pixels as JPEG: a fresh picture, so that no metadata can come along."""
    out = io.BytesIO()
    _picture(np.asarray(picture)).save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _limit() -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415

    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
