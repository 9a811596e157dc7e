"""Who is told of which alert: areas, coasts, strengths; a person's choice before the town's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.errors import InputError
from hinomi.runtime import config
from hinomi.runtime.people import People
from hinomi.runtime.watching import Watch, checked, concerns, gravity, heading

NOTO = {"1720400": 6.0, "1720500": 5.0, "1720100": 3.5}
QUAKE: dict[str, Any] = {"kind": "quake", "rank": 8, "areas": list(NOTO), "strengths": NOTO}
COAST: dict[str, Any] = {"kind": "tsunami", "rank": 2, "areas": ["17"], "coast": "360"}


@pytest.mark.parametrize(
    ("areas", "intensity", "told"),
    [
        (("1720400",), "6+", True),
        (("1720500",), "6+", False),
        (("1720500",), "5-", True),
        (("1720100",), "5-", False),
        (("1720100",), "4", True),
        (("17",), "7", False),
        ((), "6-", True),
        (("13",), "4", False),
    ],
)
def test_a_quake_rings_by_the_strength_in_ones_own_area(
    areas: tuple[str, ...], intensity: Any, told: object
) -> None:
    assert concerns(Watch(areas=areas, intensity=intensity), QUAKE) is told


def test_a_tsunami_rings_on_the_coasts_of_ones_prefecture_or_on_those_named() -> None:
    town = Watch(areas=("1720400",))
    assert concerns(town, COAST)
    assert not concerns(Watch(areas=("1310100",)), COAST)
    assert not concerns(Watch(areas=("1720400",), coasts=("361",)), COAST)
    assert not concerns(Watch(areas=("1720400",), coasts=()), COAST), "inland"
    assert concerns(Watch(areas=("1310100",), coasts=("360",)), COAST)
    assert not concerns(Watch(areas=("1720400",), tsunami="warning"), COAST)
    assert concerns(town, {**COAST, "areas": []}), "a coast that nobody can place is for everyone"


def test_levels_always_ring_and_early_warnings_unless_switched_off() -> None:
    assert concerns(Watch(areas=("17",)), {"level": 4, "areas": ["1720400"]})
    eew = {"kind": "eew", "rank": 1, "areas": ["1720400"]}
    assert concerns(Watch(areas=("17",)), eew)
    assert not concerns(Watch(areas=("17",), eew=False), eew)


def test_the_gravest_comes_first_whatever_its_kind() -> None:
    said = [{"level": 4}, QUAKE, COAST, {**COAST, "rank": 3}, {"kind": "quake", "rank": 4}]
    assert [gravity(alert) for alert in said] == [4, 5, 3, 5, 3]
    assert heading({"level": 5, "area_name": "輪島市"}) == "レベル5 輪島市"


@pytest.mark.parametrize("wrong", [Watch(areas=("輪島",)), Watch(coasts=("999",)),
                                   Watch(areas=tuple(f"{n:07}" for n in range(501)))])  # fmt: skip
def test_codes_that_are_none_are_refused(wrong: Watch) -> None:
    with pytest.raises(InputError):
        checked(wrong)


def test_the_installations_watch_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / config.FILE).write_text(
        'areas = ["17204"]\n[alerts]\nintensity = "4"\ncoasts = ["360"]\n'
    )
    assert config.read(tmp_path).watched() == Watch(
        areas=("17204",), coasts=("360",), intensity="4"
    )
    (tmp_path / config.FILE).write_text('[alerts]\nintensity = "5"\n')
    with pytest.raises(InputError, match="intensity"):
        config.read(tmp_path)
    (tmp_path / config.FILE).write_text('[alerts]\ncoasts = ["石川"]\n')
    with pytest.raises(InputError, match="津波予報区"):
        config.read(tmp_path)


def test_a_person_chooses_and_goes_back_to_what_all_are_told(tmp_path: Path) -> None:
    people = People(tmp_path, watch=Watch(areas=("17204",)))
    assert people.watch_of("佐藤") == Watch(areas=("17204",))
    own = Watch(areas=("1720500",), intensity="4")
    people.choose_watch("佐藤", own)
    assert People(tmp_path).watch_of("佐藤") == own
    assert people.watch_of("鈴木") == Watch(areas=("17204",))
    people.choose_watch("佐藤", None)
    assert people.watch_of("佐藤") == Watch(areas=("17204",))
