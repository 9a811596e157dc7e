"""A GeoJSON FeatureCollection, feature by feature: bytes come in, each feature's bytes go out.

Only one feature is in memory at a time. A feature whose objects are nested three deep or less is
found by one regular expression without backtracking; deeper ones are counted brace by brace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

import msgspec

CHUNK = 256 * 1024
MAX_FEATURE = 64 * 1024 * 1024
"""[B] One feature."""
MAX_REST = 1024 * 1024
"""[B] What stands before the features, and what stands after them."""
MAX_DEPTH = 64

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_FLAT = rb"\{(?:[^\"{}]++|" + _STRING + rb")*+\}"
_TWO = rb"\{(?:[^\"{}]++|" + _STRING + rb"|" + _FLAT + rb")*+\}"
_FEATURE = re.compile(rb"\{(?:[^\"{}]++|" + _STRING + rb"|" + _TWO + rb")*+\}", re.DOTALL)
_BEGUN = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
"""A string, or what has come of it so far: its braces are no braces."""
_TOKEN = re.compile(_BEGUN + rb"|[{}\[\]]", re.DOTALL)
_BRACE = re.compile(_BEGUN + rb"|[{}]", re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_ARRAY = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*\[")
BOM = b"\xef\xbb\xbf"


class SplitError(Exception):
    """The document is no FeatureCollection, or is cut off; ``code`` is the finding's."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Splitter:
    """Iterate to get the features; afterwards ``rest`` holds the collection's other members."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0
        self._ended = False
        self.rest: dict[str, Any] = {}
        self.bom = False
        self.repeated = False
        """There is a second member ``features``, which is not read."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield each feature's bytes.

        Raises:
            SplitError: what comes is no feature, or the document ends too early.
        """
        head = self._head()
        first = True
        while True:
            mark = self._mark()
            if mark == b"]":
                break
            if not first:
                if mark != b",":
                    raise SplitError("member-not-json", "expected a comma between two features")
                self._at += 1
                mark = self._mark()
            first = False
            if mark != b"{":
                raise SplitError("feature-not-json", f"expected a feature, found {mark!r}")
            yield self._feature()
        self._at += 1
        self._finish(head)

    def _head(self) -> bytes:
        """Return what stands before the features, and stand at the first of them."""
        while len(self._buffer) < len(BOM) and not self._ended:
            self._more()
        if self._buffer.startswith(BOM):
            self.bom, self._buffer = True, self._buffer[3:]
        while True:
            end = self._features_at()
            if end is not None:
                head = self._buffer[:end]
                self._at = end
                return head
            if self._ended or len(self._buffer) > MAX_REST:
                raise SplitError("not-a-collection", "no member features was found")
            self._more()

    def _features_at(self) -> int | None:
        depth = 0
        for token in _TOKEN.finditer(self._buffer):
            text = token[0]
            if text in b"{[":
                depth += 1
            elif text in b"}]":
                depth -= 1
            elif depth == 1 and text == b'"features"':
                opened = _ARRAY.match(self._buffer, token.end())
                if opened:
                    return opened.end()
            if depth > MAX_DEPTH:
                raise SplitError("nested-too-deep", f"more than {MAX_DEPTH} levels")
        return None

    def _mark(self) -> bytes:
        """Return the next character that is no space, without taking it."""
        while True:
            space = _SPACE.match(self._buffer, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if self._ended:
                raise SplitError("member-not-json", "the document is cut off")
            self._more()

    def _feature(self) -> bytes:
        while True:
            found = _FEATURE.match(self._buffer, self._at)
            end = found.end() if found else self._counted_end()
            if end is not None:
                feature = self._buffer[self._at : end]
                self._at = end
                return feature
            if self._ended:
                raise SplitError("member-not-json", "the document is cut off within a feature")
            if len(self._buffer) - self._at > MAX_FEATURE:
                raise SplitError("member-too-large", f"a feature of more than {MAX_FEATURE} bytes")
            self._more()

    def _counted_end(self) -> int | None:
        depth = 0
        for token in _BRACE.finditer(self._buffer, self._at):
            if token[0] == b"{":
                depth += 1
                if depth > MAX_DEPTH:
                    raise SplitError("nested-too-deep", f"more than {MAX_DEPTH} levels")
            elif token[0] == b"}":
                depth -= 1
                if depth == 0:
                    return token.end()
        return None

    def _more(self) -> None:
        """Read on; as much again as is held, so that a long feature is scanned a few times only."""
        held = self._buffer[self._at :]
        read = self._file.read(max(CHUNK, len(held)))
        self._ended = not read
        self._buffer, self._at = held + read, 0

    def _finish(self, head: bytes) -> None:
        tail = self._buffer[self._at :]
        while not self._ended:
            if len(tail) > MAX_REST:
                raise SplitError("member-too-large", "too much follows the features")
            self._buffer, self._at = b"", 0
            self._more()
            tail += self._buffer
        try:
            after = msgspec.json.decode(b'{"":0' + tail)
            self.repeated = "features" in after
            self.rest = msgspec.json.decode(head + b"]" + tail)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SplitError("member-not-json", str(error)) from None
        self.rest.pop("features", None)
