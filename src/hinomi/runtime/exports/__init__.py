"""A collection as a file that other software opens: GeoPackage, Excel, PMTiles and others.

The libraries that write them are the extra ``formats``; each is imported where it is used.
"""

from hinomi.runtime.exports.notes import Notes, file_name, notes_of
from hinomi.runtime.exports.writing import FORMATS, Format, export, format_of

__all__ = ["FORMATS", "Format", "Notes", "export", "file_name", "format_of", "notes_of"]
