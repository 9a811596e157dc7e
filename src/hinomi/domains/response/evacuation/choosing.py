"""Which shelters may be used for a case, with how much room: designation, water, edits."""

from __future__ import annotations

from datetime import datetime

import msgspec
import numpy as np

from hinomi.domains.response.collections.shelters import Shelter
from hinomi.domains.response.evacuation.collections import HAZARDS, Edit
from hinomi.domains.response.evacuation.facts import Facts, middle
from hinomi.domains.response.evacuation.ground import wet_at
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import Geometry
from hinomi.vocabulary.times import JST

WELFARE = ("福祉", "要配慮", "要介護", "高齢", "障害", "障がい", "妊産婦", "乳幼児")
"""Words of ``accepts`` (受入対象者) that keep a shelter for those who need help."""


class Candidate(msgspec.Struct, kw_only=True):
    """One place as the plan may use it."""

    key: str
    name: str
    place: Geometry | None
    point: tuple[float, float] = (0.0, 0.0)
    capacity: int | None
    present: int
    is_open: bool
    wanted: bool = False
    """A person wants it open."""
    welfare: bool = False
    accessible: bool | None = None
    excluded: Text | None = None
    remark: Text | None = None
    edit: Edit | None = None
    edits: tuple[str, ...] = ()

    @property
    def room(self) -> int:
        """How many more it can take."""
        if self.excluded is not None or self.capacity is None:
            return 0
        return max(self.capacity - self.present, 0)


def candidates(facts: Facts) -> list[Candidate]:
    """Return the municipality's shelters, each place once: the statement that tells most."""
    own = {e.target: e for e in facts.edits if e.about == "shelter"}
    best: dict[str, tuple[str, Shelter, Geometry | None]] = {}
    for key, body, place in facts.shelters:
        rank = (body.state == "open", key in own, place is not None, body.capacity is not None)
        before = best.get(body.match_key)
        if before is None or rank > _rank(before, own):
            best[body.match_key] = (key, body, place)
    suits = {site.match_key: getattr(site, facts.case.hazard) for site in facts.sites}
    found = [
        _candidate(facts, key, body, place, own.get(key), site_suits=suits.get(body.match_key))
        for key, body, place in sorted(best.values(), key=lambda one: one[0])
    ]
    _drown(facts, found)
    return found


def _rank(one: tuple[str, Shelter, Geometry | None], own: dict[str, Edit]) -> tuple[bool, ...]:
    key, body, place = one
    return (body.state == "open", key in own, place is not None, body.capacity is not None)


def _candidate(
    facts: Facts,
    key: str,
    body: Shelter,
    place: Geometry | None,
    edit: Edit | None,
    *,
    site_suits: bool | None,
) -> Candidate:
    own = getattr(body, facts.case.hazard)
    suits: bool | None = site_suits if own is None else own
    capacity = edit.capacity if edit is not None and edit.capacity is not None else body.capacity
    found = Candidate(
        key=key, name=body.name, place=place, capacity=capacity, present=body.people or 0,
        is_open=body.state == "open",
        wanted=edit is not None and edit.wish == "open",
        welfare=any(word in body.accepts for word in WELFARE),
        accessible=None if edit is None else edit.accessible,
        edit=edit, edits=(_told(edit),) if edit is not None else (),
    )  # fmt: skip
    if body.state != "open":
        found.present = 0
    if place is not None:
        found.point = middle(place)
    found.excluded = _excluded(facts, found, suits=suits)
    hazard = HAZARDS[facts.case.hazard]
    if suits is None and found.excluded is None:
        found.remark = Text(
            f"{hazard.ja}に使えるかの指定が不明です。",
            f"Whether it is designated for {hazard.en} is not known.",
        )
    found.accessible = True if found.welfare else found.accessible
    # Dry or not is looked at for all at once; a designation outweighs it.
    return found if suits is not True else msgspec.structs.replace(found, remark=None)


def _excluded(facts: Facts, found: Candidate, *, suits: bool | None) -> Text | None:
    if found.edit is not None and found.edit.wish == "never":
        return Text("職員の指定: 使わない", "Settled by a person: not to be used")
    if found.place is None:
        return Text("位置が不明", "Its position is not known")
    if found.capacity is None:
        return Text("定員が不明(指定で入力できます)", "Capacity not known: settle it")
    if suits is False and not (found.wanted or found.is_open):
        hazard = HAZARDS[facts.case.hazard]
        return Text(f"{hazard.ja}には使えない指定", f"Not designated for {hazard.en}")
    return None


def _drown(facts: Facts, found: list[Candidate]) -> None:
    """Take out what deep water is forecast at, unless it is designated for it or a person says."""
    placed = [c for c in found if c.place is not None]
    if not placed or not facts.water:
        return
    wet = wet_at(facts, np.array([c.point for c in placed]))
    named = {s.match_key for s in facts.sites if getattr(s, facts.case.hazard)}
    safe = {
        k for k, b, _ in facts.shelters if getattr(b, facts.case.hazard) or b.match_key in named
    }
    for one, under in zip(placed, wet, strict=True):
        if not under:
            continue
        if one.key not in safe and not one.wanted and one.excluded is None:
            one.excluded = Text("0.5m以上の浸水が予測される", "Water of 0.5 m or more is forecast")
        else:
            one.remark = Text(
                "0.5m以上の浸水が予測されています(上階を使うこと)。",
                "Water of 0.5 m or more is forecast: use the upper floors.",
            )


def _told(edit: Edit) -> str:
    said = [
        {"open": "必ず開設", "never": "使わない", "auto": ""}[edit.wish],
        "" if edit.capacity is None else f"定員{edit.capacity}人",
        "" if edit.accessible is None else ("要配慮者可" if edit.accessible else "要配慮者不可"),
        "" if edit.opens_at is None else f"開設{jst(edit.opens_at)}",
        "" if edit.staff_at_least is None else f"職員{edit.staff_at_least}人以上",
        f"割当先 {edit.shelter}" if edit.shelter else "",
        edit.note,
    ]
    what = "、".join(word for word in said if word)
    return f"{what}({edit.decided_by} {jst(edit.decided_at)})"


def jst(at: datetime) -> str:
    """Return a time as it is read on a list."""
    local = at.astimezone(JST)
    return f"{local.month}/{local.day} {local:%H:%M}"
