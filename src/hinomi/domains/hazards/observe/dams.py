"""Dams, how they stand, and what is forecast to flow in: a JSON file of ours, and CSV."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from hinomi.domains.hazards.collections.dams import (
    DAM_INFLOWS,
    DAM_STATES,
    DAMS,
    CurvePoint,
    DamCatchment,
    DamGate,
    DamInflows,
    DamLimits,
    DamRule,
    DamSheet,
    DamState,
    DamTurbine,
    GateState,
    Line,
)
from hinomi.domains.hazards.dam_numbers import check_catchment, dam_of, rule_of
from hinomi.kernel.errors import DataError, HinomiError, InputError, Problem, Text
from hinomi.kernel.geometry import check_geometry, point
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Interval, Origin, Record

FORMAT = "hinomi-dams/1"
COLUMNS = ("dam_id", "issued_at", "time", "member", "inflow_m3_s")
_HEAD = ",".join(COLUMNS).encode()
_KEY = re.compile(r"[A-Za-z0-9._-]{1,60}")
_MOST_VALUES = 20_000
"""Members x steps of one forecast: 100 members for eight days by the hour."""
_MOST_ROWS = 500_000
_MOST_POINTS = 500
_MOST_GATES = 20
_STEP_S = (600.0, 21_600.0)
"""Ten minutes to six hours."""
_STATUS = Literal["actual", "exercise", "test"]
_HOUR_S = 3600.0


class _Dam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dam as the file has it."""

    id: str
    name: Line
    name_en: str = ""
    river: str = ""
    river_en: str = ""
    operated_by: str = ""
    longitude: float
    latitude: float
    curve: tuple[CurvePoint, ...]
    curve_source: Line
    gates: tuple[DamGate, ...] = ()
    limits: DamLimits
    rule: DamRule
    turbine: DamTurbine | None = None
    catchment: DamCatchment | None = None
    status: _STATUS | None = None


