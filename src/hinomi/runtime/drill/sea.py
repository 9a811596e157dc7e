"""Tsunami warnings (VTSE41) of a drill, as JMA's published samples (38-39_02) are built."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.runtime.drill.envelope import DRILL_NOTE, WIDE_DIGITS, basis, head, jst, maker, report
from hinomi.runtime.drill.quakes import Shock, earthquake, event_id
from hinomi.runtime.drill.stage import Named, Stage

KINDS = {
    "大津波警報": ("53", "大津波警報を発表しました。"),
    "津波警報": ("51", "津波警報を発表しました。"),
    "津波注意報": ("62", "津波注意報を発表しました。"),
    "津波予報": ("71", "若干の海面変動が予想されます。"),
}
"""Kind -> code of 警報等情報要素／津波警報・注意報・予報, and the headline."""
RELEASES = {"大津波警報": "50", "津波警報": "50", "津波注意報": "60", "津波予報": "00"}
RELEASED = {"50": "津波警報解除", "60": "津波注意報解除", "00": "津波なし"}
_NONE = ("津波なし", "00")


class Wave(msgspec.Struct, frozen=True):
    """What is said of the coasts: the kind ("" releases), the height [m] and the first arrival."""

    kind: str
    height_m: float | None = None
    arrives_at: datetime | None = None


def tsunami(
    stage: Stage, at: datetime, coasts: list[Named], wave: Wave, before: str, shock: Shock
) -> bytes:
    """Return a 津波警報・注意報・予報 for some coasts; ``before``: the kind in force until now."""
    make = maker("informationBasis1/")
    body = maker("body/seismology1/")
    name, code = _kind(wave.kind, before)
    last = (before, KINDS[before][0]) if before in KINDS else _NONE
    text = KINDS[wave.kind][1] if wave.kind else "津波警報・注意報を解除しました。"
    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{text}"),
        make.Information(
            make.Item(
                make.Kind(make.Name(name), make.Code(code)),
                make.Areas(
                    *[make.Area(make.Name(c.name), make.Code(c.code)) for c in coasts],
                    codeType="津波予報区",
                ),
            ),
            type="津波予報領域表現",
        ),
    )
    table = "警報等情報要素／津波警報・注意報・予報"
    forecast = body.Forecast(
        body.CodeDefine(
            body.Type("津波予報区", xpath="Item/Area/Code"),
            body.Type(table, xpath="Item/Category/Kind/Code"),
            body.Type(table, xpath="Item/Category/LastKind/Code"),
        ),
        *[_item(body, coast, (name, code), last, wave) for coast in coasts],
    )
    event = event_id(shock.origin)
    top = head(at, wave.kind or name, "津波警報・注意報・予報", "1.0_1", headline, event)
    content = body.Body(body.Tsunami(forecast), earthquake(stage, shock))
    return report("津波警報・注意報・予報a", at, stage.publisher, top, content)


def _kind(kind: str, before: str) -> tuple[str, str]:
    if kind:
        return kind, KINDS[kind][0]
    code = RELEASES.get(before, "00")
    return RELEASED[code], code


def _item(body: Any, coast: Named, kind: tuple[str, str], last: tuple[str, str], wave: Wave) -> Any:
    eb = basis()
    item = body.Item(
        body.Area(body.Name(coast.name), body.Code(coast.code)),
        body.Category(
            body.Kind(body.Name(kind[0]), body.Code(kind[1])),
            body.LastKind(body.Name(last[0]), body.Code(last[1])),
        ),
    )
    if wave.kind and wave.arrives_at is not None:
        item.append(body.FirstHeight(body.ArrivalTime(jst(wave.arrives_at))))
    if wave.kind and wave.height_m is not None:
        said = f"{wave.height_m:g}"
        called = f"{said.translate(WIDE_DIGITS).replace('.', '．')}ｍ"
        height = eb.TsunamiHeight(said, type="津波の高さ", unit="m", description=called)
        item.append(body.MaxHeight(height))
    return item
