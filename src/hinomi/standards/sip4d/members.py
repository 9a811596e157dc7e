"""Documents of a package (metadata, columns, style) against the rules' tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from hinomi.standards.sip4d.codes import Findings
from hinomi.standards.sip4d.rules import Attribute, Member, Need

_NAMES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "strings": "an array of strings",
    "objects": "an array of objects",
    "string or number": "a string or a number",
    "time": "a time",
}


def is_number(value: object) -> bool:
    """Tell whether a JSON value is a number (true is none)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "time": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": is_number,
    "boolean": lambda v: isinstance(v, bool),
    "object": lambda v: isinstance(v, dict),
    "strings": lambda v: isinstance(v, list),
    "objects": lambda v: isinstance(v, list),
    "string or number": lambda v: isinstance(v, str) or is_number(v),
}


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Return a rule's pattern, compiled once."""
    return re.compile(text, re.ASCII)


class Documents:
    """Checks one package's documents; ``has`` tells which members the package has."""

    def __init__(self, findings: Findings, has: Callable[[str], bool]) -> None:
        self._findings = findings
        self._has = has

    def check(self, value: dict[str, Any], rules: dict[str, Member], path: str) -> None:
        """Check an object's members; null is as good as absent, as in the official checker."""
        for name, rule in rules.items():
            given = value.get(name)
            place = f"{path}/{name}"
            if given is None:
                if rule.required:
                    self._findings.add("member-required", place)
                continue
            if not _IS[rule.kind](given):
                self._findings.add("wrong-type", place, found=given, expected=_NAMES[rule.kind])
                continue
            self._check_value(given, rule, place)
            if isinstance(given, list):
                self._check_list(value, given, rule, place)

    def _check_value(self, given: Any, rule: Member, path: str) -> None:
        if isinstance(given, str):
            self._check_text(given, rule, path)
        elif is_number(given):
            low = rule.at_least is not None and given < rule.at_least
            high = rule.at_most is not None and given > rule.at_most
            if low or high:
                expected = f"{rule.at_least} to {rule.at_most}"
                self._findings.add("out-of-range", path, found=given, expected=expected)
        elif isinstance(given, dict):
            self.check(given, rule.members, path)

    def _check_text(self, given: str, rule: Member, path: str) -> None:
        if rule.one_of is not None and given not in rule.one_of:
            expected = " / ".join(rule.one_of)
            self._findings.add("wrong-value", path, found=given, expected=expected)
        if (
            rule.patterns
            and not any(pattern(p).match(given) for p in rule.patterns)
            and (rule.required or given)
        ):
            expected = " or ".join(rule.patterns)
            self._findings.add("wrong-format", path, found=given, expected=expected)
        if rule.member and not self._has(given):
            self._findings.add("member-missing", path, found=given)

    def _check_list(self, whole: dict[str, Any], given: list[Any], rule: Member, path: str) -> None:
        stated = whole.get(rule.counted_by) if rule.counted_by else None
        if stated is not None and stated != len(given):
            expected = f"{rule.counted_by} = {stated!r}"
            self._findings.add("count-differs", path, found=len(given), expected=expected)
        wanted = str if rule.kind == "strings" else dict
        for number, element in enumerate(given):
            place = f"{path}[{number}]"
            if not isinstance(element, wanted):
                expected = "a string" if wanted is str else "an object"
                self._findings.add("wrong-type", place, found=element, expected=expected)
            elif isinstance(element, dict):
                self.check(element, rule.members, place)
            else:
                self._check_text(element, rule, place)
        for need in rule.needs:
            self._check_need(whole, given, need, path)

    def _check_need(self, whole: dict[str, Any], given: list[Any], need: Need, path: str) -> None:
        if need.when_whole and not _meets(whole.get(need.when_whole), need):
            return
        for number, element in enumerate(given):
            if not isinstance(element, dict):
                continue
            if need.when_one and not _meets(element.get(need.when_one), need):
                continue
            for name in need.each_has:
                if element.get(name) is None:
                    self._findings.add("member-required", f"{path}[{number}]/{name}")

    def check_attributes(
        self, columns: list[dict[str, Any]], attributes: dict[str, Attribute], path: str
    ) -> None:
        """Check that the information type's columns are there and lead to standard values."""
        stated = {c.get(k): c for k in ("name", "connid") for c in columns if c.get(k)}
        for name, attribute in attributes.items():
            column = stated.get(name)
            if column is None:
                if attribute.column:
                    self._findings.add("column-required", path, expected=name)
                continue
            connected = column.get("conn_attr_list")
            if attribute.words is None or not isinstance(connected, list):
                continue
            allowed = {*attribute.words, *attribute.also_ids}
            for value in connected:
                if not isinstance(value, str) or value not in allowed:
                    place = f"{path}[{name}]/conn_attr_list"
                    expected = " / ".join(attribute.words)
                    self._findings.add(
                        "connected-value-unknown", place, found=value, expected=expected
                    )


def _meets(value: Any, need: Need) -> bool:
    if need.at_least is not None:
        return is_number(value) and value >= need.at_least
    return bool(value == need.equals)
