"""Safe and bounded XML, and the few ways in which telegrams are walked.

No entity, no DTD and no network are ever used; size, elements and depth are limited before and
while a tree is built, so that hostile bytes cost little. JMA sends UTF-8 only.
"""

from __future__ import annotations

from codecs import utf_8_decode
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from lxml import etree

from hinomi.kernel.errors import DataError, Problem, Text

Element: TypeAlias = Any
"""An lxml element: iterable over its children, with ``tag``, ``text`` and ``get``."""

JMX = "{http://xml.kishou.go.jp/jmaxml1/}"
HEAD = "{http://xml.kishou.go.jp/jmaxml1/informationBasis1/}"
METEOROLOGY = "{http://xml.kishou.go.jp/jmaxml1/body/meteorology1/}"
SEISMOLOGY = "{http://xml.kishou.go.jp/jmaxml1/body/seismology1/}"
VOLCANOLOGY = "{http://xml.kishou.go.jp/jmaxml1/body/volcanology1/}"
BASIS = "{http://xml.kishou.go.jp/jmaxml1/elementBasis1/}"
"""The values with units (``jmx_eb:``): Temperature, Coordinate, Magnitude, ..."""

MAX_BYTES = 16_000_000
"""Four times the largest official sample (VPRN50, 4.0 MB)."""
MAX_ELEMENTS = 600_000
"""Four times the elements of that sample; a node costs about 150 bytes of memory."""
MAX_DEPTH = 250
"""libxml2 stops at 256 by itself; the deepest sample has 16 levels."""

_PIECE = 65_536


def parse_xml(data: bytes) -> Element:
    """Return the root of a well-formed UTF-8 document without comments and instructions.

    Raises:
        DataError: too large, not UTF-8, a DTD or an entity, not well-formed; the problem's path
            is ``line:column`` where there is one.
    """
    problem = _refused(data)
    if problem is not None:
        raise DataError([problem])
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        raise DataError([_syntax_problem(error)]) from error
    except (ValueError, LookupError) as error:
        raise DataError([_problem("xml", "", "XMLとして読めません。", str(error))]) from error
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
    )


def _refused(data: bytes) -> Problem | None:
    if len(data) > MAX_BYTES:
        return _problem(
            "too-large",
            "",
            "電文が大きすぎます。",
            "The telegram is too large.",
            found=f"{len(data)} bytes",
            expected=f"at most {MAX_BYTES} bytes",
        )
    elements = data.count(b"<") if len(data) > 2 * MAX_ELEMENTS else 0
    if elements > 2 * MAX_ELEMENTS:
        return _problem(
            "too-large",
            "",
            "要素が多すぎます。",
            "The telegram has too many elements.",
            found=f"about {elements // 2} elements",
            expected=f"at most {MAX_ELEMENTS} elements",
        )
    wrong = _not_utf8(data)
    if wrong is not None:
        return _problem(
            "encoding",
            f"byte {wrong}",
            "UTF-8ではありません。",
            "The bytes are not UTF-8.",
            found=data[wrong : wrong + 8].hex(" "),
            expected="UTF-8",
        )
    if b"\x00" in data:
        return _problem(
            "encoding",
            f"byte {data.index(0)}",
            "NULがあります(UTF-16など)。",
            "The bytes hold NUL (UTF-16 or the like).",
            expected="UTF-8",
        )
    for forbidden in (b"<!DOCTYPE", b"<!ENTITY") if b"<!" in data else ():
        if forbidden in data:
            return _problem(
                "dtd",
                f"byte {data.index(forbidden)}",
                "DTDや実体の宣言は使えません。",
                "Document types and entities are refused.",
                found=forbidden.decode(),
                expected="no DTD and no entity",
            )
    return None


def _not_utf8(data: bytes) -> int | None:
    """Return where the bytes stop to be UTF-8, None where they are: piece by piece, in the cache.

    Decoding 4 MB at once costs three times as much, most of it for fresh memory.
    """
    view, start = memoryview(data), 0
    while start < len(data):
        last = start + _PIECE >= len(data)
        try:
            start += utf_8_decode(view[start : start + _PIECE], "strict", last)[1]
        except UnicodeDecodeError as error:
            return start + error.start
    return None


