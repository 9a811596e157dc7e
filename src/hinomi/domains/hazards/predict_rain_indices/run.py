"""One run: the tanks brought up to the newest picture, then six hours ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi import __version__
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_NOWCASTS
from hinomi.domains.hazards.collections.rain_indices import (
    LEVEL,
    RAIN_INDICES,
    RAIN_RISKS,
    RAIN_TANKS,
    RUNOFF,
    SOIL,
    STEPS,
    SURFACE,
    RainIndex,
    RainRisk,
    RainTanks,
    Reached,
)
from hinomi.domains.hazards.predict_rain_indices import tanks
from hinomi.domains.hazards.predict_rain_indices.judging import Judge, tables_near
from hinomi.domains.hazards.predict_rain_indices.pictures import Picture, Pictures, rain_ahead
from hinomi.domains.hazards.predict_rain_indices.tanks import SOURCE, State
from hinomi.domains.hazards.predict_rain_indices.words import LIMITS, UNCERTAINTY, problem
from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored
from hinomi.kernel.store import MAX_LIMIT
from hinomi.science import coverages
from hinomi.science.rain_indices import (
    STEP,
    AreaLevel,
    Lattice,
    Span,
    lattice_of,
    step_end,
)
from hinomi.vocabulary.areas import AREAS
from hinomi.vocabulary.grids import box

AHEAD = timedelta(hours=6)
SHOWN = tuple(timedelta(minutes=m) for m in (0, 30, 60, 120, 180, 240, 300, 360))
"""Of the hours ahead these moments are kept."""
LONGEST_GAP = timedelta(days=3)
"""After a longer gap the tanks begin anew: what they would hold is a guess."""
LONGEST_START = timedelta(days=7)
"""Of an archive so much is stepped through at most."""
FRESH_TANKS = timedelta(hours=3)
MOST_UNKNOWN_AHEAD = 2
"""Steps of forecast rain that a mesh may lack and still have an index."""


class Moment(NamedTuple):
    """The fields of one moment."""

    at: datetime
    fields: dict[str, NDArray[np.floating]]
    levels: dict[str, NDArray[np.float32]]


class Run:
    """What is read and made for the networks of one run."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.made = Parsed()

    def networks(self, keys: dict[str, Sequence[str]]) -> dict[str, list[Stored]]:
        """Return the networks with news, each with its changed pictures."""
        if not keys:
            found: dict[str, list[Stored]] = {}
            for item in self.reader.every(RAIN.id):
                found.setdefault(_network(item.key), []).append(item)
            return found
        changed = tuple(keys.get(RAIN.id, ()))
        found = {_network(key): [] for key in (*changed, *keys.get(RAIN_NOWCASTS.id, ()))}
        for first in range(0, len(changed), MAX_LIMIT):
            some = changed[first : first + MAX_LIMIT]
            for item in self.reader.every(RAIN.id, keys=some):
                found[_network(item.key)].append(item)
        return found

    def network(self, network: str, changed: list[Stored]) -> None:
        """Bring a network's tanks up to date and tell what that means."""
        pictures = Pictures(self.reader, network)
        state, following = self._start(network, changed, pictures)
        if state is None:
            return
        before = state.at
        state = self._official(state, max((p.span.end for p in following), default=before))
        judge = Judge(self.reader, tables_near(self.reader, state.lattice.bounds), state.lattice)
        for key, why in judge.faults:
            self.made.problems.append(problem("rain-indices.table", key, why))
        inputs = self._catch_up(state, following, pictures, judge)
        for key in pictures.lost[:1]:
            self.made.problems.append(problem("rain-indices.lost", key, str(len(pictures.lost))))
        if state.at == before and changed:
            return  # No ten minutes are full yet.
        if state.at > before:
            record, data = tanks.kept(state, network, inputs)
            self._keep(record, data)
        moments, until, forecasts = self._look_ahead(state, pictures, judge)
        origin = Origin(inputs=(*inputs, *forecasts, *judge.records))
        self._indices(network, state, (moments, until), judge, origin)
        self._risks(network, state, moments, judge, origin)

    def _start(
        self, network: str, changed: list[Stored], pictures: Pictures
    ) -> tuple[State | None, list[Picture]]:
        """Return the tanks to go on from, and the pictures from there on."""
        kept = sorted(
            self.reader.every(RAIN_TANKS.id, keys=tanks.slots(network)), key=lambda i: i.said_at
        )
        if kept:
            read = self._read_up_to(kept[-1])
            changed = [item for item in changed if item.seq > read]
        if not changed:
            state = self._opened(kept[-1]) if kept else None
            return state, []
        first = min(item.said_at for item in changed)
        following = pictures.since(first)
        keys = {item.key for item in changed}
        floor = min((p.span.start for p in following if p.item.key in keys), default=first)
        usable = [item for item in kept if item.said_at <= floor]
        if kept and not usable:
            self.made.problems.append(problem("rain-indices.late", network, f"{first}"))
            usable = kept[-1:]
        for item in reversed(usable):
            state = self._opened(item)
            if state is not None:
                break
        else:
            return self._begin(network, pictures, changed)
        following = pictures.since(state.at)
        gap = min((p.span.start for p in following if p.span.end > state.at), default=state.at)
        lattice = _lattice(changed[-1])
        if gap - state.at > LONGEST_GAP or lattice != state.lattice:
            why = "grid" if lattice != state.lattice else "gap"
            self.made.problems.append(problem(f"rain-indices.{why}", network, f"{state.at}"))
            return self._begin(network, pictures, changed)
        return state, following

    def _begin(
        self, network: str, pictures: Pictures, changed: list[Stored]
    ) -> tuple[State | None, list[Picture]]:
        newest = max(item.said_at for item in changed)
        lattice = _lattice(max(changed, key=lambda i: i.said_at))
        found = pictures.since(newest - LONGEST_START)
        found = [p for p in found if p.item.said_at <= newest and _lattice(p.item) == lattice]
        at = step_end(found[0].span.start)
        for item in self.reader.find(RAIN_TANKS.id, keys=(tanks.JMA,), limit=1).items:
            body = msgspec.convert(item.body(), RainTanks)
            if body.moments[0] <= at < body.moments[0] + FRESH_TANKS:
                data = self.reader.blob(item, body.grid_digest)
                state = tanks.from_jma(at, lattice, data)
                break
        else:
            state = tanks.empty(at, lattice)
        # What comes later and is older than the first step is stepped from here.
        self._keep(*tanks.kept(state, network, tuple(p.item.id for p in found[:1])))
        return state, found

    def _official(self, state: State, until: datetime) -> State:
        """Return JMA's own tanks in place of ours, where they are newer."""
        for item in self.reader.find(RAIN_TANKS.id, keys=(tanks.JMA,), limit=1).items:
            body = msgspec.convert(item.body(), RainTanks)
            if state.at < body.moments[0] <= until and _covers(body.bounds, state.lattice):
                data = self.reader.blob(item, body.grid_digest)
                own = tanks.from_jma(body.moments[0], state.lattice, data)
                own.meshes, own.meshes_digest = state.meshes, state.meshes_digest
                return msgspec.structs.replace(own, hour=state.hour, record=item.id)
        return state

    def _read_up_to(self, item: Stored) -> int:
        """Return the feed position that a state was made at: pictures before it are in it."""
        return max((o.position for o, _ in self.reader.trace(item.id).origins), default=0)

    def _opened(self, item: Stored) -> State | None:
        body = msgspec.convert(item.body(), RainTanks)
        try:
            return tanks.opened(body, item.id, self.reader.blob(item, body.grid_digest))
        except (InputError, MissingError) as error:
            self.made.problems.append(problem("rain-indices.state", item.key, str(error)))
            return None

    def _catch_up(
        self, state: State, following: list[Picture], pictures: Pictures, judge: Judge
    ) -> tuple[str, ...]:
        """Step the tanks through all full ten minutes; return what was read, newest first."""
        inputs: list[str] = [state.record] if state.record else []
        end = max((p.span.end for p in following), default=state.at)
        _fit(state, judge)
        unknown = 0
        while state.at + STEP <= end:
            rain, ids = pictures.rain(Span(state.at, state.at + STEP), following, state.lattice)
            unknown += not np.isfinite(rain).any()
            _step(state, rain, judge)
            inputs += [i for i in ids if i not in inputs[-3:]]
        if unknown:
            self.made.problems.append(problem("rain-indices.missing", "/", f"{unknown} steps"))
        return tuple(reversed(inputs))

    def _look_ahead(
        self, state: State, pictures: Pictures, judge: Judge
    ) -> tuple[list[Moment], datetime, list[str]]:
        """Return the moments shown, until when some forecast knows the rain, and what was read."""
        sources, ids = pictures.ahead(state.at, state.lattice)
        until = max((f.span.end for fields in sources for f in fields), default=state.at)
        now, start = state.copy(), state.at
        lacking = np.zeros(state.lattice.shape, np.uint8)
        moments = []
        for number in range(int(AHEAD / STEP) + 1):
            if number:
                rain = rain_ahead(Span(now.at, now.at + STEP), sources, state.lattice)
                lacking += ~np.isfinite(rain)
                _step(now, np.nan_to_num(rain), judge)
            if now.at - start in SHOWN:
                moments.append(_moment(now, judge, lacking > MOST_UNKNOWN_AHEAD))
        return moments, until, ids

    def _indices(
        self, network: str, state: State, ahead: tuple[list[Moment], datetime], judge: Judge,
        origin: Origin,
    ) -> None:  # fmt: skip
        moments, until = ahead
        stacks = {SOIL: np.stack([m.fields["soil"] for m in moments])}
        if judge.outflow is not None:
            stacks[SURFACE] = np.stack([m.fields["surface"] for m in moments])
            stacks[RUNOFF] = np.stack([m.fields["runoff"] for m in moments])
        if len(moments[0].levels) > 1:
            stacks[LEVEL] = np.stack([m.levels["all"] for m in moments])
        bounds, (rows, columns) = state.lattice.bounds, state.lattice.shape
        times = tuple(m.at for m in moments)
        for name, values in stacks.items():
            unit = "mm" if name == SOIL else "1"
            grid = coverages.Packed(
                parameter=name, unit=unit, times=times, bounds=bounds,
                values=values.astype(np.float32),
            )  # fmt: skip
            data = coverages.pack(grid, STEPS[name])
            known = np.isfinite(values)
            body = RainIndex(
                parameter=name, unit=unit, bounds=bounds, rows=rows, columns=columns,
                moments=times, grid_digest=sha256(data).hexdigest(),
                error=0.0 if name == LEVEL else STEPS[name] / 2, network=network,
                issued_at=state.at, rain_until=until, running_since=state.running_since,
                started_from=state.started_from,
                unknown_share=round(1 - float(known[0].mean()), 4),
                greatest=round(float(values[known].max()), 1) if known.any() else None,
                tables=tuple(judge.records), **_ours(),
            )  # fmt: skip
            record = Record(
                collection=RAIN_INDICES.id, key=f"{network}/{name}/{state.at:%Y%m%dT%H%MZ}",
                said_at=state.at, body=body, when=Interval(times[0], times[-1]),
                place=box(*bounds), source=SOURCE, origin=origin,
            )  # fmt: skip
            self._keep(record, data)

    def _risks(
        self, network: str, state: State, moments: list[Moment], judge: Judge, origin: Origin
    ) -> None:
        """State each municipality's level; one that stays below every criterion only once."""
        if not judge.areas:
            return
        codes = tuple(judge.areas)
        before = {i.key: i.body() for i in self.reader.every(RAIN_RISKS.id, keys=codes)}
        names = {i.key: str(i.body()["name"]) for i in self.reader.every(AREAS.id, keys=codes)}
        course = [judge.by_area(m.levels["all"]) for m in moments]
        kinds = {
            kind: judge.by_area(grid) for kind, grid in moments[0].levels.items() if kind != "all"
        }
        for code in codes:
            body = _risk(code, names.get(code, ""), [found[code] for found in course], moments)
            reaching = [k for k, found in kinds.items() if found[code].level == body.level > 0]
            body = msgspec.structs.replace(
                body, network=network, issued_at=state.at, kinds=",".join(sorted(reaching))
            )
            old = before.get(code)
            calm = body.level <= 0 and body.level_ahead <= 0
            if calm and old is not None and _same(old, body):
                continue
            self.made.records.append(
                Record(
                    collection=RAIN_RISKS.id, key=code, said_at=state.at, body=body,
                    when=Interval(state.at, None if calm else state.at + AHEAD), source=SOURCE,
                    origin=origin,
                )
            )  # fmt: skip

    def _keep(self, record: Record, data: bytes) -> None:
        self.made.records.append(record)
        self.made.blobs.append(data)


