"""The shipped story against a written table of the truth, minute by minute."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.drill.conftest import Theatre

# At each minute: highest level by town (in the order below), the flood forecast's level of
# 火の見川 (None: not yet spoken of), open shelters, tsunami, whether the quake is known.
TOWNS = ("望楼市", "半鐘市", "川守市", "風待町", "水見町", "土手町", "雲見町", "潮見町", "石堤町",
         "灯守村", "堰上村", "松明村")  # fmt: skip
TRUTH: dict[int, tuple[str, int | None, int, str, bool]] = {
    20: ("222222222222", None, 1, "", False),
    80: ("333332333333", None, 20, "", False),
    125: ("434332433333", 2, 32, "", False),
    170: ("434342443434", 4, 32, "", False),
    220: ("545443443434", 5, 32, "", False),
    260: ("545443443434", 5, 32, "advisory", True),
    345: ("444333433333", 4, 32, "advisory", True),
    450: ("222222222222", 2, 32, "", True),
    539: ("000000000000", 1, 1, "", True),
}


def seen(theatre: Theatre) -> tuple[str, int | None, int, str, bool]:
    levels = {b["area_name"]: b["level"] for b in theatre.bodies("hazards.levels").values()}
    floods = theatre.bodies("hazards.floods").values()
    shelters = theatre.bodies("response.shelters").values()
    waves = [
        b["kind"] for k, b in theatre.bodies("hazards.tsunami").items()
        if k.startswith("warning/") and b["in_force"]
    ]  # fmt: skip
    return (
        "".join(str(levels.get(town, 0)) for town in TOWNS),
        next((b["level"] for b in floods), None),
        sum(b["state"] == "open" for b in shelters),
        waves[0] if waves else "",
        bool(theatre.bodies("hazards.quake_reports")),
    )


@pytest.fixture(scope="module")
def played() -> tuple[Theatre, dict[int, Any], dict[int, set[str]], dict[int, Any]]:
    """Play the drill once, and note what is seen at the chosen minutes."""
    theatre = Theatre()
    theatre.conductor.start("typhoon", speed=1)
    found: dict[int, Any] = {}
    gauges: dict[int, set[str]] = {}
    moments: dict[int, Any] = {}
    minute = 0
    for wanted in TRUTH:
        theatre.go(wanted - minute)
        minute = wanted
        found[wanted] = seen(theatre)
        gauges[wanted] = {b["state"] for b in theatre.bodies("hazards.gauges").values()}
        moments[wanted] = theatre.now
    return theatre, found, gauges, moments


def test_the_state_at_each_chosen_minute_is_the_written_truth(played: Any) -> None:
    _, found, _, _ = played
    assert found == TRUTH


def test_gauges_pass_their_thresholds_and_come_back(played: Any) -> None:
    _, _, gauges, _ = played
    assert gauges[20] == {"below"}
    assert "overflow" in gauges[260]
    assert gauges[539] == {"below"}


@pytest.mark.parametrize("minute", TRUTH)
def test_as_of_shows_the_levels_of_then(played: Any, minute: int) -> None:
    theatre, found, _, moments = played
    old = theatre.reader().at(moments[minute])
    levels = {s.body()["area_name"]: s.body()["level"] for s in old.every("hazards.levels")}
    assert "".join(str(levels.get(town, 0)) for town in TOWNS) == found[minute][0]


def test_whoever_reads_english_finds_the_towns_by_their_english_names(played: Any) -> None:
    theatre = played[0]
    named = {b["area_name"]: b["area_name_en"] for b in theatre.bodies("hazards.levels").values()}
    assert named["望楼市"] == "Boro-shi"
    assert all(name.isascii() for name in named.values())


def test_nothing_of_the_story_raises_an_alarm(played: Any) -> None:
    theatre, _, _, _ = played
    assert theatre.bodies("operations.alarms") == {}
    outcomes = {b["outcome"] for b in theatre.bodies("operations.payloads").values()}
    assert outcomes == {"understood"}
