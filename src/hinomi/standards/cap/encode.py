"""CAP 1.2, written: elements in the schema's order, times and positions in its forms."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from hinomi.kernel.errors import DataError
from hinomi.standards.cap import alert as c
from hinomi.standards.cap.decode import read
from hinomi.standards.cap.xml import Element

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_FORBIDDEN = {n: None for n in range(32) if chr(n) not in "\t\n\r"} | {0xFFFE: None, 0xFFFF: None}
"""XML 1.0 has no place for these characters."""


def encode(alert: c.Alert) -> bytes:
    """Return the message as bytes; see :func:`element`."""
    return written(element(alert))


def written(root: Element) -> bytes:
    """Return an alert element as a document."""
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data


def element(alert: c.Alert) -> Element:
    """Return the message as an element.

    Raises:
        DataError: the message breaks the standard, and what would be wrong with it.
    """
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(root, "identifier", alert.identifier)
    _add(root, "sender", alert.sender)
    _add(root, "sent", c.time_text(alert.sent))
    _add(root, "status", alert.status)
    _add(root, "msgType", alert.message_type)
    _some(root, "source", alert.source)
    _add(root, "scope", alert.scope)
    _some(root, "restriction", alert.restriction)
    _some(root, "addresses", _list(alert.addresses))
    for code in alert.codes:
        _add(root, "code", code)
    _some(root, "note", alert.note)
    _some(root, "references", " ".join(r.text() for r in alert.references))
    _some(root, "incidents", _list(alert.incidents))
    for info in alert.infos:
        _info(_add(root, "info"), info)
    found = read("/alert", root)
    wrong = [p for p in found.problems if p.grade != "note"]
    if wrong:
        raise DataError(wrong)
    return root


def _info(parent: Element, info: c.Info) -> None:
    _add(parent, "language", info.language)
    for category in info.categories:
        _add(parent, "category", category)
    _add(parent, "event", info.event)
    for response in info.responses:
        _add(parent, "responseType", response)
    _add(parent, "urgency", info.urgency)
    _add(parent, "severity", info.severity)
    _add(parent, "certainty", info.certainty)
    _some(parent, "audience", info.audience)
    _pairs(parent, "eventCode", info.event_codes)
    for name, time in (
        ("effective", info.effective),
        ("onset", info.onset),
        ("expires", info.expires),
    ):
        if time is not None:
            _add(parent, name, c.time_text(time))
    _some(parent, "senderName", info.sender_name)
    _some(parent, "headline", info.headline)
    _some(parent, "description", info.description)
    _some(parent, "instruction", info.instruction)
    _some(parent, "web", info.web)
    _some(parent, "contact", info.contact)
    _pairs(parent, "parameter", info.parameters)
    for resource in info.resources:
        _resource(_add(parent, "resource"), resource)
    for area in info.areas:
        _area(_add(parent, "area"), area)


def _resource(parent: Element, resource: c.Resource) -> None:
    _add(parent, "resourceDesc", resource.description)
    _add(parent, "mimeType", resource.media_type or "application/octet-stream")
    if resource.size is not None:
        _add(parent, "size", str(resource.size))
    _some(parent, "uri", resource.uri)
    _some(parent, "digest", resource.digest)


def _area(parent: Element, area: c.Area) -> None:
    _add(parent, "areaDesc", area.description)
    for ring in area.polygons:
        _add(parent, "polygon", " ".join(f"{y:.12g},{x:.12g}" for x, y in ring))
    for circle in area.circles:
        _add(
            parent,
            "circle",
            f"{circle.latitude:.12g},{circle.longitude:.12g} {circle.radius_km:.12g}",
        )
    _pairs(parent, "geocode", area.geocodes)
    for name, feet in (("altitude", area.altitude_ft), ("ceiling", area.ceiling_ft)):
        if feet is not None:
            _add(parent, name, f"{feet:.12g}")


def _pairs(parent: Element, name: str, pairs: Iterable[c.Pair]) -> None:
    for pair in pairs:
        one = _add(parent, name)
        _add(one, "valueName", pair.name)
        _add(one, "value", pair.value)


def _list(values: Iterable[str]) -> str:
    return " ".join(f'"{v}"' if " " in v else v for v in values)


def _some(parent: Element, name: str, text: str) -> None:
    if text:
        _add(parent, name, text)


def _add(parent: Element, name: str, text: str = "") -> Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if text:
        child.text = text.translate(_FORBIDDEN)
    return child
