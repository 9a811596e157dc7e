"""Radar images in HDF5: EUMETNET OPERA's ODIM_H5 (COMP, IMAGE) and KNMI's own layout.

OPERA Data Information Model for HDF5, 2.2 and later; KNMI HDF5 Data Format Specification 3.5.
"""

from __future__ import annotations

from hinomi.standards.odim.decoder import Image, decode, looks_like

__all__ = ["Image", "decode", "looks_like"]
