"""OGC API – Records – Part 1: Core 1.0: catalogue records, and their search as the standard asks.

References:
    OGC 20-004r1, https://docs.ogc.org/is/20-004r1/20-004r1.html.
"""

from hinomi.standards.records_api.encode import CONFORMS_TO, encode_record
from hinomi.standards.records_api.record import Contact, Link, Record, Theme
from hinomi.standards.records_api.search import Words, fold

__all__ = [
    "CONFORMS_TO",
    "Contact",
    "Link",
    "Record",
    "Theme",
    "Words",
    "encode_record",
    "fold",
]
