"""Compressed streams as plain bytes, with what they cost bounded before it is in memory."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Protocol

import msgspec

from hinomi.kernel.errors import Text

CHUNK = 256 * 1024
_CODEC_MEMORY = 128 * 1024 * 1024
"""[B] A header may ask for gigabytes of window."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one archive may cost."""

    member_bytes: int = 256 * 1024 * 1024
    """[B] One file or member."""
    total_bytes: int = 16 * 1024 * 1024 * 1024
    """[B] All members together."""
    free_bytes: int = 64 * 1024 * 1024
    """[B] Unpacked size below which the ratio does not matter."""
    ratio: int = 400
    """Unpacked : packed; XML of one agency in one archive reaches about 60."""
    members: int = 1_000_000
    depth: int = 3
    """Archives in archives."""


class BombError(Exception):
    """The archive costs more than its limits allow."""

    def __init__(self, text: Text, expected: str) -> None:
        super().__init__(text.en)
        self.text, self.expected = text, expected


class Spent:
    """What an archive has cost so far; what an inner one costs, its outer ones pay too."""

    def __init__(self, limits: Limits, outer: Spent | None = None) -> None:
        self.limits, self.outer, self.bytes, self.members = limits, outer, 0, 0
        self.depth: int = 1 if outer is None else outer.depth + 1

    def add(self, size: int, packed: int) -> None:
        """Count bytes [B] that came out of so many packed ones, or raise BombError."""
        self._total(size)
        if self.bytes > max(self.limits.free_bytes, self.limits.ratio * max(packed, 1)):
            raise BombError(
                Text("圧縮率が異常です(zip爆弾の疑い)。", "unpacks like a bomb."),
                f"<= {self.limits.ratio} : 1",
            )

    def member(self) -> None:
        """Count one more member, or raise BombError."""
        self.members += 1
        if self.outer is not None:
            self.outer.member()
        if self.members > self.limits.members:
            raise BombError(
                Text("ファイル数が多すぎます。", "has too many members."),
                f"<= {self.limits.members}",
            )

    def _total(self, size: int) -> None:
        self.bytes += size
        if self.outer is not None:
            self.outer._total(size)
        if self.bytes > self.limits.total_bytes:
            raise BombError(
                Text("展開後の合計が大きすぎます。", "unpacks to too much in all."),
                f"<= {self.limits.total_bytes >> 20} MiB",
            )


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, size: int, /) -> bytes: ...


class _Counted:
    """A file that counts what was read of it [B]."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.count = file, 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.count += len(data)
        return data


class Unpacking(io.RawIOBase):
    """A compressed stream as plain bytes, with its cost counted before it is in memory."""

    def __init__(self, file: IO[bytes], kind: str, spent: Spent) -> None:
        self._packed, self._spent = _Counted(file), spent
        self._source = _opened(self._packed, kind)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer; BombError when the stream unpacks to too much."""
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self._spent.add(len(data), self._packed.count)
        return len(data)


class _Blocks:
    """A stream of one or more compressed blocks, decoded into bounded pieces."""

    def __init__(self, file: _Counted, fresh: Callable[[], _Decoder]) -> None:
        self._file, self._fresh = file, fresh
        self._decoder = fresh()
        self._input = b""

    def read(self, size: int) -> bytes:
        while True:
            if self._decoder.eof:
                self._input = self._decoder.unused_data or self._file.read(CHUNK)
                if not self._input.strip(b"\x00"):
                    return b""
                self._decoder = self._fresh()
            if self._decoder.needs_input and not self._input:
                self._input = self._file.read(CHUNK)
                if not self._input:
                    raise EOFError("the compressed stream is cut off")
            data = self._decoder.decompress(self._input, size)
            self._input = b""
            if data:
                return data


class _Gzip:
    """zlib's decompressor with the interface of bz2's and lzma's."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail and not self._full

    def decompress(self, data: bytes, size: int) -> bytes:
        plain = self._inner.decompress(self._inner.unconsumed_tail + data, size)
        self._full = len(plain) == size
        return plain


class _Zstd:
    """zstandard's decompressor with the interface of bz2's and lzma's."""

    def __init__(self) -> None:
        import zstandard  # noqa: PLC0415 - only who reads .zst pays for it

        codec = zstandard.ZstdDecompressor(max_window_size=_CODEC_MEMORY)
        self._inner = codec.decompressobj()
        self._input = self._output = memoryview(b"")

    @property
    def eof(self) -> bool:
        return self._inner.eof and not self._output

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + bytes(self._input)

    @property
    def needs_input(self) -> bool:
        return not self._input and not self._output

    def decompress(self, data: bytes, size: int) -> bytes:
        if data:
            self._input = memoryview(data)
        while self._input and not self._output and not self._inner.eof:
            # It has no limit on what one call gives: four bytes can stand for 128 KiB.
            piece, self._input = self._input[:512], self._input[512:]
            self._output = memoryview(self._inner.decompress(bytes(piece)))
        given, self._output = self._output[:size], self._output[size:]
        return bytes(given)


def _opened(file: _Counted, kind: str) -> _Readable:
    match kind:
        case "gz":
            return _Blocks(file, _Gzip)
        case "bz2":
            return _Blocks(file, bz2.BZ2Decompressor)
        case "xz":
            return _Blocks(
                file, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_CODEC_MEMORY)
            )
        case "zst":
            return _Blocks(file, _Zstd)
        case _:
            return file
