"""The last steps of every answer: conditional requests, compression, headers, sending."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import zstandard

from hinomi.apps.web.http import Answer, digest, encoding_of

SMALLEST = 1_000
"""Bytes below which compression does not pay."""
_COMPRESSIBLE = ("text/", "application/json", "application/geo+json", "application/javascript",
                 "application/schema+json", "application/problem+json", "application/vnd.oai",
                 "image/svg", "application/xml", "application/vnd.mapbox-vector-tile")  # fmt: skip
_SAFETY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Content-Crs, Location, Link"),
    (b"vary", b"Accept, Accept-Encoding, Accept-Language, X-API-Key, Authorization"),
]
POLICY = b"content-security-policy"
SAFE = (
    b"default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:;"
    b" child-src blob:; object-src 'none'; base-uri 'self'; form-action 'self';"
    b" frame-ancestors 'self'"
)
"""What a page may load and run unless its own answer says more."""
INERT = b"script-src 'none'; base-uri 'none'; frame-ancestors 'self'"
"""What is neither page nor script runs nothing, opened as a page all the same (an SVG, an XML)."""


class Kept:
    """Answers by ETag, the least used thrown out once their bytes pass the budget."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.size = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Answer | None:
        """Return the answer kept under a key."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; one that would take a quarter of the budget is not kept."""
        size = len(answer.body) + 500
        if answer.stream is not None or size > self.budget // 4:
            return
        with self._lock:
            if key in self._answers:
                return
            self._answers[key] = answer
            self.size += size
            while self.size > self.budget:
                _, old = self._answers.popitem(last=False)
                self.size -= len(old.body) + 500


def etag_matches(header: bytes | None, etag: str) -> bool:
    """Tell whether an If-None-Match or If-Match header names the tag, in any encoding."""
    return header is not None and ("*" in (tags := etags(header)) or etag in tags)


def etags(header: bytes) -> list[str]:
    """Return the header's tags without quotes, weakness and the encoding's suffix."""
    found = []
    for part in header.decode("latin-1").split(",")[:100]:
        tag = part.strip().removeprefix("W/").strip('"')
        found.append(tag.removesuffix("-gzip").removesuffix("-zstd"))
    return found


class Sent(NamedTuple):
    """An answer as it goes out."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Delivery:
    """Makes answers ready to be sent; compressed bytes of tagged answers are kept."""

    def __init__(self, budget: int) -> None:
        self._compressed = Kept(budget)
        self._own = threading.local()

    def pack(
        self, answer: Answer, method: str, headers: Mapping[bytes, bytes], *, anonymous: bool
    ) -> Sent:
        """Return one answer as it goes out; HEAD gets its headers alone."""
        status, body, etag = answer.status, answer.body, answer.etag
        if etag is None and status == 200:
            etag = digest(body)
        if status == 200 and etag and etag_matches(headers.get(b"if-none-match"), etag):
            status, body = 304, b""
        how = "private" if not anonymous else "fixed" if answer.fixed else ""
        html, shrinks, always = _kind(answer.media_type, how if answer.status < 400 else "refused")
        sent = list(always)
        encoding = ""
        if shrinks and len(body) >= SMALLEST:
            encoding = encoding_of(headers.get(b"accept-encoding", b""))
            if encoding:
                body = self._packed(body, etag, encoding, small=answer.fixed or html)
                sent.append((b"content-encoding", encoding.encode()))
        if etag:
            tag = f'"{etag}-{encoding}"' if encoding else f'"{etag}"'
            sent.append((b"etag", tag.encode()))
        if status not in {204, 304}:
            sent.append((b"content-type", answer.media_type.encode()))
            sent.append((b"content-length", b"%d" % len(body)))
        for name, _ in answer.headers:
            if name in _OWN:
                sent = [header for header in sent if header[0] != name]
        sent += answer.headers
        return Sent(status, sent, b"" if method == "HEAD" else body)

    def _packed(self, body: bytes, etag: str | None, encoding: str, *, small: bool) -> bytes:
        # What a slow line waits for first, or what never changes, is worth a few milliseconds.
        key = f"{etag}-{encoding}"
        kept = self._compressed.get(key) if etag else None
        if kept is not None:
            return kept.body
        if encoding == "zstd":
            # A compressor serves one thread at a time.
            if not hasattr(self._own, "zstd"):
                self._own.zstd = zstandard.ZstdCompressor(level=1)
                self._own.small = zstandard.ZstdCompressor(level=9)
            packer_of = self._own.small if small else self._own.zstd
            packed: bytes = packer_of.compress(body)
        else:
            packer = zlib.compressobj(9 if small else 1, zlib.DEFLATED, 31)
            packed = packer.compress(body) + packer.flush()
        if etag:
            self._compressed.put(key, Answer(body=packed))
        return packed


_OWN = frozenset({b"cache-control", POLICY})
"""Headers that an answer may have of its own instead."""
_CACHE = {
    "": b"no-cache",
    "private": b"private, no-cache",
    "fixed": b"public, max-age=31536000, immutable",
    "refused": b"no-store",
}


@lru_cache(maxsize=256)
def _kind(media_type: str, how: str) -> tuple[bool, bool, list[tuple[bytes, bytes]]]:
    """Return whether it is a page, whether it shrinks, and the headers that all such answers have.

    Args:
        media_type: the answer's.
        how: one of ``_CACHE``.
    """
    html = media_type.startswith("text/html")
    runs = html or "javascript" in media_type
    always = [*_SAFETY, (b"cache-control", _CACHE[how]), (POLICY, SAFE if runs else INERT)]
    if html:
        always.append((b"x-frame-options", b"SAMEORIGIN"))
    return html, media_type.startswith(_COMPRESSIBLE), always
