"""A scenario's run as records: asked for, under way, done, with its maps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b, sha256
from typing import Any

import msgspec

from hinomi import __version__
from hinomi.domains.hazards.collections.depths import DEPTH_STEP_M
from hinomi.domains.hazards.collections.scenarios import (
    SCENARIO_MAPS,
    SCENARIO_RUNS,
    Changes,
    Cost,
    ScenarioCase,
    ScenarioMap,
    ScenarioRun,
)
from hinomi.domains.hazards.workbench.running import ARRIVAL_STEP_MIN, Outcome
from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Disclosure, Marking, strictest
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.vocabulary.grids import box

LIMITS = Text(
    "条件を仮定した独自の計算で、予報ではありません。公式の情報に代わるものではなく、避難の判断には"
    "使えません。地盤高・粗度の誤差、下水道・小さな水路・建物の省略により、深さは数十cm異なり得ます。",
    "Our own computation of assumed conditions: no forecast, no substitute for official information"
    " and not to decide on evacuation by. Errors of ground and roughness, and sewers, ditches and"
    " houses left out, may shift depths by tens of centimetres.",
)
RUN = f"workbench@{__version__}"


def closed(case: Marking, own: Marking) -> Marking:
    """Return the marking of a run: never wider than the case's, and never public."""
    both = strictest([case, own])
    return Marking(both.status, max(both.disclosure, Disclosure.AMBER), both.audience)


def run_key(case_record: str, changes: Changes, asked_at: datetime, asked_by: str) -> str:
    """Return the key of a run that the command line asks for."""
    said = msgspec.json.encode((case_record, changes, asked_at, asked_by), order="deterministic")
    return blake2b(said, digest_size=8).hexdigest()


def asked(case: ScenarioCase, record: str, key: str, changes: Changes, **said: Any) -> ScenarioRun:
    """Return the body of a run that is asked for (``title``, ``asked_by``, ``asked_at``)."""
    return ScenarioRun(
        title=said["title"] or case.title, case=key, case_record=record, case_title=case.title,
        changes=changes, state="queued", asked_by=said["asked_by"], asked_at=said["asked_at"],
        bounds=case.bounds, cell_m=case.cell_m, code_version=__version__, limits=LIMITS.ja,
        limits_en=LIMITS.en,
    )  # fmt: skip


def done(body: ScenarioRun, case: ScenarioCase, outcome: Outcome, cost: Cost) -> ScenarioRun:
    """Return the body of a run that has ended well."""
    inputs = msgspec.json.encode(
        {"case": case.plan, "ground_sha256": case.grid_digest, "made_from": case.made_from},
        order="deterministic",
    ).decode()
    return msgspec.structs.replace(
        body, state="done", progress=1.0, figures=outcome.figures, cost=cost,
        scores=outcome.scores, traces=outcome.traces, kernel=outcome.kernel, inputs=inputs,
        parameters=outcome.parameters, bounds=outcome.bounds,
    )  # fmt: skip


def run_record(
    key: str, body: ScenarioRun, said_at: datetime, source: str, marking: Marking, **said: Any
) -> Record:
    """Return a statement about a run (``entered_by``, ``inputs`` say by whom and of what)."""
    place = box(*body.bounds) if body.bounds else None
    return Record(
        collection=SCENARIO_RUNS.id, key=key, said_at=said_at, body=body, source=source,
        when=Interval(body.asked_at, None), place=place, marking=marking,
        origin=Origin(
            run="" if body.state == "queued" else RUN, inputs=said.get("inputs", ()),
            entered_by=said.get("entered_by", ""),
        ),
    )  # fmt: skip


MAPS = ("max_depth_m", "arrival_min", "max_speed_m_s", "depth_m")
"""What a run draws."""


def map_records(
    key: str, body: ScenarioRun, outcome: Outcome, said_at: datetime, source: str, marking: Marking
) -> Iterable[Record]:
    """Yield the statements of a run's maps."""
    last = outcome.moments[-1:]
    extremes, depths = (sha256(one).hexdigest() for one in (outcome.extremes, outcome.depths))
    rows = (
        ("m", extremes, last, DEPTH_STEP_M),
        ("min", extremes, last, ARRIVAL_STEP_MIN),
        ("m/s", extremes, last, DEPTH_STEP_M),
        ("m", depths, outcome.moments, DEPTH_STEP_M),
    )
    for name, (unit, digest, moments, step) in zip(MAPS, rows, strict=True):
        made = ScenarioMap(
            parameter=name, unit=unit, bounds=outcome.bounds, rows=outcome.rows,
            columns=outcome.columns, moments=moments, error=step / 2, network=key, run=key,
            grid_digest=digest, title=body.title, code_version=__version__,
            limits=LIMITS.ja, limits_en=LIMITS.en,
        )  # fmt: skip
        yield Record(
            collection=SCENARIO_MAPS.id, key=f"{key}/{name}", said_at=said_at, body=made,
            source=source, when=Interval(moments[0], moments[-1]), place=box(*outcome.bounds),
            origin=Origin(digest=digest, run=RUN), marking=marking,
        )  # fmt: skip
