"""What the tests of weather telegrams share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader

Parse = Callable[[bytes], Parsed]
Told = Callable[..., Reader]
Sample = Callable[[str], bytes]
ROKKAKU = "16_02_02_220728_VXKOii"


def changed(data: bytes, *changes: tuple[str, str]) -> bytes:
    text = data.decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


def standing(reader: Reader, collection: str) -> dict[str, dict[str, Any]]:
    return {s.key: s.body() for s in reader.every(collection)}
