"""Safe and bounded XML for CAP: no entity, no DTD, no network, whatever encoding is declared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from lxml import etree

from hinomi.kernel.errors import DataError, Problem
from hinomi.standards.cap.alert import NAMESPACES
from hinomi.standards.cap.findings import TEXTS

Element: TypeAlias = Any

MAX_BYTES = 8_000_000
MAX_ELEMENTS = 200_000
HEAD_BYTES = 8192
_CAP = re.compile(rb"urn:oasis:names:tc:emergency:cap:1\.\d")
_ALERT = re.compile(rb"<(?:[\w.-]+:)?alert[\s>]")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_NUL = b"\x00"


def looks_like(data: bytes) -> bool:
    """Tell whether a document's first bytes name CAP's namespace."""
    return _CAP.search(data[:HEAD_BYTES]) is not None


def holds_alert(data: bytes) -> bool:
    """Tell whether a feed holds messages themselves, not only their addresses."""
    return looks_like(data) and _ALERT.search(data) is not None


def parse(data: bytes) -> Element:
    """Return the root; white space stays as it is, since signatures are over it.

    Raises:
        DataError: too large, a document type or an entity, not well-formed.
    """
    if len(data) > MAX_BYTES or data.count(b"<") > 2 * MAX_ELEMENTS:
        raise refused("cap.too-large", "/", found=f"{len(data)} bytes", expected=f"{MAX_BYTES}")
    forbidden = _DOCTYPE.search(data)
    if forbidden is not None or _NUL in data:
        # With NULs the bytes may be UTF-16, in which a document type hides from the search.
        raise refused("cap.dtd", "/", found="NUL" if forbidden is None else forbidden[0].decode())
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise refused("cap.not-xml", "/", found=str(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused("cap.dtd", "/")
    return root


def refused(code: str, path: str, *, found: str = "", expected: str = "") -> DataError:
    """Return the error that refuses the whole document."""
    return DataError([Problem(code, path, TEXTS[code], "error", found[:200], expected)])


def alerts(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield the alerts of a document with their paths: the root, or inside a feed or envelope."""
    wanted = [f"{{{namespace}}}alert" for namespace in NAMESPACES]
    if root.tag in wanted:
        yield "/alert", root
        return
    for element in root.iter(*wanted):
        yield _path(element), element


def _path(element: Element) -> str:
    names = []
    while element is not None:
        parent = element.getparent()
        name = etree.QName(element).localname
        if parent is not None:
            same = list(parent.iterchildren(element.tag))
            name = f"{name}[{same.index(element) + 1}]" if len(same) > 1 else name
        names.append(name)
        element = parent
    return "/" + "/".join(reversed(names))


def text(element: Element) -> str:
    """Return an element's text without the blanks around it, those of lines within kept."""
    return "".join(element.itertext()).strip() if len(element) else (element.text or "").strip()


def words(element: Element) -> str:
    """Return a short text on one line: senders break lines inside codes and polygons."""
    return " ".join(text(element).split())
