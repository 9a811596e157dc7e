"""Archives from outside: the good members go on, attacks are told and cost nothing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from hinomi.kernel.ports import Payload
from hinomi.runtime import files
from hinomi.runtime.archives import Refusal
from hinomi.runtime.unpacking import Limits

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def opened(path: Path, limits: Limits | None = None) -> tuple[dict[str, bytes], list[str]]:
    """Return name in the archive -> bytes, and the codes of what was refused."""
    items = list(files.payloads(path, taken=lambda _: False, now=NOW, limits=limits))
    prefix = f"{path.resolve()}!/"
    good = {i.address.removeprefix(prefix): i.data for i in items if isinstance(i, Payload)}
    return good, [i.problem.code for i in items if isinstance(i, Refusal)]


def tar_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_tar_of_every_packing_gives_its_members(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.tar{suffix}"
    big = bytes(range(256)) * 5000
    path.write_bytes(PACKERS[suffix](tar_of({"x/a.xml": b"<a/>", "b.bin": big})))
    assert opened(path) == ({"x/a.xml": b"<a/>", "b.bin": big}, [])


@pytest.mark.parametrize("suffix", [s for s in PACKERS if s])
def test_a_packed_single_file_is_unpacked_under_its_own_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.csv{suffix}"
    path.write_bytes(PACKERS[suffix](b"one,two\n" * 100_000))
    assert opened(path) == ({"a.csv": b"one,two\n" * 100_000}, [])


def test_archives_in_archives_are_opened_and_named_by_their_path(tmp_path: Path) -> None:
    path = tmp_path / "outer.zip"
    path.write_bytes(zip_of({"in.tar.gz": gzip.compress(tar_of({"a.txt": b"deep"}))}))
    assert opened(path) == ({"in.tar.gz!/a.txt": b"deep"}, [])


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", "a/../../b", "C:\\x.txt"])
@pytest.mark.parametrize("pack", [tar_of, zip_of], ids=["tar", "zip"])
def test_a_name_that_climbs_is_refused_and_the_rest_goes_on(
    tmp_path: Path, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(pack({name: b"evil", "good.txt": b"good"}))
    assert opened(path) == ({"good.txt": b"good"}, ["intake.unsafe-name"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.bin"]


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (("l", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert opened(path) == ({}, ["intake.not-a-file"] * 3)


@pytest.mark.parametrize("suffix", [s for s in PACKERS if s])
def test_a_packed_bomb_is_stopped_early(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bomb{suffix}"
    path.write_bytes(PACKERS[suffix](bytes(50_000_000)))
    limits = Limits(free_bytes=1_000_000, ratio=100)
    assert opened(path, limits) == ({}, ["intake.archive-bomb"])


def test_a_zip_bomb_is_stopped_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(zip_of({f"{n}": bytes(10_000_000) for n in range(5)}))
    good, codes = opened(path, Limits(free_bytes=15_000_000, ratio=100))
    assert (len(good), codes) == (1, ["intake.archive-bomb"])


def test_a_member_that_is_too_large_is_refused_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({"big": bytes(2000), "small": b"s"}))
    good, codes = opened(path, Limits(member_bytes=1000))
    assert (good, codes) == ({"small": b"s"}, ["intake.too-large"])


def test_archives_nested_too_deep_are_refused(tmp_path: Path) -> None:
    data = b"core"
    for level in range(6):
        data = zip_of({f"{level}.zip" if level else "core.txt": data})
    path = tmp_path / "deep.zip"
    path.write_bytes(data)
    assert opened(path) == ({}, ["intake.nested-too-deep"])


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_cut_off_archive_gives_what_came_and_says_so(tmp_path: Path, suffix: str) -> None:
    noise = bytes((i * 7919 + i // 3) % 251 for i in range(100_000))
    whole = PACKERS[suffix](tar_of({"a.txt": b"first", "b.bin": noise}))
    path = tmp_path / "cut.tar"
    path.write_bytes(whole[: len(whole) // 2])
    good, codes = opened(path)
    assert codes == ["intake.broken-archive"]
    assert set(good) <= {"a.txt"}


def test_a_broken_member_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.txt": b"A" * 500, "b.txt": b"B" * 500}))
    at = data.index(b"a.txt") + len("a.txt")
    data[at] ^= 0xFF
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    good, codes = opened(path)
    assert (set(good), codes) == ({"b.txt"}, ["intake.broken-member"])


def test_japanese_names_in_a_zip_that_says_no_encoding_are_read(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("X" * 10)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"ok")
    name = "避難所.csv".encode("cp932")
    path.write_bytes(path.read_bytes().replace(b"X" * 10, name))
    assert list(opened(path)[0]) == ["避難所.csv"]


def test_a_zip_that_is_a_format_of_its_own_is_left_whole(tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    path.write_bytes(zip_of({"meta.json": b"{}"}))
    items = list(files.payloads(path, taken=lambda p: p.name == "package.zip", now=NOW))
    assert [i.name for i in items if isinstance(i, Payload)] == ["package.zip"]


def test_a_member_from_the_future_is_taken_now(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("a")
        info.mtime = 253_402_000_000
        archive.addfile(info, io.BytesIO(b""))
    items = list(files.payloads(path, taken=lambda _: False, now=NOW))
    assert [i.taken_at for i in items if isinstance(i, Payload)] == [NOW]


@pytest.mark.parametrize("when", [0, 10**15])
def test_a_member_without_a_possible_time_takes_the_archives(tmp_path: Path, when: int) -> None:
    info = tarfile.TarInfo("a.txt")
    info.mtime = when
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(info)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr(zipfile.ZipInfo("b.txt"), b"")  # 1980, as archives without times say.
    for name in ("a.tar", "b.zip"):
        path = tmp_path / name
        os.utime(path, (NOW.timestamp(), NOW.timestamp() - 60))
        (item,) = files.payloads(path, taken=lambda _: False, now=NOW)
        assert isinstance(item, Payload)
        assert item.taken_at == NOW - timedelta(minutes=1)
