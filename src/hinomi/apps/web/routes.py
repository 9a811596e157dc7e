"""A route: one operation of the API, with all that its description tells about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec

from hinomi.apps.web.http import MAX_BODY, Answer, Ask
from hinomi.apps.web.parameters import Parameter
from hinomi.kernel.errors import MissingError, Text

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

Handler: TypeAlias = Callable[["Web", Ask], Answer]

JSON_HTML = (("application/json", "json"), ("text/html", "html"))
GEOJSON_HTML = (("application/geo+json", "json"), ("application/json", "json"),
                ("text/html", "html"))  # fmt: skip
GEOJSON_HTML_CSV = (*GEOJSON_HTML, ("text/csv", "csv"))
ITEMS = (*GEOJSON_HTML_CSV, ("application/zip", "sip4d-zip"), ("application/atom+xml", "cap"))
ITEM = (*GEOJSON_HTML, ("application/cap+xml", "cap"))
JSON_CSV = (("application/json", "json"), ("text/csv", "csv"))
ONLY_JSON = (("application/json", "json"),)


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path template; the router and the API's description read the same value."""

    path: str
    name: str
    text: Text
    answer: Handler
    method: str = "GET"
    parameters: tuple[Parameter, ...] = ()
    offers: tuple[tuple[str, str], ...] = JSON_HTML
    gives: dict[str, str] = {}
    """Media type to the name of its schema in the description, for the status 200 (or 201)."""
    quick: Callable[[Web, Ask], Answer | None] | None = None
    """Tried first, on the loop: gives what is there already, else None."""
    heavy: bool = False
    """Reads much: answered in a thread, so that the loop goes on."""
    success: int = 200
    refusals: tuple[int, ...] = (400,)
    headers: tuple[str, ...] = ()
    """Request headers with a meaning here (If-Match)."""
    body: str = ""
    """Name of the request body's schema."""
    takes: tuple[str, ...] = ("application/geo+json", "application/json")
    """Media types of the request body; one that is ``binary`` has no more to tell."""
    max_body: int = MAX_BODY
    """Bytes."""
    tags: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    """The parameters' names."""
    formats: frozenset[str] = frozenset()
    """The names of what it offers."""

    def __post_init__(self) -> None:
        # Worked out once: each request is compared with them.
        known = frozenset(parameter.name for parameter in self.parameters)
        msgspec.structs.force_setattr(self, "known", known)
        msgspec.structs.force_setattr(self, "formats", frozenset(name for _, name in self.offers))


class _Shape(NamedTuple):
    """Path templates that have their words and their blanks at the same places."""

    words: Callable[[tuple[str, ...]], Any]
    blanks: tuple[tuple[str, int], ...]
    """Names of arguments and where they stand; of one shape all have the same."""
    tables: dict[Any, dict[str, Route]]


class Router:
    """Path templates by their shape; a word goes before a blank, the later ones first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        methods: dict[str, dict[str, Route]] = {}
        for route in self.routes:
            methods.setdefault(route.path, {})[route.method] = route
        self._first = sorted({path.split("/")[1] for path in methods})
        shapes: dict[tuple[str, ...], _Shape] = {}
        for path, table in methods.items():
            parts = tuple(path.strip("/").split("/"))
            form = tuple(part if part[:1] == "{" else "" for part in parts)
            shape = shapes.get(form)
            if shape is None:
                words = itemgetter(*(n for n, part in enumerate(form) if not part))
                blanks = tuple((part[1:-1], n) for n, part in enumerate(form) if part)
                shape = shapes[form] = _Shape(words, blanks, {})
            shape.tables[shape.words(parts)] = table
        # Read from its end, a word (empty here) sorts before a blank.
        self._shapes: dict[int, list[_Shape]] = {}
        for form in sorted(shapes, key=lambda form: [bool(part) for part in reversed(form)]):
            self._shapes.setdefault(len(form), []).append(shapes[form])

    def find(self, segments: tuple[str, ...]) -> tuple[dict[str, Route], dict[str, str]]:
        """Return the methods of a path and its arguments.

        Raises:
            MissingError: no template fits.
        """
        segments = _folded(segments)
        for words, blanks, tables in self._shapes.get(len(segments), ()):
            table = tables.get(words(segments))
            if table is not None:
                arguments = {name: segments[n] for name, n in blanks}
                if "" not in arguments.values():
                    return table, arguments
        raise MissingError(Text("ページ", "resource"), "/".join(segments), self._first)


def _folded(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Let a key stand with its slashes as they are: some clients do not write them ``%2F``."""
    if len(segments) > 4 and segments[0] == "collections" and segments[2] == "items":
        last = segments[-1]
        if last in {"history", "trace"}:
            return (*segments[:3], "/".join(segments[3:-1]), last)
        return (*segments[:3], "/".join(segments[3:]))
    return segments
