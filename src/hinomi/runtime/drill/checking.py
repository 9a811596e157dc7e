"""Checking a scenario: its rows, then a rehearsal of every payload through the real sources."""

from __future__ import annotations

from datetime import date, datetime

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Payload
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.drill.play import rehearse
from hinomi.runtime.drill.posts_cues import FAMILY as SENSORS
from hinomi.runtime.drill.reading import has_open_end, read
from hinomi.runtime.drill.scenario import Scenario


class _AnyArea:
    """A gazetteer that knows every code and no geometry: what a scenario names was checked."""

    def place(self, code: str, on: date) -> Geometry | None:
        del code, on
        return None

    def knows(self, code: str, on: date) -> bool:
        del code, on
        return True


def check(
    data: bytes, name: str, on: date, start: datetime
) -> tuple[Scenario | None, list[Problem]]:
    """Return the scenario and all that is wrong with it: faults by line, and what sources say.

    Raises:
        DataError: the file is no table.
    """
    scenario, problems = read(data, name, on)
    if scenario is None:
        return None, problems
    if not has_open_end(scenario):
        text = Text(
            "最後に全ての避難所が閉じます。空の一覧は送れないので、最後の人数が残って見えます。"
            "1か所は終わりまで開けてください。",
            "All shelters close, but an empty list cannot be sent: the last head-counts stay"
            " visible. Keep one open to the end.",
        )
        problems = [*problems, Problem("scenario.shelters", "", text, "note")]
    return scenario, [*problems, *_rehearsed(scenario, start)]


def _rehearsed(scenario: Scenario, start: datetime) -> list[Problem]:
    sources = default_catalog().sources.values()
    found = []
    for step in rehearse(scenario, start):
        if step.family == SENSORS:
            # It goes to the sensors' door, not to a source, and holds no word of the scenario's.
            continue
        payload = Payload(
            data=step.data, name=step.name, address=step.name, digest="0" * 64, taken_at=start
        )
        source = next(s for s in sources if s.detect(payload))
        parsed = source.parse(payload, _AnyArea())
        found += [p.within(f"/{step.name}") for p in parsed.problems if p.grade != "note"]
    return found
