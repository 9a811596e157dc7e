"""CQL2 (OGC 21-065r2): text and JSON to the kernel's filter tree and back, in a documented subset.

What is read: comparisons, ``AND OR NOT``, ``LIKE``, ``BETWEEN``, ``IN``, ``IS NULL``,
``S_INTERSECTS S_WITHIN S_CONTAINS S_DISJOINT`` of the feature's geometry with WKT or ``BBOX()``,
``T_AFTER T_BEFORE T_EQUALS T_DURING T_INTERSECTS`` of a time property with ``TIMESTAMP``,
``DATE`` and ``INTERVAL``. Arithmetic, functions, arrays and ``CASEI`` are refused by name.
"""

from hinomi.standards.cql2.check import check
from hinomi.standards.cql2.encode import to_json, to_text
from hinomi.standards.cql2.jsonform import parse_json
from hinomi.standards.cql2.textform import parse_text

__all__ = ["check", "parse_json", "parse_text", "to_json", "to_text"]
