"""Blobs in a folder, content-addressed: ``ab/cdef...`` under the SHA-256 of the bytes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TOGETHER = 16
"""Threads that wait for the disk together: it commits what they wrote as one."""


class Blobs:
    """A folder of raw bytes; a blob is there whole or not at all, and never changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes, durable on return; return their digest."""
        digest = sha256(data).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        new = not path.parent.is_dir()
        path.parent.mkdir(parents=True, exist_ok=True)
        if new:
            _sync(self.folder)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        _sync(path.parent)
        return digest

    def put_many(self, data: Sequence[bytes]) -> list[str]:
        """Keep many; they wait for the disk together, which is several times as fast."""
        if len(data) < 2:
            return [self.put(d) for d in data]
        with ThreadPoolExecutor(min(_TOGETHER, len(data))) as pool:
            return list(pool.map(self.put, data))

    def get(self, digest: str) -> bytes | None:
        """Return the bytes, None where there is no such blob."""
        if _DIGEST.fullmatch(digest) is None:
            return None
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def __iter__(self) -> Iterator[str]:
        """Yield all digests."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                digest = folder.name + path.name
                if _DIGEST.fullmatch(digest):
                    yield digest

    def check(self) -> list[str]:
        """Return what is wrong: blobs whose bytes have another digest."""
        return [
            f"blob {digest}: its bytes have another digest (内容がダイジェストと一致しません)"
            for digest in self
            if sha256(self._path(digest).read_bytes()).hexdigest() != digest
        ]

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest[2:]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
