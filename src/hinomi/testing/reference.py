"""The catalogue as a reference page in Markdown, from the DOMAIN values and their docstrings.

``python -m hinomi.testing.reference PAGE`` writes it. A package that adds a domain can make its own
page from :func:`render`.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain
from hinomi.runtime.catalog import default_catalog

HEAD = """\
# The catalogue

<!-- Made by `python -m hinomi.testing.reference docs/reference/catalogue.md`; don't edit. -->

What this installation takes in, works out and gives: every collection with the fields of its
records, every source, model and product. `hinomi list` and `hinomi graph` show the same at the
command line, `/collections/{id}/schema` and `/collections/{id}/queryables` at the API.

- A field in **bold** is always there; the others are empty or left out where nothing was stated.
- Fields of objects and of lists are served but cannot be filtered by; all others can
  ([CQL2](cql2.md)).
- Every record also has `record`, `start`, `end`, `said_at`, `recorded_at`, `source`, `status`,
  `disclosure` and `audience`: [what a record says](records.md).
- A collection is TLP:CLEAR unless another disclosure is named.
"""


def render(catalog: Catalog) -> str:
    """Return the page: a part for each domain, in the catalogue's order."""
    parts = [HEAD]
    for domain in catalog.domains:
        parts += _domain(domain)
    return "\n".join(parts).rstrip() + "\n"


def _domain(domain: Domain) -> Iterable[str]:
    yield f"## {_title(domain.title)} (`{domain.id}`)\n"
    for title, rows in (
        ("Source", [(s.id, _title(s.title), _names(s.gives), s.reference) for s in domain.sources]),
        ("Model", [(m.id, m.title.en, _names(m.needs), _names(m.gives)) for m in domain.models]),
        ("Product", [(p.id, p.title.en, _names(p.needs), p.media_type) for p in domain.products]),
    ):
        if rows:
            yield table((title, *_COLUMNS[title]), [(f"`{r[0]}`", *r[1:]) for r in rows])
    for model in domain.models:
        named = f"`{model.id}`, version {model.version}, after {model.reference}"
        yield f"{named}. Limits: {model.limits.en}\n"
    for collection in domain.collections:
        if isinstance(collection, Collection):
            yield from _collection(collection)


_COLUMNS = {
    "Source": ("what", "gives", "format"),
    "Model": ("what", "needs", "gives"),
    "Product": ("what", "needs", "media type"),
}


def _collection(collection: Collection) -> Iterable[str]:
    yield f"### {collection.id}\n"
    yield f"**{_title(collection.title)}.** {collection.text.en}\n"
    kept = f" · readings kept {collection.keep_days} days" if collection.keep_days else ""
    hidden = collection.marking.disclosure.label
    shown = "" if hidden == "CLEAR" else f" · TLP:{hidden}"
    kind = f"{collection.kind.value} · {collection.verb.value}{shown}{kept}"
    yield f"{kind} · licence: {collection.licence}\n"
    yield from fields(collection.schema)


def fields(schema: type) -> Iterable[str]:
    """Return tables of a body's fields, then of those of each type that they are made of."""
    nested: dict[str, type] = {}
    yield _fields(schema, nested)
    told = {schema.__name__}
    while nested:
        name = next(iter(nested))
        inner = nested.pop(name)
        if name not in told:
            told.add(name)
            yield f"Each `{name}`:\n"
            yield _fields(inner, nested)


def _fields(schema: type, nested: dict[str, type]) -> str:
    meanings = docstrings(schema)
    rows = []
    for field in msgspec.structs.fields(schema):
        name = f"`{field.encode_name}`"
        rows.append(
            (
                f"**{name}**" if field.required else name,
                _type(field.type, nested),
                _unit(field),
                meanings.get(field.name, ""),
            )
        )
    return table(("field", "type", "unit", "meaning"), rows)


def docstrings(schema: type) -> dict[str, str]:
    """Return what the source says below each field of a Struct and of those it is built upon.

    Example:
        >>> from hinomi.kernel.records import Series
        >>> docstrings(Series)["thing"]
        "Key of the feature that is observed (a gauge's code)."
    """
    found: dict[str, str] = {}
    for base in reversed(schema.__mro__):
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            found.update(_own_docstrings(base))
    return found


@cache
def _own_docstrings(schema: type) -> dict[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(schema))).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            found[field.target.id] = " ".join(inspect.cleandoc(text.value.value).split())
    return found


_PLAIN: dict[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    datetime: "time",
}
_UNITS = {
    "m": "m",
    "km": "km",
    "mm": "mm",
    "ft": "ft",
    "ms": "m/s",
    "kmh": "km/h",
    "kt": "kt",
    "knots": "kt",
    "hpa": "hPa",
    "percent": "%",
    "bytes": "B",
    "hours": "h",
    "degrees": "°",
    "longitude": "°",
    "latitude": "°",
}
"""By a name's last part."""


def _unit(field: msgspec.structs.FieldInfo) -> str:
    number = field.type not in (str, bool, datetime)
    return _UNITS.get(field.encode_name.rsplit("_", 1)[-1], "") if number else ""


def _type(annotation: Any, nested: dict[str, type]) -> str:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        nested.setdefault(annotation.__name__, annotation)
        return f"`{annotation.__name__}`"
    arguments = [a for a in get_args(annotation) if a not in (type(None), Ellipsis)]
    origin = getattr(annotation, "__origin__", None)
    if origin in (tuple, list):
        return f"list of {_type(arguments[0], nested)}"
    if origin is dict:
        return f"object of {_type(arguments[1], nested)}"
    if arguments and all(isinstance(a, str | int) for a in arguments):
        return ", ".join(f"`{a}`" for a in arguments)
    if arguments:
        return " or ".join(_type(a, nested) for a in arguments)
    return str(getattr(annotation, "__name__", annotation))


def _title(text: Text) -> str:
    return f"{text.en} {text.ja}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(default_catalog()), encoding="utf-8")
