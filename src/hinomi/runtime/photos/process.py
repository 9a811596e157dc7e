"""The covering process: ``python -m hinomi.runtime.photos.process``, one picture, then it ends.

Pictures of strangers meet native decoders and networks only here: limits on time, memory, writing
and system calls hold it, its end gives everything back, and the hub never loads any of it.
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
from hinomi.runtime.photos.confining import confine
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


class NotReadError(ValueError):
    """A picture that is not decoded on this machine, and what its sender can do."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(ja, en)


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
        looking = _loaded(task)
        return Result(made=make(task, looking, heif=confine()))
    except NotReadError as error:
        return Result(failed=Failed(error.text))
    except Exception as error:  # noqa: BLE001 - decoders fail in every way
        # The words are about the picture; they hold none of it.
        name = type(error).__name__
        return Result(
            failed=Failed(Text(f"写真を読めません({name})", f"the picture cannot be read ({name})"))
        )


def make(task: Task, looking: tuple[Detector, ...] | None = None, *, heif: bool = False) -> Made:
    """Return the upright copy, the covered picture and its thumbnail.

    Args:
        task: the picture, and what to cover where a person said so.
        looking: the networks that look for what to cover where nobody did; None: those installed.
        heif: whether HEIF may be decoded: only by a process that is confined. Its decoders have had
            holes by which a picture took over the process (libheif before 1.23.3, GHSA-x8r2-mggj-
            j6wr), and the last wheel without an encoder under the GPL (pi-heif 1.4.0) holds 1.23.0.

    Raises:
        NotReadError: it is HEIF, which this machine does not decode.
        OSError: the picture is cut off or broken.
        ValueError: it is no picture, or too large.
    """
    whole = _open(task.data, heif=heif)
    picture = _fitted(whole, SIDE)
    width, height = picture.size
    found: tuple[Row, ...] = ()
    if task.boxes is None:
        looking = detectors() if looking is None else looking
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
        detectors=tuple(f"{d.network.kind}: {d.network.package}" for d in looking or ()),
    )


def _loaded(task: Task) -> tuple[Detector, ...]:
    """Load all that is needed from files, which a confined process cannot; return the networks."""
    from PIL import Image  # noqa: PLC0415

    _reads_heif()
    # A picture of one dot brings in what the libraries themselves put off until they work.
    for form in _FORMATS:
        out = io.BytesIO()
        Image.new("RGB", (1, 1)).save(out, form)
        make(Task(data=out.getvalue(), boxes=((0.0, 0.0, 1.0, 1.0),)))
    return detectors() if task.boxes is None else ()


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


def _open(data: bytes, *, heif: bool) -> Image.Image:
    """Return the picture upright, in red, green and blue, with nothing beside its pixels."""
    from PIL import Image, ImageOps  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    Image.init()
    formats: tuple[str, ...] = _FORMATS
    if data[4:8] == b"ftyp":
        if not (heif and _reads_heif()):
            raise NotReadError(
                "このサーバーではHEICを開けません。JPEGで送ってもらってください"
                "(iPhone: 設定 → カメラ → フォーマット → 互換性優先)",
                "HEIC cannot be opened on this server; ask for JPEG"
                " (iPhone: Settings, Camera, Formats, Most Compatible)",
            )
        formats = ("HEIF",)
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
