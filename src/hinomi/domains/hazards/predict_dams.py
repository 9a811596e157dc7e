"""Predict: what the rule, a prior release and the optimum do with a dam's forecast inflows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from hinomi import __version__
from hinomi.domains.hazards.collections.dams import (
    DAM_ADVICE,
    DAM_INFLOWS,
    DAM_STATES,
    DAMS,
    DamAdvice,
    DamInflows,
    DamSheet,
    DamState,
    PlanStep,
    Way,
)
from hinomi.domains.hazards.dam_gates import (
    opening_words,
    openings_at,
    out_words,
    start_of,
)
from hinomi.domains.hazards.dam_numbers import dam_of, rule_of
from hinomi.domains.hazards.predict_dams_words import (
    LABELS,
    LIMITS,
    UNCERTAINTY,
    WHY,
    Told,
    problem,
    words,
)
from hinomi.kernel.errors import HinomiError, InputError, Text, UnavailableError
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hinomi.science.dams.optimum import Optimum
    from hinomi.science.dams.prior import Prior
    from hinomi.science.dams.reservoir import Course, Dam, Start

SOURCE = "hinomi"
COMMON = timedelta(hours=6)
"""So far ahead one plan is made for all members; a new forecast comes before it ends."""
FEW = 0.1
"""A tenth of the members is enough to be told of."""
STALE = timedelta(hours=3)
"""A state may be so much older than the first step that is used."""
_COARSER = (1, 2, 3, 4, 6)
"""Steps taken together for the optimum where the whole question is too large."""
EMERGENCY = 50.0
"""[1/m³] In the optimum, above the level from which emergency operation begins: five times what a
release above the safe one costs, so that a plan keeps that band free unless nothing else is left,
as operators do (異常洪水時防災操作 begins there)."""
_MWH = 3.6e9


class _Read(NamedTuple):
    """What one advice is made of."""

    items: tuple[Stored, Stored, Stored]
    sheet: DamSheet
    state: DamState
    forecast: DamInflows

    @property
    def state_at(self) -> datetime:
        return self.items[1].said_at

    @property
    def forecast_at(self) -> datetime:
        return self.items[2].said_at


class _Best(NamedTuple):
    """The optimum, carried out step by step, or why there is none."""

    found: Optimum | None = None
    course: Course | None = None
    coarser: int = 1
    missing: Text | None = None


def predict_dams(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return advice for the dams whose sheet, state or forecast changed (all for no keys)."""
    needed = (DAMS.id, DAM_STATES.id, DAM_INFLOWS.id)
    if keys:
        dams = sorted({key for name in needed for key in keys.get(name, ())})
    else:
        dams = sorted(item.key for item in reader.every(DAMS.id))
    made = Parsed(kind=DAM_ADVICE.id)
    for dam in dams:
        items = [item for name in needed for item in reader.find(name, keys=(dam,), limit=1).items]
        if len(items) < len(needed):
            _withdraw(reader, dam, made)
            continue
        read = _Read(
            (items[0], items[1], items[2]), msgspec.convert(items[0].body(), DamSheet),
            msgspec.convert(items[1].body(), DamState),
            msgspec.convert(items[2].body(), DamInflows),
        )  # fmt: skip
        try:
            made.records.append(_advise(read, dam))
        except HinomiError as error:
            made.problems.append(problem(dam, error.text))
            _withdraw(reader, dam, made)
    return made


def _withdraw(reader: Reader, dam: str, made: Parsed) -> None:
    """Take back advice that nothing stands behind any more."""
    made.records += [
        Record(
            collection=DAM_ADVICE.id, key=dam, said_at=item.said_at,
            body=msgspec.convert(item.body(), DamAdvice), source=SOURCE, retracts=True,
            origin=Origin(inputs=(item.id,)),
        )
        for item in reader.find(DAM_ADVICE.id, keys=(dam,), limit=1).items
    ]  # fmt: skip


