"""Blobs in a folder, content-addressed: ``ab/cdef...`` under the SHA-256 of the bytes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

_DIGEST = re.compile(r"[0-9a-f]{64}")
Item = TypeVar("Item")
_TOGETHER = 16
"""Threads that wait for the disk together: it commits what they wrote as one."""


class Blobs:
    """A folder of raw bytes; a blob is there whole or not at all, and never changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes, durable on return; return their digest."""
        return self.put_many([data])[0]

    def put_many(self, data: Sequence[bytes]) -> list[str]:
        """Keep many; they wait for the disk together, and once for each folder.

        A blob gets its name when its bytes are on the disk, and is there for good when its
        folder is: nothing returns before both.
        """
        digests = [sha256(d).hexdigest() for d in data]
        given = dict(zip(digests, data, strict=True))
        new = {digest: one for digest, one in given.items() if not self._path(digest).exists()}
        folders = [self.folder / name for name in {digest[:2] for digest in new}]
        missing = [folder for folder in folders if not folder.is_dir()]
        for folder in missing:
            folder.mkdir(parents=True, exist_ok=True)
        if missing:
            _sync(self.folder)
        _each(self._write, list(new.items()))
        _each(_sync, folders)
        return digests

    def _write(self, blob: tuple[str, bytes]) -> None:
        """Write a blob beside its place, wait for the disk, then give it its name."""
        digest, data = blob
        path = self._path(digest)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                rest = memoryview(data)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(descriptor)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def get(self, digest: str) -> bytes | None:
        """Return the bytes, None where there is no such blob."""
        if _DIGEST.fullmatch(digest) is None:
            return None
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, digest: str) -> None:
        """Erase a blob for good; one that is not there is no fault."""
        if _DIGEST.fullmatch(digest) is not None:
            path = self._path(digest)
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync(path.parent)

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


def _each(work: Callable[[Item], None], items: Sequence[Item]) -> None:
    """Do it to all, many at a time."""
    if len(items) < 2:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(min(_TOGETHER, len(items))) as pool:
        for _ in pool.map(work, items):
            pass


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
