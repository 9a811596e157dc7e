"""Archives, read member by member in memory: .zip, .tar, and .gz .bz2 .xz .zst around either.

An archive comes from outside: names that climb (``..``), absolute ones, links and devices are
refused, and sizes, ratio, number and depth are bounded, so that a bomb costs neither the memory nor
the disk. The good members go on.
"""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.runtime.unpacking import CHUNK, BombError, Limits, Spent, Unpacking
from hinomi.vocabulary.times import JST

HEAD = 512
"""Bytes that tell an archive's kind."""
_NO_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The least that zip can say: what archives without times carry."""
_MAGIC = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gz",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zst",
}
_SUFFIXES = (".gz", ".bz2", ".xz", ".zst")


class Member(msgspec.Struct, frozen=True):
    """One file of an archive: its path inside (``a.zip!/b.xml`` when nested)."""

    name: str
    path: str
    data: bytes
    modified: datetime | None


class Refusal(msgspec.Struct, frozen=True):
    """Something that was not read: its name, its place and why."""

    name: str
    path: str
    problem: Problem


Found: TypeAlias = Member | Refusal


def kind_of(head: bytes) -> str | None:
    """Return ``zip | tar | gz | bz2 | xz | zst`` by the first bytes, or None for no archive."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return "tar" if head[257:262] == b"ustar" else None


def too_large(name: str, path: str, limit: int) -> Refusal:
    """Return the refusal of a file or member above the limit [B]."""
    return _refuse(
        name,
        path,
        "too-large",
        Text("大きすぎます。", "is too large."),
        expected=f"<= {limit >> 20} MiB",
    )


def members(path: Path, kind: str, name: str, limits: Limits) -> Iterator[Found]:
    """Yield the members of an archive file of that kind, nested archives opened."""
    with path.open("rb") as file:
        yield from _guarded(file, kind, name, Spent(limits), path.stat().st_size)


def _guarded(file: IO[bytes], kind: str, name: str, spent: Spent, packed: int) -> Iterator[Found]:
    if spent.depth > spent.limits.depth:
        yield _refuse(
            name,
            "",
            "nested-too-deep",
            Text("アーカイブの入れ子が深すぎます。", "is an archive nested too deep."),
            expected=f"<= {spent.limits.depth}",
        )
        return
    try:
        if kind == "zip":
            yield from _zip(file, spent, packed)
        else:
            yield from _stream(file, kind, name, spent)
    except BombError as bomb:
        yield _refuse(name, "", "archive-bomb", bomb.text, expected=bomb.expected)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        lzma.LZMAError,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
    ) as error:
        yield _refuse(
            name,
            "",
            "broken-archive",
            Text("アーカイブが壊れています。", "is broken or cut off."),
            found=str(error)[:200],
            expected=f"a whole {kind} archive",
        )


def _zip(file: IO[bytes], spent: Spent, packed: int) -> Iterator[Found]:
    most = spent.limits.member_bytes
    try:
        # Japanese tools write names in CP932 without saying so; those that say UTF-8 are honoured.
        archive = zipfile.ZipFile(file, metadata_encoding="cp932")
    except UnicodeDecodeError:
        archive = zipfile.ZipFile(file)
    with archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            spent.member()
            name = info.filename
            refused = _refuse_name(name, link=(info.external_attr >> 28) == 0o12)
            if refused is None and info.flag_bits & 0x1:
                refused = _refuse(
                    name, name, "encrypted", Text("暗号化されています。", "is encrypted.")
                )
            if refused is None and info.file_size > most:
                refused = too_large(name, name, most)
            if refused is not None:
                yield refused
                continue
            spent.add(info.file_size, packed)
            try:
                data = archive.read(info)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                yield _broken(name, str(error))
                continue
            modified = _zip_time(info)
            yield from _open_member(name, data, modified, spent)


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """Return the member's time; zip has no zones, and Japanese senders write theirs."""
    if info.date_time == _NO_ZIP_TIME:
        return None
    try:
        return datetime(*info.date_time, tzinfo=JST)
    except ValueError:
        return None


def _stream(file: IO[bytes], kind: str, name: str, spent: Spent) -> Iterator[Found]:
    most = spent.limits.member_bytes
    unpacked = io.BufferedReader(Unpacking(file, kind, spent), CHUNK)
    if kind_of(unpacked.peek(HEAD)[:HEAD]) == "tar":
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            yield from _tar(archive, spent)
        return
    inner = _without_suffix(name)
    data = unpacked.read(most + 1)
    if len(data) > most:
        yield too_large(inner, inner, most)
        return
    yield from _open_member(inner, data, None, spent)


def _tar(archive: tarfile.TarFile, spent: Spent) -> Iterator[Found]:
    most = spent.limits.member_bytes
    for info in archive:
        # A streamed TarFile keeps every header it has seen; a long one would fill the memory.
        archive.members = []  # type: ignore[attr-defined]
        if info.isdir():
            continue
        spent.member()
        name = info.name
        refused = _refuse_name(name, link=not info.isreg() or info.issparse())
        if refused is None and info.size > most:
            refused = too_large(name, name, most)
        if refused is not None:
            yield refused
            continue
        stream = archive.extractfile(info)
        data = stream.read() if stream else b""
        if len(data) != info.size:
            raise EOFError(f"{name}: {len(data)} of {info.size} bytes")
        yield from _open_member(name, data, _tar_time(info), spent)


def _tar_time(info: tarfile.TarInfo) -> datetime | None:
    """Return the member's time; 0 is what archives without times say, and no date."""
    try:
        return datetime.fromtimestamp(info.mtime, UTC) if info.mtime > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _open_member(
    name: str, data: bytes, modified: datetime | None, spent: Spent
) -> Iterator[Found]:
    kind = kind_of(data[:HEAD])
    if kind is None:
        yield Member(PurePosixPath(name).name, name, data, modified)
        return
    within = Spent(spent.limits, spent)
    for inner in _guarded(io.BytesIO(data), kind, name, within, len(data)):
        path = f"{name}!/{inner.path}" if inner.path else name
        if isinstance(inner, Refusal):
            yield Refusal(inner.name, path, inner.problem.within(f"!/{name}"))
        else:
            yield Member(inner.name, path, inner.data, inner.modified or modified)


def _refuse_name(name: str, *, link: bool) -> Refusal | None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if link:
        return _refuse(
            name,
            name,
            "not-a-file",
            Text("通常のファイルではありません。", "is a link or a device, not a file."),
        )
    if parts.is_absolute() or ".." in parts.parts or "\x00" in name or name[1:2] == ":":
        return _refuse(
            name,
            name,
            "unsafe-name",
            Text("フォルダの外を指す名前です。", "has a name that points outside the archive."),
            expected="a relative name without ..",
        )
    return None


def _broken(name: str, found: str) -> Refusal:
    return _refuse(
        name,
        name,
        "broken-member",
        Text("壊れています。", "is broken."),
        found=found[:200],
        expected="bytes that fit their checksum",
    )


def _refuse(
    name: str, path: str, code: str, text: Text, *, found: str = "", expected: str = ""
) -> Refusal:
    place = f"!/{path}" if path else ""
    return Refusal(
        name, path, Problem(f"intake.{code}", place, text, found=found, expected=expected)
    )


def _without_suffix(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
