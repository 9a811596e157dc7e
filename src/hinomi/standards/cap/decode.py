"""CAP 1.1 and 1.2, read: all findings with their paths, what can be kept is kept.

Grades: ``error`` refuses the alert (who says it, what it is, or for whom cannot be told);
``alarm`` breaks the standard, but was kept; ``note`` is a reading of what the sender left open.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.standards.cap import alert as c
from hinomi.standards.cap import shapes
from hinomi.standards.cap.findings import Findings
from hinomi.standards.cap.sections import ALERT, AREA, INFO, RESOURCE, Section
from hinomi.standards.cap.xml import Element, alerts, parse, refused

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_IDENTIFIER = re.compile(r"[^\s,<&]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_ADDRESS = re.compile(r'"([^"]*)"|(\S+)')


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of a document: where it stands, what it says, what is wrong with it."""

    path: str
    alert: c.Alert | None
    problems: tuple[Problem, ...]

    @property
    def conforms(self) -> bool:
        """Tell whether it keeps the standard: nothing refused, nothing mended."""
        return self.alert is not None and all(p.grade == "note" for p in self.problems)


def decode(data: bytes) -> list[Found]:
    """Return the alerts of a CAP document, an Atom feed or an EDXL envelope that holds some.

    Raises:
        DataError: nothing can be read: no XML, a document type, too large, no alert.
    """
    return [read(path, element) for path, element in elements(data)]


def elements(data: bytes) -> list[tuple[str, Element]]:
    """Return the alert elements of a document with their paths; see :func:`decode`."""
    root = parse(data)
    found = list(alerts(root))
    if not found:
        # A list's links are followed where it is polled as a feed, not where it is a file.
        listed = str(root.tag).rpartition("}")[2] in {"feed", "rss"}
        code = "cap.index" if listed else "cap.no-alert"
        raise refused(code, "/", found=str(root.tag), expected="alert, CAP 1.1 or 1.2")
    return found


def read(path: str, element: Element) -> Found:
    """Return one alert element's meaning."""
    findings = Findings()
    alert = _alert(Section(element, ALERT, path, findings))
    if any(p.grade == "error" for p in findings.problems):
        alert = None
    return Found(path=path, alert=alert, problems=tuple(findings.problems))


def _alert(section: Section) -> c.Alert | None:
    message_type = section.choice("msgType", c.MESSAGE_TYPES, "error")
    scope = section.choice("scope", c.SCOPES, "error")
    sent = _time(section, "sent", "error")
    restriction = section.text("restriction")
    addresses = tuple(a or b for a, b in _ADDRESS.findall(section.words("addresses")))
    if scope == "Restricted" and not restriction:
        section.tell("cap.restriction-missing", "restriction")
    if scope == "Private" and not addresses:
        section.tell("cap.addresses-missing", "addresses")
    references = _references(section)
    if message_type in c.ANSWERS and not references:
        section.tell("cap.references-missing", "references")
    found = {
        "identifier": _identifier(section, "identifier"),
        "sender": _identifier(section, "sender"),
        "status": section.choice("status", c.STATUSES, "error"),
    }
    infos = tuple(_info(one) for one in section.sections("info", INFO))
    if sent is None:
        return None
    return c.Alert(
        **found,
        sent=sent,
        message_type=message_type,
        scope=scope,
        version=c.NAMESPACES[section.namespace],
        source=section.text("source"),
        restriction=restriction,
        addresses=addresses,
        codes=tuple(section.every("code")),
        note=section.text("note"),
        references=references,
        incidents=tuple(a or b for a, b in _ADDRESS.findall(section.words("incidents"))),
        infos=infos,
    )


def _identifier(section: Section, name: str) -> str:
    found = section.needed(name, "error")
    if found and not _IDENTIFIER.fullmatch(found):
        section.tell("cap.identifier", name, found=found)
    return found


def _references(section: Section) -> tuple[c.Reference, ...]:
    found = []
    for piece in section.words("references").split():
        sender, _, rest = piece.partition(",")
        identifier, _, sent = rest.rpartition(",")
        time = read_time(sent)
        if not (sender and identifier) or time is None:
            section.tell("cap.reference", "references", found=piece)
            continue
        found.append(c.Reference(sender, identifier, time))
    return tuple(found)


