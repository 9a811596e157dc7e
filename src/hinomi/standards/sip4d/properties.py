"""Properties of features: the columns' types and values, and counts that contradict each other."""

from __future__ import annotations

import re
from array import array
from datetime import datetime
from itertools import pairwise
from typing import Any

from hinomi.kernel.errors import Text
from hinomi.standards.sip4d.codes import Findings
from hinomi.standards.sip4d.columns import Column
from hinomi.standards.sip4d.members import is_number, pattern

_NAME = re.compile(r"[a-z0-9_]+\Z", re.ASCII)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?\Z", re.ASCII
)
"""What the Checker takes for a Datetime value."""


class Properties:
    """Checks a layer's properties against its columns."""

    def __init__(self, columns: tuple[Column, ...], path: str, findings: Findings) -> None:
        self._path = path
        self._findings = findings
        self._columns = {c.name: _Rule(c) for c in columns}
        self._required = [c.name for c in columns if c.attribute and c.attribute.value]
        self._names: set[str] = set()

    def check(self, properties: dict[str, Any], number: int) -> None:
        """Check one feature's properties."""
        columns = self._columns
        for name, value in properties.items():
            rule = columns.get(name)
            if name not in self._names:
                self._check_name(name, number, known=rule is not None)
            if value is None or rule is None:
                continue
            wrong = rule.wrong(value)
            if wrong:
                self._findings.add(
                    wrong, self._place(number, name), found=value, expected=rule.expected
                )
        for name in self._required:
            if properties.get(name) in (None, ""):
                self._findings.add("member-required", self._place(number, name))

    def _check_name(self, name: str, number: int, *, known: bool) -> None:
        self._names.add(name)
        if not _NAME.match(name):
            self._findings.add("property-name", self._place(number, name), found=name)
        if not known:
            self._findings.add("property-undefined", self._place(number, name), found=name)

    def _place(self, number: int, name: str) -> str:
        return f"{self._path}/features[{number}]/properties/{name[:80]}"


class _Rule:
    """What a column's values must be: its own type and codes, else the standard's."""

    def __init__(self, column: Column) -> None:
        attribute = column.attribute
        self.kind = column.kind
        allowed: tuple[str, ...] | None = None
        if column.kind == "List" and column.keys:
            allowed = column.keys
        elif attribute is not None and attribute.words:
            allowed = tuple(attribute.words.values())
        self.allowed = frozenset(allowed) if allowed else None
        self.patterns = attribute.patterns if attribute and column.kind != "Datetime" else None
        self.needed = attribute is not None and attribute.value
        kinds = {"": "a string or a number", "List": "one of key_list", "Double": "1.0"}
        self.expected = " / ".join(allowed or ())[:150] or kinds.get(column.kind, column.kind)

    def wrong(self, value: Any) -> str:
        """Return the finding's code, or nothing."""
        if isinstance(value, str):
            return self._wrong_text(value)
        if isinstance(value, bool):
            return ""
        if isinstance(value, int):
            return "" if self.kind in ("Integer", "") else "wrong-type"
        if isinstance(value, float):
            return "" if self.kind in ("Double", "") else "wrong-type"
        return "wrong-type"

    def _wrong_text(self, value: str) -> str:
        if self.kind in ("Integer", "Double"):
            return "wrong-type"
        if self.kind == "Datetime":
            return "" if _TIME.match(value) or not value else "wrong-format"
        if not value and not self.needed:
            return ""
        if self.allowed is not None and value not in self.allowed:
            return "wrong-value"
        if self.patterns and not any(pattern(p).match(value) for p in self.patterns):
            return "wrong-format"
        return ""


_AT_MOST = (
    ("sevacueeno", "evacueeno"),
    ("shouseno", "houseno"),
    ("houseno", "maxhouseno"),
    ("usestorage", "storage"),
)
"""The first counts a part of what the second counts (jname of the attributes)."""
_PARTS = ("alldstno", "mhalfdstno", "halfdstno", "partdstno", "floorfno", "ufloorfno", "otherno")
"""01-012-01: the certificates issued by degree of damage; ``totalno`` is all of them."""


class Counts:
    """Looks for counts that cannot be true together, and for identifiers used twice."""

    def __init__(self, path: str, findings: Findings) -> None:
        self._path = path
        self._findings = findings
        self._ids = array("q")
        self._numbers = array("q")

    def check(self, stated: dict[str, Any], number: int) -> None:
        """Check one feature's standard attributes."""
        place = f"{self._path}/features[{number}]/properties"
        for name, value in stated.items():
            if name.endswith("no") and is_number(value) and value < 0:
                self._findings.add("negative-count", f"{place}/{name}", found=value)
        for part, whole in _AT_MOST:
            if part in stated and whole in stated and stated[part] > stated[whole]:
                self._contradict(place, f"{part} {stated[part]} > {whole} {stated[whole]}")
        if stated.get("evacueeno"):
            self._check_people(stated, place)
        if "totalno" in stated:
            parts = sum(stated.get(name, 0) for name in _PARTS)
            if parts > stated["totalno"]:
                self._contradict(place, f"{parts} in parts > totalno {stated['totalno']}")
        self._check_times(stated, place)
        if stated.get("id"):
            self._ids.append(hash(stated["id"]))
            self._numbers.append(number)

    def _check_people(self, stated: dict[str, Any], place: str) -> None:
        people, state = stated["evacueeno"], stated.get("eststts")
        if people > 0 and state in ("notopen", "close"):
            self._contradict(place, f"evacueeno {people}, eststts {state}")
        if 0 < people < stated.get("houseno", 0):
            self._contradict(place, f"houseno {stated['houseno']} > evacueeno {people}")

    def _check_times(self, stated: dict[str, Any], place: str) -> None:
        start, end = stated.get("starttime"), stated.get("endtime")
        if isinstance(start, datetime) and isinstance(end, datetime) and end < start:
            self._findings.add("times-reversed", place, found=f"{start} > {end}")

    def _contradict(self, place: str, found: str) -> None:
        self._findings.add("counts-contradict", place, found=found)

    def finish(self) -> None:
        """Name the identifiers that occur twice."""
        ids = self._ids
        order = sorted(range(len(ids)), key=ids.__getitem__)
        for before, after in pairwise(order):
            if ids[before] == ids[after]:
                first, second = sorted((self._numbers[before], self._numbers[after]))
                more = Text(f"最初はfeatures[{first}]。", f"First in features[{first}].")
                place = f"{self._path}/features[{second}]/properties"
                self._findings.add("identifier-twice", place, more=more)
