"""The acts of lifelines: state how one stands; state it anew."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.domains.response.collections.lifelines import LIFELINES, LINES, STATES, Lifeline
from hinomi.domains.response.respond.damage import MOST, standing
from hinomi.domains.response.respond.districts import municipality_of, spot_of
from hinomi.domains.response.respond.words import body_of, choices
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.acts import Act, Deed, Input

_WORDS = ("where", "said_by", "remarks")
_WORKING = {"normal", "restored"}


def report(reader: Reader, deed: Deed) -> Parsed:
    """Return the state of a line in a municipality; one that was stated before is stated anew."""
    values = deed.values
    code, line, operator = values["area_code"], values["line"], deed.text("operator")
    key = ".".join(part for part in (code, line, operator) if part)
    before = standing(reader, LIFELINES.id, key, deed)
    if before is not None:
        body = _filled(deed, body_of(before, Lifeline))
    else:
        name = municipality_of(reader, code, deed.at)
        new = Lifeline(
            municipality_code=code, municipality=name, line=line, operator=operator,
            state=values["state"],
        )  # fmt: skip
        body = _filled(deed, new)
    place = (before.place() if before else None) or spot_of(reader, code)
    return Parsed(records=[deed.record(LIFELINES.id, key, body, before=before, place=place)])


def update(reader: Reader, deed: Deed) -> Parsed:
    """Return the line's new state."""
    before = reader.get(LIFELINES.id, deed.key)
    body = _filled(deed, body_of(before, Lifeline))
    place = before.place() or spot_of(reader, body.municipality_code)
    return Parsed(records=[deed.record(LIFELINES.id, before.key, body, before=before, place=place)])


def _filled(deed: Deed, body: Lifeline) -> Lifeline:
    values = deed.values
    changed: dict[str, Any] = {w: deed.text(w) for w in _WORDS if w in deed.values}
    changed |= {n: values[n] for n in ("state", "since", "expected") if n in values}
    if "households_out" in values:
        changed["households_out"] = _households(values["households_out"])
    made = msgspec.structs.replace(body, **changed)
    if made.state in _WORKING:
        # Whoever says that it works again need not empty the other boxes.
        if (values.get("households_out") or 0) > 0:
            raise InputError(
                "It works, yet households are without: which is right?",
                "復旧・支障なしなのに停止戸数があります。どちらかを直してください。",
            )
        made = msgspec.structs.replace(made, households_out=0, expected=None)
    return made


def _households(value: float | None) -> int | None:
    if value is None:
        return None
    if not 0 <= value <= MOST or value != int(value):
        raise InputError(
            f"{value:g} is no number of households.", f"停止戸数「{value:g}」は0以上の整数です。"
        )
    return int(value)


_STATE = Input(
    name="state",
    label=Text("状況", "State"),
    kind="choice",
    choices=choices(STATES),
    required=True,
    prefill="state",
)
_MORE = (
    Input(
        name="households_out",
        label=Text("停止戸数", "Households out"),
        kind="number",
        unit="戸",
        prefill="households_out",
    ),
    Input(name="where", label=Text("地区・区間", "Where"), prefill="where"),
    Input(name="since", label=Text("停止時刻", "Since"), kind="time", prefill="since"),
    Input(name="expected", label=Text("復旧見込み", "Expected"), kind="time", prefill="expected"),
    Input(name="said_by", label=Text("情報源", "Told by"), prefill="said_by"),
    Input(name="remarks", label=Text("備考", "Remarks"), kind="longtext", prefill="remarks"),
)

ACTS: tuple[Act, ...] = (
    Act(
        id="response.report-lifeline",
        title=Text("ライフラインを記録", "State a lifeline"),
        text=Text(
            "電気・水道などの状況を記録します。", "State how electricity, water or another stands."
        ),
        collection=LIFELINES.id,
        perform=report,
        new=True,
        inputs=(
            Input(
                name="area_code", label=Text("市町村", "Municipality"), kind="area", required=True
            ),
            Input(
                name="line",
                label=Text("種別", "Line"),
                kind="choice",
                choices=choices(LINES),
                required=True,
            ),
            Input(name="operator", label=Text("事業者・路線", "Operator")),
            _STATE,
            *_MORE,
        ),
    ),
    Act(
        id="response.update-lifeline",
        title=Text("状況を更新", "Update"),
        text=Text("いまの状況に更新します。", "State how it stands now."),
        collection=LIFELINES.id,
        perform=update,
        inputs=(_STATE, *_MORE),
    ),
)
