"""What a cut road and a power failure are beside words to the players: records of their own.

Road restrictions and lifelines have no telegram of their own: in life people state them. So the
drill states them as people would, each in the collection that owns it, and the exercise's writer
marks them as it marks everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hinomi.domains.response.collections.exercises import PLAYERS
from hinomi.domains.response.collections.facilities import ROADS, Road
from hinomi.domains.response.collections.lifelines import LIFELINES, Lifeline
from hinomi.domains.response.respond.districts import spot_in
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.ports import Gazetteer
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.drill.guard import ADDRESS
from hinomi.runtime.drill.scenario import Event, Outage, RoadCut, Scenario
from hinomi.runtime.drill.stage import Town
from hinomi.vocabulary.times import day_in_japan

SOURCE = "hinomi-drill"


def records(
    run: str, scenario: Scenario, event: Event, at: datetime, gazetteer: Gazetteer
) -> Iterator[Record]:
    """Yield what an event states of roads and of electricity; nothing for all other events."""
    towns = [scenario.stage.town(code) for code in event.towns]
    origin = Origin(address=f"{ADDRESS}{run}/{event.key}", entered_by=event.injected_by)
    if isinstance(event.detail, RoadCut):
        yield _road(event, event.detail, towns[:1], at, origin, gazetteer)
    elif isinstance(event.detail, Outage):
        for number, town in enumerate(towns):
            place = _place(event, town, at, gazetteer, first=number == 0)
            yield _outage(event, event.detail, town, place, at, origin)


def _road(
    event: Event,
    cut: RoadCut,
    towns: list[Town],
    at: datetime,
    origin: Origin,
    gazetteer: Gazetteer,
) -> Record:
    town = towns[0] if towns else None
    return Record(
        collection=ROADS.id,
        # What is said later of the same place is said of the same road.
        key=f"drill/{event.where}",
        said_at=at,
        when=Interval(at, None),
        place=_place(event, town, at, gazetteer, first=True),
        body=Road(
            name=event.where,
            state=cut.state or "other",
            municipality_code=town.code if town else "",
            municipality=town.name if town else "",
            detail=event.text,
        ),
        source=SOURCE,
        marking=PLAYERS,
        origin=origin,
        retracts=not cut.state,
    )


def _outage(
    event: Event, outage: Outage, town: Town, place: Geometry | None, at: datetime, origin: Origin
) -> Record:
    return Record(
        collection=LIFELINES.id,
        # As response.report-lifeline names it: players go on where the drill began.
        key=f"{town.code}.electricity",
        said_at=at,
        place=place,
        body=Lifeline(
            municipality_code=town.code,
            municipality=town.name,
            line="electricity",
            state=outage.state,
            households_out=outage.households,
            since=at,
            remarks=event.text,
        ),
        source=SOURCE,
        marking=PLAYERS,
        origin=origin,
    )


def _place(
    event: Event, town: Town | None, at: datetime, gazetteer: Gazetteer, *, first: bool
) -> Geometry | None:
    """Return the event's own point; where it has none, a point inside the municipality."""
    if event.point and first:
        return point(*event.point)
    outline = gazetteer.place(town.code, day_in_japan(at)) if town else None
    return spot_in(outline) if outline else None
