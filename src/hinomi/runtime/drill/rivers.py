"""Designated-river flood forecasts (VXKO) of a drill, as JMA's published samples are built."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hinomi.runtime.drill.envelope import DRILL_NOTE, basis, head, jst, maker, report
from hinomi.runtime.drill.stage import Gauge, Named, Stage

FLOODS = {
    2: ("レベル２氾濫注意報", "21"),
    3: ("レベル３氾濫警報", "31"),
    4: ("レベル４氾濫危険警報", "41"),
    5: ("レベル５氾濫特別警報", "51"),
}
"""Level -> kind and code of 指定河川洪水予報 since the reform of May 2026."""


def flood(  # noqa: PLR0913  (what the telegram tells)
    stage: Stage,
    at: datetime,
    river: Named,
    gauge: Gauge,
    level: int,
    level_m: float,
    serial: int,
) -> bytes:
    """Return a designated-river flood forecast for a stretch, by the level [m] at one gauge."""
    code, name = river.code, river.name
    kind, kind_code = FLOODS.get(level, ("氾濫注意報解除", "10"))
    make = maker("informationBasis1/")

    def information(of: str, code_type: str, area_name: str, area_code: str) -> Any:
        return make.Information(
            make.Item(
                make.Kind(make.Name(kind), make.Code(kind_code)),
                make.Areas(
                    make.Area(make.Name(area_name), make.Code(area_code)), codeType=code_type
                ),
            ),
            type=f"指定河川洪水予報（{of}）",
        )

    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{name}の{gauge.name}水位観測所の水位は{level_m:.2f}メートルです。"),
        information("予報区域", "指定河川洪水予報（予報区域）", name, code),
        information("河川", "河川", name, code[:10]),
        information(
            "府県予報区等", "気象情報／府県予報区・細分区域等", stage.office.name, stage.office.code
        ),
    )
    top = head(at, f"{name}{kind}", "指定河川洪水予報", "1.1_1", headline, code, serial)
    body = maker("body/meteorology1/")
    station = body.Station(
        body.Name(f"{gauge.name}水位観測所"),
        body.Code(f"{gauge.code:0>17}", type="水位観測所"),
        body.Location(f"{stage.prefecture.name}{gauge.town.name}"),
    )
    text = (
        f"【警戒レベル{level}相当】{name}の{gauge.name}水位観測所では水位が{level_m:.2f}メートルです。"
        if level
        else f"{name}の{gauge.name}水位観測所では、水位が氾濫注意水位を下回りました。"
    )
    main = body.Item(
        body.Kind(body.Property(body.Type("主文"), body.Text(f"{DRILL_NOTE}{text}"))),
        body.Areas(body.Area(body.Name(name), body.Code(code[:10])), codeType="河川"),
        body.Stations(station),
    )
    return report(
        "指定河川洪水予報",
        at,
        stage.publisher,
        top,
        body.Body(
            body.Notice(DRILL_NOTE),
            body.Warning(main, type="指定河川洪水予報"),
            _water_levels(body, at, gauge, level, level_m),
        ),
    )


def _water_levels(body: Any, at: datetime, gauge: Gauge, level: int, level_m: float) -> Any:
    eb = basis()
    now = {"refID": "1"}
    return body.MeteorologicalInfos(
        body.TimeSeriesInfo(
            body.TimeDefines(
                body.TimeDefine(body.DateTime(jst(at)), body.Name("現況"), timeId="1")
            ),
            body.Item(
                body.Kind(
                    body.Name("水位"),
                    body.Property(
                        body.Type("水位"),
                        body.WaterLevelPart(
                            eb.WaterLevel(f"{level_m:.2f}", type="水位", unit="m", **now),
                            eb.WaterLevel(str(level), type="レベル", **now),
                        ),
                    ),
                ),
                body.Station(
                    body.Name(f"{gauge.name}水位観測所"),
                    body.Code(f"{gauge.code:0>17}", type="水位観測所"),
                    body.Location(gauge.town.name),
                ),
            ),
        ),
        type="水位・流量情報",
    )
