"""One request and one answer, as the handlers see them: no layers, a few microseconds each."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote, unquote_to_bytes

import msgspec

from hinomi.kernel.errors import HinomiError, InputError, Text
from hinomi.kernel.marking import Principal

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
_Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
Streaming: TypeAlias = Callable[[Send, Receive], Awaitable[None]]

MAX_QUERY = 65_536
"""Bytes of a query string."""
MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request's body."""

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html; charset=utf-8"
CSV = "text/csv; charset=utf-8"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PROBLEM = "application/problem+json"

encode = msgspec.json.Encoder().encode


class HttpError(HinomiError):
    """A refusal that is HTTP's own: too large, method not allowed, precondition missing."""

    def __init__(
        self, status: int, en: str, ja: str, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(en, ja)
        self.code = status
        self.headers = headers


def not_here(en: str, ja: str) -> HttpError:
    """Return the refusal of a door that this server does not have: asking again does not help."""
    return HttpError(404, en, ja)


class Ask(msgspec.Struct, kw_only=True):
    """One request. ``segments`` are the path's parts, decoded; ``base`` is where links begin."""

    method: str
    path: bytes
    segments: tuple[str, ...]
    raw_query: bytes
    query: dict[str, str]
    headers: Mapping[bytes, bytes]
    base: str
    principal: Principal
    secret: str | None = None
    by_cookie: bool = False
    """The secret came in the session's cookie: changes need its token too."""
    address: str = ""
    """The caller's, as the socket sees it."""
    language: str = "en"
    media: str = "json"
    arguments: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def here(self) -> str:
        """Return the request's own address."""
        tail = f"?{self.safe_query}" if self.raw_query else ""
        return f"{self.base}{self.path.decode()}{tail}"

    @property
    def safe_query(self) -> str:
        """Return the query string with everything quoted that has no place in an address."""
        raw = self.raw_query
        return raw.decode() if _PLAIN.fullmatch(raw) else quote(raw, safe="%&=+,/:;@!$()*~?-._")

    def with_query(self, **changes: str | None) -> str:
        """Return the request's address with parameters set, or removed by None."""
        pieces = [piece for piece in self.safe_query.split("&") if piece]
        for name, value in changes.items():
            pieces = _with(pieces, name.replace("_", "-"), value)
        return f"{self.base}{self.path.decode()}{'?' if pieces else ''}{'&'.join(pieces)}"

    def say(self, text: Text) -> str:
        """Return a text in the caller's language."""
        return text.to(self.language)


Kind: TypeAlias = tuple[bytes, bool, bytes | None, str]
"""A kind of question: path up to a key, whether it has none, a short query, where links begin."""


class Caller(NamedTuple):
    """What the headers alone tell: who asks, and how the answer is wanted."""

    headers: Mapping[bytes, bytes]
    secret: str | None
    cookie: str | None
    """A session's secret; it counts where no other is given and it is one of ours."""
    language: str
    known: dict[Kind, tuple[Ask, Any]]
    """What they have asked for before, with its route: how it is read, not what they may see."""


class Callers:
    """Callers by their headers: who asks again sends the same ones, and they are read once.

    Who they are and what they may see is asked anew each time.
    """

    MOST = 500
    MOST_BYTES = 4_000
    """Longer headers are read each time, so that nobody fills the memory with them."""

    def __init__(self, read: Callable[[dict[bytes, bytes]], Caller]) -> None:
        self._read = read
        self._kept: dict[_Headers, Caller] = {}

    def of(self, raw: Iterable[tuple[bytes, bytes]]) -> Caller:
        """Return who sends these headers."""
        # Some servers give lists, which are no keys.
        key: _Headers = tuple(map(tuple, raw))  # type: ignore[arg-type]
        found = self._kept.get(key)
        if found is None:
            found = self._read(dict(key))
            if sum(len(name) + len(value) for name, value in key) <= self.MOST_BYTES:
                if len(self._kept) >= self.MOST:
                    self._kept.clear()
                self._kept[key] = found
        return found


class Answer(msgspec.Struct, kw_only=True):
    """One answer. ``etag`` without quotes; None takes the digest of the body."""

    body: bytes = b""
    status: int = 200
    media_type: str = JSON
    etag: str | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    fixed: bool = False
    """Never changes under its address: may be kept for a year."""
    stream: Streaming | None = None


class Problem(NamedTuple):
    """An error's own part of a problem document (RFC 9457)."""

    status: int
    kind: str
    title: Text


_PLAIN = re.compile(rb"[A-Za-z0-9%&=+,/:;@!$()*~?._-]*")
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")
_WORDS = re.compile(rb"[A-Za-z0-9_.~/-]*")
_HOST = re.compile(r"[A-Za-z0-9._\-\[\]:]+")


def parse_query(raw: bytes) -> dict[str, str]:
    """Return the query string's parameters.

    Raises:
        InputError: not UTF-8, or a parameter is given twice.
    """
    # Boxes never repeat; "f=json" and its like come with every other request.
    return dict(_short_query(raw)) if len(raw) <= SHORT else _query(raw)


SHORT = 24
"""Bytes of a query string that is read once, whoever sends it."""


def _query(raw: bytes) -> dict[str, str]:
    if b"%" in raw or b"+" in raw or not raw.isascii():
        cut = [piece.partition(b"=") for piece in raw.split(b"&") if piece]
        pairs = [(_decoded(name), _decoded(value)) for name, _, value in cut]
    else:
        plain = [piece.partition("=") for piece in raw.decode().split("&") if piece]
        pairs = [(name, value) for name, _, value in plain]
    found: dict[str, str] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(
                f"The parameter {key!r} is given more than once.",
                f"パラメータ「{key}」が2回以上あります。",
            )
        found[key] = value
    return found


_short_query = lru_cache(maxsize=512)(_query)


def path_of(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a path as links need it, and its segments, each decoded by itself."""
    if _WORDS.fullmatch(raw):
        return raw, tuple(raw.decode().strip("/").split("/"))
    return plain_path(raw), decoded_path(raw)


def plain_path(raw: bytes) -> bytes:
    """Return a path with everything quoted that has no place in an address, as links need it."""
    return raw if _PLAIN.fullmatch(raw) else quote(raw, safe="/%:@!$&()*+,;=~-._").encode()


def decoded_path(raw: bytes) -> tuple[str, ...]:
    """Return the path's segments, each decoded by itself: ``%2F`` does not divide."""
    if b"%" not in raw and raw.isascii():
        return tuple(raw.decode().strip("/").split("/"))
    return tuple(_decoded(part, plus=False) for part in raw.strip(b"/").split(b"/"))


def _decoded(raw: bytes, *, plus: bool = True) -> str:
    if plus and b"+" in raw:
        raw = raw.replace(b"+", b" ")
    try:
        return (unquote_to_bytes(raw) if b"%" in raw else raw).decode()
    except UnicodeDecodeError:
        raise InputError(
            "The address is not UTF-8 after percent-decoding.",
            "アドレスがUTF-8ではありません。",
        ) from None


def base_of(scope: Scope, headers: Mapping[bytes, bytes]) -> str:
    """Return scheme, host and root path as the caller used them."""
    host = headers.get(b"host", b"")
    return _base(host, scope.get("server"), scope.get("scheme", "http"), scope.get("root_path", ""))


@lru_cache(maxsize=256)
def _base(raw_host: bytes, server: tuple[str, int | None] | None, scheme: str, root: str) -> str:
    host = raw_host.decode("latin-1")
    if not _HOST.fullmatch(host):
        name, port = server or ("localhost", None)
        host = f"{name}:{port}" if port else str(name)
    return f"{scheme}://{host}{root}"


@lru_cache(maxsize=512)
def preferred(header: bytes, offers: tuple[tuple[str, str], ...]) -> str:
    """Return the name of the offer that an Accept header likes best; the first one in doubt.

    Args:
        header: Accept's value.
        offers: (media range, name), the server's own preference first.
    """
    best, best_weight = offers[0][1], 0.0
    for media, weight in _weighted(header):
        for offer, name in offers:
            if weight > best_weight and _matches(media, offer):
                best, best_weight = name, weight
                break
    return best


@lru_cache(maxsize=512)
def language_of(header: bytes) -> str:
    """Return ``ja`` or ``en`` from an Accept-Language header."""
    best, best_weight = "en", 0.0
    for tag, weight in _weighted(header):
        if tag[:2] in {"ja", "en"} and weight > best_weight:
            best, best_weight = tag[:2], weight
    return best


@lru_cache(maxsize=512)
def encoding_of(header: bytes) -> str:
    """Return ``zstd``, ``gzip`` or nothing from an Accept-Encoding header."""
    accepted = {name for name, weight in _weighted(header) if weight > 0}
    return next((name for name in ("zstd", "gzip") if name in accepted), "")


def _weighted(header: bytes) -> list[tuple[str, float]]:
    found = []
    for part in header.decode("latin-1").lower().split(",")[:64]:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _weight(parameter[2:])
        if name:
            found.append((name, weight))
    return found


def _weight(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _matches(media: str, offer: str) -> bool:
    if media == "*/*" or media == offer:
        return True
    return media.endswith("/*") and offer.startswith(media[:-1])


def digest(*parts: object) -> str:
    """Return a short digest for an ETag."""
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def link(href: str, rel: str, media_type: str, title: str = "") -> dict[str, str]:
    """Return a link as OGC API writes it."""
    found = {"href": href, "rel": rel, "type": media_type.split(";")[0]}
    return {**found, "title": title} if title else found


def _with(pieces: list[str], name: str, value: str | None) -> list[str]:
    """Return the pieces of a query string with a parameter set at its end, or removed by None."""
    begins = f"{name}="
    kept = [piece for piece in pieces if not piece.startswith(begins) and piece != name]
    if value is not None:
        kept.append(begins + _quoted(value))
    return kept


def _quoted(value: str) -> str:
    return value if _UNRESERVED.fullmatch(value) else quote(value, safe=",:/")


def segment(text: str) -> str:
    """Return a text as one segment of a path; a slash inside it is written ``%2F``."""
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="")
