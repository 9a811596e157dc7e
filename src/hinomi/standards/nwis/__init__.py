"""USGS water services (NWIS): instantaneous values as WaterML in JSON, sites and values as RDB.

https://waterservices.usgs.gov/docs/instantaneous-values/ ; RDB:
https://waterdata.usgs.gov/nwis/?tab_delimited_format_info ; public domain.
"""

from __future__ import annotations

from hinomi.standards.nwis.rdb import decode as decode_rdb
from hinomi.standards.nwis.rdb import looks_like as looks_like_rdb
from hinomi.standards.nwis.waterml import decode as decode_json
from hinomi.standards.nwis.waterml import looks_like as looks_like_json
from hinomi.standards.nwis.words import Gauge, Series, Snapshot, Value

__all__ = ["Gauge", "Series", "Snapshot", "Value", "decode", "looks_like"]


def looks_like(data: bytes) -> bool:
    """Tell whether a file's first bytes are one of the formats."""
    return looks_like_json(data) or looks_like_rdb(data)


def decode(data: bytes) -> Snapshot:
    """Return gauges and their values; what is broken becomes a problem and the rest goes on.

    Raises:
        DataError: neither JSON of water services nor RDB.
    """
    return decode_rdb(data) if looks_like_rdb(data) else decode_json(data)
