"""The shipped drills' names."""

from __future__ import annotations

from hinomi.kernel.errors import Text

SHIPPED = {"typhoon": Text("台風と地震(架空の火の見県、9時間)", "Typhoon and quake (9 hours)")}
"""Name -> what it is."""
FIRST = "typhoon"