def _network(key: str) -> str:
    return key.rsplit("/", 1)[0]


def _lattice(item: Stored) -> Lattice:
    west, south, east, north = item.body()["bounds"]
    return lattice_of((west, south, east, north))


def _covers(bounds: tuple[float, float, float, float], lattice: Lattice) -> bool:
    west, south, east, north = lattice.bounds
    near = 2e-3  # A quarter of a mesh.
    return (
        bounds[0] <= west + near and bounds[1] <= south + near
        and bounds[2] >= east - near and bounds[3] >= north - near
    )  # fmt: skip


def _fit(state: State, judge: Judge) -> None:
    """Let the other indices' state belong to today's table of meshes."""
    if judge.outflow is None:
        state.meshes, state.meshes_digest = None, ""
    elif state.meshes is None or state.meshes_digest != judge.meshes_digest:
        state.meshes, state.meshes_digest = judge.outflow.empty(), judge.meshes_digest


def _step(state: State, rain: NDArray[np.float32], judge: Judge) -> None:
    state.step(rain)
    if judge.outflow is not None and state.meshes is not None:
        made = judge.outflow.step(state.meshes, rain.reshape(-1)[judge.outflow_at])
        # As it is kept: a restart changes nothing.
        state.meshes = made.state.astype(np.float32).astype(np.float64)
        state.surface, state.runoff = made.surface, made.runoff


