"""The shipped drill: the same for the same seed, read whole by the real sources, never actual."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from shapely.geometry import Point, shape

from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.marking import OPERATOR, Status
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.reader import ACTUAL, Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.drill.play import Step, play, steps
from hinomi.runtime.drill.posts_cues import FAMILY as SENSORS
from hinomi.runtime.drill.prefecture import make_prefecture
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
STEPS = steps(START)


class Nowhere:
    """A gazetteer that knows every code and no geometry."""

    def place(self, code: str, on: object) -> None:  # noqa: ARG002
        return None

    def knows(self, code: str, on: object) -> bool:  # noqa: ARG002
        return True


def parse(step: Step) -> Parsed:
    payload = Payload(
        data=step.data, name=step.name, address=step.name, digest="0" * 64, taken_at=START
    )
    [source] = [s for s in default_catalog().sources.values() if s.detect(payload)]
    return source.parse(payload, Nowhere())


def test_the_same_seed_gives_the_same_bytes() -> None:
    dry = steps(START)  # Not STEPS: those were made where it may rain.
    assert steps(START) == dry
    assert steps(START, seed=2) != dry


def test_the_towns_are_valid_polygons_that_hold_their_centres_without_gap_or_overlap() -> None:
    towns = make_prefecture().grounds
    shapes = [shape(town.place) for town in towns]
    assert all(s.is_valid for s in shapes)
    assert all(s.contains(Point(t.centre)) for s, t in zip(shapes, towns, strict=True))
    whole = shapely.union_all(shapes)
    assert sum(s.area for s in shapes) == pytest.approx(whole.area, rel=1e-9)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0


FILES = [step for step in STEPS if step.family != SENSORS]
"""What sensors send comes by their own door: ``test_posts.py``."""


@pytest.mark.parametrize("step", FILES, ids=lambda s: s.name)
def test_every_payload_is_taken_by_one_source_and_understood(step: Step) -> None:
    parsed = parse(step)
    assert parsed.records or parsed.readings or parsed.complete
    assert [p for p in parsed.problems if p.grade != "note"] == []


def test_times_agree_with_when_each_payload_comes() -> None:
    speed = 60.0
    for step in steps(START, speed):
        if step.name.startswith("VPWW"):
            said = {r.said_at for r in parse(step).records}
            due = START + step.after / speed
            assert all(abs(at - due) <= timedelta(seconds=1) for at in said)


def test_levels_rise_to_five_and_all_is_released_at_the_end() -> None:
    highest = []
    last: dict[str, int] = {}
    for step in STEPS:
        if step.name.startswith("VPWW"):
            last |= {r.key: r.body.level for r in parse(step).records}
            highest.append(max(last.values()))
    assert max(highest) == 5
    assert highest[-1] == 0


def test_nothing_that_a_drill_states_is_actual() -> None:
    store = MemoryStore()
    writer = Writer(store, now=lambda: datetime.now(UTC))  # noqa: TID251
    play(writer, default_catalog(), Nowhere(), threading.Event(), speed=500_000)
    assert store.position() > 0
    assert {m.status for m in store.markings()} == {Status.EXERCISE}
    catalog = default_catalog()
    actual = Reader(store, catalog, OPERATOR, status=ACTUAL)
    exercise = Reader(store, catalog, OPERATOR, status=frozenset({Status.EXERCISE}))
    for name in catalog.collections:
        assert actual.find(name, limit=1).items == []
    for name in ("hazards.warnings", "hazards.quake_reports", "response.shelters"):
        assert exercise.find(name, limit=1).items


def test_at_the_end_all_shelters_but_the_first_are_closed_however_fast_it_is_played() -> None:
    store = MemoryStore()
    play(Writer(store), default_catalog(), Nowhere(), threading.Event(), speed=500_000)
    exercise = Reader(store, default_catalog(), OPERATOR, status=frozenset({Status.EXERCISE}))
    shelters = [item.body() for item in exercise.every("response.shelters")]
    assert [s["name"] for s in shelters if s.get("state") == "open"] == ["望楼第一小学校"]


def test_a_stopped_drill_ends_at_once() -> None:
    stop = threading.Event()
    stop.set()
    store = MemoryStore()
    play(Writer(store), default_catalog(), Nowhere(), stop, speed=1)
    assert exercise_count(store) == 0


def exercise_count(store: MemoryStore) -> int:
    return sum(n for (name, _), n in store.counts().items() if name == "hazards.warnings")


def test_an_unknown_drill_and_an_impossible_speed_are_refused() -> None:
    writer = Writer(MemoryStore())
    with pytest.raises(MissingError, match="typhoon"):
        play(writer, default_catalog(), Nowhere(), threading.Event(), name="typhon")
    with pytest.raises(InputError, match="speed"):
        play(writer, default_catalog(), Nowhere(), threading.Event(), speed=0)
