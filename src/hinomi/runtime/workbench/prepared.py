"""Cases that a river's warning starts by themselves: an inundation forecast, made apart.

Where a case names a forecast stretch (予報区域) and a flood forecast of level 4 or 5 is in force
for it in the same status, the case is run as it stands and recorded as our forecast: once, and
again where that forecast's time is over and the warning is not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from hinomi.domains.hazards.collections.floods import FLOODS
from hinomi.domains.hazards.collections.inundation_forecasts import INUNDATION_FORECASTS
from hinomi.domains.hazards.collections.scenarios import SCENARIO_CASES, Changes, ScenarioCase
from hinomi.domains.hazards.workbench.running import Forecast, Foretold, Task
from hinomi.kernel.errors import HinomiError, InputError
from hinomi.kernel.marking import strictest
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, Stored
from hinomi.runtime.writer import Writer

log = logging.getLogger("hinomi.workbench")

LEAST_LEVEL = 4
"""氾濫危険: the river may leave its bed at any time."""
WATCHED = (FLOODS.id, SCENARIO_CASES.id)
Foretell = Callable[[Task, Forecast, Callable[[], bool]], Foretold | None]


class Due(msgspec.Struct, frozen=True):
    """A case and the warning that starts it."""

    case: Stored
    flood: Stored
    run: str


def due(reader: Reader, now: datetime) -> Iterator[Due]:
    """Yield the cases whose river is warned of and of which no forecast holds now."""
    floods = [
        item
        for item in reader.every(FLOODS.id)
        if (said := item.properties())["in_force"] and (said.get("level") or 0) >= LEAST_LEVEL
    ]
    if not floods:
        return
    for case in reader.every(SCENARIO_CASES.id):
        river = case.properties().get("river_code")
        for flood in floods:
            said = flood.properties()
            if not river or said["river_code"] != river:
                continue
            if flood.marking.status is not case.marking.status:
                continue
            # Of a river JMA's event is always the same: the time that a forecast spans decides.
            event = repr((case.id, river, flood.marking.status.value)).encode()
            run = blake2b(event, digest_size=8).hexdigest()
            span = (now, now + timedelta(seconds=1))
            name = (f"{run}/run",)
            if not reader.find(INUNDATION_FORECASTS.id, keys=name, when=span, limit=1).items:
                yield Due(case, flood, run)


def make(
    writer: Writer, reader: Reader, one: Due, foretell: Foretell, stopped: Callable[[], bool]
) -> bool:
    """Run a case and record the forecast; tell whether that was done."""
    case = msgspec.convert(one.case.body(), ScenarioCase)
    now = writer.now()
    try:
        marking = strictest([one.case.marking, one.flood.marking])
        task = Task(
            case=case, changes=Changes(), ground=reader.blob(one.case, case.grid_digest),
            starts_at=now,
        )  # fmt: skip
        forecast = Forecast(run=one.run, issued_at=now, marking=marking)
        made = foretell(task, forecast, stopped)
    except HinomiError as error:
        log.warning("case=%s is no forecast: %s", one.case.key, error)
        return False
    if made is None:
        return False
    for blob in made.blobs:
        writer.store.put_blob(blob)
    writer.put([_stated(reader, record, one) for record in made.records])
    return True


def _stated(reader: Reader, record: Record, one: Due) -> Record:
    """Return a forecast's record with its collection's type and with what it was made of."""
    schema = reader.catalog.collection(record.collection).schema
    body = record.body
    if not isinstance(body, schema):
        try:
            body = msgspec.convert(body, schema)
        except msgspec.ValidationError as error:
            raise InputError(f"{record.collection}/{record.key}: {error}") from None
    origin = msgspec.structs.replace(record.origin, inputs=(one.case.id, one.flood.id))
    return msgspec.structs.replace(record, body=body, origin=origin)
