"""multipart/form-data (RFC 7578) as a browser's form sends it: bounded, one file, short fields."""

from __future__ import annotations

import re

from hinomi.kernel.errors import DataError, Problem, Text

MAX_PARTS = 20
MAX_FIELD = 8_192
"""Bytes of one field that is no file."""
_BOUNDARY = re.compile(rb'boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name="([A-Za-z0-9_]{1,40})"')


def fields(content_type: bytes, body: bytes, file: str) -> dict[str, bytes]:
    """Return the form's fields by name; a file's own name is not looked at.

    A body that is no form is taken for the file itself, so that ``curl --data-binary`` works too.

    Raises:
        DataError: the form is broken, or a field is too long.
    """
    if not content_type.lower().startswith(b"multipart/form-data"):
        return {file: body}
    named = _BOUNDARY.search(content_type)
    if named is None:
        raise _broken("Content-Type", "区切りがありません", "names no boundary")
    mark = b"--" + (named[1] or named[2])
    found: dict[str, bytes] = {}
    at = body.find(mark)
    for _ in range(MAX_PARTS):
        if at < 0:
            raise _broken(
                "body", "フォームの区切りがありません", "has no boundary where one must be"
            )
        start = at + len(mark)
        if body[start : start + 2] == b"--":
            return found
        head = body.find(b"\r\n\r\n", start, start + 4_096)
        after = body.find(b"\r\n" + mark, max(head + 2, start))
        if head < 0 or after < 0:
            raise _broken("body", "フォームが途中で切れています", "is cut off within the form")
        name = _NAME.search(body, start, head)
        if name is not None:
            key = name[1].decode()
            value = body[head + 4 : max(after, head + 4)]
            if key != file and len(value) > MAX_FIELD:
                raise _broken(key, "項目が長すぎます", f"has more than {MAX_FIELD} bytes")
            found.setdefault(key, value)
        at = after + 2
    raise _broken("body", "項目が多すぎます", f"has more than {MAX_PARTS} parts")


def _broken(path: str, ja: str, en: str) -> DataError:
    return DataError(
        [Problem("photo.form", path, Text(ja, en), expected="multipart/form-data, RFC 7578")]
    )