class _State(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    dam_id: str
    at: datetime
    level_m: float
    release_m3_s: float
    inflow_m3_s: float | None = None
    gates: tuple[GateState, ...] = ()
    told_by: Line
    status: _STATUS = "actual"


class _Inflows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    dam_id: str
    issued_at: datetime
    made_by: Line
    first_at: datetime
    step_s: float
    members: dict[str, tuple[float, ...]]
    status: _STATUS = "actual"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    dams: tuple[msgspec.Raw, ...] = ()
    states: tuple[msgspec.Raw, ...] = ()
    inflows: tuple[msgspec.Raw, ...] = ()


def detect(payload: Payload) -> bool:
    """Tell whether it is our JSON file by its first member, or the CSV by its head."""
    data = payload.data.removeprefix(b"\xef\xbb\xbf")
    return data.startswith(_HEAD) or (data[:1] == b"{" and f'"{FORMAT}"'.encode() in data[:200])


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return what can be understood; an entry that cannot is told and left out."""
    parsed = Parsed(kind="dams")
    data = payload.data.removeprefix(b"\xef\xbb\xbf")
    if data.startswith(_HEAD):
        parts = _forecasts(data, parsed)
    else:
        try:
            file = msgspec.json.decode(data, type=_File)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DataError([_problem("dams.file", "", error, FORMAT)]) from None
        parts = _entries(file)
    for path, make in parts:
        try:
            parsed.records += make(payload, path)
        except (HinomiError, msgspec.DecodeError, ValueError) as error:
            parsed.problems.append(_problem("dams.entry", path, error, "docs/reference/dams.md"))
    return parsed


Make = Callable[[Payload, str], list[Record]]


def _entries(file: _File) -> Iterator[tuple[str, Make]]:
    kinds: tuple[tuple[str, tuple[msgspec.Raw, ...], Any, Any], ...] = (
        ("dams", file.dams, _Dam, _dam), ("states", file.states, _State, _state),
        ("inflows", file.inflows, _Inflows, _inflows),
    )  # fmt: skip
    for name, entries, kind, records in kinds:
        for number, raw in enumerate(entries):

            def make(
                payload: Payload, path: str, raw: Any = raw, kind: Any = kind, of: Any = records
            ) -> list[Record]:
                found: list[Record] = of(msgspec.json.decode(raw, type=kind), payload, path)
                return found

            yield f"/{name}[{number}]", make


def _dam(told: _Dam, payload: Payload, path: str) -> list[Record]:
    if len(told.gates) > _MOST_GATES:
        raise InputError(f"gates: at most {_MOST_GATES}", f"ゲートは{_MOST_GATES}種までです")
    if len(told.curve) > _MOST_POINTS:
        raise InputError(f"curve: at most {_MOST_POINTS} rows", f"表は{_MOST_POINTS}行までです")
    given = {f: getattr(told, f) for f in DamSheet.__struct_fields__}
    body = DamSheet(**given)
    dam_of(body, _HOUR_S)
    rule_of(body)
    if body.catchment is not None:
        check_catchment(body.catchment)
    place = check_geometry(point(told.longitude, told.latitude))
    # A dam is the same in a drill; a made-up one says its status.
    return [
        Record(
            collection=DAMS.id, key=_key(told.id), said_at=payload.taken_at, body=body,
            source=SAID_BY, place=place, origin=Origin(payload.digest, payload.address, path),
            marking=Marking(status),
        )
        for status in ([Status(told.status)] if told.status else Status)
    ]  # fmt: skip


def _state(told: _State, payload: Payload, path: str) -> list[Record]:
    flows = (told.release_m3_s, told.inflow_m3_s or 0.0)
    if not (math.isfinite(told.level_m) and all(math.isfinite(f) and f >= 0 for f in flows)):
        raise InputError("level, release, inflow: numbers, flows >= 0", "流量は0以上が必要です")
    opened = [(g.opening_m, g.stuck_opening_m, g.out_of_order) for g in told.gates]
    if not all(math.isfinite(v) and v >= 0 for gate in opened for v in gate):
        raise InputError("gates: openings of 0 m or more", "ゲートの開度は0以上が必要です")
    body = DamState(
        level_m=told.level_m, release_m3_s=told.release_m3_s, inflow_m3_s=told.inflow_m3_s,
        gates=told.gates, told_by=told.told_by,
    )  # fmt: skip
    at = _aware(told.at)
    return [
        Record(
            collection=DAM_STATES.id, key=_key(told.dam_id), said_at=at, body=body,
            source=SAID_BY, when=Interval(at, None),
            origin=Origin(payload.digest, payload.address, path),
            marking=Marking(Status(told.status)),
        )
    ]  # fmt: skip


def _inflows(told: _Inflows, payload: Payload, path: str) -> list[Record]:
    rows = tuple(told.members.values())
    steps = len(rows[0]) if rows else 0
    if steps < 1 or {len(row) for row in rows} != {steps} or steps * len(rows) > _MOST_VALUES:
        raise InputError(
            f"members: one value for each step in each, at most {_MOST_VALUES} in all",
            f"各メンバーに同じ数の値(全部で{_MOST_VALUES}まで)が必要です",
        )
    if not all(math.isfinite(v) and v >= 0 for row in rows for v in row):
        raise InputError("inflow: 0 m3/s or more, no gaps", "流入量は0以上・欠測なしが必要です")
    if not _STEP_S[0] <= told.step_s <= _STEP_S[1]:
        raise InputError("step_s: 600 to 21600", "時間刻みは10分から6時間です")
    first = _aware(told.first_at)
    body = DamInflows(
        made_by=told.made_by, first_at=first, step_s=told.step_s, members=tuple(told.members),
        inflow_m3_s=rows, greatest_m3_s=max(max(row) for row in rows),
    )  # fmt: skip
    return [
        Record(
            collection=DAM_INFLOWS.id, key=_key(told.dam_id), said_at=_aware(told.issued_at),
            body=body, source=SAID_BY,
            when=Interval(first, first + timedelta(seconds=told.step_s * steps)),
            origin=Origin(payload.digest, payload.address, path),
            marking=Marking(Status(told.status)),
        )
    ]  # fmt: skip


def _forecasts(data: bytes, parsed: Parsed) -> Iterator[tuple[str, Make]]:
    """Yield the forecasts of a CSV; one with a row that is wrong is left out as a whole."""
    found: dict[tuple[str, str, str], dict[str, dict[datetime, float]]] = {}
    makers: dict[tuple[str, str, str], str] = {}
    spoilt = set()
    rows = csv.DictReader(io.StringIO(data.decode("utf-8", errors="replace")))
    for number, row in enumerate(rows, 2):
        if number > _MOST_ROWS:
            raise DataError([_problem("dams.rows", f"/{number}", "too many", str(_MOST_ROWS))])
        key = (row["dam_id"], row["issued_at"] or "", row.get("status") or "actual")
        makers.setdefault(key, row.get("made_by") or "")
        try:
            member = found.setdefault(key, {}).setdefault(row["member"] or "", {})
            at = _aware(datetime.fromisoformat(row["time"]))
            if at in member:
                raise ValueError(f"{row['time']} twice in member {row['member']}")
            member[at] = float(row["inflow_m3_s"])
        except (ValueError, TypeError, HinomiError) as error:
            if key not in spoilt:
                parsed.problems.append(_problem("dams.row", f"/{number}", error, ",".join(COLUMNS)))
            spoilt.add(key)
    for key in [key for key in found if key not in spoilt]:

        def make(payload: Payload, path: str, key: tuple[str, str, str] = key) -> list[Record]:
            return _inflows(_ensemble(key, makers[key], found[key]), payload, path)

        yield f"/{key[0]} {key[1]} {key[2]}"[:100], make


def _ensemble(
    key: tuple[str, str, str], made_by: str, members: dict[str, dict[datetime, float]]
) -> _Inflows:
    times = sorted(next(iter(members.values())))
    steps = {b - a for a, b in itertools.pairwise(times)}
    if len(steps) != 1 or any(sorted(member) != times for member in members.values()):
        raise InputError(
            "each member needs the same times, at one step, two or more",
            "全メンバーに同じ等間隔の時刻(2つ以上)が必要です",
        )
    told = {
        "dam_id": key[0], "issued_at": key[1], "status": key[2], "made_by": made_by,
        "first_at": times[0], "step_s": steps.pop().total_seconds(),
        "members": {name: [member[t] for t in times] for name, member in members.items()},
    }  # fmt: skip
    return msgspec.convert(told, _Inflows)


def _key(name: str) -> str:
    if not _KEY.fullmatch(name):
        raise InputError(f"id {name[:60]!r}: letters, digits, . _ -", "ダムのidが不正です")
    return name


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InputError(f"{at}: a time needs its zone: +09:00", f"{at}: 時差(+09:00)が必要です")
    return at


def _problem(code: str, path: str, error: Exception | str, expected: str) -> Problem:
    told = error.text if isinstance(error, HinomiError) else None
    text = Text(
        f"ダムのデータとして読めません: {told.ja if told else error}",
        f"Not a dam's data: {told.en if told else error}",
    )
    return Problem(code, path, text, found=str(error)[:200], expected=expected)


SAID_BY = "dams"
SOURCE = Source(
    id="dams",
    title=Text("ダムの諸元・状況・流入量予測", "Dams, how they stand, inflow forecasts"),
    gives=(DAMS.id, DAM_STATES.id, DAM_INFLOWS.id),
    licence="whoever sent them",
    reference="docs/reference/dams.md",
    detect=detect,
    parse=parse,
)