def _advise(read: _Read, key: str) -> Record:
    from hinomi.science.dams.prior import prior_release  # noqa: PLC0415 - numpy
    from hinomi.science.dams.rules import operate  # noqa: PLC0415

    step_s = read.forecast.step_s
    first_at, came = _ahead(read)
    dam, rule = dam_of(read.sheet, step_s, read.state), rule_of(read.sheet)
    start, out = start_of(read.sheet, read.state), out_words(read.sheet, read.state)
    plain = operate(dam, came, step_s, start, rule)
    prior = prior_release(dam, came, step_s, start.level_m)
    early = operate(dam, came, step_s, start, rule, prior_m=prior.level_m)
    best = _optimum(dam, came, step_s, start)
    ways = [_way("rule", plain, dam), _way("prior", early, dam)]
    if best.course is not None:
        ways.append(_way("optimum", best.course, dam))
    flood = (came > rule.start_m3_s).mean(axis=0) >= FEW
    step = timedelta(seconds=step_s)
    flood_at = first_at + step * int(flood.argmax()) if flood.any() else None
    plan = _plan(first_at, (read.sheet, dam), early, best)
    told = Told(
        name=Text(read.sheet.name, read.sheet.name_en or read.sheet.name), ways=tuple(ways),
        prior=prior, flood_at=flood_at, first_at=first_at, start_m3_s=rule.start_m3_s,
        safe_m3_s=dam.safe_m3_s, plan=plan, phases=_phases(first_at, plain),
        missing=best.missing, forced_m3_s=best.found.forced_m3_s if best.found else 0.0,
        gates_out=out,
    )  # fmt: skip
    advice = words(told)
    issued_at = max(read.state_at, read.forecast_at)
    body = DamAdvice(
        name=told.name.ja, name_en=told.name.en, outlook=_outlook(ways[0], dam, prior),
        issued_at=issued_at, state_at=read.state_at, level_m=start.level_m,
        release_m3_s=start.release_m3_s, forecast_at=read.forecast_at,
        forecast_by=read.forecast.made_by, members=came.shape[0], step_s=step_s,
        advice=advice.ja, advice_en=advice.en, ways=tuple(ways),
        rule_peak_m3_s=ways[0].peak_90_m3_s,
        optimum_peak_m3_s=ways[2].peak_90_m3_s if len(ways) > 2 else None,
        prior_m3=round(prior.volume_m3), prior_level_m=round(prior.level_m, 2),
        flood_at=flood_at, plan=plan, gap=best.found.gap if best.found else None,
        optimum_step_s=step_s * best.coarser if best.found else None,
        gates_out=out.ja, gates_out_en=out.en,
        parameters=f"flood 90 %, refill 10 %, common plan {COMMON}; weights of science/dams Aims,"
        f" emergency band {EMERGENCY}",
        uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en, limits=LIMITS.ja,
        limits_en=LIMITS.en, code_version=__version__,
    )  # fmt: skip
    return Record(
        collection=DAM_ADVICE.id, key=key, said_at=issued_at, body=body, source=SOURCE,
        when=Interval(first_at, first_at + step * came.shape[1]), place=read.items[0].place(),
        origin=Origin(inputs=tuple(item.id for item in read.items)),
    )  # fmt: skip


def _ahead(read: _Read) -> tuple[datetime, NDArray[Any]]:
    """Return when the first step begins that ends after the state, and the inflows from there."""
    import numpy as np  # noqa: PLC0415

    step = timedelta(seconds=read.forecast.step_s)
    past = max(0, int((read.state_at - read.forecast.first_at) / step))
    came = np.asarray(read.forecast.inflow_m3_s, float)[:, past:]
    first_at = read.forecast.first_at + past * step
    if came.shape[1] < 2:
        raise InputError(
            "The inflow forecast ends before the dam's state.",
            "流入量予測が状況より前に終わります。",
        )
    if first_at - read.state_at > STALE:
        raise InputError(
            f"The dam's state of {read.state_at} is too old for a forecast from {first_at}.",
            f"ダムの状況({read.state_at})が古く、予測({first_at}から)に足りません。",
        )
    return first_at, came


def _optimum(dam: Dam, came: NDArray[Any], step_s: float, start: Start) -> _Best:
    """Return the best plan as the dam would carry it out; the emergency rule stands above it."""
    try:
        from hinomi.science.dams.optimum import Aims, optimum  # noqa: PLC0415 - scipy
    except ModuleNotFoundError:
        return _Best(missing=Text(
            "計算の部品が入っていません。pip install 'hinomi[models]'",
            "what computes it is not installed: pip install 'hinomi[models]'",
        ))  # fmt: skip
    import numpy as np  # noqa: PLC0415

    from hinomi.science.dams.rules import follow  # noqa: PLC0415

    told = None
    for coarser in _COARSER:
        # The last inflow goes on to the end of the last long step.
        ahead = np.pad(came, ((0, 0), (0, -came.shape[1] % coarser)), mode="edge")
        wide = replace(dam, rise_m3_s=dam.rise_m3_s * coarser)
        common = max(1, int(COMMON.total_seconds() / (step_s * coarser)))
        try:
            found = optimum(
                wide, ahead.reshape(came.shape[0], -1, coarser).mean(axis=2), step_s * coarser,
                start, Aims(common=common, emergency=EMERGENCY),
            )  # fmt: skip
        except InputError as error:
            told = told or error.text
            continue
        except UnavailableError as error:
            return _Best(missing=error.text)
        release = np.repeat(found.release_m3_s, coarser, axis=1)[:, : came.shape[1]]
        return _Best(found, follow(dam, came, step_s, start, release), coarser)
    return _Best(missing=told)


