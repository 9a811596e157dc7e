"""Levels: what a name states, and what stands for a level where it states none."""

import pytest

from hinomi.vocabulary.hazards import meaning


@pytest.mark.parametrize(
    ("code", "name", "level", "stated"),
    [
        ("08", "高潮警報", 4, False),
        ("08", "レベル３高潮警報", 3, True),
        ("48", "レベル４高潮危険警報", 4, True),
        ("38", "高潮特別警報", 5, False),
        ("19", "高潮注意報", 2, False),
        ("03", "大雨警報", 3, False),
        ("07", "波浪警報", 3, False),
    ],
)
def test_the_old_surge_warning_stands_for_level_4_and_a_stated_level_holds(
    code: str, name: str, level: int, *, stated: bool
) -> None:
    found = meaning(code, name)
    assert (found.level, found.stated) == (level, stated)
