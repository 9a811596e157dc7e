"""Batches as ``multipart/mixed`` (OGC 18-088, clause 11; OData 4.0 Part 1, 11.7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text

MAX_PARTS = 1_000
"""Requests of one batch."""
_BOUNDARY = re.compile(
    r'multipart/mixed\s*;.*?boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.I | re.S
)
_LINE = re.compile(rb"([A-Za-z]{1,10}) (\S{1,8000})(?: HTTP/1\.[01])?")
_BLANK = re.compile(rb"\r?\n\r?\n")
_ANSWERS, _GROUP = "answers-of-hinomi", "group-of-hinomi"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a batch."""

    method: str
    url: str
    headers: dict[str, str]
    """By their names in lower case."""
    body: bytes
    id: str = ""
    """Its Content-ID: ``$ID`` at the start of a later address of its group is what it made."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What one request was answered."""

    status: int
    headers: dict[str, str]
    body: bytes
    id: str = ""


def is_multipart(content_type: str) -> bool:
    """Tell whether a body of this type is read by :func:`decode_batch`."""
    return content_type.lower().lstrip().startswith("multipart/mixed")


def decode_batch(data: bytes, content_type: str) -> list[Part | tuple[Part, ...]]:
    """Return the requests in their order; those of a change set (all or none) as a tuple.

    Raises:
        DataError: it is no batch: no boundary, no request in a part, too many parts.
    """
    found: list[Part | tuple[Part, ...]] = []
    for number, (headers, body) in enumerate(_parts(data, content_type, ""), 1):
        path = f"/part[{number}]"
        kind = headers.get("content-type", "")
        if is_multipart(kind):
            inner = enumerate(_parts(body, kind, path), 1)
            found.append(tuple(_request(*one, f"{path}/part[{n}]") for n, one in inner))
        else:
            found.append(_request(headers, body, path))
    if sum(len(one) if isinstance(one, tuple) else 1 for one in found) > MAX_PARTS:
        raise _refused("", f"more than {MAX_PARTS} requests")
    return found


def encode_batch(replies: Iterable[Reply | tuple[Reply, ...]]) -> tuple[bytes, str]:
    """Return the answers as a body and its media type; those of a change set stand together."""
    parts = []
    for number, reply in enumerate(replies):
        if isinstance(reply, tuple):
            name = f"{_GROUP}-{number}"
            inner = _joined([_written(one) for one in reply], name)
            parts.append(f"Content-Type: multipart/mixed; boundary={name}\r\n\r\n".encode() + inner)
        else:
            parts.append(_written(reply))
    return _joined(parts, _ANSWERS), f"multipart/mixed; boundary={_ANSWERS}"


def _parts(data: bytes, content_type: str, path: str) -> list[tuple[dict[str, str], bytes]]:
    """Return the headers and body of each part between a type's boundaries."""
    named = _BOUNDARY.match(content_type.strip())
    if named is None:
        raise _refused(path, "no boundary")
    boundary = re.escape((named[1] or named[2]).encode())
    # What stands between: before the first line and after the closing one nothing counts.
    cut = re.split(rb"(?:\A|\r?\n)--" + boundary + rb"(--)?[ \t]*(?=\r?\n|\Z)", data)
    found: list[tuple[dict[str, str], bytes]] = []
    for closing, chunk in zip(cut[1::2], cut[2::2], strict=True):
        if closing:
            return found
        if len(found) >= MAX_PARTS:
            raise _refused(path, f"more than {MAX_PARTS} parts")
        found.append(_headed(chunk.lstrip(b"\r\n")))
    raise _refused(path, "the closing boundary is missing")


def _headed(chunk: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = _halves(chunk)
    headers = {}
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers, body


def _halves(chunk: bytes) -> tuple[bytes, bytes, bytes]:
    found = _BLANK.search(chunk)
    if found is None:
        return chunk, b"", b""
    return chunk[: found.start()], found[0], chunk[found.end() :]


def _request(headers: dict[str, str], data: bytes, path: str) -> Part:
    if not headers.get("content-type", "").lower().startswith("application/http"):
        raise _refused(path, "Content-Type: application/http is expected")
    first, _, rest = data.lstrip(b"\r\n").partition(b"\n")
    line = _LINE.fullmatch(first.rstrip(b"\r "))
    if line is None:
        raise _refused(path, f"no request line: {first[:60].decode('latin-1')!r}")
    # A request may have no headers of its own: then the blank line comes at once.
    own, body = ({}, rest.lstrip(b"\r\n")) if rest[:1] in b"\r\n" else _headed(rest)
    return Part(
        method=line[1].decode().upper(),
        url=line[2].decode("utf-8", "replace"),
        headers=own,
        body=body,
        id=headers.get("content-id", own.get("content-id", ""))[:100],
    )


def _written(reply: Reply) -> bytes:
    status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
    own = f"Content-ID: {reply.id}\r\n" if reply.id else ""
    lines = [f"{name}: {value}" for name, value in reply.headers.items()]
    head = "\r\n".join(
        [
            f"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{own}",
            f"HTTP/1.1 {status}",
            *lines,
            f"Content-Length: {len(reply.body)}",
        ]
    )
    return f"{head}\r\n\r\n".encode("latin-1", "replace") + reply.body


def _joined(parts: list[bytes], boundary: str) -> bytes:
    line = f"--{boundary}".encode()
    return b"".join(b"%b\r\n%b\r\n" % (line, part) for part in parts) + line + b"--\r\n"


def _refused(path: str, why: str) -> DataError:
    text = Text(f"バッチではありません({why})", f"no batch ({why})")
    return DataError([Problem("sensorthings.batch", path, text, expected="multipart/mixed")])