def _info(section: Section) -> c.Info:
    language = section.words("language") or "en-US"
    if not _LANGUAGE.fullmatch(language):
        section.tell("cap.language", "language", found=language)
    categories = tuple(section.choices("category", c.CATEGORIES))
    if not categories:
        section.tell("cap.missing", "category")
    info = c.Info(
        language=language,
        categories=categories,
        event=section.needed("event"),
        responses=tuple(section.choices("responseType", c.RESPONSES)),
        urgency=section.choice("urgency", c.URGENCIES) or "Unknown",
        severity=section.choice("severity", c.SEVERITIES) or "Unknown",
        certainty=_certainty(section),
        audience=section.text("audience"),
        event_codes=section.pairs("eventCode"),
        effective=_time(section, "effective"),
        onset=_time(section, "onset"),
        expires=_time(section, "expires"),
        sender_name=section.text("senderName"),
        headline=section.text("headline"),
        description=section.text("description"),
        instruction=section.text("instruction"),
        web=section.words("web"),
        contact=section.text("contact"),
        parameters=section.pairs("parameter"),
        resources=tuple(_resource(one) for one in section.sections("resource", RESOURCE)),
        areas=tuple(_area(one) for one in section.sections("area", AREA)),
    )
    start = info.onset or info.effective
    if start is not None and info.expires is not None and info.expires < start:
        section.tell("cap.expires", "expires", found=section.words("expires"))
    return info


def _certainty(section: Section) -> str:
    # 1.1, section 3.2.2: "Very Likely" is deprecated and read as Likely.
    if section.words("certainty") == "Very Likely" and section.namespace.endswith("1.1"):
        return "Likely"
    return section.choice("certainty", c.CERTAINTIES) or "Unknown"


def _resource(section: Section) -> c.Resource:
    size = section.words("size")
    if section.namespace.endswith("1.2") and not section.words("mimeType"):
        section.tell("cap.missing", "mimeType")
    if size and not (size.isascii() and size.isdigit() and len(size) < 16):
        section.tell("cap.number", "size", found=size)
        size = ""
    return c.Resource(
        description=section.needed("resourceDesc"),
        media_type=section.words("mimeType"),
        size=int(size) if size else None,
        uri=section.words("uri"),
        embedded=section.has("derefUri"),
        digest=section.words("digest"),
    )


def _area(section: Section) -> c.Area:
    findings = section.findings
    polygons = [
        shapes.ring(text, f"{section.path}/polygon[{n}]", findings)
        for n, text in enumerate(section.every("polygon"), start=1)
    ]
    circles = [
        shapes.circle(text, f"{section.path}/circle[{n}]", findings)
        for n, text in enumerate(section.every("circle"), start=1)
    ]
    altitude, ceiling = _feet(section, "altitude"), _feet(section, "ceiling")
    if ceiling is not None and altitude is None:
        section.tell("cap.altitude", "ceiling")
    return c.Area(
        description=section.needed("areaDesc"),
        polygons=tuple(p for p in polygons if p is not None),
        circles=tuple(one for one in circles if one is not None),
        geocodes=section.pairs("geocode"),
        altitude_ft=altitude,
        ceiling_ft=ceiling,
    )


def _feet(section: Section, name: str) -> float | None:
    text = section.words(name)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        section.tell("cap.number", name, found=text)
        return None


def _time(section: Section, name: str, grade: str = "alarm") -> datetime | None:
    text = section.needed(name, "error") if grade == "error" else section.words(name)
    if not text:
        return None
    found = read_time(text)
    if found is None:
        section.tell("cap.time", name, "error" if grade == "error" else "alarm", found=text)
    elif not _TIME.fullmatch(text):
        bare = datetime.fromisoformat(text).tzinfo is None
        section.tell("cap.no-zone" if bare else "cap.time-form", name, found=text)
    return found


def read_time(text: str) -> datetime | None:
    """Return a time as senders write it, UTC where it has no zone; None if it is none."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
