"""A dam's gates, as its sheet and its state have them, for science and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hinomi.domains.hazards.collections.dams import DamGate, DamSheet, DamState, GateOpening, Number
from hinomi.kernel.errors import InputError, Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hinomi.science.dams.gates import Outlets
    from hinomi.science.dams.reservoir import Course, Start

_KINDS = {"crest": "crest", "spillway": "crest", "orifice": "orifice", "conduit": "conduit",
          "valve": "conduit"}  # fmt: skip
_NO_HEIGHT_M = 1_000.0
"""Of a spillway: nothing hangs over it."""


def outlets_of(sheet: DamSheet, state: DamState | None = None) -> Outlets | None:
    """Return the gates as they are now; None where the sheet tells none.

    Raises:
        InputError: a gate cannot be, or the state tells of a gate that is not there.
    """
    from hinomi.science.dams.gates import Outlets  # noqa: PLC0415 - numpy

    told = {} if state is None else {one.id: one for one in state.gates}
    known = [one.id for one in sheet.gates]
    if len(set(known)) != len(known) or len(told) != len(state.gates if state else ()):
        raise InputError(
            f"{sheet.name}: a gate's id stands twice.",
            f"{sheet.name}: ゲートのidが重複しています。",
        )
    if missing := sorted(set(told) - set(known)):
        raise InputError(
            f"{sheet.name}: no gate {missing[0]!r}; its gates: {', '.join(known) or 'none'}.",
            f"{sheet.name}: ゲート{missing[0]}は諸元にありません。",
        )
    found = []
    for one in sheet.gates:
        now = told.get(one.id)
        out, stuck_m = (now.out_of_order, now.stuck_opening_m) if now else (0, 0.0)
        if not 0 <= out <= one.count:
            raise InputError(
                f"{one.name}: {out} out of order of {one.count}.",
                f"{one.name}: {one.count}門のうち{out}門の故障とされています。",
            )
        if out < one.count:
            found.append(_gate(one, one.count - out, None))
        if out:
            found.append(_gate(one, out, stuck_m))
    return Outlets(tuple(found)) if found else None


def _gate(told: DamGate, count: int, stuck_m: float | None) -> Any:
    from hinomi.science.dams.gates import Gate  # noqa: PLC0415 - numpy

    over = told.kind in {"crest", "spillway"}
    free = told.kind == "spillway" or not told.gated
    height = _of(told.height_m, _NO_HEIGHT_M if told.kind == "spillway" else 0.0)
    coefficient = told.coefficient.value
    return Gate(
        name=told.id, kind=_KINDS[told.kind], sill_m=told.sill_m.value,  # type: ignore[arg-type]
        height_m=height, width_m=_of(told.width_m), area_m2=_of(told.area_m2),
        weir=coefficient if over else 0.0, count=count,
        under=0.0 if over and free else _of(told.under_coefficient) if over else coefficient,
        speed_m_s=_of(told.speed_m_min) / 60, least_m=_of(told.least_opening_m),
        leak_m3_s=_of(told.leak_m3_s), stays_m=height if free else stuck_m,
    )  # fmt: skip


def _of(number: Number | None, otherwise: float = 0.0) -> float:
    return otherwise if number is None else number.value


def start_of(sheet: DamSheet, state: DamState) -> Start:
    """Return how the dam stands, with its gates' openings where the state tells them."""
    from hinomi.science.dams.reservoir import Start  # noqa: PLC0415 - numpy

    outlets = outlets_of(sheet, state)
    if outlets is None or not state.gates:
        return Start(state.level_m, state.release_m3_s)
    told = {one.id: one.opening_m for one in state.gates}
    if missing := [one.name for one in outlets.moving if one.name not in told]:
        raise InputError(
            f"{sheet.name}: openings are told of some gates, but not of {missing[0]!r}.",
            f"{sheet.name}: ゲート{missing[0]}の開度が状況にありません。",
        )
    openings = tuple(told[one.name] for one in outlets.moving)
    return Start(state.level_m, state.release_m3_s, openings)


def out_words(sheet: DamSheet, state: DamState) -> Text:
    """Return which gates are out of order; empty where none is."""
    named = {one.id: one for one in sheet.gates}
    out = [(named[one.id], one) for one in state.gates if one.out_of_order and one.id in named]
    return Text(
        "、".join(
            f"{g.name}{g.count}門のうち{s.out_of_order}門(開度{s.stuck_opening_m:.2f}m)"
            for g, s in out
        ),
        ", ".join(
            f"{s.out_of_order} of {g.count} {g.name_en or g.name} (open {s.stuck_opening_m:.2f} m)"
            for g, s in out
        ),
    )


def openings_at(
    sheet: DamSheet, outlets: Outlets | None, step: int, courses: tuple[Course, Course | None]
) -> tuple[GateOpening, ...]:
    """Return how far each gate is open in a step, by the rule and by the optimum."""
    if outlets is None:
        return ()
    rule, best = (_median(course, step) for course in courses)
    named = {one.id: one for one in sheet.gates}
    return tuple(
        GateOpening(
            gate=one.name, name=named[one.name].name,
            name_en=named[one.name].name_en or named[one.name].name,
            rule_m=round(float(rule[k]), 2) if rule is not None else 0.0,
            optimum_m=None if best is None else round(float(best[k]), 2),
        )
        for k, one in enumerate(outlets.moving)
    )  # fmt: skip


def _median(course: Course | None, step: int) -> NDArray[Any] | None:
    import numpy as np  # noqa: PLC0415

    if course is None or course.openings_m is None:
        return None
    return np.asarray(np.median(course.openings_m[:, step], axis=0))


def opening_words(openings: tuple[GateOpening, ...]) -> Text:
    """Return the openings in a line: each gate, rule and optimum."""
    ja, en = [], []
    for one in openings:
        best = "" if one.optimum_m is None else f"{one.optimum_m:.2f}"
        ja.append(f"{one.name} 規則{one.rule_m:.2f}" + (f"・最適{best}" if best else "") + "m")
        en.append(
            f"{one.name_en}: rule {one.rule_m:.2f}" + (f", optimum {best}" if best else "") + " m"
        )
    return Text("、".join(ja), "; ".join(en))
