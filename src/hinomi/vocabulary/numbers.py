"""Numbers that JSON does not know: programs write NaN and Infinity all the same."""

from __future__ import annotations

import re

_STRING_OR_NOT_A_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*+"?|-?\b(?:NaN|Infinity)\b')


def quote_not_numbers(data: bytes) -> bytes:
    """Return JSON text with bare ``NaN``, ``Infinity`` and ``-Infinity`` as strings.

    RFC 8259 (section 6) has no such numbers, so a decoder refuses the whole text for one of them.
    As strings they break only the member that they stand in, and the rest can be read.
    """
    return _STRING_OR_NOT_A_NUMBER.sub(
        lambda found: found[0] if found[0].startswith(b'"') else b'"%b"' % found[0], data
    )
