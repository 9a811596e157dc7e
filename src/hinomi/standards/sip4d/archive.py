"""The zip around a package: opened with its cost and its names checked before anything is read."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO

import msgspec

from hinomi.kernel.errors import DataError
from hinomi.standards.sip4d.codes import Findings

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one package may cost."""

    members: int = 2_000
    document_bytes: int = 32 * 1024 * 1024
    """[B] Metadata, columns, style or an icon, each read whole."""
    total_bytes: int = 8 * 1024 * 1024 * 1024
    """[B] All members together; layers are streamed."""
    free_bytes: int = 64 * 1024 * 1024
    """[B] Below this the ratio does not matter."""
    ratio: int = 400
    """Unpacked : packed; regular grids of polygons reach about 35."""


class Archive:
    """The members of a package by name."""

    def __init__(self, file: IO[bytes], findings: Findings, limits: Limits | None = None) -> None:
        """Open the zip.

        Raises:
            DataError: it is no zip, or a bomb.
        """
        self.limits = limits or Limits()
        self._members: dict[str, zipfile.ZipInfo] = {}
        try:
            self._zip = _opened(file)
        except (*BROKEN, UnicodeDecodeError) as error:
            findings.add("not-a-package", "", found=str(error), expected="a zip file")
            raise DataError(findings.problems) from None
        self._check_cost(file, findings)
        for info in self._zip.infolist():
            self._admit(info, findings)

    def _check_cost(self, file: IO[bytes], findings: Findings) -> None:
        infos = self._zip.infolist()
        total = sum(info.file_size for info in infos)
        packed = file.seek(0, io.SEEK_END)
        limits = self.limits
        allowed = min(limits.total_bytes, max(limits.free_bytes, limits.ratio * max(packed, 1)))
        if len(infos) > limits.members or total > allowed:
            findings.add(
                "archive-bomb",
                "",
                found=f"{len(infos)} members, {total} bytes of {packed}",
                expected=f"at most {limits.members} members, {allowed} bytes",
            )
            raise DataError(findings.problems)

    def _admit(self, info: zipfile.ZipInfo, findings: Findings) -> None:
        name = info.filename
        if info.is_dir():
            return
        parts = PurePosixPath(name.replace("\\", "/"))
        climbs = parts.is_absolute() or ".." in parts.parts or name[1:2] == ":"
        odd = info.flag_bits & 0x1 or (info.external_attr >> 28) == 0o12
        if climbs or odd or not name.isprintable():
            findings.add("member-unsafe", name[:200])
            return
        if len(parts.parts) > 1 or "\\" in name:
            findings.add("member-in-folder", name[:200])
        if name in self._members:
            findings.add("member-twice", name[:200])
        self._members[name] = info

    def names(self) -> list[str]:
        """Return the members' names, in the package's order."""
        return list(self._members)

    def has(self, name: str) -> bool:
        """Tell whether a member is there."""
        return name in self._members

    def size(self, name: str) -> int:
        """Return a member's unpacked size [B]."""
        return self._members[name].file_size

    def read(self, name: str, findings: Findings) -> bytes | None:
        """Return a document or icon whole, or None with a finding."""
        if self.size(name) > self.limits.document_bytes:
            expected = f"at most {self.limits.document_bytes} bytes"
            findings.add("member-too-large", name, found=self.size(name), expected=expected)
            return None
        try:
            return self._zip.read(self._members[name])
        except BROKEN as error:
            findings.add("member-broken", name, found=str(error))
            return None

    def open(self, name: str) -> IO[bytes]:
        """Return a member as a stream; reading it may raise one of :data:`BROKEN`."""
        return self._zip.open(self._members[name])

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        # Japanese tools write names in CP932 without saying so; those that say UTF-8 are honoured.
        return zipfile.ZipFile(file, metadata_encoding="cp932")
    except UnicodeDecodeError:
        file.seek(0)
        return zipfile.ZipFile(file)
