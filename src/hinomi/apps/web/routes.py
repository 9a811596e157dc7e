"""A route: one operation of the API, with all that its description tells about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

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


_Template: TypeAlias = tuple[tuple[str, ...], dict[str, "Route"]]


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


class Router:
    """Path templates by their number of segments, the first and the last; a name before a blank."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._found: dict[tuple[int, str, str], list[_Template]] = {}
        methods: dict[str, dict[str, Route]] = {}
        for route in self.routes:
            methods.setdefault(route.path, {})[route.method] = route
        for path, table in methods.items():
            parts = tuple(path.strip("/").split("/"))
            last = "" if parts[-1][:1] == "{" else parts[-1]
            self._found.setdefault((len(parts), parts[0], last), []).append((parts, table))

    def find(self, segments: tuple[str, ...]) -> tuple[dict[str, Route], dict[str, str]]:
        """Return the methods of a path and its arguments.

        Raises:
            MissingError: no template fits.
        """
        segments = _folded(segments)
        for last in (segments[-1], ""):
            for parts, table in self._found.get((len(segments), segments[0], last), ()):
                arguments: dict[str, Any] = {}
                for part, value in zip(parts, segments, strict=True):
                    if part[:1] == "{" and value:
                        arguments[part[1:-1]] = value
                    elif part != value:
                        break
                else:
                    return table, arguments
        known = sorted({parts[0] for found in self._found.values() for parts, _ in found})
        raise MissingError(Text("ページ", "resource"), "/".join(segments), known)


def _folded(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Let a key stand with its slashes as they are: some clients do not write them ``%2F``."""
    if len(segments) > 4 and segments[0] == "collections" and segments[2] == "items":
        last = segments[-1]
        if last in {"history", "trace"}:
            return (*segments[:3], "/".join(segments[3:-1]), last)
        return (*segments[:3], "/".join(segments[3:]))
    return segments