def _way(name: Literal["rule", "prior", "optimum"], course: Course, dam: Dam) -> Way:
    import numpy as np  # noqa: PLC0415

    highest = course.level_m.max(axis=1)
    stored = course.storage_m3.max(axis=1)
    given: dict[str, float] = {}
    for field, unit, values, digits in (
        ("peak", "m3_s", course.peak_m3_s, 1), ("highest", "m", highest, 2),
        ("above", "m3", course.above_m3(dam.safe_m3_s), 0),
        ("energy", "mwh", course.energy_j(dam.turbine) / _MWH if dam.turbine else None, 1),
    ):  # fmt: skip
        if values is not None:
            for part in (10, 50, 90):
                found = float(np.quantile(values, part / 100))
                given[f"{field}_{part}_{unit}"] = round(found, digits)
    tolerance = 1e-6 * float(dam.storage(dam.full_m))
    return Way(
        way=name, label=LABELS[name].ja, label_en=LABELS[name].en,
        emergency_share=round(
            float((stored > dam.storage(dam.emergency_m) + tolerance).mean()), 4
        ),
        full_share=round(float((stored > dam.storage(dam.full_m) + tolerance).mean()), 4),
        **given,
    )  # fmt: skip


def _plan(
    first_at: datetime, of: tuple[DamSheet, Dam], early: Course, best: _Best
) -> tuple[PlanStep, ...]:
    """Return the next hours: what is common to all members, beside what the rule would do."""
    import numpy as np  # noqa: PLC0415

    steps = min(max(1, int(COMMON.total_seconds() / early.step_s)), early.why.shape[1])
    common: list[float] = []
    if best.found is not None and best.course is not None:
        middle = np.median(best.course.release_m3_s, axis=0)
        common = middle[: best.found.common * best.coarser].round(1).tolist()
    found = []
    for i in range(steps):
        why = WHY[int(np.bincount(early.why[:, i]).argmax())]
        told = best.course if i < len(common) else None
        gates = openings_at(of[0], of[1].outlets, i, (early, told))
        openings = opening_words(gates)
        step = PlanStep(
            at=first_at + timedelta(seconds=early.step_s * i),
            optimum_m3_s=common[i] if i < len(common) else None,
            rule_m3_s=round(float(np.median(early.release_m3_s[:, i])), 1),
            why=why.ja,
            why_en=why.en,
            gates=gates,
            openings=openings.ja,
            openings_en=openings.en,
        )
        found.append(step)
    return tuple(found)


def _phases(first_at: datetime, course: Course) -> tuple[tuple[datetime, Text], ...]:
    """Return what decides, from when on, in the member with the most water."""
    member = course.why[int(course.inflow_m3_s.sum(axis=1).argmax())]
    found: list[tuple[datetime, Text]] = []
    for i, why in enumerate(member):
        if i == 0 or why != member[i - 1]:
            found.append((first_at + timedelta(seconds=course.step_s * i), WHY[int(why)]))
    return tuple(found)


def _outlook(rule: Way, dam: Dam, prior: Prior) -> Literal["emergency", "above", "prior", "calm"]:
    if rule.emergency_share >= FEW:
        return "emergency"
    if rule.peak_90_m3_s > dam.safe_m3_s + 0.1:
        return "above"
    return "prior" if prior.volume_m3 > 0 else "calm"


DAM_MODEL = Model(
    id="dam-advice",
    title=Text("ダム操作の助言(独自)", "Advice on dams (our own)"),
    version="2",
    needs=(DAMS.id, DAM_STATES.id, DAM_INFLOWS.id, DAM_ADVICE.id),
    gives=(DAM_ADVICE.id,),
    predict=predict_dams,
    reference="Dantzig 1960; Huangfu & Hall 2018, Math. Prog. Comp. 10;"
    " MLIT 事前放流ガイドライン 2021",
    limits=LIMITS,
)
