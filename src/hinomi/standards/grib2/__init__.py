"""GRIB2 (WMO FM 92) as JMA sends it: fields with their times and grids, values through ecCodes.

Sections are read here, so files of many fields and JMA's own product templates (4.50000 and up),
which ecCodes does not know, are read as well. So are run length (5.200) and simple packing; the
rarer packings are ecCodes' part.
"""

from __future__ import annotations

from hinomi.standards.grib2.decoder import Decoded, decode, looks_like, values
from hinomi.standards.grib2.encoder import Statement, encode
from hinomi.standards.grib2.fields import Field, Grid

__all__ = [
    "Decoded",
    "Field",
    "Grid",
    "Statement",
    "decode",
    "encode",
    "looks_like",
    "values",
]
