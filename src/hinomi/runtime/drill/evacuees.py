"""The evacuation of a drill: one case stands open from the start, planned anew as the story goes.

Players may settle, change, confirm and close it as any other, and ask for more.
"""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec

from hinomi.domains.response.evacuation.collections import CASES, Case
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.drill import residents, streets
from hinomi.runtime.drill.guard import ADDRESS
from hinomi.runtime.drill.prefecture import TOWNS

HOURS, DAYS = 12, 3.0
BEGUN_BY = "訓練の設定"
_PARTS = ("numba", "scipy")


def possible() -> bool:
    """Tell whether what computes plans is installed (hinomi[models])."""
    return all(find_spec(name) is not None for name in _PARTS)


def stage(seed: int = 118) -> list[Record]:
    """Return the people and roads of the seed's prefecture: the same for every run."""
    return [*residents.records(seed), *streets.records(seed)]


def cases(run: str, at: datetime) -> list[Record]:
    """Return the case of the prefecture's first town, where it can be planned.

    Args:
        run: the exercise's id: each run has a case of its own.
        at: when it begins.
    """
    return [_case(run, at)] if possible() else []


def _case(run: str, at: datetime) -> Record:
    code, name, _ = TOWNS[0]
    body = Case(
        title=f"{name} 洪水(訓練)", municipality_code=code, municipality=name, hazard="flood",
        starts_at=at, hours=HOURS, days=DAYS, state="open", begun_by=BEGUN_BY,
    )  # fmt: skip
    marking = Marking(Status.EXERCISE, CASES.marking.disclosure, CASES.marking.audience)
    return Record(
        collection=CASES.id, key=f"drill-{run}", said_at=at, body=body, source=residents.SOURCE,
        when=Interval(at, None), marking=marking, origin=Origin(address=f"{ADDRESS}{run}/case"),
    )  # fmt: skip