def _moment(state: State, judge: Judge, hidden: NDArray[np.bool_]) -> Moment:
    fields: dict[str, NDArray[np.floating]] = {"soil": state.index(), "hour": state.hour_mm()}
    if judge.outflow is not None and state.surface is not None and state.runoff is not None:
        for name, values in (("surface", state.surface), ("runoff", state.runoff)):
            grid = np.full(state.lattice.rows * state.lattice.columns, np.nan)
            grid[judge.outflow_at] = values
            fields[name] = grid.reshape(state.lattice.shape)
    for name in fields.keys() - {"hour"}:
        fields[name][hidden | (state.missing > tanks.MOST_MISSING_MIN)] = np.nan
    return Moment(state.at, fields, judge.levels(fields))


def _risk(code: str, name: str, course: list[AreaLevel], moments: list[Moment]) -> RainRisk:
    now = course[0]
    highest = max(found.level for found in course)
    first = next(i for i, found in enumerate(course) if found.level == highest)
    return RainRisk(
        area_code=code, area_name=name, network="", issued_at=moments[0].at, level=now.level,
        level_ahead=highest, reached_at=moments[first].at if first else None,
        course=tuple(
            Reached(at=m.at, level=f.level, meshes=f.meshes[f.level] if f.level >= 0 else 0)
            for m, f in zip(moments, course, strict=True)
        ),
        meshes=sum(now.meshes) + now.unknown, unknown=now.unknown, kinds="", **_ours(),
    )  # fmt: skip


def _same(old: dict[str, object], new: RainRisk) -> bool:
    names = ("level", "level_ahead", "unknown", "meshes", "network", "area_name")
    return all(old[name] == getattr(new, name) for name in names)


def _ours() -> dict[str, str]:
    return {
        "code_version": __version__,
        "parameters": "step 10 min; soil tanks: Ishihara & Kobatake 1979; surface, runoff:"
        " Hinomi's stand-in coefficients, not JMA's",
        "uncertainty": UNCERTAINTY.ja, "uncertainty_en": UNCERTAINTY.en,
        "limits": LIMITS.ja, "limits_en": LIMITS.en,
    }  # fmt: skip


def run(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return what is made for each network; one whose grid cannot be used costs only itself."""
    own = Run(reader)
    for network, changed in sorted(own.networks(keys).items()):
        try:
            own.network(network, changed)
        except InputError as error:
            own.made.problems.append(problem("rain-indices.network", network, str(error)))
    return own.made
