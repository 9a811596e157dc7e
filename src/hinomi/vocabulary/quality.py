"""What people read for the quality of a reading."""

QUALITIES = ("good", "estimated", "suspect", "unchecked", "missing")
"""WaterML 2.0's words, by the kernel's numbers (``GOOD`` = 0 and so on)."""
