"""Which topics a topic filter selects (MQTT 3.1.1, 4.7)."""

from __future__ import annotations


def matches(wanted: str, topic: str) -> bool:
    """Tell whether a filter with the wildcards ``+`` and ``#`` selects a topic.

    Example:
        >>> matches("a/+/c", "a/b/c"), matches("a/#", "a"), matches("#", "$SYS/up")
        (True, True, False)
    """
    parts, levels = wanted.split("/"), topic.split("/")
    if topic.startswith("$") and parts[0] in {"+", "#"}:
        return False
    for number, part in enumerate(parts):
        if part == "#":
            return True
        if number >= len(levels) or part not in {"+", levels[number]}:
            return False
    return len(parts) == len(levels)