def _syntax_problem(error: etree.XMLSyntaxError) -> Problem:
    line, column = error.position
    message = str(error.msg)
    if "depth" in message.lower():
        return _problem(
            "depth",
            f"{line}:{column}",
            "入れ子が深すぎます。",
            "The elements are nested too deeply.",
            found=message[:200],
            expected=f"at most {MAX_DEPTH} levels",
        )
    return _problem(
        "xml",
        f"{line}:{column}",
        "整形式のXMLではありません(途中で切れていることがあります)。",
        "The bytes are not well-formed XML (they may be cut off).",
        found=message[:200],
        expected="well-formed XML",
    )


def _problem(
    code: str, path: str, ja: str, en: str, *, found: str = "", expected: str = ""
) -> Problem:
    return Problem(f"jmaxml.{code}", path, Text(ja, en), found=found, expected=expected)


_MAX_NAMES = 5_000


class _LocalNames(dict[str, str]):
    """Full tag -> local name, made when asked; looking one up again runs no Python."""

    def __missing__(self, tag: str) -> str:
        found = tag[tag.rfind("}") + 1 :]
        if len(self) < _MAX_NAMES:  # Hostile bytes may hold names without end.
            self[tag] = found
        return found


LOCAL_NAMES = _LocalNames()
"""Full tags without their namespace: ``LOCAL_NAMES["{uri}Area"]`` is ``Area``."""


def local_name(tag: str) -> str:
    """Return a full tag without its namespace (``{uri}Area`` -> ``Area``), remembered."""
    return LOCAL_NAMES[tag]


def name(element: Element) -> str:
    """Return the element's local name, without its namespace."""
    return LOCAL_NAMES[element.tag]


Read = TypeVar("Read")
_MAX_REPEATS = 2_000


class Repeats(Generic[Read]):
    """Elements of one telegram that say the same to the letter, read once.

    A telegram says one thing of hundreds of areas: comparing bytes costs a twentieth of reading.
    What the reader gives must not depend on where the element stands; it is shared, so nobody may
    change it. Where it adds to ``problems`` the element's like is read again, to tell its place.
    """

    def __init__(self, reader: Callable[[Element], Read], problems: Sequence[Problem] = ()) -> None:
        self._reader = reader
        self._problems = problems
        self._known: dict[bytes, Read] = {}

    def read(self, element: Element) -> Read:
        """Return what the reader gives for the element, or gave for its like."""
        said = etree.tostring(element, encoding="utf-8", with_tail=False)
        found = self._known.get(said)
        if found is None:
            before = len(self._problems)
            found = self._reader(element)
            if len(self._problems) == before and len(self._known) < _MAX_REPEATS:
                self._known[said] = found
        return found


def text(element: Element | None) -> str:
    """Return the element's own text without blanks around it; "" for None and for empty."""
    if element is None:
        return ""
    found: str | None = element.text
    return found.strip() if found is not None else ""


def child(element: Element | None, tag: str) -> Element | None:
    """Return the first child of that full tag (``METEOROLOGY + "Item"``), or None."""
    if element is None:
        return None
    return next(element.iterchildren(tag), None)


def children(element: Element | None, tag: str) -> Iterator[Element]:
    """Yield the children of that full tag; nothing for None."""
    if element is not None:
        yield from element.iterchildren(tag)


def child_text(element: Element | None, tag: str) -> str:
    """Return the text of the first child of that full tag, "" where there is none."""
    return text(child(element, tag))


def path(element: Element) -> str:
    """Return where the element is: ``/Report/Body/Warning[2]/Item[7]`` (counted from 1)."""
    parts: list[str] = []
    at: Element | None = element
    while at is not None:
        before = sum(1 for _ in at.itersiblings(at.tag, preceding=True))
        more = before or next(at.itersiblings(at.tag), None) is not None
        parts.append(f"{name(at)}[{before + 1}]" if more else name(at))
        at = at.getparent()
    return "/" + "/".join(reversed(parts))
