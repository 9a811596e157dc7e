"""Room for a log that is flushed often: its file need not grow while it is written."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_ZEROS = bytes(16 * 1024)
"""Written piece by piece: of one large piece the kernel (6.18, ext4) makes one large folio, and
whoever then writes a kilobyte into it pays twice as much."""
_AMPLE = 100
"""Room is only made where so many times as much is free."""


def make_room(file: Path, size: int) -> None:
    """Lengthen a file with zeros; nobody may append to it meanwhile.

    A flush of what lies in a file's own blocks concerns that file alone. One of a file that grew
    commits the file system's journal (ext4), and waits for what everyone else on the disk has
    written into new blocks. SQLite takes zeros for the end of a WAL.

    Limits:
        Where the disk is nearly full, or says no, the file stays as it is: slower, no less safe.
    """
    with suppress(OSError):
        disk, before = os.statvfs(file), file.stat().st_size
        if before >= size or disk.f_bavail * disk.f_frsize < _AMPLE * size:
            return
        with file.open("r+b", buffering=0) as end:
            try:
                end.seek(before)
                for _ in range(before, size, len(_ZEROS)):
                    end.write(_ZEROS)
                os.fsync(end.fileno())
            except OSError:
                end.truncate(before)
                raise
