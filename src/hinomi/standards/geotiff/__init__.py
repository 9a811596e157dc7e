"""GeoTIFF 1.1 (OGC 19-008r4): one band of numbers and where it lies; written as COG 1.0.

References:
    OGC 19-008r4, GeoTIFF 1.1; OGC 21-026, Cloud Optimized GeoTIFF; TIFF 6.0 (Adobe 1992).
"""

from hinomi.standards.geotiff.reading import Raster, decode, is_tiff
from hinomi.standards.geotiff.writing import encode

__all__ = ["Raster", "decode", "encode", "is_tiff"]
