"""Others' answers to our requests: read as far as is wanted, within a time, whoever sends them.

A timeout of a client holds for each piece alone: one who sends a byte now and then is never late.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

SLOWEST = 20_000
"""What comes this fast may take longer [B/s]."""


def read(response: httpx.Response, most: int, seconds: float, *, cut: bool = False) -> bytes:
    """Return the body of a streamed answer.

    Args:
        response: whose body was not read yet.
        most: [B] what it may hold; of a longer one the beginning is given where ``cut`` is true.
        seconds: [s] how long it may take, and a second more for each :data:`SLOWEST` bytes.
        cut: whether the beginning is enough.

    Raises:
        httpx.ReadError: it is larger.
        httpx.ReadTimeout: it does not end.
    """
    import httpx  # noqa: PLC0415 - whoever has an answer has it loaded

    until = time.monotonic() + seconds
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > most:
            if cut:
                break
            raise httpx.ReadError(f"{response.url} has more than {most} bytes.")
        if time.monotonic() > until + size / SLOWEST:
            raise httpx.ReadTimeout(f"{response.url} does not end.")
    return b"".join(parts)[:most]
