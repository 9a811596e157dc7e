"""EXIF: what is written is read again, and bytes of strangers never raise."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hinomi.kernel.errors import DataError
from hinomi.standards import exif
from hinomi.standards.exif import Exif
from tests.runtime.photos.heic import HEIC

TAKEN = datetime(2026, 5, 28, 3, 10, tzinfo=UTC)
HERE = Exif(taken_at=TAKEN, longitude=136.9012, latitude=37.3951, camera="Pixel 9", orientation=6)


def codes(found: Exif) -> set[str]:
    return {problem.code for problem in found.problems}


def picture(form: str, data: bytes | None = None, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    more = {"exif": b"Exif\x00\x00" + data} if data else {}
    Image.new("RGB", size, "teal").save(out, form, **more)
    return out.getvalue()


@given(
    minutes=st.integers(0, 50_000_000),
    longitude=st.floats(-180, 180),
    latitude=st.floats(-90, 90),
    stated=st.booleans(),
    orientation=st.integers(1, 8),
)
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_again(
    minutes: int, longitude: float, latitude: float, *, stated: bool, orientation: int
) -> None:
    given_ = Exif(
        taken_at=TAKEN - timedelta(days=13_000) + timedelta(minutes=minutes), zone_stated=stated,
        longitude=longitude, latitude=latitude, orientation=orientation, camera="カメラ",
        gps_at=TAKEN, direction_deg=271.5, accuracy_m=12.0,
    )  # fmt: skip
    found = exif.decode(exif.encode(given_))
    assert found.taken_at == given_.taken_at
    assert found.zone_stated == stated
    assert ("exif.zone-assumed" in codes(found)) is not stated
    assert found.gps_at == TAKEN
    assert (found.orientation, found.camera) == (orientation, "カメラ")
    assert (found.direction_deg, found.accuracy_m) == (271.5, 12.0)
    if abs(longitude) > 1e-6 or abs(latitude) > 1e-6:
        assert found.longitude == pytest.approx(longitude, abs=2e-7)
        assert found.latitude == pytest.approx(latitude, abs=2e-7)


@given(st.binary(max_size=400), st.data())
@settings(deadline=None, max_examples=120)
def test_any_bytes_are_read_without_an_error(noise: bytes, data: st.DataObject) -> None:
    whole = bytearray(exif.encode(HERE))
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    for bytes_ in (noise, b"II*\x00" + noise, b"MM\x00*" + noise, cut):
        exif.decode(bytes_)


@given(st.sampled_from(["JPEG", "PNG", "WEBP", "HEIC"]), st.data())
@settings(deadline=None, max_examples=80)
def test_a_broken_header_is_a_refusal_and_never_a_fault(form: str, data: st.DataObject) -> None:
    whole = bytearray(HEIC if form == "HEIC" else picture(form, exif.encode(HERE)))
    for _ in range(data.draw(st.integers(0, 8))):
        whole[data.draw(st.integers(0, min(len(whole), 300) - 1))] = data.draw(st.integers(0, 255))
    with suppress(DataError):
        found = exif.look(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
        assert found.width > 0


@pytest.mark.parametrize(
    ("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_a_picture_is_told_by_its_content_with_its_size_and_exif(
    form: str, media_type: str
) -> None:
    found = exif.look(picture(form, exif.encode(HERE)))
    assert (found.media_type, found.width, found.height) == (media_type, 40, 30)
    assert found.exif is not None
    assert exif.decode(found.exif).taken_at == TAKEN


def test_other_software_reads_what_is_written() -> None:
    with Image.open(io.BytesIO(picture("JPEG", exif.encode(HERE)))) as opened:
        tags = opened.getexif()
    assert tags[0x0112] == 6
    assert tags.get_ifd(0x8769)[0x9003] == "2026:05:28 12:10:00"
    degrees, minutes, seconds = tags.get_ifd(0x8825)[0x02]
    assert float(degrees + minutes / 60 + seconds / 3600) == pytest.approx(37.3951, abs=1e-6)


def test_a_heif_picture_is_told_by_its_boxes() -> None:
    sizes = b"".join(
        struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
        for width, height in ((512, 512), (4032, 3024))
    )
    data = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + sizes
    data += b"\x00\x00\x00\x06Exif\x00\x00" + exif.encode(HERE)
    found = exif.look(data)
    assert (found.media_type, found.width, found.height) == ("image/heic", 4032, 3024)
    assert found.exif is not None
    assert exif.decode(found.exif).longitude == pytest.approx(136.9012)


@pytest.mark.parametrize("data", [b"", b"GIF89a" + bytes(50), b"<svg/>", b"\xff\xd8\xff", b"PK"])
def test_what_is_no_photo_is_refused_in_both_languages(data: bytes) -> None:
    with pytest.raises(DataError) as caught:
        exif.look(data)
    (problem,) = caught.value.problems
    assert problem.text.ja
    assert problem.text.en
    assert problem.expected == "JPEG, PNG, WebP, HEIC"


def test_zero_zero_is_no_position() -> None:
    found = exif.decode(exif.encode(Exif(longitude=0.0, latitude=0.0)))
    assert (found.longitude, found.latitude) == (None, None)
    assert codes(found) == {"exif.null-island"}


def _gps(north: bytes, degrees: tuple[int, int], side: bytes = b"N") -> bytes:
    """A GPS directory with one latitude and longitude of degrees alone, written by hand."""
    entries = [
        struct.pack("<HHI4s", 1, 2, 2, side + b"\x00"),
        struct.pack("<HHII", 2, 5, 1, 200),
        struct.pack("<HHI4s", 3, 2, 2, north + b"\x00"),
        struct.pack("<HHII", 4, 5, 1, 208),
    ]
    head = b"II*\x00" + struct.pack("<IHHHIII", 8, 1, 0x8825, 4, 1, 30, 0)
    body = head.ljust(30, b"\x00") + struct.pack("<H", 4) + b"".join(entries)
    values = struct.pack("<II", degrees[0], 1) + struct.pack("<II", degrees[1], 1)
    return body.ljust(200, b"\x00") + values


def test_degrees_alone_are_read_and_impossible_ones_are_told() -> None:
    assert exif.decode(_gps(b"E", (37, 136))).latitude == 37
    for side, degrees in ((b"N", (95, 136)), (b"N", (37, 190)), (b"X", (37, 136))):
        found = exif.decode(_gps(b"E", degrees, side))
        assert found.latitude is None
        assert codes(found) == {"exif.no-position"}


def test_a_directory_that_leads_to_itself_is_read_once() -> None:
    looped = struct.pack("<IHHHII", 8, 1, 0x8769, 4, 1, 8)
    assert exif.decode(b"II*\x00" + looped + bytes(4)).taken_at is None


def test_a_time_that_is_none_is_told() -> None:
    data = exif.encode(HERE).replace(b"2026:05:28 12:10:00", b"2026:13:45 25:61:00")
    found = exif.decode(data)
    assert found.taken_at is None
    assert "exif.no-time" in codes(found)
    blank = exif.encode(HERE).replace(b"2026:05:28 12:10:00", b"0000:00:00 00:00:00")
    assert exif.decode(blank).taken_at is None


def test_a_stated_zone_goes_before_japans() -> None:
    data = exif.encode(Exif(taken_at=TAKEN, zone_stated=True)).replace(b"+09:00", b"+00:00")
    assert exif.decode(data).taken_at == TAKEN + timedelta(hours=9)
