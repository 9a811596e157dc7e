"""EXIF 2.32 (CIPA DC-008): when and where a photo says it was taken, read from untrusted bytes.

Only what a headquarters asks is read: time with its zone, position, direction, the camera's name,
which way up. The container (JPEG, PNG, WebP, HEIF) is told by its content, never by its name.
"""

from __future__ import annotations

from hinomi.standards.exif.containers import Picture, look
from hinomi.standards.exif.read import Exif, decode
from hinomi.standards.exif.write import encode

__all__ = ["Exif", "Picture", "decode", "encode", "look"]
