"""The elements of CAP in their order, how often each may stand, and a reader of one level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from hinomi.kernel.errors import Grade
from hinomi.standards.cap.alert import Pair
from hinomi.standards.cap.findings import Findings
from hinomi.standards.cap.xml import Element, text, words

Level = dict[str, bool]
"""Element -> may be repeated, in the order of the schema (CAP 1.2, section 3.4)."""

ALERT: Level = {
    "identifier": False, "sender": False, "sent": False, "status": False, "msgType": False,
    "source": False, "scope": False, "restriction": False, "addresses": False, "code": True,
    "note": False, "references": False, "incidents": False, "info": True, "Signature": True,
}  # fmt: skip
INFO: Level = {
    "language": False, "category": True, "event": False, "responseType": True, "urgency": False,
    "severity": False, "certainty": False, "audience": False, "eventCode": True,
    "effective": False, "onset": False, "expires": False, "senderName": False, "headline": False,
    "description": False, "instruction": False, "web": False, "contact": False,
    "parameter": True, "resource": True, "area": True,
}  # fmt: skip
RESOURCE: Level = {
    "resourceDesc": False, "mimeType": False, "size": False, "uri": False, "derefUri": False,
    "digest": False,
}  # fmt: skip
AREA: Level = {
    "areaDesc": False, "polygon": True, "circle": True, "geocode": True, "altitude": False,
    "ceiling": False,
}  # fmt: skip
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"


class Section:
    """The children of one element: checked against a level, then asked for by name."""

    def __init__(self, element: Element, level: Level, path: str, findings: Findings) -> None:
        self.namespace: str = etree.QName(element).namespace or ""
        self.path = path
        self.findings = findings
        self._found: dict[str, list[Element]] = {}
        names = list(level)
        place = 0
        ordered = True
        for child in element.iterchildren("*"):
            name = etree.QName(child)
            ours = name.namespace == self.namespace or child.tag == f"{_SIGNATURE}Signature"
            if not ours or name.localname not in level:
                if not element_is_foreign(child, self.namespace):
                    self.tell("cap.unknown-element", name.localname)
                continue
            ordered &= names.index(name.localname) >= place
            place = max(place, names.index(name.localname))
            self._found.setdefault(name.localname, []).append(child)
        if not ordered:
            self.tell("cap.order", "")
        for name_, children in self._found.items():
            if len(children) > 1 and not level[name_]:
                self.tell("cap.repeated", name_, found=str(len(children)), expected="1")

    def tell(
        self, code: str, name: str, grade: Grade = "alarm", *, found: str = "", expected: str = ""
    ) -> None:
        """Keep a finding about a child."""
        path = f"{self.path}/{name}" if name else self.path
        self.findings.add(code, path, grade, found=found, expected=expected)

    def has(self, name: str) -> bool:
        """Tell whether the child is there."""
        return name in self._found

    def every(self, name: str) -> list[str]:
        """Return the texts of all children of the name that hold any, each on one line."""
        return [found for child in self._found.get(name, []) if (found := words(child))]

    def words(self, name: str) -> str:
        """Return a child's text on one line, empty where it is not there."""
        return next(iter(self.every(name)), "")

    def text(self, name: str) -> str:
        """Return a child's text with its lines, empty where it is not there."""
        return next((text(child) for child in self._found.get(name, [])), "")

    def needed(self, name: str, grade: Grade = "alarm") -> str:
        """Return the text of a child that must be there and hold something."""
        found = self.words(name)
        if not found:
            self.tell("cap.empty" if self.has(name) else "cap.missing", name, grade)
        return found

    def choice(self, name: str, values: Sequence[str], grade: Grade = "alarm") -> str:
        """Return a child's value if it is one of the standard's; else tell, and return it empty."""
        found = self.needed(name, grade)
        if found and found not in values:
            self.tell("cap.value", name, grade, found=found, expected=", ".join(values))
            return ""
        return found

    def choices(self, name: str, values: Sequence[str]) -> Iterator[str]:
        """Yield the children's values that are of the standard; tell of the others."""
        for found in self.every(name):
            if found in values:
                yield found
            else:
                self.tell("cap.value", name, found=found, expected=", ".join(values))

    def pairs(self, name: str) -> tuple[Pair, ...]:
        """Return children that hold ``valueName`` and ``value``."""
        found = []
        for child in self._found.get(name, []):
            parts = {etree.QName(part).localname: words(part) for part in child.iterchildren("*")}
            if not parts.get("valueName"):
                self.tell("cap.missing", f"{name}/valueName")
            found.append(Pair(parts.get("valueName", ""), parts.get("value", "")))
        return tuple(found)

    def sections(self, name: str, level: Level) -> Iterator[Section]:
        """Yield the children that have children of their own."""
        for number, child in enumerate(self._found.get(name, []), start=1):
            yield Section(child, level, f"{self.path}/{name}[{number}]", self.findings)


def element_is_foreign(child: Element, namespace: str) -> bool:
    """Tell whether a child is of somebody else's namespace, which the standard lets be."""
    found = etree.QName(child).namespace
    return found is not None and found != namespace
